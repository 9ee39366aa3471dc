"""Writing the log: what the services have committed, read from their event tables, in one order.

The tables are read, not the bus: so nothing is missing while the broker is away or has lost its store, what
is addressed to one partner is there as well, and the numbers of each lane, which have no gaps, prove it.
One process writes at a time: the one that holds the advisory lock, on the connection that commits.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import Any, Final
from zlib import crc32

import orjson

from services.console.log import partitions
from services.console.log.entry import Entry, entry_of
from services.console.log.partitions import position_at
from services.runtime.database import DATABASE_AWAY
from services.runtime.engine.connection import connect
from services.runtime.health import Pulse
from services.runtime.logging import failure, logger
from services.runtime.running import Running
from sluss_contracts.event import FACTS, Audience

SPEAKERS: Final = tuple(
    sorted({fact.SAID_BY for fact in FACTS.values() if fact.AUDIENCE is not Audience.INGRESS})
)
"""The services that say events, whose tables are read."""

_PAUSE: Final = 0.2
"""Seconds between two looks: an event is in the log half of that after its commit, on average."""
_FROM_A_LANE: Final = 500
"""Events of one lane in one batch."""
_AGAIN: Final = 1.0
_LOCK: Final = "select pg_try_advisory_lock($1)"
_KEY: Final = crc32(b"sluss console log")

_NEWS: Final = """
select s.service, s.lane, coalesce(g.number, 0) as seen, s.last
from ({heads}) s left join gathered g on g.service = s.service and g.lane = s.lane
where s.last <> coalesce(g.number, 0)
"""
_EVENTS: Final = """
select e.* from unnest($1::text[], $2::bigint[], $3::bigint[]) as wanted(lane, seen, last)
cross join lateral (
  select lane, number, id, key, kind, aggregate_id, sequence, type, subject, body, recorded
  from {service}.event e
  where e.lane = wanted.lane and e.number > wanted.seen and e.number <= wanted.last
  order by e.number limit $4
) e
"""
_COLUMNS: Final = tuple(Entry.__slots__)
_DOUBT: Final = "insert into log_doubt (service, lane, what) values ($1, $2, $3) on conflict do nothing"
_GATHERED: Final = """
insert into gathered (service, lane, number) select * from unnest($1::text[], $2::text[], $3::bigint[])
on conflict (service, lane) do update set number = excluded.number
"""


class Gatherer:
    """Writes the log from one connection that may read the services' tables."""

    def __init__(self, connection: Any, speakers: Sequence[str] = SPEAKERS) -> None:
        self._connection = connection
        self._months: set[datetime] = set()
        heads = " union all ".join(
            f"select '{name}' as service, lane, last from {name}.head" for name in speakers
        )
        self._news = _NEWS.format(heads=heads)

    async def gather(self) -> int:
        """Write down one batch of what is new. How many events; 0 when all is written."""
        news: dict[str, list[Mapping[str, Any]]] = {}
        for row in await self._connection.fetch(self._news):
            if row["last"] > row["seen"]:
                news.setdefault(row["service"], []).append(row)
            else:
                await self._doubt(
                    row["service"], row["lane"], f"ends at {row['last']}, the log at {row['seen']}"
                )
        lanes = [lane for service, rows in news.items() for lane in await self._read(service, rows)]
        entries = _in_order(lanes)
        if entries:
            await self._write(entries)
        return len(entries)

    async def _read(self, service: str, rows: Sequence[Mapping[str, Any]]) -> list[list[Entry]]:
        """What each lane has that the log has not, in the lane's order."""
        names = [row["lane"] for row in rows]
        seen = {row["lane"]: row["seen"] for row in rows}
        found = await self._connection.fetch(
            _EVENTS.format(service=service),
            names,
            list(seen.values()),
            [row["last"] for row in rows],
            _FROM_A_LANE,
        )
        lanes: dict[str, list[Entry]] = {}
        for row in found:
            expected = seen[row["lane"]] + 1
            if row["number"] != expected:
                await self._doubt(service, row["lane"], f"lacks {expected} to {row['number'] - 1}")
            seen[row["lane"]] = row["number"]
            lanes.setdefault(row["lane"], []).append(entry_of(service, row))
        return list(lanes.values())

    async def _doubt(self, service: str, lane: str, what: str) -> None:
        """Write down that a lane is not as it should be; once is enough."""
        await self._connection.execute(_DOUBT, service, lane, what)

    async def _write(self, entries: Sequence[Entry]) -> None:
        connection = self._connection
        async with connection.transaction():
            last = await connection.fetchval("select position from log_end for update")
            placed = []
            for entry in entries:
                last = max(last + 1, position_at(entry.recorded))
                placed.append((last, entry))
            for month in partitions.months(placed[0][0], last):
                if month not in self._months:
                    await partitions.make(connection, month)
                    self._months.add(month)
            await connection.copy_records_to_table(
                "log",
                columns=("position", *_COLUMNS),
                records=[(at, *(getattr(entry, name) for name in _COLUMNS)) for at, entry in placed],
            )
            await connection.copy_records_to_table(
                "log_field",
                columns=("token", "position"),
                records=[(token, at) for at, entry in placed for token in entry.tokens()],
            )
            reached = {(entry.service, entry.lane): entry.number for entry in entries}
            services, lanes = zip(*reached, strict=True)
            await connection.execute(_GATHERED, services, lanes, list(reached.values()))
            await connection.execute("update log_end set position = $1", last)


def _in_order(lanes: Sequence[Sequence[Entry]]) -> list[Entry]:
    """By the time of writing, but never against a lane's own order (`recorded` is when a transaction began).

    Where a lane has more than was read, nothing is taken that may be later than what is left of it.
    """
    timed = [
        list(zip(accumulate((entry.recorded for entry in lane), max), lane, strict=True)) for lane in lanes
    ]
    cut = min((lane[-1][0] for lane in timed if len(lane) == _FROM_A_LANE), default=None)
    # What one transaction has said has one time, and ids in the order in which it was said.
    merged = heapq.merge(*timed, key=lambda place: (place[0], place[1].event_id))
    return [entry for reached, entry in merged if cut is None or reached <= cut]


async def connect_to_write(url: str, *, owner: bool = True) -> Any:
    """A connection for a `Gatherer`; as an owner's it ends when its process freezes, and the lock with it."""
    connection = await connect(url, "console", owner=owner)
    # Rows are copied in, which takes values in Postgres's binary form alone; of jsonb that is the text
    # behind a 1.
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        format="binary",
        encoder=lambda value: b"\x01" + orjson.dumps(value),
        decoder=lambda raw: orjson.loads(raw[1:]),
    )
    return connection


async def gather(running: Running) -> None:
    """Keep the log up to date until the process ends: one process of all replicas, the others stand by."""
    log = logger("console")
    pulse = Pulse()
    running.health.watch("log", pulse)
    while not running.stop.is_set():
        try:
            await _hold(running, pulse)
        except DATABASE_AWAY as error:
            log.warning("log_interrupted", **failure(error))
            await _pause(running, _AGAIN)


async def _hold(running: Running, pulse: Pulse) -> None:
    """Gather on one connection until it is lost or the process ends."""
    connection = await connect_to_write(running.settings.database_url.get_secret_value())
    try:
        while not await connection.fetchval(_LOCK, _KEY):
            pulse.beat()
            await _pause(running, _AGAIN)
            if running.stop.is_set():
                return
        gatherer = Gatherer(connection)
        while not running.stop.is_set():
            found = await gatherer.gather()
            pulse.beat()
            if not found:
                await _pause(running, _PAUSE)
    finally:
        with contextlib.suppress(*DATABASE_AWAY):
            await connection.close(timeout=2)


async def _pause(running: Running, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(running.stop.wait(), seconds)
