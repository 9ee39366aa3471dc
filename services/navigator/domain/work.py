"""The link worker's work with a person: contact and meetings, as the pathway has them.

As everywhere here: each function takes the case as it is and gives the facts that follow, none if it was so
already, and a step that the case is not ready for is refused by the rule's name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from services.navigator.domain.case import Case
from services.navigator.domain.meeting import Interval, Meeting
from services.navigator.domain.rules import (
    MeetingAlreadyRecorded,
    MeetingIsCancelled,
    ModeNotInStep,
    NoPlanYet,
    NoSuchMeeting,
    NoSuchStep,
    TimeIsTaken,
)
from services.navigator.domain.standing import of_the_case, on_pathway, whose_work
from sluss_contracts.case import CaseClosed
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.meeting import (
    ContactAttempted,
    MeetingBooked,
    MeetingCancelled,
    MeetingHeld,
    MeetingMissed,
    MeetingMoved,
)
from sluss_contracts.pathway import AfterLastAttempt, Contact, FollowUpTime, Pathway, Step
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    MeetingKind,
    MeetingMode,
    Whose,
)

_ANSWERED = frozenset({ContactOutcome.REACHED, ContactOutcome.ASKED_TO_CALL_BACK})


def record_contact(
    case: Case, by: Actor, way: ContactWay, outcome: ContactOutcome, contact: Contact
) -> list[Fact]:
    """Somebody tried to reach the person. Each attempt is one of its own.

    Where the pathway says so, the last attempt in vain closes the case as unreachable; but never for somebody
    who has been reached before, for whom a human decides.
    """
    tried = ContactAttempted(
        referral_id=case.referral_id,
        worker=whose_work(case, by, ContactAttempted),
        way=way,
        outcome=outcome,
        attempt=case.attempts + 1,
    )
    in_vain = 0 if outcome in _ANSWERED else case.unanswered + 1
    if contact.then is AfterLastAttempt.CLOSE and in_vain >= contact.attempts and not case.reached:
        return [tried, CaseClosed(**of_the_case(case), outcome=CaseOutcome.UNREACHABLE)]
    return [tried]


def step_of(pathway: Pathway, kind: MeetingKind) -> Step | FollowUpTime:
    """What the pathway says of meetings of this kind; a follow-up meeting is as its first follow-up.

    Raises `NoSuchStep`, which lists the kinds there are.
    """
    for step in pathway.steps:
        if step.kind is kind:
            return step
    if kind is MeetingKind.FOLLOW_UP and pathway.followups:
        return pathway.followups[0]
    kinds = dict.fromkeys(step.kind.value for step in pathway.steps)
    if pathway.followups:
        kinds[MeetingKind.FOLLOW_UP.value] = None
    raise NoSuchStep(
        f"the pathway {pathway.pathway} has no meeting of the kind {kind.value}; it has {', '.join(kinds)}"
    )


def book_meeting(
    case: Case,
    by: Actor,
    meeting_id: str,
    starts: datetime,
    *,
    kind: MeetingKind,
    mode: MeetingMode | None,
    minutes: int | None,
    pathway: Pathway,
    place: str | None = None,
    lone_work: str | None = None,
    others: Iterable[Interval] = (),
) -> tuple[str, list[Fact]]:
    """A time is agreed. Booking the same time again gives the meeting that is booked.

    How and for how long is as the pathway proposes, where nothing else is said. `others` are meetings of the
    link worker's that it must not run into.
    """
    worker = whose_work(case, by, MeetingBooked)
    step = step_of(pathway, kind)
    _in_step(mode, step, kind, pathway)
    if kind is MeetingKind.STEP_TWO and not case.plan_version:
        raise NoPlanYet(
            f"case {case.referral_id} has no plan, and the second step follows one; agree it with the person"
        )
    how, lasting = mode or step.modes[0], minutes or step.minutes
    for booked_id, booked in case.meetings.items():
        same = (booked.kind, booked.mode, booked.starts, booked.minutes) == (kind, how, starts, lasting)
        if same and booked.ahead:
            return booked_id, []
    _free_of(others, worker, starts, lasting)
    booking = MeetingBooked(
        referral_id=case.referral_id,
        person=case.person,
        meeting_id=meeting_id,
        worker=worker,
        kind=kind,
        mode=how,
        starts=starts,
        minutes=lasting,
        place=place,
        lone_work=lone_work,
        **on_pathway(case),
    )
    return meeting_id, [booking]


def move_meeting(
    case: Case,
    by: Actor,
    meeting_id: str,
    starts: datetime,
    *,
    mode: MeetingMode | None,
    minutes: int | None,
    pathway: Pathway,
    place: str | None = None,
    lone_work: str | None = None,
    others: Iterable[Interval] = (),
) -> list[Fact]:
    """The same meeting at another time, or in another way. To where it is already changes nothing.

    What was said of the place holds until something else is, or the way is another. `others` as for booking.
    """
    worker = whose_work(case, by, MeetingMoved)
    meeting = ahead(case, meeting_id)
    _in_step(mode, step_of(pathway, meeting.kind), meeting.kind, pathway)
    how, lasting = mode or meeting.mode, minutes or meeting.minutes
    if how is meeting.mode:
        place, lone_work = place or meeting.place, lone_work or meeting.lone_work
    now = (how, starts, lasting, place, lone_work)
    if now == (meeting.mode, meeting.starts, meeting.minutes, meeting.place, meeting.lone_work):
        return []
    _free_of(others, worker, starts, lasting)
    return [
        MeetingMoved(
            referral_id=case.referral_id,
            person=case.person,
            meeting_id=meeting_id,
            worker=worker,
            kind=meeting.kind,
            mode=how,
            starts=starts,
            minutes=lasting,
            place=place,
            lone_work=lone_work,
        )
    ]


def cancel_meeting(case: Case, by: Actor, meeting_id: str, whose: Whose, why: str) -> list[Fact]:
    """It does not take place, and both know it. Cancelling it again changes nothing."""
    whose_work(case, by, MeetingCancelled)
    if (known := case.meetings.get(meeting_id)) and known.cancelled:
        return []
    meeting = ahead(case, meeting_id)
    about = {"referral_id": case.referral_id, "meeting_id": meeting_id, "kind": meeting.kind}
    return [MeetingCancelled(**about, whose=whose, why=why)]


def record_meeting(case: Case, by: Actor, meeting_id: str, held: bool, minutes: int | None) -> list[Fact]:
    """The meeting was held, or the person did not come. Saying the same again changes nothing."""
    whose_work(case, by, MeetingHeld if held else MeetingMissed)
    if (known := case.meetings.get(meeting_id)) and known.held is held:
        return []
    meeting = ahead(case, meeting_id)
    about = {"referral_id": case.referral_id, "meeting_id": meeting_id, "kind": meeting.kind}
    if not held:
        return [MeetingMissed(**about)]
    return [MeetingHeld(**about, mode=meeting.mode, minutes=minutes or meeting.minutes)]


def _free_of(others: Iterable[Interval], worker: str, starts: datetime, minutes: int) -> None:
    ends = starts + timedelta(minutes=minutes)
    for begun, over in others:
        if begun < ends and starts < over:
            raise TimeIsTaken(
                f"{worker} has another meeting from {begun.isoformat()} to {over.isoformat()}; "
                "choose another time, or say that both may be at once"
            )


def _in_step(
    mode: MeetingMode | None, step: Step | FollowUpTime, kind: MeetingKind, pathway: Pathway
) -> None:
    if mode is not None and mode not in step.modes:
        modes = ", ".join(each.value for each in step.modes)
        raise ModeNotInStep(
            f"on the pathway {pathway.pathway} a {kind.value} meeting is not held by {mode.value}; "
            f"it may be {modes}"
        )


def ahead(case: Case, meeting_id: str) -> Meeting:
    """The meeting, if it is booked and nobody has said what came of it."""
    meeting = case.meetings.get(meeting_id)
    if meeting is None:
        raise NoSuchMeeting(f"case {case.referral_id} has no meeting {meeting_id}; book it first")
    if meeting.cancelled:
        raise MeetingIsCancelled(f"meeting {meeting_id} is cancelled; book a new one")
    if meeting.held is not None:
        said = "held" if meeting.held else "missed"
        raise MeetingAlreadyRecorded(
            f"meeting {meeting_id} is recorded as {said}; book a new one if there was another"
        )
    return meeting
