"""Messages in: from event, command or due date to decision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.notify.domain import deadline, feedback, followup, message
from services.notify.domain.feedback import Told
from services.notify.registry import DEADLINE, FEEDBACK, FOLLOWUP, MESSAGE, service
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseQueued,
    ContactAttempted,
    MeetingBooked,
    PlanAgreed,
)
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.enrolment import (
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.message import MessageAbout
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import CaseOutcome, DeadlineKind, MessageTemplate

FOLLOW_UP = "followup"
"""Timer of a follow-up's due date."""
DEADLINE_PASSES = "deadline"
"""Timer of a deadline."""


@service.on(ReferralHeld)
def wait_for_consent(held: Held, event: Event[ReferralHeld], ctx: Ctx) -> Decision:
    return _expect(held, event, DeadlineKind.CONSENT_ASKED)


@service.on(ReferralAccepted)
def tell_of_acceptance(held: Held, event: Event[ReferralAccepted], ctx: Ctx) -> Decision:
    return [
        *deadline.meet(held.all(DEADLINE), DeadlineKind.CONSENT_ASKED, event.data.referral_id),
        *_tell(held, event, ctx, Told.ACCEPTED),
    ]


@service.on(CaseQueued)
def tell_of_the_line(held: Held, event: Event[CaseQueued], ctx: Ctx) -> Decision:
    return [
        *_expect(held, event, DeadlineKind.CASE_CLAIMED),
        *_tell(held, event, ctx, Told.IN_LINE),
    ]


@service.on(CaseAssigned, CaseClaimed)
def tell_of_the_link_worker(held: Held, event: Event[CaseAssigned | CaseClaimed], ctx: Ctx) -> Decision:
    return [
        *deadline.meet(held.all(DEADLINE), DeadlineKind.CASE_CLAIMED, event.data.referral_id),
        *_expect(held, event, DeadlineKind.PERSON_REACHED),
        *_tell(held, event, ctx, Told.ASSIGNED),
        *_write(held, event, ctx, MessageTemplate.INVITATION, MessageAbout(worker=event.data.worker)),
    ]


@service.on(ContactAttempted)
def note_who_was_reached(held: Held, event: Event[ContactAttempted], ctx: Ctx) -> Decision:
    return deadline.meet_by_contact(held.all(DEADLINE), event.data.referral_id, event.data.outcome)


@service.on(MeetingBooked)
def confirm_the_meeting(held: Held, event: Event[MeetingBooked], ctx: Ctx) -> Decision:
    about = MessageAbout(worker=event.data.worker, starts=event.data.starts, mode=event.data.mode)
    return [
        # Nobody agrees on a time with somebody they have not reached.
        *deadline.meet(held.all(DEADLINE), DeadlineKind.PERSON_REACHED, event.data.referral_id),
        *_write(held, event, ctx, MessageTemplate.MEETING_BOOKED, about),
    ]


@service.on(PlanAgreed)
def follow_the_plan_up(held: Held, event: Event[PlanAgreed], ctx: Ctx) -> Decision:
    return [
        *followup.schedule(held.all(FOLLOWUP), event.data, event.time, ctx.new_id()),
        *_tell(held, event, ctx, Told.PLAN_AGREED),
    ]


@service.on(EnrolmentOffered)
def wait_for_the_provider(held: Held, event: Event[EnrolmentOffered], ctx: Ctx) -> Decision:
    return _expect(
        held,
        event,
        DeadlineKind.OFFER_ANSWERED,
        about=event.data.enrolment_id,
        due=event.data.answer_by,
    )


@service.on(EnrolmentAccepted)
def confirm_the_activity(held: Held, event: Event[EnrolmentAccepted], ctx: Ctx) -> Decision:
    worker = message.worker_of(held.all(MESSAGE))
    about = MessageAbout(worker=worker, starts=event.data.starts, host=event.data.host)
    return [
        *deadline.meet(held.all(DEADLINE), DeadlineKind.OFFER_ANSWERED, event.data.enrolment_id),
        *_write(held, event, ctx, MessageTemplate.ACTIVITY_CONFIRMED, about),
    ]


@service.on(EnrolmentDeclined, EnrolmentEnded)
def wait_for_the_provider_no_more(
    held: Held, event: Event[EnrolmentDeclined | EnrolmentEnded], ctx: Ctx
) -> Decision:
    return deadline.meet(held.all(DEADLINE), DeadlineKind.OFFER_ANSWERED, event.data.enrolment_id)


@service.on(CaseClosed)
def tell_of_closure(held: Held, event: Event[CaseClosed], ctx: Ctx) -> Decision:
    return [
        *followup.close(held.all(FOLLOWUP).values()),
        *deadline.close(held.all(DEADLINE).values()),
        *message.close(held.all(MESSAGE).values()),
        *_tell(held, event, ctx, Told.CLOSED, outcome=event.data.outcome, text=event.data.feedback_text),
    ]


@service.timer(FOLLOW_UP)
def follow_up(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    due = followup.come_due(held.get(FOLLOWUP, timer.id))
    about = MessageAbout(worker=message.worker_of(held.all(MESSAGE)))
    asked = [
        queued
        for fact in due
        for queued in message.queue(
            held.all(MESSAGE),
            MessageTemplate.FOLLOW_UP,
            referral_id=fact.referral_id,
            person=fact.person,
            cause=fact.followup_id,
            about=about,
            new_id=ctx.new_id(),
            closed=feedback.case_is_closed(held.all(FEEDBACK)),
        )
    ]
    return [*due, *asked]


@service.timer(DEADLINE_PASSES)
def notice_silence(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    return deadline.pass_by(held.get(DEADLINE, timer.id))


@service.command(CompleteFollowUp)
def complete_followup(held: Held, command: CompleteFollowUp, ctx: Ctx) -> Decision:
    return followup.complete(held.get(FOLLOWUP, command.followup_id), command)


def _expect(
    held: Held,
    event: Event[Any],
    kind: DeadlineKind,
    *,
    about: str | None = None,
    due: datetime | None = None,
) -> list[Fact]:
    return deadline.expect(
        held.all(DEADLINE),
        kind,
        event.data.referral_id,
        about=about,
        since=event.time,
        due=due,
        closed=feedback.case_is_closed(held.all(FEEDBACK)),
    )


def _tell(
    held: Held,
    event: Event[Any],
    ctx: Ctx,
    told: Told,
    *,
    outcome: CaseOutcome | None = None,
    text: str | None = None,
) -> list[Fact]:
    """Feedback is due, and may not be forgotten."""
    due = feedback.tell(
        held.all(FEEDBACK),
        told,
        referral_id=event.data.referral_id,
        organisation=event.data.organisation,
        since=event.time,
        new_id=ctx.new_id(),
        outcome=outcome,
        text=text,
    )
    return [*due, *(expected for fact in due for expected in deadline.of_feedback(fact))]


def _write(
    held: Held, event: Event[Any], ctx: Ctx, template: MessageTemplate, about: MessageAbout
) -> list[Fact]:
    return message.queue(
        held.all(MESSAGE),
        template,
        referral_id=event.data.referral_id,
        person=event.data.person,
        cause=str(event.id),
        about=about,
        new_id=ctx.new_id(),
        closed=feedback.case_is_closed(held.all(FEEDBACK)),
    )
