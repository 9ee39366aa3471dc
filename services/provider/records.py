"""Records of directories elsewhere: from command or question to decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Text, and_, any_, bindparam, case, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.provider.calendar.tables import activities, told
from services.provider.calendar.tables import providers as entries
from services.provider.domain import outside
from services.provider.hsds.ids import record_of
from services.provider.hsds.tables import organizations, services
from services.provider.registry import ACTIVITY, OUTSIDE_RECORD, service
from services.provider.tables import providers
from services.runtime.decision import Decision, Done, NotAllowed
from services.runtime.service import Ctx, Held
from services.runtime.tables import aggregate
from services.runtime.tx import Tx, sql
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.outside_record import (
    BringInRecords,
    KeepOutsideRecord,
    ReadOutsideRecord,
    ReadOutsideRecords,
)
from sluss_contracts.outside_record import RecordKind
from sluss_contracts.vocabulary import Role

_BRING_IN = {Role.COORDINATOR, Role.OPERATOR}

_ids = bindparam("ids", type_=ARRAY(Text))
_SERVICES = sql(
    select(
        services.c.id,
        services.c.activity.label("name"),
        services.c.digest,
        activities.c.status,
        services.c.timetable.is_not(None).label("laid_out"),
    )
    .outerjoin(activities, activities.c.activity == services.c.activity)
    .where(services.c.id == any_(_ids))
    .order_by(services.c.activity)
)
_ORGANIZATIONS = sql(
    select(
        organizations.c.id,
        organizations.c.provider.label("name"),
        organizations.c.digest,
        case(
            (providers.c.provider.is_not(None), literal_column("'registered'")),
            else_=literal_column("'proposed'"),
        ).label("status"),
        literal_column("true").label("laid_out"),
    )
    .outerjoin(providers, providers.c.provider == organizations.c.provider)
    .where(organizations.c.id == any_(_ids))
    .order_by(organizations.c.provider)
)
_RECORDS = sql(
    select(aggregate.c.id, aggregate.c.key.label("name"), aggregate.c.state).where(
        aggregate.c.kind == literal_column("'outside_record'"), aggregate.c.id == any_(_ids)
    )
)
_id = bindparam("id", type_=Text)
_SERVICE = sql(
    select(
        services.c.document,
        services.c.assumed,
        services.c.timetable,
        told.c.told.label("offer"),
        aggregate.c.sequence,
    )
    .outerjoin(told, told.c.activity == services.c.activity)
    .outerjoin(
        aggregate,
        and_(
            aggregate.c.key == services.c.activity,
            aggregate.c.kind == literal_column(f"'{ACTIVITY.kind}'"),
            aggregate.c.id == services.c.activity,
        ),
    )
    .where(services.c.id == _id)
    .order_by(services.c.activity)
)
_ORGANIZATION = sql(
    select(
        organizations.c.document,
        organizations.c.assumed,
        entries.c.name,
        entries.c.kind,
        entries.c.area,
    )
    .outerjoin(entries, entries.c.provider == organizations.c.provider)
    .where(organizations.c.id == _id)
)
_NOTHING = dict.fromkeys(("document", "assumed", "offer", "timetable", "sequence"))


@service.command(KeepOutsideRecord, by=_BRING_IN)
def keep_outside_record(held: Held, command: KeepOutsideRecord, ctx: Ctx) -> Decision:
    return outside.keep(held.get(OUTSIDE_RECORD, command.record), command, ctx.now)


@service.together(BringInRecords, by=_BRING_IN)
def bring_in_records(command: BringInRecords) -> Sequence[Sequence[Command]]:
    return [each.commands for each in command.records]


@service.command(ReadOutsideRecords)
def read_outside_records(held: Held, question: ReadOutsideRecords, ctx: Ctx) -> Decision:
    _shown_to_those_who_bring_in(question.actor)
    return Done([], {"known": ctx.looked_up})


@read_outside_records.lookup
async def known(tx: Tx, questions: Sequence[ReadOutsideRecords]) -> dict[str, Any]:
    (question,) = questions
    found: dict[str, Any] = {}
    for kind, statement in ((RecordKind.SERVICE, _SERVICES), (RecordKind.ORGANIZATION, _ORGANIZATIONS)):
        wanted = _ids_of(kind, question.records)
        for row in await tx.fetch(statement, ids=wanted) if wanted else ():
            told = {name: row[name] for name in ("name", "digest", "laid_out")} | {"standing": row["status"]}
            found.setdefault(record_of(kind, row["id"]), told)
    others = [each for each in question.records if each not in found]
    for row in await tx.fetch(_RECORDS, ids=others) if others else ():
        state = outside.OutsideRecord.model_validate(row["state"])
        told = {"name": state.name, "digest": state.digest, "laid_out": True, "standing": None}
        found[row["id"]] = told
    return found


@service.command(ReadOutsideRecord)
def read_outside_record(held: Held, question: ReadOutsideRecord, ctx: Ctx) -> Decision:
    _shown_to_those_who_bring_in(question.actor)
    return Done([], dict(ctx.looked_up))


@read_outside_record.lookup
async def kept(tx: Tx, questions: Sequence[ReadOutsideRecord]) -> Mapping[str, Any]:
    (question,) = questions
    for id in _ids_of(RecordKind.SERVICE, [question.record]):
        if row := await tx.row(_SERVICE, id=id):
            return dict(row)
    for id in _ids_of(RecordKind.ORGANIZATION, [question.record]):
        if row := await tx.row(_ORGANIZATION, id=id):
            offer = {name: row[name] for name in ("name", "kind", "area")} if row["name"] else None
            told = {name: row[name] for name in ("document", "assumed")}
            return {**_NOTHING, **told, "offer": offer}
    return _NOTHING


def _ids_of(kind: RecordKind, records: Sequence[str]) -> list[str]:
    before = record_of(kind, "")
    return [each.removeprefix(before) for each in records if each.startswith(before)]


def _shown_to_those_who_bring_in(actor: Actor) -> None:
    if actor.role not in _BRING_IN:
        raise NotAllowed("what directories elsewhere say is told to coordinators and operators")
