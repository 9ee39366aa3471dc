"""A log of any size in the production schema: twelve months, referrals of forty events, a hundred types.

It is filled from `generate_series` in the database, two months at a time, and each month is one transaction:
its partition is made, filled, indexed and attached, so that with `wal_level = minimal` nothing of it is in
the journal. The indexes are those of the production tables, read from them.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final

import asyncpg

from services.console.log import partitions
from services.console.log.entry import token_of
from services.console.log.gathering import SPEAKERS
from sluss.machine.database import CONSOLE, bring_up_to_date
from sluss.machine.postgres import Postgres

FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS: Final = 12
ONE_RUN: Final = secrets.token_urlsafe(12)
STORY: Final = 40
"""Events of one referral."""
ORGANISATIONS: Final = 20
TEAMS: Final = 20
OF_A_WORKER: Final = 100
"""Events that name one link worker, over the whole year, however many events there are."""
AT_ONCE: Final = 2

FILLING: Final = {
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "full_page_writes": "off",
    "autovacuum": "off",
    "synchronous_commit": "off",
    "max_wal_size": "16GB",
    "maintenance_work_mem": "1GB",
    "max_parallel_maintenance_workers": "0",
}
"""What Postgres is started with while a log is made; what is measured runs with the production's own."""

_EVENTS: Final = """
insert into {table} (position, event_id, service, lane, number, type, key, kind, aggregate_id, sequence,
                     referral, person, organisation, correlation, causation, reference, outcome, time,
                     recorded, shown)
select $1::bigint + (n - $3) * $2::bigint, uuidv7(), 'navigator', (n % 16)::text, n,
       'type' || floor(100 * power(random(), 3))::int || '.said.v1', ref, 'case',
       ref, n % {story} + 1, ref, who, org, ref,
       case when n % 3 > 0 then uuidv7()::text end,
       case when n % {story} = 0 then 'own-' || n / {story} end,
       case when n % 3 = 0 then 'code' || floor(20 * power(random(), 2))::int end, now(), now(),
       jsonb_build_object('referral_id', ref, 'person', who, 'worker', 'worker-' || n % {workers},
                          'team', 'team-' || n % {teams}, 'pathway', 'open-network',
                          'needs', null, 'reason', null, 'due', '2026-03-09T14:00:00Z')
from generate_series($3::bigint, $4::bigint) n
cross join lateral (values ('ref-' || n / {story}, 'who-' || n / {story},
                            'org-' || (n / {story}) % {organisations})) story(ref, who, org)
"""
_FIELDS: Final = """
insert into {table} (token, position)
select t.token, $1::bigint + (n - $3) * $2::bigint
from generate_series($3::bigint, $4::bigint) n
join worker_token w on w.number = n % {workers}
cross join lateral (values (w.token), (($5::bigint[])[1 + n % {teams}])) t(token)
"""


def workers(size: int) -> int:
    """How many link workers are named: more where more happens."""
    return size // OF_A_WORKER


async def synthesise(server: Postgres, size: int) -> str:
    """A database with a log of this size, on a server that runs as `FILLING` says; gives its name."""
    name = f"log_{size}"
    admin = await asyncpg.connect(server.url())
    await admin.execute(f"create database {name}")
    await admin.close()
    urls = {each: server.url(database=name, role=each, password=ONE_RUN) for each in (*SPEAKERS, CONSOLE)}
    await bring_up_to_date(server.url(database=name), urls)
    async with _connected(server, name) as connection:
        await connection.execute("create table worker_token (number bigint primary key, token bigint)")
        tokens = ((number, token_of("worker", f"worker-{number}")) for number in range(workers(size)))
        await connection.copy_records_to_table("worker_token", records=tokens)
        await connection.execute("analyze worker_token")
        indexes = {parent: await _indexes(connection, parent) for parent in partitions.TABLES}
    attaching, room = asyncio.Lock(), asyncio.Semaphore(AT_ONCE)
    ends = [size * number // MONTHS for number in range(MONTHS + 1)]
    month, months = FIRST, []
    for first, last in pairwise(ends):
        months.append(_month(server, name, month, (first, last, size), indexes, attaching, room))
        month = partitions.next_month(month)
    await asyncio.gather(*months)
    async with _connected(server, name) as connection:
        await connection.execute("drop table worker_token")
        await connection.execute("update log_end set position = (select max(position) from log)")
        for parent in partitions.TABLES:
            await connection.execute(f"analyze {parent}", timeout=3600)
        await connection.execute("checkpoint", timeout=3600)
    return name


async def _month(
    server: Postgres,
    name: str,
    month: datetime,
    numbers: tuple[int, int, int],
    indexes: dict[str, list[str]],
    attaching: asyncio.Lock,
    room: asyncio.Semaphore,
) -> None:
    """One month's partitions, from the first number up to the last, of so many in all."""
    first, last, size = numbers
    begins, ends = (
        partitions.position_at(month),
        partitions.position_at(partitions.next_month(month)),
    )
    step = (ends - begins) // max(1, last - first)
    teams = [token_of("team", f"team-{number}") for number in range(TEAMS)]
    how_many = {"story": STORY, "workers": workers(size), "teams": TEAMS, "organisations": ORGANISATIONS}
    async with room, _connected(server, name) as connection:
        for parent, statement, more in (("log", _EVENTS, []), ("log_field", _FIELDS, [teams])):
            table = partitions.name_of(parent, month)
            given = (begins, step, first, last - 1, *more)
            async with connection.transaction():
                await connection.execute(f"create table {table} (like {parent} including defaults)")
                filling = statement.format(table=table, **how_many)
                await connection.execute(filling, *given, timeout=3600)
                for index in indexes[parent]:
                    await connection.execute(index.format(table=table), timeout=3600)
                bounds = f"for values from ({begins}) to ({ends})"
                async with attaching:
                    await connection.execute(f"alter table {parent} attach partition {table} {bounds}")
            await connection.execute(f"vacuum (analyze) {table}", timeout=3600)


async def _indexes(connection: Any, parent: str) -> list[str]:
    """The statements that make the indexes of a production table on `{table}`."""
    rows = await connection.fetch(
        "select pg_get_indexdef(i.indexrelid) as made, pg_get_constraintdef(c.oid) as constrained "
        "from pg_index i left join pg_constraint c on c.conindid = i.indexrelid "
        "where i.indrelid = $1::text::regclass",
        parent,
    )
    return [
        f"alter table {{table}} add {row['constrained']}"
        if row["constrained"]
        else re.sub(r"INDEX \S+ ON ONLY \S+", "INDEX ON {table}", row["made"])
        for row in rows
    ]


@asynccontextmanager
async def _connected(server: Postgres, name: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(server.url(database=name), server_settings={"search_path": CONSOLE})
    try:
        yield connection
    finally:
        await connection.close()
