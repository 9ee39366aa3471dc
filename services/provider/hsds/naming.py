"""The taxonomies there are, and their terms: ours, which the code knows, and those that records name."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, Text, any_, literal, or_, select, true
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.provider.calendar import tables as calendar
from services.provider.calendar.finding import SHOWN, words_of
from services.provider.hsds.reading import Asked, Document, Found
from services.provider.hsds.rendering import taxonomy_of
from services.provider.hsds.tables import taxonomies, terms
from services.provider.hsds.words import OUR_TERMS, OURS

_STANDS_ALONE = ("taxonomy-", "taxonomy_term-")
MOST = 5000
"""So many of others' are looked through; a directory has a few hundred."""


async def find_taxonomies(engine: AsyncEngine, asked: Asked) -> Found:
    """A page of the taxonomies, ours first."""
    ours = [each.document() for each in OURS.values()]
    async with engine.connect() as connection:
        return _found([*ours, *await _others(connection, taxonomies)], asked)


async def find_terms(
    engine: AsyncEngine, asked: Asked, *, parent: str | None = None, top_only: bool = False
) -> Found:
    """A page of the terms, ours first."""
    async with engine.connect() as connection:
        there = [*OUR_TERMS.values(), *await _others(connection, terms)]
    parents = {str(each["parent_id"]).lower() for each in there if each.get("parent_id")}
    met = [
        each
        for each in there
        if (not asked.taxonomy or taxonomy_of(each) == asked.taxonomy)
        and (not parent or str(each.get("parent_id", "")).lower() == parent)
        and (not top_only or str(each["id"]).lower() not in parents)
    ]
    return _found(met, asked)


async def taxonomy(engine: AsyncEngine, id: str) -> Document | None:
    """One taxonomy."""
    if id in OURS:
        return OURS[id].document()
    async with engine.connect() as connection:
        return next(iter(await _others(connection, taxonomies, id)), None)


async def term(engine: AsyncEngine, id: str) -> Document | None:
    """One term."""
    if id in OUR_TERMS:
        return OUR_TERMS[id]
    async with engine.connect() as connection:
        return next(iter(await _others(connection, terms, id)), None)


async def _others(connection: AsyncConnection, table: Table, id: str | None = None) -> list[Document]:
    """What stands alone, and what is named by something everybody may see."""
    shown = select(1).where(calendar.activities.c.activity == table.c.named_by, SHOWN).exists()
    alone = or_(*(table.c.named_by.startswith(before) for before in _STANDS_ALONE))
    met: list[ColumnElement[bool]] = [or_(shown, alone), table.c.id == id if id else true()]
    met.append(~(table.c.id == any_(literal([*OURS, *OUR_TERMS], ARRAY(Text)))))
    rows = await connection.execute(
        select(table.c.id, table.c.document)
        .ext(distinct_on(table.c.id))
        .where(*met)
        .order_by(table.c.id, ~alone, table.c.named_by)
        .limit(MOST)
    )
    return [row.document for row in rows]


def _found(there: list[Document], asked: Asked) -> Found:
    words = words_of(asked.search)
    met = [each for each in there if all(word in _words(each) for word in words)]
    return Found(len(met), met[asked.offset : asked.offset + asked.per_page])


def _words(document: Document) -> str:
    return " ".join(str(document.get(name, "")) for name in ("code", "name", "description")).lower()
