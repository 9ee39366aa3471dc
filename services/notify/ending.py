"""The end: nobody is waited for, asked or written to any more, and whoever referred is told, each once.

A case tells of its own end. What ends without one, declined or refused by the person before it was taken on,
is told of by the referral itself; and so is what is taken back or sent elsewhere, a duplicate or not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from services.notify.courses import LOCK, Known, course_of, courses_of, key_of, known_and_followed
from services.notify.domain import deadline, evaluation, followup, message
from services.notify.domain.course import Course
from services.notify.domain.feedback import Told
from services.notify.registry import DEADLINE, EVALUATION, FOLLOWUP, MESSAGE, service
from services.notify.telling import tell
from services.notify.waiting import meet
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.case import CaseClosed
from sluss_contracts.event import Event, Fact
from sluss_contracts.referral import (
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralRedirected,
)
from sluss_contracts.vocabulary import CaseOutcome, DeadlineKind, MessageTemplate

_HANG_ON = """
select f.referral_id, f.followed, f.organisation, coalesce(p.silent, false) as silent
from follower f left join purpose p using (referral_id) where f.referral_id = any($1::text[])
"""


@service.on(CaseClosed)
def tell_of_closure(held: Held, event: Event[CaseClosed], ctx: Ctx) -> Decision:
    course = course_of(ctx, event.data.referral_id, event.data)
    if isinstance(course, Wait):
        return course
    fact = event.data
    return _end(held, ctx, course, event, fact.outcome, turn_to=fact.turn_to, text=fact.feedback_text)


@service.on(ReferralDeclined)
def tell_that_it_is_not_for_us(held: Held, event: Event[ReferralDeclined], ctx: Ctx) -> Decision:
    """Over at once, with a case or without."""
    course = course_of(ctx, event.data.referral_id)
    if isinstance(course, Wait):
        return course
    outcome = CaseOutcome.SCREENED_OUT if event.data.screened_out else CaseOutcome.OUTSIDE_REMIT
    return _end(held, ctx, course, event, outcome, turn_to=event.data.turn_to)


@service.on(ReferralClosed)
def tell_of_the_end_without_a_case(held: Held, event: Event[ReferralClosed], ctx: Ctx) -> Decision:
    """Whoever says no, or is erased, before they were taken on never has a case. Where there is one its own
    end tells, with the words meant for the referrer: which of the two is heard first, nobody knows."""
    course = course_of(ctx, event.data.referral_id)
    if isinstance(course, Wait):
        return course
    return [] if course.accepted else _end(held, ctx, course, event, event.data.outcome)


@dataclass(frozen=True, slots=True)
class Gone:
    """The courses of what ends by itself, and which of it hung on to another referral."""

    courses: Known
    duplicates: Mapping[str, Mapping[str, Any]]


_OUTCOMES: Mapping[type[Fact], CaseOutcome] = {
    ReferralCancelled: CaseOutcome.CANCELLED,
    ReferralEnteredInError: CaseOutcome.ENTERED_IN_ERROR,
    ReferralRedirected: CaseOutcome.REDIRECTED,
}


@service.on(ReferralCancelled, ReferralEnteredInError, ReferralRedirected)
def tell_that_it_is_gone(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
    """Taken back or sent elsewhere: over at once, and of a duplicate as of any. A silence would tell its
    referrer that there is another."""
    course = _course_of_its_own(ctx, event.data.referral_id, ctx.looked_up)
    return course if isinstance(course, Wait) else _end(held, ctx, course, event, _OUTCOMES[type(event.data)])


def _course_of_its_own(ctx: Ctx, referral_id: str, known: Gone) -> Course | Wait:
    """A duplicate that was never held goes the way of the referral it hung on to, in its own name."""
    own = known.duplicates.get(referral_id)
    if own is None or referral_id in known.courses.rows:
        return course_of(ctx, referral_id, known=known.courses)
    course = course_of(ctx, own["followed"], known=known.courses)
    if isinstance(course, Wait):
        return course
    return replace(
        course,
        referral_id=referral_id,
        organisation=own["organisation"],
        silent=own["silent"],
        worker=None,
        followers=(),
    )


@tell_that_it_is_gone.lookup
async def what_it_hung_on_to(tx: Tx, events: Sequence[Event[Any]]) -> Gone:
    keys = {key_of(each) for each in events}
    duplicates = {row["referral_id"]: row for row in await tx.fetch(_HANG_ON, sorted(keys))}
    concerned = keys | {row["followed"] for row in duplicates.values()}
    # Whoever tells the followed one's referrer at this moment has told this one too, or sees it gone.
    await tx.execute(LOCK, sorted(concerned))
    return Gone(await courses_of(tx, concerned), duplicates)


def _end(
    held: Held,
    ctx: Ctx,
    course: Course,
    event: Event[Any],
    outcome: CaseOutcome,
    *,
    turn_to: str | None = None,
    text: str | None = None,
) -> list[Fact]:
    """The work is over: nobody is waited for, asked or written to any more, and the referrer is told."""
    return [
        *followup.close(held.all(FOLLOWUP).values()),
        *_evaluations(held, outcome),
        *deadline.close(held.all(DEADLINE).values()),
        *message.close(held.all(MESSAGE).values()),
        *tell(held, ctx, course, Told.CLOSED, event.time, outcome=outcome, turn_to=turn_to, text=text),
    ]


def _evaluations(held: Held, outcome: CaseOutcome) -> list[Fact]:
    """Those nobody is asked for after this end, and what went with them."""
    cancelled = evaluation.close(held.all(EVALUATION).values(), outcome)
    if not cancelled:
        return []
    return [
        *cancelled,
        *(
            met
            for fact in cancelled
            for met in meet(held, DeadlineKind.EVALUATION_ANSWERED, fact.aggregate_id)
        ),
        *message.hold_back(held.all(MESSAGE).values(), message.CASE_CLOSED, MessageTemplate.EVALUATION),
    ]


for _handler in (tell_of_closure, tell_that_it_is_not_for_us, tell_of_the_end_without_a_case):
    _handler.lookup(known_and_followed)
