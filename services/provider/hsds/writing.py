"""This service's own events, into what the read API tells, in the transaction that says them.

The calendar's tables are written before these: they hold what is said of each activity to everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, bindparam, delete, literal_column, select, update

from services.provider.calendar.tables import told
from services.provider.domain.outside import digest
from services.provider.hsds import shapes
from services.provider.hsds.ids import id_of
from services.provider.hsds.rendering import named_in, organization_id, service_in, taxonomy_of
from services.provider.hsds.tables import organizations, services, taxonomies, terms
from services.provider.registry import service
from services.runtime.rows import new_row, upsert
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityProposed,
    ActivityPublished,
    ProviderAmended,
    ProviderRegistered,
)
from sluss_contracts.event import Event
from sluss_contracts.moderation import ProviderProposed
from sluss_contracts.outside_record import OutsideRecordKept, RecordKind
from sluss_contracts.schedule import ActivityScheduleSet, Timetable

_none: ColumnElement[list[str]] = literal_column("'{}'::text[]")
_empty = {"terms": _none, "taxonomies": _none, "places": _none}
_named = services.c.activity == bindparam("named", type_=Text)

_KNOW_ACTIVITY = sql(
    upsert(
        new_row(services, "activity", "id", "provider", "modified").values(**_empty), "provider", "modified"
    )
)
_CARRIED = ("id", "document", "assumed", "digest", "modified")
_CARRY_SERVICE = sql(upsert(new_row(services, "activity", *_CARRIED).values(**_empty), *_CARRIED))
_CARRY_ORGANIZATION = sql(upsert(new_row(organizations, "provider", *_CARRIED), *_CARRIED))
_SET_TIMES = sql(
    update(services)
    .where(_named)
    .values({name: bindparam(name, type_=services.c[name].type) for name in ("timetable", "modified")})
)
_KNOW_PROVIDER = sql(upsert(new_row(organizations, "provider", "id", "modified"), "modified"))
_ROW = sql(
    select(services, told.c.told, organizations.c.id.label("organization_id"))
    .outerjoin(told, told.c.activity == services.c.activity)
    .outerjoin(organizations, organizations.c.provider == services.c.provider)
    .where(_named)
)
_INDEXED = ("terms", "taxonomies", "places")
_INDEX = sql(
    update(services)
    .where(_named)
    .values({name: bindparam(name, type_=services.c[name].type) for name in _INDEXED})
)
_FORGET_TERMS = sql(delete(terms).where(terms.c.named_by == bindparam("named", type_=Text)))
_FORGET_TAXONOMIES = sql(delete(taxonomies).where(taxonomies.c.named_by == bindparam("named", type_=Text)))
_NAME_TERM = sql(upsert(new_row(terms, "id", "named_by", "taxonomy", "document"), "taxonomy", "document"))
_NAME_TAXONOMY = sql(upsert(new_row(taxonomies, "id", "named_by", "document"), "document"))


@service.project(ProviderProposed, ProviderRegistered, ProviderAmended)
async def tell_organizations(tx: Tx, events: Sequence[Event[ProviderRegistered]]) -> None:
    """Who runs things; an id that came from elsewhere stays."""
    for each in events:
        provider = each.data.provider
        await tx.execute(_KNOW_PROVIDER, provider=provider, id=organization_id(provider), modified=each.time)


@service.project(ActivityProposed, ActivityPublished, ActivityAmended)
async def tell_services(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """What there is; an id that came from elsewhere stays."""
    for each in events:
        name = each.data.activity
        await tx.execute(
            _KNOW_ACTIVITY,
            activity=name,
            id=id_of("activity", name),
            provider=each.data.provider,
            modified=each.time,
        )
        await _index(tx, name)


@service.project(ActivityScheduleSet)
async def tell_times(tx: Tx, events: Sequence[Event[ActivityScheduleSet]]) -> None:
    """When they take place."""
    for each in events:
        said = each.data.model_dump(mode="json", include=set(Timetable.model_fields))
        await tx.execute(_SET_TIMES, named=each.data.activity, timetable=said, modified=each.time)


@service.project(OutsideRecordKept)
async def carry_records(tx: Tx, events: Sequence[Event[OutsideRecordKept]]) -> None:
    """What directories elsewhere say, beside what it became here."""
    for each in events:
        match each.data.kind:
            case RecordKind.SERVICE:
                await tx.execute(_CARRY_SERVICE, activity=each.data.name, **_carried(each))
                await _index(tx, each.data.name)
                await _name(tx, each.data.name, shapes.terms_in(each.data.document))
            case RecordKind.ORGANIZATION:
                await tx.execute(_CARRY_ORGANIZATION, provider=each.data.name, **_carried(each))
            case RecordKind.TAXONOMY_TERM:
                await _name(tx, each.data.record, [each.data.document])
            case RecordKind.TAXONOMY:
                await _name_taxonomy(tx, each.data.record, each.data.document)


def _carried(event: Event[OutsideRecordKept]) -> dict[str, Any]:
    said = event.data
    return {
        "id": str(said.document["id"]).lower(),
        "document": said.document,
        "assumed": said.assumed.model_dump(mode="json", exclude_defaults=True),
        "digest": digest(said.document),
        "modified": event.time,
    }


async def _index(tx: Tx, activity: str) -> None:
    row = await tx.row(_ROW, named=activity)
    assert row is not None, "it was written just now"
    named = dict(zip(_INDEXED, named_in(service_in(row)), strict=True))
    await tx.execute(_INDEX, named=activity, **named)


async def _name(tx: Tx, by: str, found: Any) -> None:
    """What a record names takes the place of what it named before."""
    await tx.execute(_FORGET_TERMS, named=by)
    await tx.execute(_FORGET_TAXONOMIES, named=by)
    for term in found:
        id, taxonomy = str(term["id"]).lower(), taxonomy_of(term)
        await tx.execute(_NAME_TERM, id=id, named_by=by, taxonomy=taxonomy, document=term)
        if isinstance(detail := term.get("taxonomy_detail"), dict):
            await _name_taxonomy(tx, by, detail)


async def _name_taxonomy(tx: Tx, by: str, document: dict[str, Any]) -> None:
    await tx.execute(_NAME_TAXONOMY, id=str(document["id"]).lower(), named_by=by, document=document)
