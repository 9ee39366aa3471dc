"""What the read API and the export read: services, organizations, terms, a page or one at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, any_, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.provider.calendar import tables as calendar
from services.provider.calendar.finding import SHOWN, words_of
from services.provider.calendar.writing import SWEDISH
from services.provider.hsds.rendering import organization_in, service_in
from services.provider.hsds.tables import organizations, services

Document = dict[str, Any]

MOST_NESTED = 500
"""So many services stand within an organization; whoever wants more asks for services, by organization."""


@dataclass(frozen=True)
class Asked:
    """What somebody wants to know. Every wish narrows it down further."""

    search: str = ""
    term: str | None = None
    taxonomy: str | None = None
    organization: str | None = None
    modified_after: datetime | None = None
    page: int = 1
    per_page: int = 50

    @property
    def offset(self) -> int:
        """How many come before this page."""
        return (self.page - 1) * self.per_page


@dataclass(frozen=True)
class Found:
    """One page."""

    total: int
    documents: Sequence[Document] = ()


@dataclass(frozen=True)
class Whole:
    """A service, and who runs it."""

    activity: str
    service: Document
    organization: Document | None
    modified: datetime
    places: Sequence[str] = ()


_WITH = (
    services.join(calendar.activities, calendar.activities.c.activity == services.c.activity)
    .join(calendar.told, calendar.told.c.activity == services.c.activity)
    .join(calendar.providers, calendar.providers.c.provider == services.c.provider)
    .outerjoin(organizations, organizations.c.provider == services.c.provider)
)
_ROW = (
    services,
    calendar.told.c.told,
    calendar.providers.c.name,
    calendar.providers.c.kind,
    calendar.providers.c.area,
    organizations.c.id.label("organization_id"),
    organizations.c.document.label("of_document"),
    organizations.c.assumed.label("of_assumed"),
)
"""What a service is written from. Joined to who is registered: nobody else's is told of."""


async def find_services(engine: AsyncEngine, asked: Asked) -> tuple[int, list[Whole]]:
    """How many there are that meet every wish, and a page of them."""
    async with engine.connect() as connection:
        met = _met(asked)
        total = await connection.scalar(select(func.count()).select_from(_WITH).where(*met))
        return total or 0, await _page(connection, met, asked.offset, asked.per_page)


async def find_ids(engine: AsyncEngine, asked: Asked) -> tuple[int, list[tuple[str, datetime]]]:
    """The same as ids alone, each with when it was changed last."""
    async with engine.connect() as connection:
        met = _met(asked)
        total = await connection.scalar(select(func.count()).select_from(_WITH).where(*met))
        wanted = select(services.c.id, services.c.modified).select_from(_WITH).where(*met)
        rows = await connection.execute(
            wanted.order_by(services.c.activity).offset(asked.offset).limit(asked.per_page)
        )
        return total or 0, [(row.id, row.modified) for row in rows]


async def service(engine: AsyncEngine, id: str) -> Whole | None:
    """One service that everybody may see."""
    async with engine.connect() as connection:
        found = await _page(connection, [SHOWN, services.c.id == id], 0, 1)
        return found[0] if found else None


async def all_services(engine: AsyncEngine, together: int) -> AsyncIterator[Whole]:
    """Every service there is, and those that were brought in and became nothing, in the order of their
    names."""
    rows = (
        services.outerjoin(calendar.activities, calendar.activities.c.activity == services.c.activity)
        .outerjoin(calendar.told, calendar.told.c.activity == services.c.activity)
        .outerjoin(calendar.providers, calendar.providers.c.provider == services.c.provider)
        .outerjoin(organizations, organizations.c.provider == services.c.provider)
    )
    told = or_(
        and_(SHOWN, calendar.providers.c.provider.is_not(None)), calendar.activities.c.activity.is_(None)
    )
    after = ""
    while True:
        async with engine.connect() as connection:
            wanted = select(*_ROW).select_from(rows).where(told, services.c.activity > after)
            found = await connection.execute(wanted.order_by(services.c.activity).limit(together))
            wholes = [whole_in(dict(row._mapping)) for row in found]
        if not wholes:
            return
        for whole in wholes:
            yield whole
        after = wholes[-1].activity


async def find_places(engine: AsyncEngine, asked: Asked) -> tuple[int, list[tuple[str, Whole]]]:
    """Services at their locations: the id of each place with the service."""
    async with engine.connect() as connection:
        met = _met(asked)
        place = func.unnest(services.c.places).label("place")
        each = select(services.c.activity, place).select_from(_WITH).where(*met).subquery()
        total = await connection.scalar(select(func.count()).select_from(each))
        wanted = select(each).order_by(each.c.activity, each.c.place)
        rows = (await connection.execute(wanted.offset(asked.offset).limit(asked.per_page))).all()
        named = [services.c.activity == any_(literal(sorted({row.activity for row in rows}), ARRAY(Text)))]
        found = {whole.service["id"]: whole for whole in await _page(connection, named, 0, len(rows))}
        by_place = {place: whole for whole in found.values() for place in whole.places}
        return total or 0, [(row.place, by_place[row.place]) for row in rows]


async def at_place(engine: AsyncEngine, id: str) -> Whole | None:
    """The service that is at this place."""
    async with engine.connect() as connection:
        found = await _page(connection, [SHOWN, services.c.places.contains([id])], 0, 1)
        return found[0] if found else None


async def find_organizations(engine: AsyncEngine, asked: Asked) -> Found:
    """A page of those who are registered."""
    async with engine.connect() as connection:
        table = calendar.providers.c
        met: list[ColumnElement[bool]] = [
            table.name.regexp_match(rf"\m{word}", "i") for word in words_of(asked.search)
        ]
        if asked.organization:
            met.append(organizations.c.id == asked.organization)
        if asked.term or asked.taxonomy:
            of_theirs = services.join(
                calendar.activities, calendar.activities.c.activity == services.c.activity
            )
            meets = [services.c.provider == table.provider, SHOWN, *_terms(asked)]
            met.append(exists(select(1).select_from(of_theirs).where(*meets)))
        total = await connection.scalar(select(func.count()).select_from(_ORGANIZATIONS).where(*met))
        rows = await connection.execute(
            _organizations().where(*met).order_by(table.provider).offset(asked.offset).limit(asked.per_page)
        )
        return Found(total or 0, [organization_in(dict(row._mapping)) for row in rows])


async def organization(engine: AsyncEngine, id: str) -> tuple[Document, list[Whole]] | None:
    """One who is registered, with what they run."""
    async with engine.connect() as connection:
        row = (await connection.execute(_organizations().where(organizations.c.id == id))).first()
        if row is None:
            return None
        theirs = [SHOWN, services.c.provider == row.provider]
        return organization_in(dict(row._mapping)), await _page(connection, theirs, 0, MOST_NESTED)


_ORGANIZATIONS = calendar.providers.join(
    organizations, organizations.c.provider == calendar.providers.c.provider
)


def _organizations() -> Select[Any]:
    return select(
        organizations, calendar.providers.c.name, calendar.providers.c.kind, calendar.providers.c.area
    ).select_from(_ORGANIZATIONS)


def _met(asked: Asked) -> list[ColumnElement[bool]]:
    met: list[ColumnElement[bool]] = [SHOWN, *_terms(asked)]
    for word in words_of(asked.search):
        query = func.to_tsquery(SWEDISH, literal(f"'{word}':*", Text), type_=TSQUERY)
        named = calendar.providers.c.name.regexp_match(rf"\m{word}", "i")
        met.append(or_(calendar.activities.c.search.op("@@")(query), named))
    if asked.organization:
        met.append(organizations.c.id == asked.organization)
    if asked.modified_after:
        met.append(services.c.modified >= asked.modified_after)
    return met


def _terms(asked: Asked) -> list[ColumnElement[bool]]:
    met: list[ColumnElement[bool]] = []
    if asked.term:
        met.append(services.c.terms.contains([asked.term]))
    if asked.taxonomy:
        met.append(services.c.taxonomies.contains([asked.taxonomy]))
    return met


async def _page(
    connection: AsyncConnection, met: Sequence[ColumnElement[bool]], offset: int, limit: int
) -> list[Whole]:
    wanted = select(*_ROW).select_from(_WITH).where(*met).order_by(services.c.activity)
    rows = await connection.execute(wanted.offset(offset).limit(limit))
    return [whole_in(dict(row._mapping)) for row in rows]


def whole_in(row: Mapping[str, Any]) -> Whole:
    """The service a row tells of, and who runs it."""
    runs = organization_in(row, "of_") if row["organization_id"] else None
    return Whole(row["activity"], service_in(row), runs, row["modified"], row["places"])
