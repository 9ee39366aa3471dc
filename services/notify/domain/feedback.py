"""Feedback: the referrer hears back, at every point the pathway promises.

A person may take back that their referrer hears of them. The referrer still learns what is about their own
referral, that it was received and that it is over, and nothing of what became of the person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict

from pydantic import BaseModel, ConfigDict

from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.event import Fact
from sluss_contracts.message import (
    FeedbackAcknowledged,
    FeedbackDue,
    FeedbackIssued,
    FeedbackOverdue,
    FeedbackReceiver,
    FeedbackSent,
    FeedbackWithheld,
)
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import CaseOutcome, FeedbackPoint, Key, ShortText

CONSENT_WITHDRAWN = "consent_withdrawn"
ALWAYS_TOLD = frozenset({FeedbackPoint.ACCEPTANCE, FeedbackPoint.CLOSURE})
"""What is about the referrer's own referral, whatever the person has taken back."""
_ANOTHERS_BUSINESS = frozenset({CaseOutcome.CANCELLED, CaseOutcome.ENTERED_IN_ERROR})
"""Ends that one referrer decided, which are none for another who referred the same person."""


class Told(StrEnum):
    """What the referrer is told; each at most once about one referral."""

    ACCEPTED = "accepted"
    IN_LINE = "in_line"
    ASSIGNED = "assigned"
    PLAN_AGREED = "plan_agreed"
    CLOSED = "closed"


_POINT = {
    Told.ACCEPTED: FeedbackPoint.ACCEPTANCE,
    Told.IN_LINE: FeedbackPoint.ASSIGNMENT,
    Told.ASSIGNED: FeedbackPoint.ASSIGNMENT,
    Told.PLAN_AGREED: FeedbackPoint.PLAN,
    Told.CLOSED: FeedbackPoint.CLOSURE,
}


class Status(StrEnum):
    """Where one piece of feedback is. `OVERDUE` still goes out."""

    DUE = "due"
    OVERDUE = "overdue"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    WITHHELD = "withheld"


LIFECYCLE = Lifecycle(
    "feedback",
    {
        FeedbackDue: born(Status.DUE),
        FeedbackOverdue: move(Status.DUE, to=Status.OVERDUE),
        FeedbackSent: move(Status.DUE, Status.OVERDUE, to=Status.SENT),
        FeedbackWithheld: move(Status.DUE, Status.OVERDUE, to=Status.WITHHELD),
        FeedbackAcknowledged: move(Status.SENT, to=Status.ACKNOWLEDGED),
    },
    Status,
)


class _Names(TypedDict):
    feedback_id: str
    referral_id: str
    organisation: str
    point: FeedbackPoint


class Feedback(BaseModel):
    """State of one piece of feedback."""

    model_config = ConfigDict(frozen=True)

    feedback_id: str
    referral_id: str
    organisation: str
    point: FeedbackPoint
    told: Told
    outcome: CaseOutcome | None = None
    turn_to: str | None = None
    status: Status = Status.DUE


class Letterhead(BaseModel):
    """Whom the feedback goes to, as the vault knows them."""

    model_config = ConfigDict(frozen=True)

    submission_id: Key
    unit: ShortText
    person: ShortText | None = None


def tell(
    feedbacks: Mapping[str, Feedback],
    told: Told,
    *,
    pathway: Pathway,
    referral_id: str,
    organisation: str,
    since: datetime,
    new_id: str,
    outcome: CaseOutcome | None = None,
    turn_to: str | None = None,
    text: str | None = None,
) -> list[FeedbackDue]:
    """The referrer is to be told, once, if the pathway has the point.

    Nobody is told to stand in line when somebody has the case, and nothing more once it is over.
    """
    already = {each.told for each in feedbacks.values()}
    if told in already or Told.CLOSED in already or (told is Told.IN_LINE and Told.ASSIGNED in already):
        return []
    point = _POINT[told]
    if point not in pathway.feedback:
        return []
    return [
        FeedbackDue(
            feedback_id=new_id,
            referral_id=referral_id,
            organisation=organisation,
            point=point,
            status=told.value,
            due=since + timedelta(days=pathway.silence.feedback_sent),
            outcome=outcome,
            turn_to=turn_to,
            text=text,
        )
    ]


def silenced(told: FeedbackDue, silent: bool) -> list[FeedbackDue]:
    """What is left of it when the person has taken back (`silent`) that the referrer hears of them."""
    if not silent:
        return [told]
    if told.point not in ALWAYS_TOLD:
        return []
    return [told.model_copy(update={"outcome": None, "turn_to": None, "text": None})]


def tell_another(
    told: FeedbackDue, *, referral_id: str, organisation: str, new_id: str, silent: bool, not_before: datetime
) -> list[FeedbackDue]:
    """Another referred the same person: they are told the same in their own referral's name.

    Without the words meant for the first referrer: neither may learn of the other. When the first takes back
    its own referral the others are told nothing, since theirs go on as new ones. `not_before` is the earliest
    that it may be late: nobody was silent towards somebody who was not there.
    """
    if told.outcome in _ANOTHERS_BUSINESS:
        return []
    changed = {
        "feedback_id": new_id,
        "referral_id": referral_id,
        "organisation": organisation,
        "due": max(told.due, not_before),
        "text": None,
    }
    return silenced(told.model_copy(update=changed), silent)


def sent(feedback: Feedback | None) -> list[Fact]:
    """The referrer has been told, by whatever way."""
    if feedback is None or not LIFECYCLE.allows(feedback.status, FeedbackSent):
        return []
    return [FeedbackSent(**_names(feedback))]


def issue(feedback: Feedback | None, to: Letterhead, text: str | None, *, silent: bool = False) -> list[Fact]:
    """Tell the referrer on their own stream: what they read, and for the network that they can."""
    told = sent(feedback)
    if not told or feedback is None:
        return []
    issued = FeedbackIssued(
        **_names(feedback),
        submission_id=to.submission_id,
        to=FeedbackReceiver(unit=to.unit, person=to.person),
        status=feedback.told.value,
        outcome=None if silent else feedback.outcome,
        turn_to=None if silent else feedback.turn_to,
        text=None if silent else text,
    )
    return [issued, *told]


def acknowledge(feedback: Feedback | None) -> list[Fact]:
    """The referrer's side has fetched it."""
    if feedback is None or not LIFECYCLE.allows(feedback.status, FeedbackAcknowledged):
        return []
    return [FeedbackAcknowledged(**_names(feedback))]


def overdue(feedback: Feedback | None) -> list[Fact]:
    """The promised date has come and the referrer has not been told."""
    if feedback is None or not LIFECYCLE.allows(feedback.status, FeedbackOverdue):
        return []
    return [FeedbackOverdue(**_names(feedback))]


def withhold(feedbacks: Iterable[Feedback]) -> list[FeedbackWithheld]:
    """The person takes back that the referrer hears: what has not gone stays here, but for the end itself."""
    return [
        FeedbackWithheld(**_names(each), why=CONSENT_WITHDRAWN)
        for each in feedbacks
        if each.point not in ALWAYS_TOLD and LIFECYCLE.allows(each.status, FeedbackWithheld)
    ]


def case_is_closed(feedbacks: Mapping[str, Feedback]) -> bool:
    """Whether the referrer is told, or about to be, that the case is closed: nothing new starts then."""
    return any(each.told is Told.CLOSED for each in feedbacks.values())


def evolve(state: Feedback | None, fact: Fact) -> Feedback:
    """What a fact makes of a piece of feedback."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, FeedbackDue):
        return Feedback(
            feedback_id=fact.feedback_id,
            referral_id=fact.referral_id,
            organisation=fact.organisation,
            point=fact.point,
            told=Told(fact.status),
            outcome=fact.outcome,
            turn_to=fact.turn_to,
        )
    assert state is not None
    return state.model_copy(update={"status": status})


def _names(feedback: Feedback) -> _Names:
    return _Names(
        feedback_id=feedback.feedback_id,
        referral_id=feedback.referral_id,
        organisation=feedback.organisation,
        point=feedback.point,
    )


def point_of(told: Told) -> FeedbackPoint:
    """The point of the pathway at which this is told."""
    return _POINT[told]
