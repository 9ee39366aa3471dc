"""The log's partitions: one for each month, made when the first event of the month is written down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
TABLES: Final = ("log", "log_field")


def position_at(moment: datetime) -> int:
    """The first position that an event of this moment may have."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(position: int) -> datetime:
    """When the event at a position was written down, or a little earlier."""
    return _EPOCH + position * _MICROSECOND


def month_of(position: int) -> datetime:
    """The beginning of the month that a position lies in, by UTC."""
    return moment_of(position).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """The beginning of the month after."""
    return (month + timedelta(days=32)).replace(day=1)


def months(first: int, last: int) -> Iterator[datetime]:
    """Every month from that of one position to that of another."""
    month = month_of(first)
    while month <= month_of(last):
        yield month
        month = next_month(month)


def name_of(table: str, month: datetime) -> str:
    """What a month's partition is called: `log_2026_11`."""
    return f"{table}_{month:%Y_%m}"


async def make(connection: Any, month: datetime) -> None:
    """Make a month's partitions, unless they are there."""
    first, after = position_at(month), position_at(next_month(month))
    for table in TABLES:
        await connection.execute(
            f"create table if not exists {name_of(table, month)} partition of {table} "
            f"for values from ({first}) to ({after})"
        )


async def there(connection: Any) -> list[datetime]:
    """The months that have partitions, the oldest first."""
    rows = await connection.fetch(
        "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
        "where i.inhparent = 'log'::regclass order by 1"
    )
    return [datetime.strptime(row["relname"], "log_%Y_%m").replace(tzinfo=UTC) for row in rows]


async def drop(connection: Any, month: datetime) -> None:
    """Forget a month. The services' event tables still have it."""
    for table in TABLES:
        await connection.execute(f"drop table if exists {name_of(table, month)}")
