"""What must hold of a paper town: the invariants of the network, and the rules that reactions keep."""

from __future__ import annotations

from collections import Counter
from functools import cache
from random import Random
from typing import Any

from pydantic import BaseModel

from services.runtime.lifecycle import Lifecycle
from services.runtime.service import Timer
from sluss.lifecycles.found import lifecycles, reactions
from sluss_contracts.case import CaseAssigned, CaseClaimed, CaseClosed, CaseReassigned, CaseUnassigned
from sluss_contracts.command import Answer, Command
from sluss_contracts.event import Fact
from sluss_contracts.message import FeedbackDue, FeedbackIssued, MessageFailed, MessageQueued, MessageSent
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralHeld,
    ReferralRedirected,
)
from sluss_contracts.task import TaskOpened
from sluss_contracts.vocabulary import FeedbackPoint, TaskKind
from tests.properties.paper.desk import Desk
from tests.properties.paper.entry import Cause, Entry, Name
from tests.properties.paper.town import PaperTown

Moves = Counter[tuple[str, str, str]]
Picture = dict[str, tuple[int, int, int, int]]
_ENDS = (ReferralClosed, ReferralDeclined, ReferralCancelled, ReferralRedirected)


class Broken(AssertionError):
    """Something that must hold does not."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant


def picture(town: PaperTown) -> Picture:
    """How much there is at each service: nothing is ever taken away from a log."""
    return {
        name: (len(desk.log), len(desk.timers), len(desk.parked), len(desk.dead))
        for name, desk in town.desks.items()
    }


def unchanged(town: PaperTown, before: Picture, after: str) -> None:
    """Nothing was said or set."""
    if (now := picture(town)) != before:
        raise Broken("said once", f"{after} changed the town from {before} to {now}")


def refused(town: PaperTown, command: Command, answer: Answer, before: Picture) -> None:
    """A refusal has a code, and leaves everything as it was (the vault may have kept words meanwhile)."""
    assert answer.refused is not None
    if not answer.refused.code or answer.refused.code == "refused":
        raise Broken("codes", f"{command.VERB} was refused without a code")
    now = picture(town)
    if now[command.OWNER] != before[command.OWNER]:
        raise Broken("a refusal changes nothing", f"{command.VERB} was refused ({answer.refused.code})")


def while_things_go_on(town: PaperTown) -> None:
    """What must hold at every moment, cheaply: nothing failed, nobody has what somebody else has."""
    for cause, error in town.crashes:
        raise Broken("no reaction fails", f"{cause.service}: {cause.way} {cause.name}: {error!r}") from error


def at_rest(town: PaperTown, moves: Moves) -> None:
    """What must hold when everything is delivered."""
    while_things_go_on(town)
    nothing_is_left(town)
    said = {entry.said.id: entry for desk in town.desks.values() for entry in desk.log}
    for desk in town.desks.values():
        logs_are_whole(desk, moves)
        causes_are_known(town, desk, {str(id) for id in said})
        for command_id, answer in desk.answered.items():
            for id in answer.events:
                if id not in said:
                    raise Broken("I1", f"{desk.name} answered {command_id} with an event that is not there")
    one_assignment(town.desks["navigator"])
    one_message(town)
    one_open_referral(town.desks["referral"])
    nobody_is_forgotten(town)
    everybody_hears_how_it_ended(town)
    nobody_hears_twice(town)
    ended_is_ended(town)


def nothing_is_left(town: PaperTown) -> None:
    """I10: everything is applied; nothing waits for ever, and nothing said is refused by its reader."""
    for desk in town.desks.values():
        for parked in desk.parked:
            what = f"{desk.name} waits for ever with {parked.one.event.type} of {parked.one.key}"
            raise Broken("I10", f"{what}: {parked.why}")
        for letter, code, reason in desk.dead:
            name = letter.kind if isinstance(letter, Timer) else letter.event.type
            raise Broken("I10", f"{desk.name} buried {name}: {code} {reason}")


def logs_are_whole(desk: Desk, moves: Moves) -> None:
    """I7, I8 and the lifecycles: numbered 1 to n, folded to what is held, each step an allowed one."""
    folded: dict[Name, BaseModel] = {}
    counts: Counter[Name] = Counter()
    for entry in desk.log:
        counts[entry.name] += 1
        if entry.said.sequence != counts[entry.name]:
            raise Broken("I7", f"{desk.name}: event {counts[entry.name]} of {entry.name} is misnumbered")
        aggregate = desk.service.aggregates[entry.fact.AGGREGATE]
        before = folded.get(entry.name)
        _allowed(entry, before, moves)
        if aggregate.keep:
            folded[entry.name] = aggregate.evolve(before, entry.fact)
    held = {(key, *name): state for key, states in desk.states.items() for name, state in states.items()}
    if held != folded:
        wrong = next(name for name in held.keys() | folded.keys() if held.get(name) != folded.get(name))
        raise Broken("I8", f"{desk.name}: {wrong[1]} {wrong[2]} is not what its events say")


def _allowed(entry: Entry, before: BaseModel | None, moves: Moves) -> None:
    fact = type(entry.fact)
    lifecycle = _lifecycle_of(entry.fact.AGGREGATE, fact)
    if lifecycle is not None:
        status = _status(lifecycle, before)
        if not lifecycle.allows(status, fact):
            raise Broken(
                "lifecycle", f"{fact.__name__} of a {lifecycle.kind} that is {status} ({entry.cause})"
            )
        moves[lifecycle.kind, status or "", f"{fact.NOUN}.{fact.FACT}"] += 1
    if entry.cause.way in ("command", "event", "timer") and fact not in _says().get(entry.cause, ()):
        raise Broken("reactions", f"{entry.cause} said {fact.__name__}, which its reaction does not list")


@cache
def _says() -> dict[Cause, frozenset[type[Fact]]]:
    return {Cause(each.service, each.way, each.name): each.says for each in reactions()}


@cache
def _lifecycle_of(kind: str, fact: type[Fact]) -> Lifecycle[Any] | None:
    return lifecycles().get(kind) or next((one for one in lifecycles().values() if fact in one.moves), None)


def _status(lifecycle: Lifecycle[Any], state: BaseModel | None) -> Any:
    if state is None:
        return None
    return next(value for value in vars(state).values() if isinstance(value, lifecycle.statuses))


def causes_are_known(town: PaperTown, desk: Desk, said: set[str]) -> None:
    """I2: no event without a command, an event, a submission or a due date that somebody reacts to."""
    commands = {str(id) for id in town.commands} | {str(id) for d in town.desks.values() for id in d.answered}
    for entry in desk.log:
        cause = entry.causation
        if cause is None:
            raise Broken("I2", f"{desk.name} said {entry.fact.TYPE} without a cause")
        timed = cause.startswith("timer/") and cause.split("/")[1] in desk.service.timers
        if not (timed or cause in said or cause in commands or cause in town.submissions):
            raise Broken("I2", f"{desk.name} said {entry.fact.TYPE} because of {cause}, which nobody knows")


def one_assignment(navigator: Desk) -> None:
    """I3: at no point of a case's log have two people got it."""
    given: Counter[str] = Counter()
    for entry in navigator.said(CaseAssigned, CaseClaimed, CaseReassigned, CaseUnassigned):
        if isinstance(entry.fact, CaseAssigned | CaseClaimed):
            given[entry.said.key] += 1
            if given[entry.said.key] > 1:
                raise Broken("I3", f"case {entry.said.key} was given to somebody while another had it")
        elif isinstance(entry.fact, CaseUnassigned):
            given[entry.said.key] -= 1


def one_open_referral(referrals: Desk) -> None:
    """A person has one open referral at most: what others send is linked to it."""
    open_now = Counter(each.person for each in referrals.all("referral").values() if each.status == "open")
    for person, count in open_now.items():
        if count > 1:
            raise Broken("one open referral", f"{person} has {count} of them")


def one_message(town: PaperTown) -> None:
    """I4: one message for each cause, person and template; what may have gone is somebody's task."""
    notify, navigator = town.desks["notify"], town.desks["navigator"]
    queued = Counter((e.fact.cause, e.fact.person, e.fact.template) for e in notify.said(MessageQueued))  # type: ignore[attr-defined]
    sent = Counter(entry.name for entry in notify.said(MessageSent))
    for name, times in (queued | sent).items():
        if times > 1:
            raise Broken("I4", f"{times} messages of {name}")
    closed = {entry.said.key for entry in navigator.said(CaseClosed)}
    asked = {
        e.fact.about  # type: ignore[attr-defined]
        for e in navigator.said(TaskOpened)
        if e.fact.kind is TaskKind.CHECK_MESSAGE  # type: ignore[attr-defined]
    }
    for entry in notify.said(MessageFailed):
        lost = entry.fact.why == "outcome_unknown"  # type: ignore[attr-defined]
        if lost and entry.said.key not in closed and entry.fact.aggregate_id not in asked:
            raise Broken("I4", f"nobody looks into message {entry.fact.aggregate_id}, whose fate is unknown")


def nobody_is_forgotten(town: PaperTown) -> None:
    """I5: every referral taken on is over, or somebody has an open task with a date."""
    navigator = town.desks["navigator"]
    for key in {entry.said.key for entry in town.desks["referral"].said(ReferralAccepted, ReferralHeld)}:
        if _over(town, key):
            continue
        tasks = [s for (kind, _), s in navigator.states.get(key, {}).items() if kind == "task"]
        if not any(task.open and (task.worker or task.team) and task.due for task in tasks):  # type: ignore[attr-defined]
            raise Broken("I5", f"referral {key} is not over, and nobody has a task")


def everybody_hears_how_it_ended(town: PaperTown) -> None:
    """I6: the closure of every referral that is over, held, a duplicate or taken on, is told to whoever
    referred. Of what is void there is nothing to tell."""
    told = {
        entry.said.key
        for entry in town.desks["notify"].said(FeedbackIssued)
        if entry.fact.point is FeedbackPoint.CLOSURE  # type: ignore[attr-defined]
    }
    for entry in town.desks["referral"].said(*_ENDS):
        if entry.said.key not in told:
            raise Broken("I6", f"{entry.fact.FACT} referral {entry.said.key}: its referrer is not told")


def nobody_hears_twice(town: PaperTown) -> None:
    """Each thing there is to tell of a referral is told once."""
    due = Counter((e.said.key, e.fact.status) for e in town.desks["notify"].said(FeedbackDue))  # type: ignore[attr-defined]
    for (key, status), times in due.items():
        if times > 1:
            raise Broken("told once", f"the referrer of {key} hears {times} times that it is {status}")


def ended_is_ended(town: PaperTown) -> None:
    """Nothing more happens in a case that is closed."""
    closed: set[str] = set()
    for entry in town.desks["navigator"].log:
        if entry.fact.AGGREGATE == "case" and entry.said.key in closed:
            raise Broken("ended is ended", f"{entry.fact.TYPE} was said of a case that is closed")
        if isinstance(entry.fact, CaseClosed):
            closed.add(entry.said.key)


def _over(town: PaperTown, key: str) -> bool:
    state: Any = town.desks["referral"].states[key]["referral", key]
    return bool(state.over)


def everything_once_more_changes_nothing(town: PaperTown, chance: Random) -> None:
    """I9: one effect per reader and event."""
    before = picture(town)
    for reader, events in town.delivered.items():
        town.desks[reader].take(chance.sample(events, min(len(events), 40)))
    unchanged(town, before, "everything delivered once more")
