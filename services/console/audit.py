"""The operators' audit log: what each of them has done here, and why. Rows are added and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.tables import audit
from services.runtime.rows import new_row
from services.runtime.tx import sql
from sluss_contracts.command import Actor

_WRITE: Final = sql(
    new_row(audit, "actor", "what", "about", "event_id", "purpose", "note", "details").returning(
        audit.c.number
    )
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing an operator did."""

    number: int
    at: datetime
    """By the wall clock."""
    actor: str
    what: str
    """`unmasked`, `exported` …"""
    about: str | None
    """The story it is about."""
    event_id: UUID | None
    purpose: str | None
    note: str | None
    details: dict[str, Any]


async def write_down(
    connection: Any,
    actor: Actor,
    what: str,
    *,
    about: str | None = None,
    event_id: UUID | None = None,
    purpose: str | None = None,
    note: str | None = None,
    **details: Any,
) -> int:
    """Write down one deed on a connection (or pool) of the console's; gives its number. In a transaction
    it is written with what was done, or neither is."""
    row = {
        "actor": actor.id,
        "what": what,
        "about": about,
        "event_id": event_id,
        "purpose": purpose,
        "note": note,
        "details": details,
    }
    return int(await connection.fetchval(_WRITE.text, *_WRITE.arguments(row)))


async def latest(engine: AsyncEngine, *, before: int | None = None, most: int = 100) -> Sequence[Deed]:
    """The latest deeds, or those before a number; the newest first."""
    rows = select(audit).order_by(audit.c.number.desc()).limit(most)
    if before is not None:
        rows = rows.where(audit.c.number < before)
    async with engine.connect() as connection:
        return [Deed(**row) for row in (await connection.execute(rows)).mappings()]
