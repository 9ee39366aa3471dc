"""This service's own events, into what the read API tells, in the transaction that says them.

The calendar's tables are written before these: they hold what is said of each activity to everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, any_, bindparam, delete, literal_column, select, update
from sqlalchemy.dialects.postgresql import ARRAY

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
_names = bindparam("names", type_=ARRAY(Text))
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
_ROWS = sql(
    select(services, told.c.told, organizations.c.id.label("organization_id"))
    .outerjoin(told, told.c.activity == services.c.activity)
    .outerjoin(organizations, organizations.c.provider == services.c.provider)
    .where(services.c.activity == any_(_names))
)
_INDEXED = ("terms", "taxonomies", "places")
_INDEX = sql(
    update(services)
    .where(_named)
    .values({name: bindparam(name, type_=services.c[name].type) for name in _INDEXED})
)
_FORGET_TERMS = sql(delete(terms).where(terms.c.named_by == any_(_names)))
_FORGET_TAXONOMIES = sql(delete(taxonomies).where(taxonomies.c.named_by == any_(_names)))
_NAME_TERM = sql(upsert(new_row(terms, "id", "named_by", "taxonomy", "document"), "taxonomy", "document"))
_NAME_TAXONOMY = sql(upsert(new_row(taxonomies, "id", "named_by", "document"), "document"))


@service.project(ProviderProposed, ProviderRegistered, ProviderAmended)
async def tell_organizations(tx: Tx, events: Sequence[Event[ProviderRegistered]]) -> None:
    """Who runs things; an id that came from elsewhere stays."""
    named = [(each.data.provider, each.time) for each in events]
    rows = [{"provider": it, "id": organization_id(it), "modified": at} for it, at in named]
    await tx.execute_many(_KNOW_PROVIDER, rows)


@service.project(ActivityProposed, ActivityPublished, ActivityAmended)
async def tell_services(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """What there is; an id that came from elsewhere stays."""
    rows = [
        {
            "activity": each.data.activity,
            "id": id_of("activity", each.data.activity),
            "provider": each.data.provider,
            "modified": each.time,
        }
        for each in events
    ]
    await tx.execute_many(_KNOW_ACTIVITY, rows)


@service.project(ActivityScheduleSet)
async def tell_times(tx: Tx, events: Sequence[Event[ActivityScheduleSet]]) -> None:
    """When they take place."""
    for each in events:
        said = each.data.model_dump(mode="json", include=set(Timetable.model_fields))
        await tx.execute(_SET_TIMES, named=each.data.activity, timetable=said, modified=each.time)


@service.project(OutsideRecordKept)
async def carry_records(tx: Tx, events: Sequence[Event[OutsideRecordKept]]) -> None:
    """What directories elsewhere say, beside what it became here."""
    of_services, of_organizations = [], []
    for each in events:
        match each.data.kind:
            case RecordKind.SERVICE:
                of_services.append({"activity": each.data.name, **_carried(each)})
            case RecordKind.ORGANIZATION:
                of_organizations.append({"provider": each.data.name, **_carried(each)})
    await tx.execute_many(_CARRY_SERVICE, of_services)
    await tx.execute_many(_CARRY_ORGANIZATION, of_organizations)


@service.project(OutsideRecordKept)
async def name_words(tx: Tx, events: Sequence[Event[OutsideRecordKept]]) -> None:
    """The terms and taxonomies that records name; what one names takes the place of what it named before."""
    named: dict[str, list[dict[str, Any]]] = {}
    of_taxonomies: list[dict[str, Any]] = []
    for said in (each.data for each in events):
        match said.kind:
            case RecordKind.SERVICE:
                named[said.name] = list(shapes.terms_in(said.document))
            case RecordKind.TAXONOMY_TERM:
                named[said.record] = [said.document]
            case RecordKind.TAXONOMY:
                of_taxonomies.append(_taxonomy(said.record, said.document))
    if named:
        await tx.execute(_FORGET_TERMS, names=sorted(named))
        await tx.execute(_FORGET_TAXONOMIES, names=sorted(named))
    for by, terms_named in named.items():
        details = (term.get("taxonomy_detail") for term in terms_named)
        of_taxonomies += [_taxonomy(by, each) for each in details if isinstance(each, dict)]
    await tx.execute_many(_NAME_TERM, [_term(by, each) for by, many in named.items() for each in many])
    await tx.execute_many(_NAME_TAXONOMY, of_taxonomies)


@service.project(ActivityProposed, ActivityPublished, ActivityAmended, OutsideRecordKept)
async def sort_services(
    tx: Tx, events: Sequence[Event[ActivityPublished] | Event[OutsideRecordKept]]
) -> None:
    """What each may be asked for by, once all that is said of it is written."""
    names = set()
    for said in (each.data for each in events):
        if not isinstance(said, OutsideRecordKept):
            names.add(said.activity)
        elif said.kind is RecordKind.SERVICE:
            names.add(said.name)
    if names:
        rows = await tx.fetch(_ROWS, names=sorted(names))
        found = (
            {"named": row["activity"], **dict(zip(_INDEXED, named_in(service_in(row)), strict=True))}
            for row in rows
        )
        await tx.execute_many(_INDEX, list(found))


def _carried(event: Event[OutsideRecordKept]) -> dict[str, Any]:
    said = event.data
    return {
        "id": str(said.document["id"]).lower(),
        "document": said.document,
        "assumed": said.assumed.model_dump(mode="json", exclude_defaults=True),
        "digest": digest(said.document),
        "modified": event.time,
    }


def _term(by: str, term: dict[str, Any]) -> dict[str, Any]:
    id = str(term["id"]).lower()
    return {"id": id, "named_by": by, "taxonomy": taxonomy_of(term), "document": term}


def _taxonomy(by: str, document: dict[str, Any]) -> dict[str, Any]:
    return {"id": str(document["id"]).lower(), "named_by": by, "document": document}
