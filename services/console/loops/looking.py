"""Which loops are open for longer than they should be, and who has fallen silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.console.loops.kinds import Kind, Voice

SETTLED: Final = timedelta(minutes=1)
"""By the wall clock: what is younger may still be under way, however fast the network's clock runs."""
LATELY: Final = timedelta(minutes=15)
_KNOWN_BY: Final = 5
"""How often somebody must have been heard from before they have a pace."""
_TOO_LONG: Final = 4.0
"""How many usual gaps of silence."""
_AT_LEAST: Final = timedelta(days=2)

_LATE: Final = "due < $1 and recorded < clock_timestamp() - $2::interval"
_OVERDUE: Final = f"""
select kind, id, key, whose, opened, due from console.loop
where {_LATE} and ($3::text is null or kind = $3) order by due, kind, id limit $4 offset $5
"""
_COUNTS: Final = f"""
select kind, count(*) as open, count(*) filter (where {_LATE}) as overdue,
       min(due) filter (where {_LATE}) as oldest
from console.loop group by kind
"""
_WHOSE: Final = f"""
select kind, whose, count(*) as count from console.loop where {_LATE} and whose is not null
group by kind, whose order by count(*) desc, whose limit $3
"""
# A log's position is never before the microsecond it was written in; that it begins at finds the partition.
_RAN_OUT: Final = """
select shown ->> 'provider' as provider, count(*) as count from console.log
where type = 'enrolment.expired.v1' and recorded > clock_timestamp() - $1::interval
  and position > (extract(epoch from clock_timestamp() - $1::interval) * 1000000)::bigint
group by 1 order by count(*) desc, 1 limit $2
"""
_SILENT: Final = """
select whose, voice, last, gap from console.pace
where count >= $2 and extract(epoch from $1 - last) > greatest(gap * $3, extract(epoch from $4::interval))
order by extract(epoch from $1 - last) / greatest(gap, 1) desc, whose limit $5
"""


@dataclass(frozen=True, slots=True)
class Loop:
    """One that should be closed by now."""

    kind: Kind
    id: str
    key: str
    whose: str | None
    opened: datetime
    due: datetime


@dataclass(frozen=True, slots=True)
class Open:
    """All of one kind."""

    kind: Kind
    open: int
    overdue: int
    oldest: datetime | None
    """When the first of the overdue was due."""
    whose: tuple[tuple[str, int], ...]
    """Who should have acted or been told, most first, a few of them."""


@dataclass(frozen=True, slots=True)
class Silent:
    """Somebody who is usually heard from more often."""

    whose: str
    voice: Voice
    since: datetime
    usually: timedelta
    """Between two."""


async def open_loops(connection: Any, now: datetime, *, named: int = 5) -> list[Open]:
    """Of each kind, how many are open and overdue at `now`, the network's time."""
    whose: dict[str, list[tuple[str, int]]] = {}
    for row in await connection.fetch(_WHOSE, now, SETTLED, named * len(Kind)):
        whose.setdefault(row["kind"], []).append((row["whose"], row["count"]))
    counted = {row["kind"]: row for row in await connection.fetch(_COUNTS, now, SETTLED)}
    found = []
    for kind in Kind:
        row = counted.get(kind, {"open": 0, "overdue": 0, "oldest": None})
        named_here = tuple(whose.get(kind, ())[:named])
        found.append(Open(kind, row["open"], row["overdue"], row["oldest"], named_here))
    return found


async def overdue(
    connection: Any, now: datetime, kind: Kind | None = None, *, most: int = 50, after: int = 0
) -> list[Loop]:
    """Those that should be closed, the oldest date first."""
    rows = await connection.fetch(_OVERDUE, now, SETTLED, kind, most, after)
    return [
        Loop(Kind(row["kind"]), row["id"], row["key"], row["whose"], row["opened"], row["due"])
        for row in rows
    ]


async def ran_out(connection: Any, *, most: int = 5) -> list[tuple[str, int]]:
    """Providers whose offers have run out unanswered lately, most first."""
    rows = await connection.fetch(_RAN_OUT, LATELY, most)
    return [(row["provider"], row["count"]) for row in rows]


async def silent(connection: Any, now: datetime, *, most: int = 20) -> list[Silent]:
    """Who has not been heard from for several times as long as is usual for them, the oddest first."""
    rows = await connection.fetch(_SILENT, now, _KNOWN_BY, _TOO_LONG, _AT_LEAST, most)
    return [
        Silent(row["whose"], Voice(row["voice"]), row["last"], timedelta(seconds=row["gap"])) for row in rows
    ]
