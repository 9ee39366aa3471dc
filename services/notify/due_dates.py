"""Time going by: what comes due, what passes in silence, and when to remind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.notify.appointments import (
    HOST_INTRODUCTION,
    MEETING_REMINDER,
    SESSION_REMINDER,
    Appointed,
    Row,
    appointed,
)
from services.notify.courses import course_of, known_courses
from services.notify.domain import deadline, evaluation, feedback, followup
from services.notify.domain.course import Course
from services.notify.registry import DEADLINE, EVALUATION, FEEDBACK, FOLLOWUP, service
from services.notify.waiting import expect, meet
from services.notify.writing import write
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.evaluation import EvaluationDue
from sluss_contracts.event import Fact
from sluss_contracts.followup import FollowUpDue
from sluss_contracts.message import MessageAbout
from sluss_contracts.pathway import SentBy
from sluss_contracts.vocabulary import DeadlineKind, MeetingMode, MessageTemplate

FOLLOW_UP = "followup"
"""Timer of a follow-up's due date."""
FOLLOW_UP_LAPSES = "followup_lapses"
DEADLINE_PASSES = "deadline"
"""Timer of a deadline."""
_LOOKED = """
select r.referral_id, f.looked
from (select referral_id, organisation from course union select referral_id, organisation from follower) r
join fetched f using (organisation) where r.referral_id = any($1::text[])
"""
"""A referral that another is worked on for has no course of its own, and its organisation fetches all the
same."""
EVALUATION_DUE = "evaluation"
EVALUATION_LAPSES = "evaluation_lapses"


@service.timer(FOLLOW_UP)
def follow_up(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    course = course_of(ctx, timer.key)
    if isinstance(course, Wait):
        return course
    due = followup.come_due(
        held.get(FOLLOWUP, timer.id),
        ctx.now,
        course.pathway.followups,
        goals_ahead=course.goals_ahead,
        paused_until=course.paused_until,
    )
    asked = [
        queued
        for fact in due
        if isinstance(fact, FollowUpDue)
        for queued in write(held, ctx, course, MessageTemplate.FOLLOW_UP, timer.id, MessageAbout())
    ]
    return [*due, *asked]


@service.timer(FOLLOW_UP_LAPSES)
def give_a_follow_up_up(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    return followup.lapse(held.get(FOLLOWUP, timer.id))


@service.timer(EVALUATION_DUE)
def evaluate(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """Whoever gets the link from here is waited for; an outside distributor counts its own."""
    course = course_of(ctx, timer.key)
    if isinstance(course, Wait):
        return course
    due = evaluation.come_due(held.get(EVALUATION, timer.id), ctx.now, paused_until=course.paused_until)
    if not any(isinstance(fact, EvaluationDue) and fact.sent_by is SentBy.NETWORK for fact in due):
        return due
    about = MessageAbout(link=timer.id)
    return [
        *due,
        *expect(held, course, DeadlineKind.EVALUATION_ANSWERED, ctx.now, about=timer.id),
        *write(held, ctx, course, MessageTemplate.EVALUATION, timer.id, about),
    ]


@service.timer(EVALUATION_LAPSES)
def give_an_evaluation_up(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    lapsed = evaluation.lapse(held.get(EVALUATION, timer.id))
    return [*lapsed, *(meet(held, DeadlineKind.EVALUATION_ANSWERED, timer.id) if lapsed else [])]


@dataclass(frozen=True, slots=True)
class Fetching:
    """Since when it is known how far each referring organisation has fetched, by referral."""

    looked: dict[str, datetime]


@service.timer(DEADLINE_PASSES)
def notice_silence(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """A receipt counts as not fetched only when somebody has looked after its date."""
    late = held.get(DEADLINE, timer.id)
    passed = deadline.pass_by(late, ctx.now)
    if late is None or not passed:
        return []
    if late.kind is DeadlineKind.RECEIPT_FETCHED:
        looked = ctx.looked_up.looked.get(timer.key)
        if looked is None or looked < late.due:
            return Wait("partner_stream_looked_at")
    if late.kind is DeadlineKind.FEEDBACK_SENT and late.about:
        return [*passed, *feedback.overdue(held.get(FEEDBACK, late.about))]
    return passed


@notice_silence.lookup
async def how_far_is_known(tx: Tx, timers: Sequence[Timer]) -> Fetching:
    receipts = [timer.key for timer in timers if timer.id.startswith(DeadlineKind.RECEIPT_FETCHED.value)]
    if not receipts:
        return Fetching({})
    rows = await tx.fetch(
        _LOOKED,
        receipts,
    )
    return Fetching({row["referral_id"]: row["looked"] for row in rows})


@service.timer(MEETING_REMINDER)
def remind_of_the_meeting(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    known: Appointed = ctx.looked_up
    meeting = known.meetings.get(timer.id)
    if meeting is None or meeting["over"] or meeting["starts"] <= ctx.now:
        return []
    about = MessageAbout(
        worker=meeting["worker"],
        starts=meeting["starts"],
        mode=MeetingMode(meeting["mode"]),
        session=timer.id,
    )
    return _remind(held, ctx, timer, MessageTemplate.MEETING_REMINDER, timer.id, about)


@service.timer(SESSION_REMINDER)
def remind_of_the_session(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    place = _coming(timer, ctx)
    if place is None or place["starts"] is None:
        return []
    # A session that is moved is reminded of anew.
    cause = f"{timer.id}-{place['starts']:%Y%m%dT%H%M}"
    return _remind(held, ctx, timer, MessageTemplate.SESSION_REMINDER, cause, _of(place, host=False))


@service.timer(HOST_INTRODUCTION)
def introduce_the_host(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    place = _coming(timer, ctx)
    if place is None or place["host"] is None:
        return []
    return _remind(held, ctx, timer, MessageTemplate.HOST_INTRODUCTION, timer.id, _of(place, host=True))


def _coming(timer: Timer, ctx: Ctx) -> Row | None:
    """The place, if the person still takes part and has not been there yet."""
    known: Appointed = ctx.looked_up
    place = known.places.get(timer.id)
    if place is None or place["over"] or known.called_off(place):
        return None
    return None if place["starts"] and place["starts"] <= ctx.now else place


def _of(place: Row, *, host: bool) -> MessageAbout:
    return MessageAbout(
        starts=place["starts"],
        host=place["host"] if host else None,
        activity=place["activity"],
        provider=place["provider"],
        session=place["first_session"],
    )


def _remind(
    held: Held, ctx: Ctx, timer: Timer, template: MessageTemplate, cause: str, about: MessageAbout
) -> list[Fact] | Wait:
    course: Course | Wait = course_of(ctx, timer.key, known=ctx.looked_up.courses)
    return course if isinstance(course, Wait) else write(held, ctx, course, template, cause, about)


for _handler in (follow_up, evaluate):
    _handler.lookup(known_courses)
for _handler in (remind_of_the_meeting, remind_of_the_session, introduce_the_host):
    _handler.lookup(appointed)
