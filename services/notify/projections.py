"""Events into this service's own tables: its own in the transaction that says them, others' as they come."""

from __future__ import annotations

from collections.abc import Sequence
from secrets import token_hex

from sqlalchemy import Table, Text, bindparam, null, update

from services.notify.domain.evaluation import ERASED
from services.notify.due_dates import (
    DEADLINE_PASSES,
    EVALUATION_DUE,
    EVALUATION_LAPSES,
    FOLLOW_UP,
    FOLLOW_UP_LAPSES,
)
from services.notify.registry import service
from services.notify.store import evaluations, feedbacks, instruments, link_workers, messages, organisations
from services.runtime.pathways import known_pathways, write_pathways
from services.runtime.rows import new_row, upsert
from services.runtime.tx import Statement, Tx, sql
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
    EvaluationScheduled,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.followup import (
    DeadlineMet,
    DeadlineMoved,
    DeadlineSet,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpScheduled,
)
from sluss_contracts.instruments import InstrumentPublished
from sluss_contracts.linkworker import LinkWorkerAmended, LinkWorkerRegistered
from sluss_contracts.message import (
    FeedbackDue,
    FeedbackSent,
    FeedbackWithheld,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageSuppressed,
)
from sluss_contracts.organisation import OrganisationAmended, OrganisationRegistered
from sluss_contracts.pathway import PathwayPublished


def _latest(table: Table, key: str, *columns: str) -> Statement:
    """What others say of one thing: the later event stands, in whichever order they come."""
    row = new_row(table, key, *columns, "sequence")
    later = table.c.sequence < row.excluded.sequence
    return sql(upsert(row, *columns, "sequence", where=later))


def _over(table: Table, key: str) -> Statement:
    """Nothing is left to carry."""
    this = update(table).where(table.c[key] == bindparam("over", type_=Text))
    return sql(this.values(state="over", holder=null(), held_until=null()))


_KNOW_ORGANISATION = _latest(organisations, "organisation", "name", "channel")
_KNOW_WORKER = _latest(link_workers, "worker", "name")
_CARRY_MESSAGE = sql(
    new_row(messages, "message_id", "referral_id", "event_id", "person", "cause", "template", "about")
)
_MESSAGE_IS_OVER = _over(messages, "message_id")
_CARRY_FEEDBACK = sql(
    new_row(
        feedbacks,
        "feedback_id",
        "referral_id",
        "event_id",
        "organisation",
        "status",
        "outcome",
        "text",
        "turn_to",
        "due",
    )
)
_FEEDBACK_IS_OVER = _over(feedbacks, "feedback_id")
_KNOW_INSTRUMENT = sql(upsert(new_row(instruments, "instrument", "version", "pack"), "pack"))
_evaluation = new_row(
    evaluations,
    *("evaluation_id", "export_id", "referral_id", "person", "instruments", "sent_by", "due", "lapses"),
)
_EVALUATE = sql(upsert(_evaluation, "due", "lapses"))
_EVALUATION = "update evaluation set status = $2 where evaluation_id = $1"


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


@service.project(FollowUpDue)
async def time_lapsing(tx: Tx, events: Sequence[Event[FollowUpDue]]) -> None:
    for each in events:
        if each.data.lapses:
            await tx.timers.set(FOLLOW_UP_LAPSES, each.data.followup_id, each.partitionkey, each.data.lapses)


@service.project(FollowUpDone, FollowUpCancelled)
async def forget_follow_ups(tx: Tx, events: Sequence[Event[FollowUpDone | FollowUpCancelled]]) -> None:
    for each in events:
        await tx.timers.clear(FOLLOW_UP, each.data.followup_id)
        await tx.timers.clear(FOLLOW_UP_LAPSES, each.data.followup_id)


@service.project(DeadlineSet, DeadlineMoved)
async def time_deadlines(tx: Tx, events: Sequence[Event[DeadlineSet | DeadlineMoved]]) -> None:
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
            "turn_to": each.data.turn_to,
            "due": each.data.due,
        }
        for each in events
    ]
    await tx.execute_many(_CARRY_FEEDBACK, rows)


@service.project(FeedbackSent, FeedbackWithheld)
async def take_feedback_off(tx: Tx, events: Sequence[Event[FeedbackSent | FeedbackWithheld]]) -> None:
    await tx.execute_many(_FEEDBACK_IS_OVER, [{"over": each.data.feedback_id} for each in events])


@service.absorb(InstrumentPublished)
async def know_instruments(tx: Tx, events: Sequence[Event[InstrumentPublished]]) -> None:
    rows = [
        {
            "instrument": each.data.instrument,
            "version": each.data.version,
            "pack": each.data.definition.model_dump(mode="json"),
        }
        for each in events
    ]
    await tx.execute_many(_KNOW_INSTRUMENT, rows)


@service.project(EvaluationScheduled)
async def time_evaluations(tx: Tx, events: Sequence[Event[EvaluationScheduled]]) -> None:
    rows = [
        {
            "evaluation_id": each.data.evaluation_id,
            # Random, and in no event: nobody outside can lead it back to the person.
            "export_id": token_hex(10),
            "referral_id": each.data.referral_id,
            "person": each.data.person,
            "instruments": list(each.data.instruments),
            "sent_by": each.data.sent_by.value,
            "due": each.data.due,
            "lapses": each.data.lapses,
        }
        for each in events
    ]
    await tx.execute_many(_EVALUATE, rows)
    for each in events:
        await tx.timers.set(EVALUATION_DUE, each.data.evaluation_id, each.partitionkey, each.data.due)


_EVALUATION_IS: dict[type[Fact], str] = {
    EvaluationDue: "due",
    EvaluationAnswered: "answered",
    EvaluationLapsed: "lapsed",
    EvaluationCancelled: "cancelled",
}


@service.project(EvaluationDue, EvaluationAnswered, EvaluationLapsed, EvaluationCancelled)
async def follow_evaluations(
    tx: Tx,
    events: Sequence[Event[EvaluationDue | EvaluationAnswered | EvaluationLapsed | EvaluationCancelled]],
) -> None:
    """Also ends what goes with one that is over: its due dates, and the links to answer it by. What is kept
    of a link tells whoever opens it that it is over; of somebody erased nothing is kept."""
    for each in events:
        id = each.data.evaluation_id
        await tx.execute(_EVALUATION, id, _EVALUATION_IS[type(each.data)])
        if isinstance(each.data, EvaluationDue):
            await tx.timers.set(EVALUATION_LAPSES, id, each.partitionkey, each.data.lapses)
            continue
        for kind in (EVALUATION_DUE, EVALUATION_LAPSES):
            await tx.timers.clear(kind, id)
        if isinstance(each.data, EvaluationAnswered):
            await tx.execute("update evaluation_link set used = true where evaluation_id = $1", id)
        elif isinstance(each.data, EvaluationCancelled) and each.data.why == ERASED:
            await tx.execute("delete from evaluation_link where evaluation_id = $1", id)


service.absorb(PathwayPublished)(write_pathways)
service.give = known_pathways
