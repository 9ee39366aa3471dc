"""Everything about one thing that is followed: its events, and what the services could not handle of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, literal, or_, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log.finding import Row, rows_of
from services.console.log.gathering import SPEAKERS
from services.console.log.tables import log

AT_MOST: Final = 2000
"""Events of one story; of something that has more the newest are told."""

_TROUBLES: Final = text(
    " union all ".join(
        f"""
        select '{service}' as service, 'parked' as what, number, event_id, subject, null as code, reason,
               tries, since, nullif(due, 'infinity') as due, null::timestamptz as resolved,
               null as resolution
        from {service}.parked where key = any(:keys)
        union all
        select '{service}', 'dead_letter', number, event_id, subject, code, reason,
               null, died, null, resolved, resolution
        from {service}.dead_letter where key = any(:keys)"""
        for service in SPEAKERS
    )
    + " order by since"
).bindparams(bindparam("keys"))
_UNSENT: Final = text(
    " union all ".join(
        f"select e.id from {service}.head h join {service}.event e on e.lane = h.lane and e.number > h.sent "
        "where e.key = any(:keys) and h.last > h.sent"
        for service in SPEAKERS
    )
).bindparams(bindparam("keys"))


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something a service could not handle: parked, to be tried again, or a dead letter."""

    service: str
    what: str
    """`parked` or `dead_letter`."""
    number: int
    event_id: UUID | None
    subject: str
    code: str | None
    reason: str
    tries: int | None
    since: datetime
    due: datetime | None
    """When it is tried again; None for a dead letter, and where it queues behind another."""
    resolved: datetime | None
    resolution: str | None

    @property
    def is_open(self) -> bool:
        """Whether somebody or something still has to deal with it."""
        return self.resolved is None


@dataclass(frozen=True)
class Story:
    """What is known of one thing that is followed."""

    key: str
    rows: tuple[Row, ...]
    """Its events, in the order of the log."""
    troubles: tuple[Trouble, ...] = ()
    unsent: frozenset[UUID] = frozenset()
    """Those of its events that are not on the bus yet."""
    known_until: datetime | None = None
    """By the network's clock: what came later is left out."""


async def collect(engine: AsyncEngine, key: str, *, until: datetime | None = None) -> Story | None:
    """The story filed under a key, or None when nothing is. `until` leaves out what came later."""
    rows = await _events(engine, key)
    if until is not None:
        rows = [row for row in rows if row.entry.time <= until]
    if not rows:
        return None
    keys = sorted({key, *(row.entry.key for row in rows)})
    async with engine.connect() as connection:
        found = (await connection.execute(_TROUBLES, {"keys": keys})).mappings().all()
        unsent = (await connection.execute(_UNSENT, {"keys": keys})).scalars().all()
    troubles = tuple(Trouble(**one) for one in found) if until is None else ()
    return Story(key, tuple(rows), troubles, frozenset(unsent) if until is None else frozenset(), until)


async def _events(engine: AsyncEngine, key: str) -> list[Row]:
    """Those about it, those of its correlation, and what was submitted under the same reference before."""
    async with engine.connect() as connection:
        own = await _rows(connection, or_(log.c.referral == key, log.c.correlation == key))
        references = {
            (row.entry.organisation, row.entry.reference)
            for row in own
            if row.entry.reference and row.entry.organisation
        }
        known = {row.position for row in own}
        for organisation, reference in sorted(references):
            alike = await _rows(
                connection, (log.c.reference == reference) & (log.c.organisation == organisation)
            )
            own += [row for row in alike if row.position not in known and row.entry.referral in (None, key)]
    return sorted(own, key=lambda row: row.position)


async def _rows(connection: Any, condition: Any) -> list[Row]:
    statement = select(log).where(condition).order_by(log.c.position.desc()).limit(literal(AT_MOST))
    found: Sequence[Any] = (await connection.execute(statement)).mappings().all()
    return rows_of(found)
