"""Whether services agree on the time: what each wrote on its last event against when the database took it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from services.runtime.clock import Clock as NetClock
from services.runtime.clock import NetworkClock

TOLERANCE: Final = timedelta(seconds=5)
"""By the wall clock. Commands take a moment from their decision to their commit."""
_RECENT: Final = timedelta(minutes=15)

_LAST: Final = """
select e.body, e.recorded from {service}.head h
join {service}.event e on e.lane = h.lane and e.number = h.last
where e.recorded > clock_timestamp() - $1::interval
and e.recorded > coalesce((select max(began) from {service}.process), '-infinity')
order by e.recorded desc limit 1
"""
"""Not what was said before the youngest process began: a single machine's clock stands still while nothing
runs, and shows another time at the same moment afterwards."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One service's clocks, as far as its last event tells."""

    service: str
    wall: timedelta
    """How far its machine's clock is ahead of the database's; negative when behind."""
    network: timedelta
    """The same of its idea of the network's time, in the network's time."""
    off: bool


async def clock_of(connection: Any, service: str, clock: NetClock) -> Clock | None:
    """None when it has said nothing for a while, or nothing since it was started.

    Where somebody leads the network's clock nobody can tell what it showed: only wall clocks count.
    """
    row = await connection.fetchrow(_LAST.format(service=service), _RECENT)
    if row is None:
        return None
    event = orjson.loads(row["body"])
    wall = datetime.fromisoformat(event["recordedtime"]) - row["recorded"]
    network = timedelta()
    if isinstance(clock, NetworkClock):
        network = datetime.fromisoformat(event["time"]) - clock.shown_at(row["recorded"])
    off = abs(wall) > TOLERANCE or abs(network) > TOLERANCE * max(1.0, speed_of(clock))
    return Clock(service, wall, network, off)


def speed_of(clock: NetClock) -> float:
    """How many seconds of the network's clock pass in one of the wall's."""
    return clock.speed if isinstance(clock, NetworkClock) else 1.0
