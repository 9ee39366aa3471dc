"""Feedback: the referrer hears back, at every point they were promised to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.notify.domain.deadline import PATIENCE
from sluss_contracts.event import Fact
from sluss_contracts.message import FeedbackDue, FeedbackIssued, FeedbackReceiver, FeedbackSent
from sluss_contracts.vocabulary import CaseOutcome, DeadlineKind, FeedbackPoint, Key, ShortText


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


class Feedback(BaseModel):
    """State of one piece of feedback."""

    model_config = ConfigDict(frozen=True)

    feedback_id: str
    referral_id: str
    organisation: str
    point: FeedbackPoint
    status: Told
    outcome: CaseOutcome | None = None
    sent: bool = False


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
    referral_id: str,
    organisation: str,
    since: datetime,
    new_id: str,
    outcome: CaseOutcome | None = None,
    text: str | None = None,
) -> list[FeedbackDue]:
    """The referrer is to be told, once. Nobody is told to stand in line when somebody has the case."""
    already = {each.status for each in feedbacks.values()}
    if told in already or (told is Told.IN_LINE and Told.ASSIGNED in already):
        return []
    return [
        FeedbackDue(
            feedback_id=new_id,
            referral_id=referral_id,
            organisation=organisation,
            point=_POINT[told],
            status=told.value,
            due=since + PATIENCE[DeadlineKind.FEEDBACK_SENT],
            outcome=outcome,
            text=text,
        )
    ]


def sent(feedback: Feedback | None) -> list[Fact]:
    """The referrer has been told, by whatever way."""
    if feedback is None or feedback.sent:
        return []
    return [
        FeedbackSent(
            feedback_id=feedback.feedback_id,
            referral_id=feedback.referral_id,
            organisation=feedback.organisation,
            point=feedback.point,
        )
    ]


def issue(feedback: Feedback | None, to: Letterhead, text: str | None) -> list[Fact]:
    """Tell the referrer on their own stream: what they read, and for the network that they can."""
    told = sent(feedback)
    if not told or feedback is None:
        return []
    issued = FeedbackIssued(
        feedback_id=feedback.feedback_id,
        referral_id=feedback.referral_id,
        organisation=feedback.organisation,
        point=feedback.point,
        submission_id=to.submission_id,
        to=FeedbackReceiver(unit=to.unit, person=to.person),
        status=feedback.status.value,
        outcome=feedback.outcome,
        text=text,
    )
    return [issued, *told]


def case_is_closed(feedbacks: Mapping[str, Feedback]) -> bool:
    """Whether the referrer is told, or about to be, that the case is closed: nothing new starts then."""
    return any(each.status is Told.CLOSED for each in feedbacks.values())


def evolve(state: Feedback | None, fact: Fact) -> Feedback:
    """What a fact makes of a piece of feedback."""
    if isinstance(fact, FeedbackDue):
        return Feedback(
            feedback_id=fact.feedback_id,
            referral_id=fact.referral_id,
            organisation=fact.organisation,
            point=fact.point,
            status=Told(fact.status),
            outcome=fact.outcome,
        )
    assert state is not None, "feedback is due before it is sent"
    return state.model_copy(update={"sent": True})
