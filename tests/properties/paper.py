"""The whole network on paper: the four services' own registries, without a database and without a bus.

What decides is real: handlers, commands, timers, aggregates, projections, the engine's `decide` and its
rules of parking, the envelope and its reading. What is on paper is what those stand on: states are dicts,
tables are what `Answers` makes of the events said and heard, and the bus is a handful of queues. Every
service hears what another said of one thing in order, and between things as chance (`Random`) has it.
"""

from __future__ import annotations

import dataclasses
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel

from services.runtime.clock import SetClock
from services.runtime.decision import Done, NotAllowed, Refusal, Transient, Wait
from services.runtime.engine.deciding import decide
from services.runtime.engine.incoming import Incoming, Readings
from services.runtime.engine.parking import Blocked, SetAside
from services.runtime.engine.said import Said
from services.runtime.engine.unit import Unit
from services.runtime.lifecycle import OutOfOrder
from services.runtime.service import Ctx, Handler, Held, Service, Timer
from services.runtime.serving import is_question
from services.runtime.timers import cause_of
from services.runtime.together import Stale
from services.runtime.tx import Statement
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.event import Audience, Event, Fact

T = TypeVar("T")
Name = tuple[str, str, str]
"""Partition key, kind and id of an aggregate."""


class NotOnPaper(LookupError):
    """A reaction wants to read something that the paper town has no answer for."""


def played(work: Awaitable[T]) -> T:
    """Run what is written as a coroutine but waits for nothing outside."""
    running = work.__await__()
    try:
        next(running)
    except StopIteration as done:
        answer: T = done.value
        return answer
    raise NotOnPaper(f"{work} waits for something that is not on paper")


@dataclass(frozen=True, slots=True)
class Cause:
    """Why something was said: which reaction of which service, by the name that `found.Reaction` has."""

    service: str
    way: str
    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in a service's log, in the order of commits."""

    said: Said
    event: Event[Any]
    cause: Cause
    causation: str | None

    @property
    def fact(self) -> Fact:
        return self.said.fact

    @property
    def name(self) -> Name:
        return self.said.key, self.said.fact.AGGREGATE, self.said.fact.aggregate_id


@dataclass(slots=True)
class Parked:
    """One event that could not be handled yet."""

    one: Incoming
    waiting: bool
    why: str


class PaperTimers:
    """Due dates set and cleared in one transaction."""

    def __init__(self) -> None:
        self.wanted: dict[tuple[str, str], Timer | None] = {}

    async def set(self, kind: str, id: str, key: str, due: datetime, **data: Any) -> None:
        if due.tzinfo is None:
            raise ValueError(f"the due date of {kind}/{id} has no time zone")
        self.wanted[kind, id] = Timer(kind, id, key, due, data)

    async def clear(self, kind: str, id: str) -> None:
        self.wanted[kind, id] = None


class PaperTx:
    """A transaction whose reads are answered from `answers`; what is written and never read is let go."""

    def __init__(self, desk: Desk, unit: PaperUnit, now: datetime) -> None:
        self.desk, self.now, self.timers = desk, now, PaperTimers()
        self.standing: str | None = None
        self._unit = unit

    def all(self, kind: str) -> dict[str, Any]:
        """Every aggregate of a kind, by id, as this transaction sees it."""
        found = self.desk.all(kind)
        for held in self._unit.loaded():
            found |= {id: state for (k, id), state in held.items() if k == kind}
        return found

    async def fetch(
        self, statement: Statement | str, /, *args: Any, **params: Any
    ) -> Sequence[Mapping[str, Any]]:
        answer = self.desk.town.answers.reads.get(_key_of(statement))
        if answer is None:
            text = statement if isinstance(statement, str) else statement.text
            raise NotOnPaper(f"{self.desk.name} reads what no paper answers: {' '.join(text.split())[:300]}")
        return answer(self, *args, **params)

    async def row(self, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        return next(iter(await self.fetch(statement, *args, **params)), None)

    async def value(self, statement: Statement | str, /, *args: Any, **params: Any) -> Any:
        row = await self.row(statement, *args, **params)
        return None if row is None else next(iter(row.values()))

    async def execute(self, statement: Statement | str, /, *args: Any, **params: Any) -> None:
        if (write := self.desk.town.answers.writes.get(_key_of(statement))) is not None:
            write(self, *args, **params)

    async def execute_many(self, statement: Statement | str, rows: Sequence[Mapping[str, Any]], /) -> None:
        for row in rows:
            await self.execute(statement, **row)


def _key_of(statement: Statement | str) -> str:
    return statement if isinstance(statement, str) else statement.text


@dataclass
class Answers:
    """What stands in for the tables."""

    lookups: Mapping[str, Callable[..., Any]]
    """`<service>.<lookup's name>`: answers (tx, messages) as the lookup would."""
    real: frozenset[str]
    """Lookups that run as they are, because every statement they read is answered below."""
    reads: Mapping[str, Callable[..., Sequence[Mapping[str, Any]]]]
    """By a statement's text: answers (tx, **parameters) with rows."""
    writes: Mapping[str, Callable[..., None]]
    """By a statement's text: what is written down because a read asks for it."""
    left_out: frozenset[str]
    """`<service>.<projection's name>`: write what only pages read, and set no timers."""


class PaperUnit(Unit):
    """The engine's own unit over states in memory: `say` is real, loading and recording are not."""

    def __init__(self, desk: Desk, cause: Cause | None = None) -> None:
        """`cause`: why something is said where it is no reaction that says it (intake, couriers)."""
        super().__init__(None, desk.service, desk.town.clock)
        self.paper = PaperTx(desk, self, desk.town.clock.now())
        self.tx = self.paper  # type: ignore[assignment]
        self._because = cause
        self.entries: list[Entry] = []
        self._desk = desk
        self._causes: list[tuple[Cause, str | None]] = []

    def loaded(self) -> Iterable[dict[tuple[str, str], BaseModel]]:
        """What is held, with what has been said in this unit."""
        return self._states.values()

    async def load(self, keys: Iterable[str]) -> None:
        for key in keys:
            if key not in self._states:
                self._states[key] = dict(self._desk.states.get(key, {}))
                for (kind, id), sequence in self._desk.sequences.get(key, {}).items():
                    self._sequences[key, kind, id] = sequence

    def say(self, facts: Iterable[Fact], *, cause: str | None, correlation: str | None = None) -> list[UUID]:
        facts = list(facts)
        because = self._because or self._desk.town.reacting
        try:
            ids = super().say(facts, cause=cause, correlation=correlation)
        except OutOfOrder as error:
            # What a lookup read may be older than what the batch has said since; the engine sets the event
            # aside and tries it again. What then still fails is found waiting for ever.
            if because.way != "event":
                self._desk.crashed(because, error)
            raise
        except Exception as error:
            self._desk.crashed(because, error)
            raise
        self._causes += [(because, cause)] * len(ids)
        return ids

    async def finish(self) -> None:
        said, self._said = self._said, []
        if said:
            await self._project(said)
        causes, self._causes = self._causes, []
        self.entries += [
            Entry(each, each.event(), why, cause) for each, (why, cause) in zip(said, causes, strict=True)
        ]
        changed, self._changed = list(self._changed), {}
        self._desk.commit(self, changed)


@dataclass
class Desk:
    """One service on paper."""

    name: str
    town: PaperTown
    service: Service
    readings: Readings
    states: dict[str, dict[tuple[str, str], BaseModel]] = field(default_factory=dict)
    sequences: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    log: list[Entry] = field(default_factory=list)
    of_type: dict[type[Fact], list[Entry]] = field(default_factory=dict)
    heard: dict[type[Fact], list[Event[Any]]] = field(default_factory=dict)
    """What was absorbed or handled, in order of hearing; a lookup's tables are made of it."""
    timers: dict[tuple[str, str], Timer] = field(default_factory=dict)
    inbox: set[UUID] = field(default_factory=set)
    parked: list[Parked] = field(default_factory=list)
    dead: list[tuple[Incoming | Timer, str, str]] = field(default_factory=list)
    answered: dict[UUID, Answer] = field(default_factory=dict)
    tables: dict[str, Any] = field(default_factory=dict)
    """What `Answers.writes` keep."""

    def copy(self, town: PaperTown) -> Desk:
        """The same desk in another town; facts and states are never changed, so they are shared."""
        twin = Desk(self.name, town, self.service, self.readings)
        twin.service = town.registry(self.name)
        twin.states = {key: dict(held) for key, held in self.states.items()}
        twin.sequences = {key: dict(held) for key, held in self.sequences.items()}
        twin.log = list(self.log)
        twin.of_type = {fact: list(entries) for fact, entries in self.of_type.items()}
        twin.heard = {fact: list(events) for fact, events in self.heard.items()}
        twin.timers, twin.inbox = dict(self.timers), set(self.inbox)
        twin.answered = dict(self.answered)
        twin.tables = {name: dict(table) for name, table in self.tables.items()}
        assert not self.parked, "a town is copied at rest"
        return twin

    def crashed(self, cause: Cause, error: Exception) -> None:
        """Something failed that is neither a refusal nor a wish to wait."""
        if not isinstance(error, Refusal | Transient):
            self.town.crashes.append((cause, error))

    def said(self, *facts: type[Fact]) -> list[Entry]:
        """What this service said of these types, in order."""
        if len(facts) == 1:
            return self.of_type.get(facts[0], [])
        return [entry for entry in self.log if type(entry.fact) in facts]

    def heard_of(self, fact: type[Fact]) -> list[Event[Any]]:
        """What this service has heard of a type, in the order of hearing."""
        return self.heard.get(fact, [])

    def all(self, kind: str) -> dict[str, Any]:
        """Every aggregate of a kind, by id."""
        return {id: state for held in self.states.values() for (k, id), state in held.items() if k == kind}

    def commit(self, unit: PaperUnit, changed: Sequence[Name]) -> None:
        for key, kind, id in changed:
            self.states.setdefault(key, {})[kind, id] = unit._states[key][kind, id]
        for entry in unit.entries:
            key, kind, id = entry.name
            self.sequences.setdefault(key, {})[kind, id] = entry.said.sequence
            self.log.append(entry)
            self.of_type.setdefault(type(entry.fact), []).append(entry)
        entries, unit.entries = unit.entries, []
        for (kind, id), timer in unit.paper.timers.wanted.items():
            if timer is None:
                self.timers.pop((kind, id), None)
            else:
                self.timers[kind, id] = timer
        unit.paper.timers.wanted.clear()
        self.town.publish(self, entries)

    # --- events

    def take(self, said: Sequence[Said]) -> None:
        """A batch from the bus, as `Taker` does it: known ones dropped, decided on, committed."""
        fresh = []
        for each in said:
            one = self.readings.read(each.subject, each.body)
            if not isinstance(one, Incoming):
                raise TypeError(f"{self.name} cannot read {each.subject}: {one}")
            if one.id not in self.inbox:
                self.inbox.add(one.id)
                fresh.append(one)
        if fresh:
            rows = [_row(each) for each in self.parked]
            self._decide(fresh, Blocked(rows), None)

    def retry(self, key: str) -> None:
        """Try what is parked under a key again, in order."""
        mine = [each for each in self.parked if each.one.key == key]
        for number, each in enumerate(mine):
            each.one.parked = number
        self._decide([each.one for each in mine], Blocked(), mine)

    def _decide(self, events: list[Incoming], blocked: Blocked, parked: list[Parked] | None) -> None:
        unit = PaperUnit(self)
        aside = SetAside()
        for one in events:
            if not one.absorbed:
                self.heard.setdefault(one.fact, []).append(one.event)
        played(unit.load({one.key for one in events}))
        played(decide(self.service, unit, events, blocked, aside))
        played(unit.finish())
        if parked is not None:
            gone = set(aside.handled)
            still = {each[0].parked: each for each in aside.parked}
            for number, each in enumerate(parked):
                if number in gone:
                    self.parked.remove(each)
                elif number in still and still[number][2] is not None:
                    each.waiting, each.why = bool(still[number][2]), still[number][1]
                each.one.parked = None
        else:
            self.town.waited += len(aside.parked)
            self.parked += [Parked(one, bool(waits), why) for one, why, waits in aside.parked]
        for letter in aside.dead:
            who = next(one for one in events if one.id == letter.event_id)
            self.dead.append((who, letter.code, letter.reason))

    # --- due dates

    def due(self) -> list[Timer]:
        """Whose time has come, in order."""
        now = self.town.clock.now()
        return sorted((t for t in self.timers.values() if t.due <= now), key=lambda t: (t.due, t.kind, t.id))

    def fire(self, due: Sequence[Timer]) -> bool:
        """Handle some in one transaction, or each by itself if one of them waits. Whether any was."""
        try:
            self._fire(due)
        except _Postponed:
            if len(due) == 1:
                return False
            return self._fire_each(due)
        except Refusal as refusal:
            if len(due) == 1:
                self.dead.append((due[0], refusal.code, str(refusal)))
                self.timers.pop((due[0].kind, due[0].id), None)
                return True
            return self._fire_each(due)
        return True

    def _fire_each(self, due: Sequence[Timer]) -> bool:
        fired = [self.fire([timer]) for timer in due if (timer.kind, timer.id) in self.timers]
        return any(fired)

    def _fire(self, due: Sequence[Timer]) -> None:
        unit = PaperUnit(self)
        played(unit.load(timer.key for timer in due))
        looked_up: dict[str, Any] = {}
        for kind in dict.fromkeys(timer.kind for timer in due):
            handler = self.service.timers[kind]
            same = [timer for timer in due if timer.kind == kind]
            looked_up[kind] = played(handler.look_up(unit.tx, same)) if handler.look_up else None
        given = played(self.service.give(unit.tx)) if self.service.give else None
        for timer in due:
            played(unit.tx.timers.clear(timer.kind, timer.id))
            ctx = Ctx(unit.tx.now, self.town.new_id, looked_up[timer.kind], given=given)
            decision = self.service.timers[timer.kind](unit.held(timer.key), timer, ctx)
            if isinstance(decision, Wait):
                raise _Postponed(decision.why)
            facts = decision.facts if isinstance(decision, Done) else decision
            played(unit.reach(facts))
            unit.say(facts, cause=cause_of(timer), correlation=timer.key)
        played(unit.finish())

    # --- commands

    def carry_out(self, given: Command) -> Answer:
        """A command, as `Serving` does it."""
        if given.command_id in self.answered:
            return self.answered[given.command_id]
        handler = self.service.commands[type(given)]
        if handler.by is not None and given.actor.role not in handler.by:
            return _refused(given, NotAllowed(f"a {given.actor.role.value} may not"))
        try:
            prepared = given
            if handler.prepare_with:
                prepared = played(handler.prepare_with(given, self.town.network))
            answer = self._decided(prepared, handler)
        except Refusal as refusal:
            answer = _refused(given, refusal)
        except Transient as trouble:
            return _refused(given, trouble)
        except Exception as error:
            self.crashed(Cause(self.name, "command", given.VERB), error)
            return Answer(
                command_id=given.command_id, refused=Refused(code="internal_error", message=repr(error))
            )
        if not is_question(type(given)):
            self.answered[given.command_id] = answer
        return answer

    def _decided(self, given: Command, handler: Handler) -> Answer:
        unit = PaperUnit(self)
        held = Held({})
        if given.KEY_FIELD:
            key = given.partition_key
            played(unit.load([key]))
            held = unit.held(key)
            if given.expected_sequence is not None:
                kinds = (kind for kind, known in self.service.aggregates.items() if held.get(known, key))
                kind = next(kinds, None)
                if (unit.sequence(key, kind, key) if kind else 0) != given.expected_sequence:
                    raise Stale("look again, then decide")
        looked_up = played(handler.look_up(unit.tx, [given])) if handler.look_up else None
        common = played(self.service.give(unit.tx)) if self.service.give else None
        decision = handler(held, given, Ctx(unit.tx.now, self.town.new_id, looked_up, given.actor, common))
        if isinstance(decision, Wait):
            raise Transient(decision.why)
        facts = decision.facts if isinstance(decision, Done) else decision
        result = decision.result if isinstance(decision, Done) else {}
        played(unit.reach(facts))
        events = unit.say(facts, cause=str(given.command_id))
        played(unit.finish())
        return Answer(command_id=given.command_id, events=tuple(events), result=result)


class _Postponed(Exception):
    """A timer's handler waits."""


def _row(parked: Parked) -> dict[str, Any]:
    return {"key": parked.one.key, "source": parked.one.source, "waiting": parked.waiting}


def _refused(given: Command, why: Refusal | Transient) -> Answer:
    return Answer(command_id=given.command_id, refused=Refused(code=why.code, message=str(why) or why.code))


class PaperNetwork:
    """How one service asks another on paper: at once."""

    def __init__(self, town: PaperTown) -> None:
        self._town = town

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        return self._town.desks[command.OWNER].carry_out(command)


class PaperTown:
    """All services, what is between them, and what time it is."""

    def __init__(self, services: Mapping[str, Service], answers: Answers, clock: SetClock) -> None:
        self.answers, self.clock = answers, clock
        self.crashes: list[tuple[Cause, Exception]] = []
        self.network = PaperNetwork(self)
        self.queues: dict[tuple[str, str, str], deque[Said]] = {}
        """What is on its way: by reader, saying service and key."""
        self.delivered: dict[str, list[Said]] = {name: [] for name in services}
        self.partners: dict[str, list[Entry]] = {}
        """What each organisation may read on its own stream."""
        self.commands: set[UUID] = set()
        self.submissions: set[str] = set()
        """Digests of what was submitted: causes, as command ids are."""
        self.seen: dict[str, dict[str, None]] = {}
        """Every id that occurs in a fact, by the name of its field."""
        self.seen_of: dict[str, dict[str, dict[str, None]]] = {}
        """The same under each key."""
        self.reacting = Cause("", "", "")
        """Which reaction is deciding now."""
        self.waited = 0
        """How many events had to wait when they came."""
        self._ids = 0
        self._services = services
        self._readers: dict[type[Fact], list[str]] = {}
        for name, service in services.items():
            for fact in service.reads():
                self._readers.setdefault(fact, []).append(name)
        self.desks = {
            name: Desk(name, self, self.registry(name), Readings(service))
            for name, service in services.items()
        }

    def copy(self) -> PaperTown:
        """A town that goes its own way from here; this one must be at rest."""
        twin = PaperTown.__new__(PaperTown)
        twin.__dict__.update(self.__dict__)
        twin.clock = SetClock(self.clock.now())
        twin.crashes, twin.network = [], PaperNetwork(twin)
        twin.queues = {}
        twin.delivered = {name: list(said) for name, said in self.delivered.items()}
        twin.partners = {name: list(entries) for name, entries in self.partners.items()}
        twin.commands, twin.submissions = set(self.commands), set(self.submissions)
        twin.seen = {field: dict(ids) for field, ids in self.seen.items()}
        twin.seen_of = {
            key: {field: dict(ids) for field, ids in fields.items()} for key, fields in self.seen_of.items()
        }
        twin.desks = {name: desk.copy(twin) for name, desk in self.desks.items()}
        return twin

    def registry(self, name: str) -> Service:
        """A service as it is, but for its tables: lookups are answered on paper."""
        real = self._services[name]
        paper: dict[int, Handler] = {}

        def on_paper(handler: Handler, way: str, name_of: str) -> Handler:
            if id(handler) not in paper:
                paper[id(handler)] = self._handler(real.name, handler, way, name_of)
            return paper[id(handler)]

        service = Service(name, aggregates=real.aggregates, give=real.give)
        service.handlers = {
            fact: on_paper(each, "event", f"{fact.NOUN}.{fact.FACT}") for fact, each in real.handlers.items()
        }
        service.commands = {c: on_paper(each, "command", c.VERB) for c, each in real.commands.items()}
        service.timers = {kind: on_paper(each, "timer", kind) for kind, each in real.timers.items()}
        service.projections = [
            each for each in real.projections if f"{name}.{each[1].__name__}" not in self.answers.left_out
        ]
        service.absorbers = [
            each for each in real.absorbers if f"{name}.{each[1].__name__}" not in self.answers.left_out
        ]
        return service

    def _handler(self, service: str, real: Handler, way: str, name: str) -> Handler:
        town = self

        def handle(held: Held, message: Any, ctx: Ctx) -> Any:
            why = f"{message.data.NOUN}.{message.data.FACT}" if way == "event" else name
            town.reacting = Cause(service, way, why)
            try:
                return real.handle(held, message, dataclasses.replace(ctx, new_id=town.new_id))
            except Exception as error:
                town.desks[service].crashed(Cause(service, way, why), error)
                raise

        paper = Handler(real.name, handle, prepare_with=real.prepare_with, by=real.by)
        if real.look_up is not None:
            known = f"{service}.{real.look_up.__name__}"

            if known in self.answers.real:
                paper.look_up = real.look_up
                return paper

            async def look_up(tx: Any, messages: Sequence[Any]) -> Any:
                try:
                    answer = town.answers.lookups[known]
                except KeyError:
                    raise NotOnPaper(f"no paper answers the lookup {known}") from None
                return answer(tx, messages)

            paper.look_up = look_up
        return paper

    def new_id(self) -> str:
        """A fresh id, the same in every run of the same steps."""
        return str(self.new_uuid())

    def new_uuid(self) -> UUID:
        self._ids += 1
        return UUID(int=(0x019A << 112) | (7 << 76) | (0b10 << 62) | self._ids)

    # --- the bus

    def publish(self, desk: Desk, entries: Sequence[Entry]) -> None:
        for entry in entries:
            fact = entry.fact
            self._note_ids(entry.said.key, fact)
            if fact.AUDIENCE is Audience.PARTNER:
                self.partners.setdefault(str(getattr(fact, "organisation", "")), []).append(entry)
                continue
            for reader in self._readers.get(type(fact), ()):
                if reader != desk.name:
                    queue = self.queues.setdefault((reader, desk.name, entry.said.key), deque())
                    queue.append(entry.said)

    def _note_ids(self, key: str, part: BaseModel) -> None:
        for name in type(part).model_fields:
            value = getattr(part, name)
            if type(value) is str:
                if name.endswith("_id") or name in _NAMES:
                    self.seen.setdefault(name, {})[value] = None
                    self.seen_of.setdefault(key, {}).setdefault(name, {})[value] = None
            elif isinstance(value, tuple):
                for each in value:
                    if isinstance(each, BaseModel):
                        self._note_ids(key, each)

    def deliver(self, chance: Random, most: int = 4) -> bool:
        """Let one reader have a batch: the next of some queues, in order in each. Whether there was any."""
        ways = [place for place, queue in self.queues.items() if queue]
        if not ways:
            return False
        reader = chance.choice(ways)[0]
        mine = [place for place in ways if place[0] == reader]
        batch = []
        for _ in range(chance.randint(1, most)):
            open_ = [place for place in mine if self.queues[place]]
            if not open_:
                break
            batch.append(self.queues[chance.choice(open_)].popleft())
        self.desks[reader].take(batch)
        self.delivered[reader] += batch
        return True

    def deliver_again(self, chance: Random) -> None:
        """The same event once more, as after a broker's restart."""
        reader = chance.choice(list(self.delivered))
        if self.delivered[reader]:
            self.desks[reader].take([chance.choice(self.delivered[reader])])

    def fire(self, chance: Random, most: int = 3) -> bool:
        """Some of what is due at one service. Whether anything was."""
        desks = [desk for desk in self.desks.values() if desk.due()]
        if not desks:
            return False
        desk = chance.choice(desks)
        due = desk.due()[: chance.randint(1, most)]
        return desk.fire(due)

    def try_parked(self) -> bool:
        """Try everything that is parked once more. Whether less is parked afterwards."""
        before = sum(len(desk.parked) for desk in self.desks.values())
        for desk in self.desks.values():
            for key in dict.fromkeys(each.one.key for each in desk.parked):
                desk.retry(key)
        return sum(len(desk.parked) for desk in self.desks.values()) < before


_NAMES = frozenset({"worker", "provider", "activity", "host", "person", "organisation", "team", "pathway"})
