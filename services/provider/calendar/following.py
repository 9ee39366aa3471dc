"""What other calendars follow: every session, past ones for a while, cancelled ones too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.provider.calendar.finding import at, matching
from services.provider.calendar.reading import Session, session_in, with_providers
from services.provider.calendar.tables import activities, providers, sessions, told
from services.provider.calendar.wanted import Meant, Wanted
from services.provider.domain.activity import Status
from sluss_contracts.offering import Described

BEFORE = timedelta(days=31)
AHEAD = timedelta(days=366)
MOST = 2000
"""So many sessions are told of in one calendar, the soonest first."""


@dataclass(frozen=True)
class Occasion:
    """One session, and what takes place there."""

    session: Session
    told: Described
    provider: str
    """What whoever runs it is called."""
    confirmed: bool = True
    """Whether somebody vouches for it."""


async def of_activity(engine: AsyncEngine, name: str, now: datetime) -> list[Occasion] | None:
    """One activity's sessions, or None where there was never any to follow.

    Somebody may follow what is shown no more, and take part in it: what is withdrawn has its sessions
    cancelled, and of what is hidden they are not confirmed.
    """
    async with engine.connect() as connection:
        known = activities.c.activity == name, activities.c.shown
        if await connection.scalar(select(1).select_from(activities).where(*known)) is None:
            return None
        return await _occasions(connection, list(known), now)


async def of_wanted(
    engine: AsyncEngine, wanted: Wanted, now: datetime, *, meanings: Mapping[str, Meant]
) -> list[Occasion]:
    """The sessions of every shown activity that meets the wishes, at the times wished for."""
    async with engine.connect() as connection:
        met = matching(wanted, await with_providers(connection, meanings), now)
        times = at(wanted, now) if wanted.in_time else []
        return await _occasions(connection, met, now, times)


async def _occasions(
    connection: AsyncConnection,
    met: list[ColumnElement[bool]],
    now: datetime,
    times: Sequence[ColumnElement[bool]] = (),
) -> list[Occasion]:
    rows = await connection.execute(
        select(
            sessions,
            told.c.told,
            activities.c.status,
            providers.c.name,
            activities.c.provider.label("by"),
        )
        .join(activities, activities.c.activity == sessions.c.activity)
        .join(told, told.c.activity == activities.c.activity)
        .outerjoin(providers, providers.c.provider == activities.c.provider)
        .where(*met, sessions.c.starts > now - BEFORE, sessions.c.starts < now + AHEAD, *times)
        .order_by(sessions.c.starts, sessions.c.session_id)
        .limit(MOST)
    )
    return [
        Occasion(
            session_in(row._mapping),
            Described.model_validate(row.told),
            row.name or row.by,
            confirmed=row.status != Status.HIDDEN,
        )
        for row in rows
    ]
