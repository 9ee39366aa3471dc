"""From any id that somebody has in hand to what it belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log.tables import log

_AT_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something an id may mean."""

    key: str
    """What its story is found under: a referral's id, or a correlation."""
    organisation: str | None
    first: datetime
    """When the first of its events that the id fits was written down."""


async def resolve(engine: AsyncEngine, text: str) -> list[Candidate]:
    """What an id may mean, the latest first: a referral, a correlation, an event, an organisation's own
    reference, a command or timer that led to something, or a person's pseudonym. The first of these that
    is anything counts.
    """
    for condition in _meanings(text):
        if found := await _fitting(engine, condition):
            return found
    return []


def _meanings(text: str) -> list[ColumnElement[bool]]:
    columns: Sequence[Any] = (
        log.c.referral,
        log.c.correlation,
        log.c.reference,
        log.c.causation,
        log.c.person,
    )
    found = [column == text for column in columns]
    try:
        return [log.c.event_id == UUID(text), *found]
    except ValueError:
        return found


async def _fitting(engine: AsyncEngine, condition: ColumnElement[bool]) -> list[Candidate]:
    fitting = select(log).where(condition).order_by(log.c.position).limit(1000).subquery()
    key = func.coalesce(fitting.c.referral, fitting.c.correlation)
    statement = (
        select(
            key.label("key"),
            func.max(fitting.c.organisation).label("organisation"),
            func.min(fitting.c.recorded),
        )
        .group_by(key)
        .order_by(func.min(fitting.c.recorded).desc())
        .limit(_AT_MOST)
    )
    async with engine.connect() as connection:
        return [Candidate(*row) for row in (await connection.execute(statement)).all()]
