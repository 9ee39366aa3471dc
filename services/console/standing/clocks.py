"""Whether services agree on the time: what each wrote on its last event against when the database took it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

TOLERANCE: Final = timedelta(seconds=5)
"""By the wall clock. Commands take a moment from their decision to their commit."""
_RECENT: Final = timedelta(minutes=15)

_LAST: Final = """
select e.body, e.recorded from {service}.head h
join {service}.event e on e.lane = h.lane and e.number = h.last
where e.recorded > clock_timestamp() - $1::interval order by e.recorded desc limit 1
"""


@dataclass(frozen=True, slots=True)
class Clock:
    """One service's clocks, as far as its last event tells."""

    service: str
    wall: timedelta
    """How far its machine's clock is ahead of the database's; negative when behind."""
    network: timedelta
    """The same of its idea of the network's time, in the network's time."""
    off: bool


async def clock_of(
    connection: Any, service: str, shown: Callable[[datetime], datetime], speed: float
) -> Clock | None:
    """None when it has said nothing for a while. `shown` is what the network's clock shows at a moment of the
    wall clock, `speed` how many of its seconds pass in one."""
    row = await connection.fetchrow(_LAST.format(service=service), _RECENT)
    if row is None:
        return None
    event = orjson.loads(row["body"])
    wall = datetime.fromisoformat(event["recordedtime"]) - row["recorded"]
    network = datetime.fromisoformat(event["time"]) - shown(row["recorded"])
    off = abs(wall) > TOLERANCE or abs(network) > TOLERANCE * max(1.0, speed)
    return Clock(service, wall, network, off)
