"""What a service has committed and not said yet, set aside, buried or put off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

TOO_MANY_TRIES: Final = 5
"""Tries after which a parked event is unlikely to come right by itself."""
_NAMED: Final = 3

_BACKLOG: Final = """
select coalesce(sum(h.last - h.sent) filter (where not h.lane like 'out.%'), 0)::bigint as unsent,
       coalesce(sum(h.last - h.sent) filter (where h.lane like 'out.%'), 0)::bigint as unsent_to_partners,
       (select min(e.recorded) from {service}.head o
          join {service}.event e on e.lane = o.lane and e.number = o.sent + 1
          where not o.lane like 'out.%') as oldest,
       (select min(e.recorded) from {service}.head o
          join {service}.event e on e.lane = o.lane and e.number = o.sent + 1
          where o.lane like 'out.%') as oldest_to_partners,
       (select count(*) from {service}.parked) as parked,
       (select count(*) from {service}.parked where tries >= $1) as stuck,
       (select count(*) from {service}.dead_letter where resolved is null) as dead,
       (select count(*) from {service}.timer where not_before is not null) as failing,
       clock_timestamp() as now
from {service}.head h
"""
_STUCK: Final = """
select key, reason from {service}.parked where tries >= $1 order by tries desc, number limit $2
"""
_DEAD: Final = """
select code, count(*) as count from {service}.dead_letter where resolved is null
group by code order by count(*) desc, code limit $1
"""
_BLOCKED: Final = """
select h.lane from {service}.head h join {service}.event e on e.lane = h.lane and e.number = h.sent + 1
where h.lane like 'out.%' and e.recorded < clock_timestamp() - $1::interval order by e.recorded limit $2
"""


@dataclass(frozen=True, slots=True)
class Backlog:
    """One service's."""

    service: str
    unsent: int
    """Events for the network that are not on the bus."""
    waited: timedelta
    """How long the oldest of them has waited."""
    unsent_to_partners: int
    waited_for_partners: timedelta
    partners: tuple[str, ...]
    """Organisations for whom something waits longer than it should."""
    parked: int
    stuck: tuple[tuple[str, str], ...]
    """Key and reason of those parked that fail again and again, the worst first, a few of them."""
    stuck_count: int
    dead: int
    causes: tuple[tuple[str, int], ...]
    """The codes of dead letters, the most frequent first, a few of them."""
    failing: int
    """Due dates that could not be acted upon."""


async def backlog_of(connection: Any, service: str, patience: timedelta) -> Backlog:
    """As it is now; what waits for longer than `patience` is named."""
    row = await connection.fetchrow(_BACKLOG.format(service=service), TOO_MANY_TRIES)
    stuck: Sequence[Any] = ()
    dead: Sequence[Any] = ()
    blocked: Sequence[Any] = ()
    if row["stuck"]:
        stuck = await connection.fetch(_STUCK.format(service=service), TOO_MANY_TRIES, _NAMED)
    if row["dead"]:
        dead = await connection.fetch(_DEAD.format(service=service), _NAMED)
    if row["unsent_to_partners"]:
        blocked = await connection.fetch(_BLOCKED.format(service=service), patience, _NAMED)
    return Backlog(
        service,
        row["unsent"],
        _since(row["oldest"], row["now"]),
        row["unsent_to_partners"],
        _since(row["oldest_to_partners"], row["now"]),
        tuple(each["lane"].removeprefix("out.") for each in blocked),
        row["parked"],
        tuple((each["key"], each["reason"]) for each in stuck),
        row["stuck"],
        row["dead"],
        tuple((each["code"], each["count"]) for each in dead),
        row["failing"],
    )


def _since(moment: datetime | None, now: datetime) -> timedelta:
    return max(timedelta(), now - moment) if moment else timedelta()
