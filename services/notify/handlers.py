"""What happens to a referral and in its case: from event to what is waited for, told and written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from services.notify.courses import LOCK, Known, course_of, courses_of, known_and_followed, known_courses
from services.notify.domain import deadline, evaluation, feedback, followup, message
from services.notify.domain.feedback import Told
from services.notify.registry import DEADLINE, EVALUATION, FEEDBACK, FOLLOWUP, MESSAGE, service
from services.notify.telling import catch_up, tell
from services.notify.waiting import expect, expect_receipt, meet
from services.notify.writing import write
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.case import CaseAssigned, CaseClaimed, CasePaused, CaseQueued, CaseReassigned
from sluss_contracts.event import Event
from sluss_contracts.meeting import ContactAttempted, MeetingBooked, MeetingMoved
from sluss_contracts.message import FeedbackDue, MessageAbout
from sluss_contracts.plan import PlanAgreed, PlanRevised
from sluss_contracts.referral import ReferralAccepted, ReferralHeld, ReferralLinked
from sluss_contracts.vocabulary import DeadlineKind, LinkKind, MessageTemplate

_TOLD_BEFORE = """
select feedback_id, referral_id, organisation, status, outcome, turn_to, due
from feedback where referral_id = any($1::text[]) order by number
"""


@service.on(ReferralHeld)
def wait_for_consent(held: Held, event: Event[ReferralHeld], ctx: Ctx) -> Decision:
    course = course_of(ctx, event.data.referral_id, event.data)
    if isinstance(course, Wait):
        return course
    return [
        *expect(held, course, DeadlineKind.CONSENT_ASKED, event.time),
        *([] if event.data.receipt_shown else expect_receipt(held, course, course.pathway.silence, event)),
    ]


def _needs_no_fetching(fact: ReferralAccepted | ReferralLinked) -> bool:
    """There is no receipt, or it has been read on the page where the referral was written."""
    return fact.renewed or fact.receipt_shown


@service.on(ReferralAccepted)
def tell_of_acceptance(held: Held, event: Event[ReferralAccepted], ctx: Ctx) -> Decision:
    course = course_of(ctx, event.data.referral_id, event.data)
    if isinstance(course, Wait):
        return course
    return [
        *meet(held, DeadlineKind.CONSENT_ASKED, course.referral_id),
        *(
            []
            if _needs_no_fetching(event.data)
            else expect_receipt(held, course, course.pathway.silence, event)
        ),
        *tell(held, ctx, course, Told.ACCEPTED, event.time),
    ]


@service.on(CaseQueued)
def tell_of_the_line(held: Held, event: Event[CaseQueued], ctx: Ctx) -> Decision:
    course = course_of(ctx, event.data.referral_id, event.data)
    if isinstance(course, Wait):
        return course
    return [
        *expect(held, course, DeadlineKind.CASE_CLAIMED, event.time),
        *tell(held, ctx, course, Told.IN_LINE, event.time),
    ]


@service.on(CaseAssigned, CaseClaimed, CaseReassigned)
def tell_of_the_link_worker(
    held: Held, event: Event[CaseAssigned | CaseClaimed | CaseReassigned], ctx: Ctx
) -> Decision:
    course = course_of(ctx, event.data.referral_id, event.data)
    if isinstance(course, Wait):
        return course
    handed_over = isinstance(event.data, CaseReassigned)
    invitation = (
        []
        if handed_over
        and any(each.template is MessageTemplate.INVITATION for each in held.all(MESSAGE).values())
        else write(
            held,
            ctx,
            course,
            MessageTemplate.INVITATION,
            str(event.id),
            MessageAbout(worker=event.data.worker),
        )
    )
    return [
        *meet(held, DeadlineKind.CASE_CLAIMED, course.referral_id),
        *expect(held, course, DeadlineKind.PERSON_REACHED, event.time),
        *tell(held, ctx, course, Told.ASSIGNED, event.time),
        *invitation,
    ]


@service.on(ContactAttempted)
def note_who_was_reached(held: Held, event: Event[ContactAttempted], ctx: Ctx) -> Decision:
    return deadline.meet_by_contact(held.all(DEADLINE), event.data.referral_id, event.data.outcome)


@service.on(MeetingBooked, MeetingMoved)
def confirm_the_meeting(held: Held, event: Event[MeetingBooked | MeetingMoved], ctx: Ctx) -> Decision:
    """Moved, it is confirmed anew, with its new time."""
    course = course_of(ctx, event.data.referral_id)
    if isinstance(course, Wait):
        return course
    about = MessageAbout(
        worker=event.data.worker,
        starts=event.data.starts,
        mode=event.data.mode,
        session=event.data.meeting_id,
    )
    return [
        # Nobody agrees on a time with somebody they have not reached.
        *meet(held, DeadlineKind.PERSON_REACHED, course.referral_id),
        *write(held, ctx, course, MessageTemplate.MEETING_BOOKED, str(event.id), about),
    ]


@service.on(PlanAgreed, PlanRevised)
def follow_the_plan_up(held: Held, event: Event[PlanAgreed | PlanRevised], ctx: Ctx) -> Decision:
    course = course_of(
        ctx, event.data.referral_id, event.data if isinstance(event.data, PlanAgreed) else None
    )
    if isinstance(course, Wait):
        return course
    if feedback.case_is_closed(held.all(FEEDBACK)):
        return []
    times, wanted = course.pathway.followups, course.pathway.evaluation
    return [
        *followup.schedule(held.all(FOLLOWUP), event.data, event.time, times, ctx.new_id),
        *evaluation.schedule(held.all(EVALUATION), event.data, event.time, wanted, ctx.new_id()),
        *tell(held, ctx, course, Told.PLAN_AGREED, event.time),
    ]


@service.on(CasePaused)
def leave_the_person_alone(held: Held, event: Event[CasePaused], ctx: Ctx) -> Decision:
    """Follow-ups and evaluations that come due meanwhile wait by themselves."""
    course = course_of(ctx, event.data.referral_id)
    if isinstance(course, Wait):
        return course
    until = course.paused_until
    if until is None:  # it has been resumed already
        return []
    return [
        *deadline.pause(held.all(DEADLINE).values(), until),
        *message.pause(held.all(MESSAGE).values()),
    ]


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """What referrers of followed referrals have been told, and the courses of those who follow."""

    told: Mapping[str, Sequence[FeedbackDue]]
    courses: Known


@service.on(ReferralLinked)
def tell_another_referrer(held: Held, event: Event[ReferralLinked], ctx: Ctx) -> Decision:
    """Somebody else referred the same person: they hear the same, from the beginning, in their own name."""
    link: ReferralLinked = event.data
    if link.how is not LinkKind.DUPLICATE_OF:
        return []
    if not ctx.given.knows(link.pathway, link.pathway_version):
        return Wait("pathway.published")
    known: ToldBefore = ctx.looked_up
    following = known.courses.followers.get(link.to, ())
    follower = next((each for each in following if each.referral_id == link.referral_id), None)
    if follower is None:  # taken back already, which came in the same batch
        return []
    silence = ctx.given.of(link.pathway, link.pathway_version).silence
    by = event.time + timedelta(days=silence.feedback_sent)
    return [
        *meet(held, DeadlineKind.CONSENT_ASKED, link.referral_id),
        *([] if _needs_no_fetching(link) else expect_receipt(held, follower, silence, event)),
        # Not where whoever told the first referrer in this batch has told this one too.
        *([] if held.all(FEEDBACK) else catch_up(ctx, follower, known.told.get(link.to, ()), by)),
    ]


@tell_another_referrer.lookup
async def told_before(tx: Tx, events: Sequence[Event[ReferralLinked]]) -> ToldBefore:
    followed = sorted({event.data.to for event in events})
    await tx.execute(LOCK, sorted({*followed, *(event.data.referral_id for event in events)}))
    told: dict[str, list[FeedbackDue]] = {}
    for row in await tx.fetch(_TOLD_BEFORE, followed):
        point = feedback.point_of(Told(row["status"]))
        told.setdefault(row["referral_id"], []).append(FeedbackDue(**dict(row), point=point))
    return ToldBefore(told, await courses_of(tx, set(followed)))


for _handler in (
    confirm_the_meeting,
    leave_the_person_alone,
):
    _handler.lookup(known_courses)
for _handler in (
    wait_for_consent,
    tell_of_acceptance,
    tell_of_the_line,
    tell_of_the_link_worker,
    follow_the_plan_up,
):
    _handler.lookup(known_and_followed)
