"""What each event does to a referral's place on the board, and what of it the timeline keeps.

No clock, no ids, no I/O. Events of several services meet here and may arrive out of order
(after the broker was rebuilt), so the latest by the network's clock decides, not the last to arrive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sluss_contracts import (
    alarm,
    blue_circle,
    case,
    consent,
    enrolment,
    evaluation,
    followup,
    mapping,
    meeting,
    message,
    plan,
    referral,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.vocabulary import Attendance, CaseOutcome, ContactOutcome, FeedbackPoint, LinkKind


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
    MEETING_CANCELLED = "meeting_cancelled"
    OFFERED = "offered"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    ABSENT = "absent"
    FOLLOW_UP_DUE = "follow_up_due"
    OVERDUE = "overdue"
    FEEDBACK_AWAITED = "feedback_awaited"
    REFERRER_TOLD = "referrer_told"
    ACUTE = "acute"
    """Somebody wrote of suicide or violence."""
    PAUSED = "paused"
    OTHER_TIME = "other_time"
    OFFER_EXPIRED = "offer_expired"
    UNREPORTED = "unreported"
    """A session has passed, and nobody has said whether the person came."""
    NEED_UNMET = "need_unmet"
    TOGETHER = "together"
    """The same person has another referral, and one piece of work answers both."""


@dataclass(slots=True)
class Card:
    """One referral as the board shows it. A batch carries it forward event by event."""

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
    referral.ReferralLinked: ("how",),
    consent.ConsentGiven: (),
    referral.ReferralClosed: ("outcome",),
    referral.ReferralDeclined: ("whose", "why"),
    referral.ReferralCancelled: ("why",),
    referral.ReferralRedirected: ("why",),
    referral.ReferralEnteredInError: ("why",),
    consent.ConsentWithdrawn: (),
    alarm.AlarmRaised: ("where",),
    case.CaseQueued: ("team", "why"),
    case.CaseAssigned: ("team", "worker", "because"),
    case.CaseClaimed: ("team", "worker"),
    case.CaseUnassigned: ("team", "worker", "because"),
    case.CaseReassigned: ("team", "worker", "because"),
    case.CasePaused: ("why", "until"),
    case.CaseResumed: (),
    meeting.ContactAttempted: ("worker", "way", "outcome", "attempt"),
    meeting.MeetingBooked: ("worker", "kind", "mode", "starts", "minutes"),
    meeting.MeetingHeld: ("kind", "mode", "minutes"),
    meeting.MeetingMissed: ("kind",),
    meeting.MeetingMoved: ("worker", "kind", "mode", "starts", "minutes", "by_person"),
    meeting.MeetingCancelled: ("kind", "whose", "why", "by_person", "contact"),
    meeting.MeetingConfirmed: ("starts",),
    meeting.MeetingTimeUnsuited: ("starts", "days", "parts"),
    mapping.MappingRecorded: ("version",),
    mapping.MeasureRecorded: ("instrument", "at"),
    plan.PlanAgreed: ("version", "goals"),
    plan.PlanRevised: ("version", "goals"),
    plan.GoalProgressed: ("how_far",),
    plan.PrescriptionIssued: ("kind", "activity"),
    plan.AlternativesLookedAt: ("alternatives",),
    case.CaseEnrolmentRequested: ("activity", "because"),
    plan.SupportAgreed: ("kind", "barrier"),
    plan.SupportGiven: (),
    plan.SpillOverReported: ("more_activities", "times_a_week"),
    blue_circle.NeedUnmet: ("need", "why"),
    case.CaseClosed: ("outcome",),
    enrolment.EnrolmentOffered: ("activity", "provider", "answer_by"),
    enrolment.EnrolmentAccepted: ("activity", "provider", "host", "starts"),
    enrolment.EnrolmentDeclined: ("activity", "provider", "whose", "reason"),
    enrolment.EnrolmentWaitlisted: ("activity", "provider", "position"),
    enrolment.EnrolmentEnded: ("activity", "provider", "whose", "reason"),
    enrolment.EnrolmentExpired: ("activity", "provider"),
    enrolment.AnotherTimeSuggested: ("activity", "provider", "starts", "enrolment_id", "answer_by"),
    enrolment.AttendanceRecorded: ("activity", "provider", "outcome", "by", "enrolment_id", "session_id"),
    enrolment.AttendanceMissing: ("activity", "provider", "enrolment_id", "session_id"),
    followup.FollowUpScheduled: ("due", "followup_id", "number", "when"),
    followup.FollowUpDue: ("followup_id", "number", "minutes", "modes"),
    followup.FollowUpDone: ("how_it_went", "followup_id"),
    followup.FollowUpCancelled: ("why", "followup_id"),
    followup.FollowUpLapsed: ("followup_id",),
    evaluation.EvaluationScheduled: ("due", "evaluation_id", "instruments", "sent_by"),
    evaluation.EvaluationDue: ("evaluation_id", "instruments", "sent_by", "lapses"),
    evaluation.EvaluationAnswered: ("instrument", "how", "evaluation_id"),
    evaluation.EvaluationLapsed: ("evaluation_id",),
    evaluation.EvaluationCancelled: ("why", "evaluation_id"),
    followup.DeadlinePassed: ("kind",),
    message.FeedbackSent: ("organisation", "point"),
    message.FeedbackOverdue: ("organisation", "point"),
}
"""Every event the board follows, and the fields its timeline keeps: codes, ids, names of things and of
staff, never who the person is. The pages of a case read there what other services said of it."""

TOLD_TO_REFERRERS: frozenset[type[Fact]] = frozenset(
    {
        referral.ReferralSubmitted,
        referral.ReferralAccepted,
        referral.ReferralHeld,
        referral.ReferralClosed,
        referral.ReferralDeclined,
        referral.ReferralCancelled,
        referral.ReferralRedirected,
        referral.ReferralEnteredInError,
        case.CaseQueued,
        case.CaseAssigned,
        case.CaseClaimed,
        plan.PlanAgreed,
        message.FeedbackSent,
    }
)
"""What the referring organisation may see of a referral: the steps it gets feedback on, and no others."""
STEPS_TOLD_TO_REFERRERS = frozenset(f"{fact.NOUN}.{fact.FACT}" for fact in TOLD_TO_REFERRERS)
MARKS_TOLD_TO_REFERRERS = frozenset(
    {Mark.CONSENT_AWAITED, Mark.IN_LINE, Mark.FEEDBACK_AWAITED, Mark.REFERRER_TOLD}
)


def _reached(fact: meeting.ContactAttempted) -> Place:
    reached = fact.outcome is ContactOutcome.REACHED
    return Place(Lane.ASSIGNED, None if reached else Mark.NOT_REACHED)


def _came(fact: enrolment.AttendanceRecorded) -> Place:
    return Place(Lane.ACTIVITY, Mark.ABSENT if fact.outcome is Attendance.ABSENT else None)


def _linked(fact: referral.ReferralLinked) -> Place:
    return Place(mark=Mark.TOGETHER) if fact.how is LinkKind.DUPLICATE_OF else _NOWHERE


def _told(fact: message.FeedbackSent) -> Place:
    """Of a duplicate nothing else says that it is over: the work is done under the other referral."""
    told = fact.point is FeedbackPoint.CLOSURE
    return Place(Lane.CLOSED, Mark.REFERRER_TOLD) if told else _NOWHERE


_NOWHERE = Place()
_UNMARKED = Place(mark=None)  # another than `_NOWHERE`: it takes the mark away
_ENDED = Place(Lane.CLOSED, Mark.FEEDBACK_AWAITED)
# Looked up by type: this is on the way of every event, and matching class by class costs ten times as much.
_PLACES: dict[type[Fact], Place | Callable[[Any], Place]] = {
    referral.ReferralSubmitted: Place(Lane.RECEIVED),
    referral.ReferralAccepted: Place(Lane.RECEIVED),
    referral.ReferralHeld: Place(Lane.RECEIVED, Mark.CONSENT_AWAITED),
    referral.ReferralLinked: _linked,
    consent.ConsentGiven: Place(Lane.RECEIVED),
    case.CaseQueued: Place(Lane.RECEIVED, Mark.IN_LINE),
    case.CaseAssigned: Place(Lane.ASSIGNED),
    case.CaseClaimed: Place(Lane.ASSIGNED),
    meeting.ContactAttempted: _reached,
    meeting.MeetingBooked: Place(Lane.MEETING),
    meeting.MeetingHeld: Place(Lane.MEETING),
    meeting.MeetingMissed: Place(Lane.MEETING, Mark.MEETING_MISSED),
    meeting.MeetingMoved: Place(Lane.MEETING),
    meeting.MeetingCancelled: Place(Lane.MEETING, Mark.MEETING_CANCELLED),
    meeting.MeetingConfirmed: Place(Lane.MEETING),
    meeting.MeetingTimeUnsuited: Place(mark=Mark.OTHER_TIME),
    plan.PlanAgreed: Place(Lane.PLAN),
    case.CaseEnrolmentRequested: Place(Lane.ACTIVITY),
    enrolment.EnrolmentOffered: Place(Lane.ACTIVITY, Mark.OFFERED),
    enrolment.EnrolmentAccepted: Place(Lane.ACTIVITY),
    enrolment.EnrolmentWaitlisted: Place(Lane.ACTIVITY, Mark.WAITLISTED),
    enrolment.EnrolmentDeclined: Place(Lane.ACTIVITY, Mark.DECLINED),
    enrolment.AttendanceRecorded: _came,
    followup.FollowUpDue: Place(Lane.FOLLOW_UP, Mark.FOLLOW_UP_DUE),
    followup.FollowUpDone: Place(Lane.FOLLOW_UP),
    followup.DeadlinePassed: Place(mark=Mark.OVERDUE),
    followup.FollowUpLapsed: Place(mark=Mark.OVERDUE),
    alarm.AlarmRaised: Place(mark=Mark.ACUTE),
    case.CasePaused: Place(mark=Mark.PAUSED),
    case.CaseResumed: _UNMARKED,
    plan.PlanRevised: Place(Lane.PLAN),
    blue_circle.NeedUnmet: Place(mark=Mark.NEED_UNMET),
    enrolment.EnrolmentExpired: Place(Lane.ACTIVITY, Mark.OFFER_EXPIRED),
    enrolment.AnotherTimeSuggested: Place(Lane.ACTIVITY, Mark.OTHER_TIME),
    enrolment.AttendanceMissing: Place(mark=Mark.UNREPORTED),
    case.CaseClosed: _ENDED,
    referral.ReferralClosed: _ENDED,
    referral.ReferralDeclined: _ENDED,
    referral.ReferralCancelled: _ENDED,
    referral.ReferralRedirected: _ENDED,
    referral.ReferralEnteredInError: _ENDED,
    message.FeedbackSent: _told,
}


def place(fact: Fact) -> Place:
    """Where this fact puts a referral; an empty place leaves it where it is."""
    found = _PLACES.get(type(fact), _NOWHERE)
    return found if isinstance(found, Place) else found(fact)


def place_in_line(event: Event[Any]) -> str:
    """Orders events of the same moment, as all of one transaction are: by their number in their aggregate."""
    return f"{event.sequence:09d} {event.id.hex}"


def advance(card: Card, event: Event[Any], by: str) -> None:
    """Carry a card one event further, whatever order events arrive in. `by` is its `place_in_line`."""
    fact, time = event.data, event.time
    if card.organisation is None:
        card.organisation = getattr(fact, "organisation", None)
    if card.received is None or time < card.received:
        card.received = time
    if _later(card.stepped, card.latest, time, by):
        card.step, card.stepped, card.latest = f"{fact.NOUN}.{fact.FACT}", time, by
    if type(fact) in _GIVEN:
        # The navigator's own events, which it always reads in order.
        card.team, card.worker = fact.team, getattr(fact, "worker", None)
    over = card.outcome is not None
    if type(fact) in _OUTCOMES:
        card.outcome = _OUTCOMES[type(fact)](fact)
    _move(card, place(fact), time, by, over)


_GIVEN = frozenset({case.CaseQueued, case.CaseAssigned, case.CaseClaimed, case.CaseReassigned})
# The case closes with the same outcome as its referral, whichever is heard first.
_OUTCOMES: dict[type[Fact], Callable[[Any], str]] = {
    case.CaseClosed: lambda fact: fact.outcome.value,
    referral.ReferralClosed: lambda fact: fact.outcome.value,
    referral.ReferralDeclined: lambda fact: (
        (CaseOutcome.SCREENED_OUT if fact.screened_out else CaseOutcome.OUTSIDE_REMIT).value
    ),
    referral.ReferralCancelled: lambda _: CaseOutcome.CANCELLED.value,
    referral.ReferralRedirected: lambda _: CaseOutcome.REDIRECTED.value,
    referral.ReferralEnteredInError: lambda _: CaseOutcome.ENTERED_IN_ERROR.value,
}


def _move(card: Card, to: Place, time: datetime, by: str, over: bool) -> None:
    """Closed is closed: only word to the referrer changes a card after that. `over`: it has ended."""
    told = card.mark is Mark.REFERRER_TOLD
    if to.mark is Mark.REFERRER_TOLD:
        card.lane, card.mark = Lane.CLOSED, Mark.REFERRER_TOLD
        return
    if to is _NOWHERE or (over and to.lane is not Lane.CLOSED):
        return
    first_closing = to.lane is Lane.CLOSED and not over
    if to.lane and (first_closing or _later(card.placed, card.placed_by, time, by)):
        card.placed, card.placed_by = time, by
        if not told:
            card.lane = to.lane
    if first_closing or _later(card.marked, card.marked_by, time, by):
        card.marked, card.marked_by = time, by
        if not told:
            card.mark = to.mark


def _later(then: datetime | None, then_by: str, time: datetime, by: str) -> bool:
    return then is None or time > then or (time == then and by > then_by)


def kept(fact: Fact) -> dict[str, Any]:
    """What the timeline keeps of a fact."""
    told = {name: value for name in KEPT[type(fact)] if (value := getattr(fact, name)) is not None}
    for counted in ("goals", "alternatives"):
        if counted in told:
            told[counted] = len(told[counted])  # how many; what they say is in the vault
    return told
