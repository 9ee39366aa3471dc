"""The link worker's work with a person: contact, meetings, the plan, and asking for places.

As in `case`: each function takes the case as it is and gives the facts that follow, none if it was so
already, and a step that the case is not ready for is refused by the rule's name.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator.domain.case import Case, Meeting, whose_work
from services.navigator.domain.rules import (
    MeetingAlreadyRecorded,
    NoPlanYet,
    NoSuchGoal,
    NoSuchMeeting,
    NotYetMet,
    UnknownActivity,
)
from sluss_contracts.case import (
    CaseEnrolmentRequested,
    ContactAttempted,
    Goal,
    MeetingBooked,
    MeetingHeld,
    MeetingMissed,
    PlanAgreed,
)
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import ContactOutcome, ContactWay


def record_contact(case: Case, by: Actor, way: ContactWay, outcome: ContactOutcome) -> list[Fact]:
    """Somebody tried to reach the person. Each attempt is one of its own."""
    return [
        ContactAttempted(
            referral_id=case.referral_id,
            worker=whose_work(case, by),
            way=way,
            outcome=outcome,
            attempt=case.attempts + 1,
        )
    ]


def book_meeting(case: Case, by: Actor, meeting_id: str, wanted: Meeting) -> tuple[str, list[Fact]]:
    """A time is agreed. Booking the same time again gives the meeting that is booked."""
    worker = whose_work(case, by)
    for booked_id, booked in case.meetings.items():
        if booked == wanted:
            return booked_id, []
    booking = MeetingBooked(
        referral_id=case.referral_id,
        person=case.person,
        meeting_id=meeting_id,
        worker=worker,
        **wanted.model_dump(exclude={"held"}),
    )
    return meeting_id, [booking]


def record_meeting(case: Case, by: Actor, meeting_id: str, held: bool, minutes: int | None) -> list[Fact]:
    """The meeting was held, or the person did not come. Saying the same again changes nothing."""
    whose_work(case, by)
    meeting = case.meetings.get(meeting_id)
    if meeting is None:
        raise NoSuchMeeting(f"case {case.referral_id} has no meeting {meeting_id}; book it first")
    if meeting.held is held:
        return []
    if meeting.held is not None:
        said = "held" if meeting.held else "missed"
        raise MeetingAlreadyRecorded(
            f"meeting {meeting_id} is recorded as {said}; book a new one if there was another"
        )
    about = {"referral_id": case.referral_id, "meeting_id": meeting_id, "kind": meeting.kind}
    if not held:
        return [MeetingMissed(**about)]
    return [MeetingHeld(**about, mode=meeting.mode, minutes=minutes or meeting.minutes)]


def agree_plan(case: Case, by: Actor, goals: Sequence[Goal]) -> list[Fact]:
    """The person agrees to what to aim for. A later plan replaces the one before."""
    whose_work(case, by)
    if not (case.reached or case.met):
        raise NotYetMet(
            f"nobody has spoken with the person of case {case.referral_id} yet, and a plan is agreed "
            "with them; record the contact or the meeting first"
        )
    return [
        PlanAgreed(
            referral_id=case.referral_id,
            person=case.person,
            organisation=case.organisation,
            version=case.plan_version + 1,
            goals=tuple(goals),
        )
    ]


def request_enrolment(
    case: Case,
    by: Actor,
    enrolment_id: str,
    activity: str,
    *,
    goal_id: str | None,
    because: Sequence[str],
    offered: bool,
    over: frozenset[str],
) -> tuple[str, list[Fact]]:
    """Ask a provider for a place. Asking again while the first asking stands gives that enrolment.

    `offered` tells whether the activity is known; `over` are enrolments that were declined or have ended.
    """
    whose_work(case, by)
    if not case.plan_version:
        raise NoPlanYet(f"case {case.referral_id} has no plan; agree one with the person first")
    if goal_id is not None and goal_id not in case.goals:
        raise NoSuchGoal(
            f"the plan of case {case.referral_id} has no goal {goal_id}; it has {list(case.goals)}"
        )
    for standing, asked_for in case.enrolments.items():
        if asked_for == activity and standing not in over:
            return standing, []
    if not offered:
        raise UnknownActivity(
            f"no activity is called {activity!r}; if it was published this very moment, ask again shortly"
        )
    request = CaseEnrolmentRequested(
        referral_id=case.referral_id,
        person=case.person,
        enrolment_id=enrolment_id,
        activity=activity,
        goal_id=goal_id,
        because=tuple(because),
    )
    return enrolment_id, [request]
