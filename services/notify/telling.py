"""From something that has happened to what referrers are told: the one who referred, and any who did too."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from services.notify.domain import deadline, feedback
from services.notify.domain.course import Course, Follower
from services.notify.domain.feedback import Told
from services.notify.registry import FEEDBACK
from services.runtime.service import Ctx, Held
from sluss_contracts.event import Fact
from sluss_contracts.message import FeedbackDue
from sluss_contracts.vocabulary import CaseOutcome


def tell(
    held: Held,
    ctx: Ctx,
    course: Course,
    told: Told,
    since: datetime,
    *,
    outcome: CaseOutcome | None = None,
    turn_to: str | None = None,
    text: str | None = None,
) -> list[Fact]:
    """Feedback is due, and may not be forgotten."""
    # What the person has taken back from this referrer is for this one alone; others are judged each.
    due = feedback.tell(
        held.all(FEEDBACK),
        told,
        pathway=course.pathway,
        referral_id=course.referral_id,
        organisation=course.organisation,
        since=since,
        new_id=ctx.new_id(),
        outcome=outcome,
        turn_to=turn_to,
        text=text,
    )
    mine = [one for each in due for one in feedback.silenced(each, course.silent)]
    others = [
        one for follower in course.followers for each in due for one in _another(ctx, follower, each, since)
    ]
    return [*mine, *others, *(each for one in (*mine, *others) for each in deadline.of_feedback(one))]


def catch_up(ctx: Ctx, follower: Follower, told: Sequence[FeedbackDue], by: datetime) -> list[Fact]:
    """What the followed referral's own referrer has been told by now; this one hears it by that moment."""
    due = [one for each in told for one in _another(ctx, follower, each, by)]
    return [*due, *(each for one in due for each in deadline.of_feedback(one))]


def _another(ctx: Ctx, follower: Follower, told: FeedbackDue, not_before: datetime) -> list[FeedbackDue]:
    return feedback.tell_another(
        told,
        referral_id=follower.referral_id,
        organisation=follower.organisation,
        new_id=ctx.new_id(),
        silent=follower.silent,
        not_before=not_before,
    )
