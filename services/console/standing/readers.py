"""How far each service is behind, from the record: what others have said for it that it has not taken in.

Asked of the tables instead of the processes, so that it is true of one that is frozen or gone as well. What
is not on the bus yet is its speaker's backlog and nobody's lag.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sluss_contracts.event import FACTS, Audience
from sluss_contracts.subjects import SLOTS

STALL: Final = timedelta(seconds=15)
"""How old an event that nobody has handled may become before its reader counts as stalled."""
GONE: Final = timedelta(seconds=5)
"""A process beats twice a second."""
_MARGIN: Final = timedelta(minutes=2)
_MOST: Final = 10_000
"""Events that are counted of one speaker; there may be a week's."""

_POSITIONS: Final = """
select slot, sequence, caught_up from {reader}.position order by slot
"""
_MEMBERS: Final = """
select count(*) filter (where seen > now() - $1::interval) as alive, max(seen) as seen from {reader}.member
"""
_SINCE: Final = """
select least((select min(caught_up) from {reader}.position), now(),
             (select min(e.recorded) from {speaker}.head h
              join {speaker}.event e on e.lane = h.lane and e.number = h.sent + 1)) as since
"""
_UNHANDLED: Final = """
select u.lane, count(*) as events, min(u.recorded) as oldest from (
  select e.lane, e.recorded from {speaker}.event e join {speaker}.head h on h.lane = e.lane
  where e.recorded >= $1 and e.type = any($2::text[]) and e.number <= h.sent and not e.lane like 'out.%'
    and not exists (select 1 from {reader}.inbox i where i.event_id = e.id)
    and not exists (select 1 from {reader}.dead_letter d where d.event_id = e.id)
  limit $3) u
group by u.lane
"""


@dataclass(frozen=True, slots=True)
class Slot:
    """One lane, as one service has read it."""

    number: int
    position: int
    """Of the stream, read up to here."""
    events: int
    """On the bus for it and not taken in."""
    oldest: datetime | None
    """When the first of these was written down."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One service as a reader of the others."""

    service: str
    slots: tuple[Slot, ...]
    alive: int
    """Processes that beat."""
    seen: datetime | None
    """When one last did."""
    now: datetime
    """Of the database, by which all else is measured."""

    @property
    def events(self) -> int:
        """All it has not taken in."""
        return sum(slot.events for slot in self.slots)

    @property
    def lag(self) -> timedelta:
        """How long the oldest of them has waited."""
        oldest = [slot.oldest for slot in self.slots if slot.oldest]
        return max(timedelta(), self.now - min(oldest)) if oldest else timedelta()

    @property
    def stalled(self) -> bool:
        """Whether what should move does not."""
        return self.lag > STALL

    @property
    def silence(self) -> timedelta | None:
        """Since when no process of it has beaten; None while one does, or none ever has."""
        return None if self.alive or self.seen is None else self.now - self.seen


def heard_by(reader: str) -> dict[str, list[str]]:
    """The event types that a service is fed, by who says them."""
    types: dict[str, list[str]] = {}
    for fact in FACTS.values():
        if reader in fact.READ_BY and fact.AUDIENCE is Audience.NETWORK:
            types.setdefault(fact.SAID_BY, []).append(fact.TYPE)
    return types


async def readers(connection: Any, services: Iterable[str]) -> list[Reader]:
    """All of them, as they stand. `connection` may read every service's runtime tables."""
    return [await reader_of(connection, service) for service in services]


async def reader_of(connection: Any, service: str) -> Reader:
    """One of them."""
    behind: dict[int, tuple[int, datetime]] = {}
    for speaker, types in heard_by(service).items():
        names = {"reader": service, "speaker": speaker}
        since = await connection.fetchval(_SINCE.format(**names))
        rows = await connection.fetch(_UNHANDLED.format(**names), since - _MARGIN, types, _MOST)
        for row in rows:
            events, oldest = behind.get(int(row["lane"]), (0, row["oldest"]))
            behind[int(row["lane"])] = (events + row["events"], min(oldest, row["oldest"]))
    positions = {
        row["slot"]: row["sequence"] for row in await connection.fetch(_POSITIONS.format(reader=service))
    }
    members = await connection.fetchrow(_MEMBERS.format(reader=service), GONE)
    slots = tuple(Slot(slot, positions.get(slot, 0), *behind.get(slot, (0, None))) for slot in range(SLOTS))
    now = await connection.fetchval("select clock_timestamp()")
    return Reader(service, slots, members["alive"], members["seen"], now)


def worst(found: Sequence[Reader]) -> Reader | None:
    """The one that is furthest behind."""
    return max(found, key=lambda reader: reader.lag, default=None)
