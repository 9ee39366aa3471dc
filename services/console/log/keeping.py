"""How long the log is kept: whole months, counted back. The services' event tables keep everything."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from services.console.log import partitions


def oldest_kept(now: datetime, months: int) -> datetime:
    """The first month that is kept: this one, and so many before it."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(months):
        month = (month - timedelta(days=1)).replace(day=1)
    return month


async def forget(connection: Any, now: datetime, months: int) -> list[datetime]:
    """Drop every month before the oldest that is kept; gives those dropped."""
    oldest = oldest_kept(now, months)
    gone = [month for month in await partitions.there(connection) if month < oldest]
    for month in gone:
        await partitions.drop(connection, month)
    return gone
