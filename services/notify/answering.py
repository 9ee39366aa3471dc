"""Answers to evaluations, by whichever way they come, and outside series: from command to decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any

from services.notify.courses import Known, courses_of
from services.notify.domain import deadline, evaluation, followup, links, series
from services.notify.domain.deadline import Deadline
from services.notify.domain.evaluation import Evaluation
from services.notify.domain.hours import TIME_ZONE
from services.notify.domain.outside import Taken, take
from services.notify.domain.rules import FOR_OTHERS, GUIDES, KEEPS_NUMBERS, must_be, must_be_theirs
from services.notify.domain.series import OwnNumbers
from services.notify.registry import EVALUATION, FOLLOWUP, SERIES, service
from services.notify.waiting import meet
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.command import Command
from sluss_contracts.commands.notify import (
    AnswerEvaluation,
    CompleteFollowUp,
    ImportEvaluations,
    ImportSeries,
    ReadEvaluationExport,
    ReadSeries,
    RecordEvaluation,
)
from sluss_contracts.instruments import Pack, pack_of
from sluss_contracts.vocabulary import DeadlineKind, Role

_PACKS = "select pack from instrument"
_STATES = """
select e.export_id, e.evaluation_id, a.state from evaluation e
join aggregate a on a.key = e.referral_id and a.kind = 'evaluation' and a.id = e.evaluation_id
"""
_BY_EXPORT = f"{_STATES} where e.export_id = any($1::text[]) for update of a"
_BY_LINK = f"{_STATES} where e.evaluation_id = $1 for update of a"
_WAITED = "select state from aggregate where key = $1 and kind = 'deadline' and id = $2"
_LINK = "select evaluation_id, expires, used from evaluation_link where token_hash = $1 for update"
_TO_SEND = """
select export_id, instruments, due from evaluation
where sent_by = 'outside' and status in ('scheduled', 'due') and due <= $1 order by due, export_id
"""
_OWN = """
select count(*) filter (where began >= $2 and began < $3) as referrals,
  count(*) filter (where outcome = 'completed' and ended >= $2 and ended < $3) as completed
from course where area = $1
"""


@dataclass(frozen=True, slots=True)
class Linked:
    """What a one-time link leads to, and the instruments there are."""

    link: links.Link | None
    evaluation: Evaluation | None
    deadlines: Mapping[str, Deadline]
    packs: Sequence[Pack]


@service.command(CompleteFollowUp, by=GUIDES | FOR_OTHERS)
def complete_followup(held: Held, command: CompleteFollowUp, ctx: Ctx) -> Decision:
    known: Known = ctx.looked_up
    must_be_theirs(command.actor, known.rows.get(command.referral_id, {}).get("worker"))
    return followup.complete(held.get(FOLLOWUP, command.followup_id), command)


@complete_followup.lookup
async def whose_case(tx: Tx, commands: Sequence[Command]) -> Known:
    return await courses_of(tx, {command.partition_key for command in commands})


@service.command(AnswerEvaluation, by={Role.PERSON})
def answer_evaluation(held: Held, command: AnswerEvaluation, ctx: Ctx) -> Decision:
    """The link itself is what gives the right to answer: nobody else has it, and it is used once."""
    found: Linked = ctx.looked_up
    links.must_be_good(found.link, ctx.now)
    answered = evaluation.answer(found.evaluation, command.answers, evaluation.LINK, found.packs)
    about = found.evaluation.evaluation_id if found.evaluation else ""
    return [*answered, *deadline.meet(found.deadlines, DeadlineKind.EVALUATION_ANSWERED, about)]


@answer_evaluation.lookup
async def what_it_leads_to(tx: Tx, commands: Sequence[AnswerEvaluation]) -> Linked:
    (command,) = commands
    link = await tx.row(_LINK, links.hash_of(command.token))
    row = await tx.row(_BY_LINK, link["evaluation_id"]) if link else None
    state = Evaluation.model_validate(row["state"]) if row else None
    good = links.Link(expires=link["expires"], used=link["used"]) if link else None
    deadlines: dict[str, Deadline] = {}
    if state:
        name = deadline.name_of(DeadlineKind.EVALUATION_ANSWERED, state.evaluation_id)
        waited = await tx.value(_WAITED, state.referral_id, name)
        deadlines = {name: Deadline.model_validate(waited)} if waited else {}
    return Linked(good, state, deadlines, await published_packs(tx))


@service.command(RecordEvaluation, by={Role.LINK_WORKER, Role.COORDINATOR})
def record_evaluation(held: Held, command: RecordEvaluation, ctx: Ctx) -> Decision:
    """Volunteers see no measures, so they write none down."""
    known, packs = ctx.looked_up
    must_be_theirs(command.actor, known.rows.get(command.referral_id, {}).get("worker"))
    found = held.get(EVALUATION, command.evaluation_id)
    answered = evaluation.answer(found, command.answers, command.how, packs)
    waited = meet(held, DeadlineKind.EVALUATION_ANSWERED, command.evaluation_id) if answered else []
    return [*answered, *waited]


@record_evaluation.lookup
async def whose_case_and_packs(tx: Tx, commands: Sequence[Command]) -> tuple[Known, Sequence[Pack]]:
    return await whose_case(tx, commands), await published_packs(tx)


@service.command(ReadEvaluationExport)
def read_evaluation_export(held: Held, question: ReadEvaluationExport, ctx: Ctx) -> Decision:
    must_be(question.actor, one_of=KEEPS_NUMBERS)
    rows, packs = ctx.looked_up
    asked = sorted({instrument for row in rows for instrument in row["instruments"]})
    newest = [pack_of(instrument, published=packs) for instrument in asked]
    return Done([], {"rows": rows, "instruments": [_asks(pack) for pack in newest]})


@read_evaluation_export.lookup
async def what_to_send(
    tx: Tx, questions: Sequence[ReadEvaluationExport]
) -> tuple[list[dict[str, Any]], Sequence[Pack]]:
    (question,) = questions
    rows = [
        {
            "export_id": row["export_id"],
            "instruments": row["instruments"],
            # The day alone: a moment would lead back to when somebody agreed on a plan.
            "due": row["due"].astimezone(TIME_ZONE).date().isoformat(),
        }
        for row in await tx.fetch(_TO_SEND, question.until)
    ]
    return rows, await published_packs(tx)


def _asks(pack: Pack) -> dict[str, Any]:
    return {"instrument": pack.instrument, "version": pack.version, "items": list(pack.by_item)}


@dataclass(frozen=True, slots=True)
class Exported:
    """Evaluations by the ids an outside distributor knows, and the instruments there are."""

    evaluations: Mapping[str, Evaluation]
    packs: Sequence[Pack]


@service.command(ImportEvaluations, by=KEEPS_NUMBERS)
def import_evaluations(held: Held, command: ImportEvaluations, ctx: Ctx) -> Decision:
    known: Exported = ctx.looked_up
    taken: Taken = take(command.rows, known.evaluations, known.packs)
    faults = [fault.model_dump() for fault in taken.faults]
    counted = {"answered": len(taken.facts), "unchanged": taken.unchanged}
    return Done(taken.facts, {**counted, "faults": faults})


@import_evaluations.lookup
async def who_was_asked(tx: Tx, commands: Sequence[ImportEvaluations]) -> Exported:
    (command,) = commands
    ids = sorted({row.export_id for row in command.rows})
    rows = await tx.fetch(_BY_EXPORT, ids)
    found = {row["export_id"]: Evaluation.model_validate(row["state"]) for row in rows}
    return Exported(found, await published_packs(tx))


@service.command(ImportSeries, by=KEEPS_NUMBERS)
def import_series(held: Held, command: ImportSeries, ctx: Ctx) -> Decision:
    return series.import_(held.get(SERIES, command.series), command)


@service.command(ReadSeries)
def read_series(held: Held, question: ReadSeries, ctx: Ctx) -> Decision:
    must_be(question.actor, one_of=KEEPS_NUMBERS)
    return Done([], series.beside(held.get(SERIES, question.series), ctx.looked_up))


@read_series.lookup
async def our_own_numbers(tx: Tx, questions: Sequence[ReadSeries]) -> list[OwnNumbers]:
    (question,) = questions
    state = await tx.value(
        "select state from aggregate where kind = 'series' and id = $1 and key = $1", question.series
    )
    if state is None:
        return []
    known = series.Series.model_validate(state)
    found = []
    for point in known.points:
        begins = datetime.combine(point.starts, time(), TIME_ZONE).astimezone(UTC)
        ends = datetime.combine(point.ends + timedelta(days=1), time(), TIME_ZONE).astimezone(UTC)
        row = await tx.row(_OWN, known.area, begins, ends)
        found.append(OwnNumbers.model_validate(dict(row or {})))
    return found


async def published_packs(tx: Tx) -> Sequence[Pack]:
    """Instruments the network has published besides those that are shipped."""
    return [Pack.model_validate(row["pack"], extra="ignore") for row in await tx.fetch(_PACKS)]
