"""One service on paper: what it hears, what falls due, and what it is asked to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel

from services.runtime.decision import Done, NotAllowed, Refusal, Transient, Wait
from services.runtime.engine.deciding import decide
from services.runtime.engine.incoming import Incoming, Readings
from services.runtime.engine.parking import Blocked, SetAside
from services.runtime.engine.said import Said
from services.runtime.service import Ctx, Handler, Held, Service, Timer
from services.runtime.serving import is_question
from services.runtime.timers import cause_of
from services.runtime.together import Stale
from sluss_contracts.command import Answer, Command, Refused
from sluss_contracts.event import Event, Fact
from tests.properties.paper.entry import Cause, Entry, Name, Parked
from tests.properties.paper.tx import played
from tests.properties.paper.unit import PaperUnit

if TYPE_CHECKING:
    from tests.properties.paper.town import PaperTown


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
