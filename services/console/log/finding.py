"""Looking into the log: one page of it, the newest first, or what has come since, as a view wants it.

Every condition has an index that ends with the position, so that a page costs the same however long the log
is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log.entry import Entry, token_of
from services.console.log.partitions import position_at
from services.console.log.tables import end, field, log

PAGE: Final = 50


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to see of the log; everything given must hold."""

    types: tuple[str, ...] = ()
    """Without prefix: `case.assigned.v1`."""
    organisation: str | None = None
    referral: str | None = None
    person: str | None = None
    correlation: str | None = None
    outcome: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    """Coded fields and the value each must have."""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One event in the log."""

    position: int
    entry: Entry


_EQUAL: Final = ("organisation", "referral", "person", "correlation", "outcome")


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        log.c[name] == value for name in _EQUAL if (value := getattr(wanted, name)) is not None
    ]
    match wanted.types:
        case ():
            pass
        case (one,):
            found.append(log.c.type == one)
        case several:
            found.append(log.c.type.in_(several))
    if wanted.since is not None:
        found.append(log.c.position >= position_at(wanted.since))
    if wanted.until is not None:
        found.append(log.c.position <= position_at(wanted.until))
    return found


def _of(wanted: Wanted) -> Select[Any]:
    """The rows wanted. The first coded value is what they are found by, further ones are looked up in
    each."""
    tokens = [token_of(name, value) for name, value in wanted.fields]
    rows = select(log).where(*_conditions(wanted))
    if tokens:
        rows = rows.join(field, field.c.position == log.c.position).where(field.c.token == tokens[0])
    for token in tokens[1:]:
        other = field.alias()
        rows = rows.where(exists().where(other.c.token == token, other.c.position == log.c.position))
    return rows


async def newest(
    engine: AsyncEngine, wanted: Wanted, *, before: int | None = None, most: int = PAGE
) -> list[Row]:
    """The newest rows wanted, or those before a position; the newest first."""
    order = field.c.position if wanted.fields else log.c.position
    rows = _of(wanted).order_by(order.desc()).limit(most)
    return await _rows(engine, rows if before is None else rows.where(order < before))


async def since(engine: AsyncEngine, wanted: Wanted, after: int, *, most: int = 500) -> list[Row]:
    """What has come after a position, in the log's order; at most so many of the first."""
    order = field.c.position if wanted.fields else log.c.position
    return await _rows(engine, _of(wanted).where(order > after).order_by(order).limit(most))


async def one(engine: AsyncEngine, event_id: UUID) -> Row | None:
    """The event of an id."""
    found = await _rows(engine, select(log).where(log.c.event_id == event_id).limit(1))
    return found[0] if found else None


async def caused_by(engine: AsyncEngine, event_id: UUID, *, most: int = 50) -> list[Row]:
    """What an event led to directly."""
    rows = select(log).where(log.c.causation == str(event_id)).order_by(log.c.position).limit(most)
    return await _rows(engine, rows)


async def last_position(engine: AsyncEngine) -> int:
    """Where the log ends now."""
    async with engine.connect() as connection:
        return int((await connection.execute(select(end.c.position))).scalar_one())


async def _rows(engine: AsyncEngine, statement: Select[Any]) -> list[Row]:
    async with engine.connect() as connection:
        return rows_of((await connection.execute(statement)).mappings().all())


def rows_of(found: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Rows of `log` as they come from the database."""
    return [Row(each["position"], Entry(**{name: each[name] for name in Entry.__slots__})) for each in found]
