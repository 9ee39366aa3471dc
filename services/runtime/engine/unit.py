"""The unit of work: what a service decides, says and remembers, in one transaction.

Events, commands, timers, submissions and replayed dead letters all go through a `Unit`, so there is one way
in which a service's state changes: facts are folded into aggregates, numbered, and committed together with
whatever the service's projections write.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
from pydantic import BaseModel

from services.runtime.clock import Clock
from services.runtime.decision import Transient
from services.runtime.engine import faultpoint
from services.runtime.engine.recording import Leaving, record
from services.runtime.engine.said import Said, Saying
from services.runtime.engine.transaction import Transaction
from services.runtime.service import Held, Service
from sluss_contracts.event import Event, Fact

LOAD = """
select key, kind, id, sequence, state::text as state from aggregate
where key = any($1::text[]) order by key, kind, id for update
"""


class Raced(Transient):
    """Another transaction said something about the same thing at the same moment: decide anew."""

    code = "raced"


class NotLoaded(LookupError):
    """A fact belongs under a key this unit has not loaded; `await unit.reach(facts)` first."""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event that is committed and not yet published."""

    lane: str
    number: int
    id: UUID
    key: str
    subject: str
    body: bytes
    traceparent: str = ""
    """The step of a trace in which it was said; empty where nobody traces."""


def channel(service: str) -> str:
    """Where a service's owner is told (LISTEN) that there is something to publish; the payload is a lane
    and its last number."""
    return f"sluss_{service}"


class Unit:
    """One transaction on one connection. Made by `unit_of_work`; not for use by several tasks at once."""

    def __init__(
        self, connection: Any, service: Service, clock: Clock, *, publishes: Collection[str] = ()
    ) -> None:
        self.tx = Transaction(connection, clock.now())
        self.numbered: list[Numbered] = []
        """What was said, once `finish` has given it numbers."""
        self.positions: dict[int, int] = {}
        """Slot to stream sequence: how far the reader has come, committed with the rest."""
        self._connection = connection
        self._service = service
        self._publishes = publishes
        self._saying = Saying(service.source, self.tx.now, clock.wall())
        self._states: dict[str, dict[tuple[str, str], BaseModel]] = {}
        self._sequences: dict[tuple[str, str, str], int] = {}
        self._found: dict[str, int] = {}
        """How many aggregates there were under each key when it was loaded."""
        self._changed: dict[tuple[str, str, str], None] = {}
        self._said: list[Said] = []

    async def load(self, keys: Iterable[str]) -> None:
        """Read and lock all aggregates under these keys, in one round trip; those loaded stay as they are."""
        wanted = sorted({key for key in keys if key not in self._states})
        if wanted:
            self.admit(wanted, await self._connection.fetch(LOAD, wanted))

    async def reach(self, facts: Iterable[Fact]) -> None:
        """Load what these facts belong under, where it is not loaded yet."""
        await self.load(fact.partition_key for fact in facts)

    def admit(self, keys: Iterable[str], rows: Iterable[Any]) -> None:
        """Take rows of `LOAD` for these keys that were read together with something else."""
        for key in keys:
            self._states[key] = {}
            self._found[key] = 0
        for row in rows:
            key, kind, id = row["key"], row["kind"], row["id"]
            self._found[key] += 1
            aggregate = self._service.aggregates.get(kind)
            if aggregate is None:
                raise LookupError(f"{self._service.name} holds a {kind} but declares no such aggregate")
            self._states[key][kind, id] = aggregate.state.model_validate_json(row["state"])
            self._sequences[key, kind, id] = row["sequence"]

    def held(self, key: str) -> Held:
        """What the service holds under a loaded key, as of now; it shows what is said afterwards too."""
        return Held(self._loaded(key))

    def sequence(self, key: str, kind: str, id: str) -> int:
        """How many events an aggregate has; 0 when there is no such aggregate."""
        self._loaded(key)
        return self._sequences.get((key, kind, id), 0)

    def say(self, facts: Iterable[Fact], *, cause: str | None, correlation: str | None = None) -> list[UUID]:
        """Fold facts into what is held and queue them as events; all of them, or none if one fails.

        `cause` is the id of the event, command or timer that led to them, `correlation` what the story is
        filed under (a fact's own key if not given). Raises `NotLoaded` for a key that was not loaded,
        TypeError for a fact this service does not say.
        """
        states: dict[str, dict[tuple[str, str], BaseModel]] = {}
        sequences: dict[tuple[str, str, str], int] = {}
        changed: dict[tuple[str, str, str], None] = {}
        said: list[Said] = []
        for fact in facts:
            key, kind, id = fact.partition_key, fact.AGGREGATE, fact.aggregate_id
            aggregate = self._service.aggregates.get(kind)
            if aggregate is None:
                raise TypeError(f"{self._service.name} says {fact.TYPE} but declares no aggregate {kind!r}")
            name = (key, kind, id)
            sequence = sequences.get(name, self._sequences.get(name, 0)) + 1
            if aggregate.keep:
                if key not in states:
                    states[key] = dict(self._loaded(key))
                states[key][kind, id] = aggregate.evolve(states[key].get((kind, id)), fact)
                changed[name] = None
            sequences[name] = sequence
            said.append(self._saying.wrap(fact, sequence, cause=cause, correlation=correlation))
        for key, now_held in states.items():
            self._states[key].update(now_held)  # in place: whoever has a Held sees it
        self._sequences.update(sequences)
        self._changed.update(changed)
        self._said += said
        return [each.id for each in said]

    async def finish(self) -> None:
        """Project and record what was said. Runs by itself at the end of `unit_of_work`; a second run has
        nothing to do."""
        said, self._said = self._said, []
        if said:
            await self._project(said)
        await self.tx.timers.write(self._connection)
        faultpoint.reach("in_transaction")
        if said or self.positions:
            await self._record(said)

    def _loaded(self, key: str) -> dict[tuple[str, str], BaseModel]:
        try:
            return self._states[key]
        except KeyError:
            raise NotLoaded(f"nothing was loaded under the key {key!r}") from None

    async def _project(self, said: Sequence[Said]) -> None:
        events: dict[int, Event[Any]] = {}
        for facts, write in self._service.projections:
            of_interest = [n for n, each in enumerate(said) if type(each.fact) in facts]
            for n in of_interest:
                if n not in events:
                    events[n] = said[n].event()
            if of_interest:
                await write(self.tx, [events[n] for n in of_interest])

    async def _record(self, said: Sequence[Said]) -> None:
        counts: dict[str, int] = {}
        for each in said:
            counts[each.lane] = counts.get(each.lane, 0) + 1
        behind = dict(counts)
        rows = []
        for each in said:
            behind[each.lane] -= 1
            fact = each.fact
            place = (each.lane, behind[each.lane], each.id)
            name = (each.key, fact.AGGREGATE, fact.aggregate_id, each.sequence)
            rows.append((*place, *name, fact.TYPE, each.subject, each.traceparent, each.body))
        loaded = {key: found for key, found in self._found.items() if found}
        states = []
        for changed in self._changed:
            key, sequence = changed[0], self._sequences[changed]
            opens = not self._found[key]
            self._found[key] += opens  # one of them is enough
            states.append((*changed, sequence, opens, self._states[key][changed[1:]].model_dump_json()))
        self._changed.clear()
        last, raced = await record(
            self._connection,
            Leaving(states, counts, rows, self.positions, loaded),
            publishes=self._publishes,
            channel=channel(self._service.name),
        )
        if raced:
            raise Raced("another transaction began something under the same key")
        self.numbered += [
            Numbered(
                each.lane,
                last[each.lane] - row[1],
                each.id,
                each.key,
                each.subject,
                each.body,
                each.traceparent,
            )
            for each, row in zip(said, rows, strict=True)
        ]


@asynccontextmanager
async def unit_of_work(
    connection: Any, service: Service, clock: Clock, *, publishes: Collection[str] = ()
) -> AsyncIterator[Unit]:
    """One transaction: committed when the block ends, rolled back when it raises.

    `publishes` are the lanes the caller publishes itself; the owner is told about all others. Raises
    `Raced` when another transaction was quicker on the same aggregate: run the whole block again.
    """
    try:
        async with connection.transaction():
            unit = Unit(connection, service, clock, publishes=publishes)
            yield unit
            await unit.finish()
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name in ("event_follows_event", "aggregate_opens_key"):
            raise Raced(f"another transaction was quicker: {error.detail}") from error
        raise
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError) as error:
        raise Raced(str(error)) from error
    faultpoint.reach("committed")
