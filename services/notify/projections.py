"""Events into this service's own tables: its own in the transaction that says them, others' as they come."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Table, Text, bindparam, null, update
from sqlalchemy.dialects.postgresql import Insert, insert

from services.notify.handlers import DEADLINE_PASSES, FOLLOW_UP
from services.notify.registry import service
from services.notify.store import feedbacks, link_workers, messages, organisations
from services.runtime.pathways import known_pathways, write_pathways
from services.runtime.tx import Statement, Tx, sql
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
from sluss_contracts.pathway import PathwayPublished


def _new(table: Table, *columns: str) -> Insert:
    """A row of these columns, each given by a parameter of its name."""
    return insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})


def _latest(table: Table, key: str, *columns: str) -> Statement:
    """What others say of one thing: the later event stands, in whichever order they come."""
    row = _new(table, key, *columns, "sequence")
    newer = {name: row.excluded[name] for name in (*columns, "sequence")}
    return sql(
        row.on_conflict_do_update(
            index_elements=[key], set_=newer, where=table.c.sequence < row.excluded.sequence
        )
    )


def _over(table: Table, key: str) -> Statement:
    """Nothing is left to carry."""
    this = update(table).where(table.c[key] == bindparam("over", type_=Text))
    return sql(this.values(state="over", holder=null(), held_until=null()))


_KNOW_ORGANISATION = _latest(organisations, "organisation", "name", "channel")
_KNOW_WORKER = _latest(link_workers, "worker", "name")
_CARRY_MESSAGE = sql(
    _new(messages, "message_id", "referral_id", "event_id", "person", "cause", "template", "about")
)
_MESSAGE_IS_OVER = _over(messages, "message_id")
_CARRY_FEEDBACK = sql(
    _new(feedbacks, "feedback_id", "referral_id", "event_id", "organisation", "status", "outcome", "text")
)
_FEEDBACK_IS_OVER = _over(feedbacks, "feedback_id")


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
    await tx.execute_many(_MESSAGE_IS_OVER, [{"over": each.data.message_id} for each in events])


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
    await tx.execute_many(_FEEDBACK_IS_OVER, [{"over": each.data.feedback_id} for each in events])


service.absorb(PathwayPublished)(write_pathways)
service.give = known_pathways
