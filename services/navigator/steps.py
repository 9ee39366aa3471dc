"""What each event does to a referral's place on the board, and what of it the timeline keeps.

Pure: a card and an event give a card. Events of several services meet here and may arrive out of order
(after the broker was rebuilt), so the latest by the network's clock decides, not the last to arrive.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sluss_contracts import case, enrolment, followup, message, referral
from sluss_contracts.event import Event, Fact
from sluss_contracts.vocabulary import Attendance, ContactOutcome, FeedbackPoint


class Lane(StrEnum):
    """Where on its way a referral is."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    MEETING = "meeting"
    PLAN = "plan"
    ACTIVITY = "activity"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"


class Mark(StrEnum):
    """What is worth saying about a referral besides its lane."""

    CONSENT_AWAITED = "consent_awaited"
    IN_LINE = "in_line"
    NOT_REACHED = "not_reached"
    MEETING_MISSED = "meeting_missed"
    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    ABSENT = "absent"
    FOLLOW_UP_DUE = "follow_up_due"
    OVERDUE = "overdue"
    FEEDBACK_AWAITED = "feedback_awaited"
    REFERRER_TOLD = "referrer_told"


@dataclass(frozen=True, slots=True)
class Card:
    """One referral as the board shows it."""

    referral: str
    organisation: str | None = None
    team: str | None = None
    worker: str | None = None
    lane: Lane = Lane.RECEIVED
    mark: Mark | None = None
    outcome: str | None = None
    received: datetime | None = None
    """When the first step was taken, in the network's time."""
    step: str = ""
    """The latest step, `<noun>.<fact>`."""
    stepped: datetime | None = None
    latest: str = ""
    """The event of the latest step, as `place_in_line` names it."""
    placed: datetime | None = None
    placed_by: str = ""
    """The time and event that decided the lane."""
    marked: datetime | None = None
    marked_by: str = ""
    """The time and event that decided the mark."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an event puts a card. A lane without a mark takes an earlier mark away."""

    lane: Lane | None = None
    mark: Mark | None = None


KEPT: dict[type[Fact], tuple[str, ...]] = {
    referral.ReferralSubmitted: ("organisation", "channel"),
    referral.ReferralAccepted: (),
    referral.ReferralHeld: ("why",),
    referral.ConsentGiven: (),
    referral.ReferralClosed: ("outcome",),
    case.CaseQueued: ("team", "why"),
    case.CaseAssigned: ("team", "worker", "because"),
    case.CaseClaimed: ("team", "worker"),
    case.ContactAttempted: ("worker", "way", "outcome", "attempt"),
    case.MeetingBooked: ("worker", "kind", "mode", "starts", "minutes"),
    case.MeetingHeld: ("kind", "mode", "minutes"),
    case.MeetingMissed: ("kind",),
    case.PlanAgreed: ("version", "goals"),
    case.CaseEnrolmentRequested: ("activity", "because"),
    case.CaseClosed: ("outcome",),
    enrolment.EnrolmentOffered: ("activity", "provider", "answer_by"),
    enrolment.EnrolmentAccepted: ("activity", "provider", "host", "starts"),
    enrolment.EnrolmentDeclined: ("activity", "provider", "whose", "reason"),
    enrolment.EnrolmentWaitlisted: ("activity", "provider", "position"),
    enrolment.EnrolmentEnded: ("activity", "provider", "whose", "reason"),
    enrolment.AttendanceRecorded: ("activity", "provider", "outcome", "by"),
    followup.FollowUpScheduled: ("due",),
    followup.FollowUpDue: (),
    followup.FollowUpDone: ("how_it_went",),
    followup.FollowUpCancelled: ("why",),
    followup.DeadlinePassed: ("kind",),
    message.FeedbackSent: ("organisation", "point"),
}
"""Every event the board follows, and the fields its timeline keeps: codes and names of things and of staff,
never who the person is."""

TOLD_TO_REFERRERS: frozenset[type[Fact]] = frozenset(
    {
        referral.ReferralSubmitted,
        referral.ReferralAccepted,
        referral.ReferralHeld,
        referral.ReferralClosed,
        case.CaseQueued,
        case.CaseAssigned,
        case.CaseClaimed,
        case.PlanAgreed,
        message.FeedbackSent,
    }
)
"""What the referring organisation may see of a referral: the steps it gets feedback on, and no others."""
STEPS_TOLD_TO_REFERRERS = frozenset(f"{fact.NOUN}.{fact.FACT}" for fact in TOLD_TO_REFERRERS)
MARKS_TOLD_TO_REFERRERS = frozenset(
    {Mark.CONSENT_AWAITED, Mark.IN_LINE, Mark.FEEDBACK_AWAITED, Mark.REFERRER_TOLD}
)


def place(fact: Fact) -> Place:
    """Where this fact puts a referral; an empty place leaves it where it is."""
    match fact:
        case referral.ReferralSubmitted() | referral.ReferralAccepted() | referral.ConsentGiven():
            return Place(Lane.RECEIVED)
        case referral.ReferralHeld():
            return Place(Lane.RECEIVED, Mark.CONSENT_AWAITED)
        case case.CaseQueued():
            return Place(Lane.RECEIVED, Mark.IN_LINE)
        case case.CaseAssigned() | case.CaseClaimed():
            return Place(Lane.ASSIGNED)
        case case.ContactAttempted(outcome=outcome):
            reached = outcome is ContactOutcome.REACHED
            return Place(Lane.ASSIGNED, None if reached else Mark.NOT_REACHED)
        case case.MeetingBooked() | case.MeetingHeld():
            return Place(Lane.MEETING)
        case case.MeetingMissed():
            return Place(Lane.MEETING, Mark.MEETING_MISSED)
        case case.PlanAgreed():
            return Place(Lane.PLAN)
        case case.CaseEnrolmentRequested() | enrolment.EnrolmentAccepted():
            return Place(Lane.ACTIVITY)
        case enrolment.EnrolmentOffered():
            return Place(Lane.ACTIVITY, Mark.OFFERED)
        case enrolment.EnrolmentWaitlisted():
            return Place(Lane.ACTIVITY, Mark.WAITLISTED)
        case enrolment.EnrolmentDeclined():
            return Place(Lane.ACTIVITY, Mark.DECLINED)
        case enrolment.AttendanceRecorded(outcome=outcome):
            return Place(Lane.ACTIVITY, Mark.ABSENT if outcome is Attendance.ABSENT else None)
        case followup.FollowUpDue():
            return Place(Lane.FOLLOW_UP, Mark.FOLLOW_UP_DUE)
        case followup.FollowUpDone():
            return Place(Lane.FOLLOW_UP)
        case followup.DeadlinePassed():
            return Place(mark=Mark.OVERDUE)
        case case.CaseClosed() | referral.ReferralClosed():
            return Place(Lane.CLOSED, Mark.FEEDBACK_AWAITED)
        case message.FeedbackSent(point=FeedbackPoint.CLOSURE):
            return Place(mark=Mark.REFERRER_TOLD)
        case _:
            return Place()


def place_in_line(event: Event[Any]) -> str:
    """Orders events of the same moment, as all of one transaction are: by their number in their aggregate."""
    return f"{event.sequence:09d} {event.id}"


def advance(card: Card, event: Event[Any]) -> Card:
    """The card after one more event, whatever order events arrive in."""
    fact, id = event.data, place_in_line(event)
    card = replace(
        card,
        organisation=card.organisation or getattr(fact, "organisation", None),
        received=min(card.received or event.time, event.time),
    )
    if _later(card.stepped, card.latest, event.time, id):
        card = replace(card, step=f"{fact.NOUN}.{fact.FACT}", stepped=event.time, latest=id)
    if isinstance(fact, case.CaseQueued | case.CaseAssigned | case.CaseClaimed):
        # The navigator's own events, which it always reads in order.
        card = replace(card, team=fact.team, worker=getattr(fact, "worker", None))
    if isinstance(fact, case.CaseClosed | referral.ReferralClosed):
        card = replace(card, outcome=fact.outcome.value)
    return _moved(card, place(fact), event.time, id)


def _moved(card: Card, to: Place, time: datetime, id: str) -> Card:
    """Closed is closed: only word to the referrer changes a card after that."""
    if to == Place():
        return card
    closed, told = card.lane is Lane.CLOSED, card.mark is Mark.REFERRER_TOLD
    if to.mark is Mark.REFERRER_TOLD:
        return replace(card, mark=Mark.REFERRER_TOLD)
    if closed and to.lane is not Lane.CLOSED:
        return card
    first_closing = to.lane is Lane.CLOSED and not closed
    if to.lane and (first_closing or _later(card.placed, card.placed_by, time, id)):
        card = replace(card, lane=to.lane, placed=time, placed_by=id)
    if first_closing or _later(card.marked, card.marked_by, time, id):
        card = replace(card, mark=card.mark if told else to.mark, marked=time, marked_by=id)
    return card


def _later(then: datetime | None, by: str, time: datetime, id: str) -> bool:
    return then is None or (time, id) > (then, by)


def kept(fact: Fact) -> dict[str, Any]:
    """What the timeline keeps of a fact, as JSON values."""
    fields = KEPT[type(fact)]
    told = fact.model_dump(mode="json", include=set(fields), exclude_none=True)
    if isinstance(fact, case.PlanAgreed):
        told["goals"] = len(fact.goals)  # how many; what they say is in the vault
    return told
