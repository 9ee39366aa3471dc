"""Following the log: loops open and close, and whoever is heard from sets their pace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from services.console.loops.kinds import CLOSES, HEARD, OPENS, TYPES, Kind, due_of
from services.runtime.database import DATABASE_AWAY
from services.runtime.logging import failure, logger
from services.runtime.running import Running

_PAUSE: Final = 1.0
_BATCH: Final = 2000
_LAST_COUNTS: Final = 0.2
"""How much the latest gap weighs in what is usual."""

_FOLLOWED: Final = "select position from loops_followed for update"
_NEWS: Final = """
select position, type, key, time, recorded, shown from log
where position > $1 and type = any($2::text[]) order by position limit $3
"""
_OPEN: Final = """
insert into loop (kind, id, key, whose, opened, recorded, due)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                     $7::timestamptz[])
on conflict (kind, id) do update set opened = excluded.opened, recorded = excluded.recorded,
  due = excluded.due, whose = excluded.whose
"""
_CLOSE: Final = """
delete from loop using unnest($1::text[], $2::text[]) gone(kind, id)
where loop.kind = gone.kind and loop.id = gone.id
"""
_HEAR: Final = """
insert into pace as p (whose, voice, count, last) values ($1, $2, 1, $3)
on conflict (whose, voice) do update set count = p.count + 1, last = greatest(p.last, $3),
  gap = case when $3 <= p.last then p.gap
             else coalesce(p.gap + $4 * (extract(epoch from $3 - p.last) - p.gap),
                           extract(epoch from $3 - p.last)) end
"""


@dataclass(slots=True)
class _Batch:
    """What one batch of the log comes to."""

    open: dict[tuple[Kind, str], tuple[Any, ...]] = field(default_factory=dict)
    closed: set[tuple[Kind, str]] = field(default_factory=set)
    heard: list[tuple[str, str, datetime, float]] = field(default_factory=list)

    def take(self, row: Mapping[str, Any]) -> None:
        """One event; it may close one loop, open another, and be a sign of life."""
        shown: Mapping[str, Any] = row["shown"]
        if ends := CLOSES.get(row["type"]):
            gone = (ends[0], str(shown[ends[1]]))
            self.open.pop(gone, None)
            self.closed.add(gone)
        if begins := OPENS.get(row["type"]):
            loop = (begins.kind, str(shown[begins.id]))
            whose = shown.get(begins.whose) if begins.whose else None
            due = due_of(begins, shown, row["time"])
            self.open[loop] = (*loop, row["key"], whose, row["time"], row["recorded"], due)
        if (voice := HEARD.get(row["type"])) and (whose := shown.get(voice[1])):
            self.heard.append((str(whose), voice[0].value, row["time"], _LAST_COUNTS))

    async def write(self, connection: Any) -> None:
        """Closing first: what was opened again since stays open."""
        if self.closed:
            await connection.execute(_CLOSE, *_columns(self.closed))
        if self.open:
            await connection.execute(_OPEN, *_columns(self.open.values()))
        if self.heard:
            await connection.executemany(_HEAR, self.heard)


def _columns(rows: Any) -> Sequence[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


async def fold(connection: Any) -> int:
    """Take in one batch of the log. How many events; 0 when all is taken in."""
    async with connection.transaction():
        position = await connection.fetchval(_FOLLOWED)
        rows = await connection.fetch(_NEWS, position, TYPES, _BATCH)
        if rows:
            batch = _Batch()
            for row in rows:
                batch.take(row)
            await batch.write(connection)
            await connection.execute("update loops_followed set position = $1", rows[-1]["position"])
    return len(rows)


async def follow_loops(running: Running) -> None:
    """Keep them up to date until the process ends; several processes take turns by the row's lock."""
    log = logger("console")
    while not running.stop.is_set():
        found = 0
        try:
            async with running.pool.acquire() as connection:
                found = await fold(connection)
        except DATABASE_AWAY as error:
            log.warning("loops_interrupted", **failure(error))
        if found < _BATCH:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.stop.wait(), _PAUSE)
