"""Events into this service's own tables: its own in the transaction that says them, others' as they come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Integer, Text, Uuid, bindparam, null, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.notify.handlers import DEADLINE_PASSES, FOLLOW_UP
from services.notify.registry import service
from services.notify.store import feedbacks, link_workers, messages, organisations
from services.runtime.tx import Tx, sql
from sluss_contracts.event import Event
from sluss_contracts.followup import (
    DeadlineMet,
    DeadlineSet,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpScheduled,
)
from sluss_contracts.linkworker import LinkWorkerAmended, LinkWorkerRegistered
from sluss_contracts.message import (
    FeedbackDue,
    FeedbackSent,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
)
from sluss_contracts.organisation import OrganisationAmended, OrganisationRegistered

_organisation = insert(organisations).values(
    organisation=bindparam("organisation", type_=Text),
    name=bindparam("name", type_=Text),
    channel=bindparam("channel", type_=Text),
    sequence=bindparam("sequence", type_=Integer),
)
_KNOW_ORGANISATION = sql(
    _organisation.on_conflict_do_update(
        index_elements=["organisation"],
        set_={
            "name": _organisation.excluded.name,
            "channel": _organisation.excluded.channel,
            "sequence": _organisation.excluded.sequence,
        },
        where=organisations.c.sequence < _organisation.excluded.sequence,
    )
)
_worker = insert(link_workers).values(
    worker=bindparam("worker", type_=Text),
    name=bindparam("name", type_=Text),
    sequence=bindparam("sequence", type_=Integer),
)
_KNOW_WORKER = sql(
    _worker.on_conflict_do_update(
        index_elements=["worker"],
        set_={"name": _worker.excluded.name, "sequence": _worker.excluded.sequence},
        where=link_workers.c.sequence < _worker.excluded.sequence,
    )
)
_CARRY_MESSAGE = sql(
    insert(messages).values(
        message_id=bindparam("message_id", type_=Text),
        referral_id=bindparam("referral_id", type_=Text),
        event_id=bindparam("event_id", type_=Uuid),
        person=bindparam("person", type_=Text),
        cause=bindparam("cause", type_=Text),
        template=bindparam("template", type_=Text),
        about=bindparam("about", type_=JSONB),
    )
)
_MESSAGE_IS_OVER = sql(
    update(messages)
    .where(messages.c.message_id == bindparam("message", type_=Text))
    .values(state="over", holder=null(), held_until=null())
)
_CARRY_FEEDBACK = sql(
    insert(feedbacks).values(
        feedback_id=bindparam("feedback_id", type_=Text),
        referral_id=bindparam("referral_id", type_=Text),
        event_id=bindparam("event_id", type_=Uuid),
        organisation=bindparam("organisation", type_=Text),
        status=bindparam("status", type_=Text),
        outcome=bindparam("outcome", type_=Text),
        text=bindparam("text", type_=Text),
    )
)
_FEEDBACK_IS_OVER = sql(
    update(feedbacks)
    .where(feedbacks.c.feedback_id == bindparam("feedback", type_=Text))
    .values(state="over", holder=null(), held_until=null())
)


@service.absorb(OrganisationRegistered, OrganisationAmended)
async def know_organisations(tx: Tx, events: Sequence[Event[OrganisationRegistered]]) -> None:
    rows = [
        {
            "organisation": each.data.organisation,
            "name": each.data.name,
            "channel": each.data.feedback_channel.value,
            "sequence": each.sequence,
        }
        for each in events
    ]
    await tx.execute_many(_KNOW_ORGANISATION, rows)


@service.absorb(LinkWorkerRegistered, LinkWorkerAmended)
async def know_link_workers(tx: Tx, events: Sequence[Event[LinkWorkerRegistered]]) -> None:
    rows = [
        {"worker": each.data.worker, "name": each.data.name, "sequence": each.sequence} for each in events
    ]
    await tx.execute_many(_KNOW_WORKER, rows)


@service.project(FollowUpScheduled)
async def time_follow_ups(tx: Tx, events: Sequence[Event[FollowUpScheduled]]) -> None:
    for each in events:
        await tx.timers.set(FOLLOW_UP, each.data.followup_id, each.partitionkey, each.data.due)


@service.project(FollowUpDone, FollowUpCancelled)
async def forget_follow_ups(tx: Tx, events: Sequence[Event[FollowUpDone | FollowUpCancelled]]) -> None:
    for each in events:
        await tx.timers.clear(FOLLOW_UP, each.data.followup_id)


@service.project(DeadlineSet)
async def time_deadlines(tx: Tx, events: Sequence[Event[DeadlineSet]]) -> None:
    for each in events:
        await tx.timers.set(DEADLINE_PASSES, each.data.deadline_id, each.partitionkey, each.data.due)


@service.project(DeadlineMet)
async def forget_deadlines(tx: Tx, events: Sequence[Event[DeadlineMet]]) -> None:
    for each in events:
        await tx.timers.clear(DEADLINE_PASSES, each.data.deadline_id)


@service.project(MessageQueued)
async def hand_over_messages(tx: Tx, events: Sequence[Event[MessageQueued]]) -> None:
    rows = [
        {
            "message_id": each.data.message_id,
            "referral_id": each.data.referral_id,
            "event_id": each.id,
            "person": each.data.person,
            "cause": each.data.cause,
            "template": each.data.template.value,
            "about": each.data.about.model_dump(mode="json", exclude_none=True),
        }
        for each in events
    ]
    await tx.execute_many(_CARRY_MESSAGE, rows)


@service.project(MessageSent, MessageFailed, MessageSuppressed)
async def take_messages_off(
    tx: Tx, events: Sequence[Event[MessageSent | MessageFailed | MessageSuppressed]]
) -> None:
    await tx.execute_many(_MESSAGE_IS_OVER, [{"message": each.data.message_id} for each in events])


@service.project(FeedbackDue)
async def hand_over_feedback(tx: Tx, events: Sequence[Event[FeedbackDue]]) -> None:
    rows = [
        {
            "feedback_id": each.data.feedback_id,
            "referral_id": each.data.referral_id,
            "event_id": each.id,
            "organisation": each.data.organisation,
            "status": each.data.status,
            "outcome": each.data.outcome.value if each.data.outcome else None,
            "text": each.data.text,
        }
        for each in events
    ]
    await tx.execute_many(_CARRY_FEEDBACK, rows)


@service.project(FeedbackSent)
async def take_feedback_off(tx: Tx, events: Sequence[Event[FeedbackSent]]) -> None:
    await tx.execute_many(_FEEDBACK_IS_OVER, [{"feedback": each.data.feedback_id} for each in events])
