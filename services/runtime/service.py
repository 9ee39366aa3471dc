"""How a service is written: aggregates, handlers, projections, in one registry.

The registry feeds the delivery engine, the AsyncAPI document and the tests. Nothing connects at import.
A handler is a plain function of what the service holds, a message and a context:

    @navigator.on(ReferralAccepted)
    def assign(held: Held, event: Event[ReferralAccepted], ctx: Ctx) -> Decision:
        return case.assign(held.one(CASE), event.data, ctx.looked_up, ctx.now)

    @assign.lookup
    async def candidates(tx: Tx, events: Sequence[Event[ReferralAccepted]]) -> Candidates: ...

How it is fed, retried, parked, deduplicated and committed is the engine's business.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from services.runtime.decision import Decision
from sluss_contracts.command import Actor, Command
from sluss_contracts.event import Event, Fact
from sluss_contracts.vocabulary import Role

if TYPE_CHECKING:
    from services.runtime.calls import Network
    from services.runtime.tx import Tx

S = TypeVar("S", bound=BaseModel)
F = TypeVar("F", bound=Fact)
C = TypeVar("C", bound=Command)
G = TypeVar("G")


@dataclass(frozen=True, slots=True)
class Aggregate(Generic[S]):
    """A kind of thing with a history: its state is the fold of its facts, never anything else.

    `evolve(None, first_fact)` makes the state, `evolve(state, fact)` carries it on. It never refuses:
    what has happened has happened. `keep` is False for kinds that are a ledger only (no state is stored,
    every id has exactly one event).
    """

    kind: str
    state: type[S]
    evolve: Callable[[S | None, Any], S]
    keep: bool = True


class Held:
    """Everything this service holds under one partition key, as of this message in its batch."""

    __slots__ = ("_states",)

    def __init__(self, states: Mapping[tuple[str, str], BaseModel]) -> None:
        self._states = states

    def one(self, aggregate: Aggregate[S]) -> S | None:
        """The only aggregate of a kind under this key, or None. LookupError if there are several."""
        found = self.all(aggregate)
        if len(found) > 1:
            raise LookupError(f"{len(found)} of kind {aggregate.kind} under one key; ask for one by id")
        return next(iter(found.values()), None)

    def get(self, aggregate: Aggregate[S], id: str) -> S | None:
        """One aggregate by its id, or None."""
        return self._states.get((aggregate.kind, id))  # type: ignore[return-value]

    def all(self, aggregate: Aggregate[S]) -> dict[str, S]:
        """All aggregates of a kind under this key, by id."""
        return {i: s for (k, i), s in self._states.items() if k == aggregate.kind}  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class Timer:
    """A durable due date that has come. Set from a projection by `tx.timers.set(...)`."""

    kind: str
    id: str
    key: str
    due: datetime
    data: dict[str, Any]


@dataclass(slots=True)
class Ctx:
    """What a handler may know besides the message and what is held."""

    now: datetime
    """The network's time when the message is handled, timezone-aware (UTC)."""
    new_id: Callable[[], str]
    """A fresh UUIDv7 in text; ids are given to the domain, never made by it."""
    looked_up: Any = None
    """What the handler's lookup returned for this batch, else None."""
    actor: Actor | None = None
    """Who sent the command; None for events and timers."""
    given: Any = None
    """What every handler of this service is given: what its `give` has for this batch, else None."""


Handle = Callable[[Held, Any, Ctx], Decision]
Lookup = Callable[["Tx", Sequence[Any]], Awaitable[Any]]
Prepare = Callable[[Any, "Network"], Awaitable[Any]]
Batch = Callable[["Tx", Sequence[Event[Any]]], Awaitable[None]]
Parts = Callable[[Any], Sequence[Sequence[Command]]]


class Given(Generic[G]):
    """What every handler of a service is given: read once, and anew only when it says that it has changed.

    `standing` is a query for one short text: as long as that stays the same, so does what is given. `read`
    finds both. Whatever changes it in a transaction sets `tx.standing` to None.
    """

    def __init__(self, standing: str, read: Callable[[Tx], Awaitable[tuple[str, G]]]) -> None:
        self.standing = standing
        self._read = read
        self._found: dict[str, G] = {}

    async def __call__(self, tx: Tx) -> G:
        """As it stands in this transaction. Nothing is read where `tx.standing` is as it was once before."""
        if tx.standing is None or tx.standing not in self._found:
            standing, found = await self._read(tx)
            self._found[standing] = found
            return found
        return self._found[tx.standing]


@dataclass(eq=False)
class Handler:
    """One reaction: a pure function, and optionally what it needs read first."""

    name: str
    handle: Handle
    look_up: Lookup | None = None
    prepare_with: Prepare | None = None
    by: frozenset[Role] | None = None
    """For commands: the roles that may send it; None where the decision itself tells (questions do)."""
    parts: Parts | None = None
    """For a command that is many: the commands it holds, group by group."""

    def lookup(self, read: Lookup) -> Lookup:
        """Read what the handler needs, once per batch, in the transaction. May lock rows for update.

        Gets all the batch's messages for this handler; the object returned is `ctx.looked_up` for each,
        and may keep count within the batch (seats left, a link worker's load).
        """
        self.look_up = read
        return read

    def prepare(self, act: Prepare) -> Prepare:
        """For commands only: runs before the transaction, may call other services, returns the command
        (perhaps with something exchanged, as free text for vault references)."""
        self.prepare_with = act
        return act

    def __call__(self, held: Held, message: Any, ctx: Ctx) -> Decision:
        return self.handle(held, message, ctx)


@dataclass(eq=False)
class Service:
    """The registry of one service. `name` is its schema, role, subject token and event source."""

    name: str
    aggregates: dict[str, Aggregate[Any]] = field(default_factory=dict)
    handlers: dict[type[Fact], Handler] = field(default_factory=dict)
    commands: dict[type[Command], Handler] = field(default_factory=dict)
    timers: dict[str, Handler] = field(default_factory=dict)
    projections: list[tuple[frozenset[type[Fact]], Batch]] = field(default_factory=list)
    absorbers: list[tuple[frozenset[type[Fact]], Batch]] = field(default_factory=list)
    give: Given[Any] | None = None
    """What every handler is given (`ctx.given`), asked for once per batch, in its transaction."""

    @property
    def source(self) -> str:
        """The CloudEvents source of everything this service says."""
        return f"/sluss/{self.name}"

    def aggregate(
        self, kind: str, state: type[S], evolve: Callable[[S | None, Any], S], *, keep: bool = True
    ) -> Aggregate[S]:
        """Declare a kind of aggregate this service owns."""
        if kind in self.aggregates:
            raise TypeError(f"{self.name} declares the aggregate {kind!r} twice")
        declared = Aggregate(kind, state, evolve, keep)
        self.aggregates[kind] = declared
        return declared

    def on(self, *facts: type[Fact]) -> Callable[[Handle], Handler]:
        """React to events. One reaction per event type and service."""

        def register(handle: Handle) -> Handler:
            handler = Handler(handle.__name__, handle)
            for fact in facts:
                if fact in self.handlers:
                    raise TypeError(f"{self.name} reacts to {fact.TYPE} twice")
                self.handlers[fact] = handler
            return handler

        return register

    def command(
        self, command: type[Command], *, by: Collection[Role] | None = None
    ) -> Callable[[Handle], Handler]:
        """Carry out a command. The command must name this service as its owner.

        `by` names the roles that may send it at all (`not_allowed` otherwise); whether this one of them may,
        in the state things are in, is the domain's to decide.
        """

        def register(handle: Handle) -> Handler:
            if self.name != command.OWNER:
                raise TypeError(f"{command.__name__} is for {command.OWNER}, not for {self.name}")
            if command in self.commands:
                raise TypeError(f"{self.name} carries out {command.__name__} twice")
            handler = Handler(handle.__name__, handle, by=None if by is None else frozenset(by))
            self.commands[command] = handler
            return handler

        return register

    def together(
        self, command: type[Command], *, by: Collection[Role] | None = None
    ) -> Callable[[Parts], Handler]:
        """Carry out a command that is many others of this service, in one transaction: each is decided by its
        own handler (`services.runtime.together`). The function gives them, group by group."""

        def register(parts: Parts) -> Handler:
            def decide(held: Held, command: Any, ctx: Ctx) -> Decision:
                raise TypeError(f"{command.VERB} is decided part by part")

            decide.__name__ = parts.__name__
            handler = self.command(command, by=by)(decide)
            handler.parts = parts
            return handler

        return register

    def timer(self, kind: str) -> Callable[[Handle], Handler]:
        """React to a due date of this kind."""

        def register(handle: Handle) -> Handler:
            if kind in self.timers:
                raise TypeError(f"{self.name} reacts to the timer {kind!r} twice")
            self.timers[kind] = handler = Handler(handle.__name__, handle)
            return handler

        return register

    def project(self, *facts: type[Fact]) -> Callable[[Batch], Batch]:
        """Write this service's own read tables from its own new events, in the same transaction."""

        def register(write: Batch) -> Batch:
            self.projections.append((frozenset(facts), write))
            return write

        return register

    def absorb(self, *facts: type[Fact]) -> Callable[[Batch], Batch]:
        """Write read tables from other services' events, before this batch's handlers decide.

        A type may be absorbed and handled; absorbing alone is enough to be fed the type.
        """

        def register(write: Batch) -> Batch:
            self.absorbers.append((frozenset(facts), write))
            return write

        return register

    def reads(self) -> set[type[Fact]]:
        """Every event type this service must be fed."""
        absorbed = {fact for facts, _ in self.absorbers for fact in facts}
        return set(self.handlers) | absorbed
