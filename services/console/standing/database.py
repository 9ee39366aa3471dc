"""How the database stands: connections, size, what runs for too long, and whether others copy it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

LONG: Final = timedelta(seconds=30)
"""A transaction of ours takes milliseconds."""
CROWDED: Final = 0.8
"""Share of the connections there are."""

_STATE: Final = """
select (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections,
       current_setting('max_connections')::int as limit,
       pg_database_size(current_database()) as bytes,
       (select extract(epoch from clock_timestamp() - min(xact_start))::float8 from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
            and backend_type = 'client backend') as longest,
       (select count(*) from pg_stat_activity where datname = current_database()
          and wait_event_type = 'Lock') as waiting,
       (select count(*) from pg_stat_replication) as copies,
       current_setting('fsync') = 'on' and current_setting('full_page_writes') = 'on' as safe,
       extract(epoch from clock_timestamp() - pg_postmaster_start_time())::float8 as up
"""


@dataclass(frozen=True, slots=True)
class Database:
    """As it is at this moment."""

    connections: int
    limit: int
    bytes: int
    longest: timedelta
    """The oldest transaction that is open."""
    waiting: int
    """Sessions that wait for another's lock."""
    copies: int
    """Standby servers that are connected."""
    safe: bool
    """Whether what is committed survives a power cut."""
    up: timedelta


async def database_state(connection: Any) -> Database:
    """Ask it."""
    row = await connection.fetchrow(_STATE)
    return Database(
        row["connections"],
        row["limit"],
        row["bytes"],
        timedelta(seconds=row["longest"] or 0.0),
        row["waiting"],
        row["copies"],
        row["safe"],
        timedelta(seconds=row["up"]),
    )
