"""Everything the services have said, read from their event tables: the record itself, not the bus.

A reader of everything and an owner of nothing. Works while the broker is down, and cannot miss an event,
because the numbers of a lane have no gaps.
"""

from __future__ import annotations

import heapq
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg

SERVICES = ("referral", "navigator", "provider", "notify")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it stands in the record."""

    service: str
    lane: str
    number: int
    type: str
    """The whole event type, `sluss.case.assigned.v1`."""
    key: str
    recorded: datetime
    """By the wall clock."""
    event: dict[str, Any]
    """The CloudEvent."""

    @property
    def name(self) -> str:
        """The type without prefix and version: `case.assigned`."""
        return self.type.split(".", 1)[1].rsplit(".", 1)[0]

    @property
    def data(self) -> dict[str, Any]:
        """The event's payload."""
        said: dict[str, Any] = self.event["data"]
        return said

    @property
    def time(self) -> datetime:
        """When it happened, in the network's time."""
        return datetime.fromisoformat(self.event["time"])


@dataclass
class Ledger:
    """The event tables of all services, through a connection that may read them."""

    connection: asyncpg.Connection
    _read_up_to: dict[tuple[str, str], int] = field(default_factory=dict)

    async def news(self, limit: int = 2000) -> list[Entry]:
        """What has been said since the last call, each lane in order; at most `limit` from each lane."""
        found: list[Entry] = []
        for service in SERVICES:
            lanes = [lane for name, lane in self._read_up_to if name == service]
            numbers = [self._read_up_to[service, lane] for lane in lanes]
            rows = await self.connection.fetch(
                f"""select e.lane, e.number, e.type, e.key, e.recorded, e.body
                    from {service}.head h
                    left join unnest($1::text[], $2::bigint[]) as seen(lane, number) on seen.lane = h.lane
                    cross join lateral (
                        select * from {service}.event e
                        where e.lane = h.lane and e.number > coalesce(seen.number, 0)
                        order by e.number limit $3) e
                    where h.last > coalesce(seen.number, 0)
                    order by e.lane, e.number""",
                lanes,
                numbers,
                limit,
            )
            found += _entries(service, rows)
        for entry in found:
            place = entry.service, entry.lane
            self._read_up_to[place] = max(entry.number, self._read_up_to.get(place, 0))
        return _merged(found)

    async def everything(self) -> list[Entry]:
        """All that was ever said, by time. For networks small enough to hold in memory."""
        found: list[Entry] = []
        while news := await self.news():
            found += news
        return found

    async def story(self, key: str) -> list[Entry]:
        """Everything ever said under one partition key, in the order it was written down."""
        found: list[Entry] = []
        for service in SERVICES:
            rows = await self.connection.fetch(
                f"""select lane, number, type, key, recorded, body from {service}.event
                    where key = $1 order by lane, number""",
                key,
            )
            found += _entries(service, rows)
        return _merged(found)

    async def referrals_named(self, text: str, limit: int = 5) -> list[str]:
        """The referrals whose id begins with `text`, or that an organisation submitted under that id."""
        rows = await self.connection.fetch(
            """select distinct key from referral.event
               where type = 'sluss.referral.submitted.v1'
                 and (key like $1 or convert_from(body, 'UTF8')::jsonb #>> '{data,submission_id}' = $2)
               order by key limit $3""",
            text.replace("%", "").replace("_", r"\_") + "%",
            text,
            limit,
        )
        return [row["key"] for row in rows]


def _merged(entries: list[Entry]) -> list[Entry]:
    """By time, but never against a lane's own order: `recorded` is when a transaction began."""
    lanes: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        lanes.setdefault((entry.service, entry.lane), []).append(entry)
    return list(heapq.merge(*lanes.values(), key=lambda entry: entry.recorded))


def _entries(service: str, rows: Sequence[asyncpg.Record]) -> list[Entry]:
    return [
        Entry(
            service,
            row["lane"],
            row["number"],
            row["type"],
            row["key"],
            row["recorded"],
            json.loads(row["body"]),
        )
        for row in rows
    ]
