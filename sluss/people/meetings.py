"""How somebody is reached and met, step by step as the pathway has it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from services.navigator.free_time import free_slots
from sluss.people.acting import Act, Scene
from sluss.people.endings import before_meeting
from sluss.people.lives import Turn
from sluss_contracts.commands.meetings import BookMeeting, RecordMeeting
from sluss_contracts.commands.navigator import PauseCase, RecordContact
from sluss_contracts.pathway import Step
from sluss_contracts.vocabulary import ContactOutcome, ContactWay, MeetingKind

_IN_VAIN = {Turn.HARD_TO_REACH: 2, Turn.UNREACHABLE: 99}
"""How many attempts to reach somebody lead nowhere."""
OVER_WITHIN = timedelta(hours=1)
"""Whatever somebody comes to is over so long after it began."""
_LOOKS_AHEAD = timedelta(days=10)
_SOONEST = 16
"""Of so many free times one is agreed on."""
_BEFORE_THE_PLAN = (MeetingKind.MAPPING, MeetingKind.FIRST)


def contact(scene: Scene) -> Act:
    """Somebody calls; most people answer at once."""
    tries = scene.case.attempts
    in_vain = tries < _IN_VAIN.get(scene.turn, 0) and not scene.said("meeting.booked")
    outcome = ContactOutcome.NO_ANSWER if in_vain else ContactOutcome.REACHED
    hours = (20, 60) if tries else (1, 20)
    return scene.act(f"contact:{tries}", RecordContact, hours=hours, way=ContactWay.PHONE, outcome=outcome)


def meet(scene: Scene) -> Iterator[Act]:
    """Hold what is booked, or book what comes next; some end it or rest instead."""
    if scene.case.meeting is not None:
        yield _hold(scene, scene.case.meeting)
    elif not scene.said("meeting.booked") and (ending := before_meeting(scene)):
        yield ending
    elif scene.turn is Turn.PAUSES and not scene.said("case.paused"):
        until = (scene.now + timedelta(days=14)).date()
        yield scene.act("pause", PauseCase, why="illness", until=until)
    else:
        yield book(scene, next_step(scene) or scene.pathway.steps[0])


def next_step(scene: Scene) -> Step | None:
    """The pathway's next meeting before a plan, if there is one left."""
    for step in scene.pathway.steps:
        if step.kind in _BEFORE_THE_PLAN and not step.optional and not scene.case.held[step.kind]:
            return step
    return None


def step_of(scene: Scene, kind: MeetingKind) -> Step | None:
    """The pathway's meeting of a kind, if it has one."""
    return next((step for step in scene.pathway.steps if step.kind is kind), None)


def book(scene: Scene, step: Step) -> Act:
    """A meeting in a few days, within the link worker's hours where there are any, in one of the first two
    ways the step allows."""
    times = scene.said("meeting.booked")
    chance = scene.chance(f"book:{times}")
    wish = max(scene.now, scene.since) + timedelta(days=chance.randint(1, 3))
    starts = _within_hours(scene, wish, step.minutes, chance) or wish
    mode = step.modes[chance.randrange(min(2, len(step.modes)))]
    fields = {"kind": step.kind, "mode": mode, "starts": starts, "minutes": step.minutes}
    return scene.act(f"book:{times}", BookMeeting, with_=fields)


def _within_hours(scene: Scene, wish: datetime, minutes: int, chance: Random) -> datetime | None:
    hours = scene.picture.hours.get(scene.case.worker or "", ())
    if not hours:
        return None
    # What else is booked is left out: an occasion is the same command whenever it is looked at.
    free = free_slots(hours, (), (), wish, wish + _LOOKS_AHEAD, timedelta(minutes=minutes))
    return chance.choice(free[:_SOONEST])[0] if free else None


def _hold(scene: Scene, meeting: dict[str, Any]) -> Act:
    missed = scene.turn is Turn.MISSES_MEETING and not scene.said("meeting.missed")
    after = datetime.fromisoformat(meeting["starts"]) + OVER_WITHIN
    what = f"held:{scene.said('meeting.booked')}"
    return scene.act(what, RecordMeeting, at=after, meeting_id=meeting["meeting_id"], held=not missed)
