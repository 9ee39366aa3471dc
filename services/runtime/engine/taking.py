"""One transaction over a batch of events: deduplicate and load, decide, record; and what if that fails.

When something outside a handler fails, nobody knows which event is to blame. The batch is then taken one
event at a time, each in a transaction of its own, and only the guilty one is set aside.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.runtime.clock import Clock
from services.runtime.engine import faultpoint
from services.runtime.engine.deciding import decide, set_aside
from services.runtime.engine.incoming import Incoming, Readings, Unreadable
from services.runtime.engine.parking import BLOCKED, Blocked, SetAside, forget_none, parked_under
from services.runtime.engine.recording import array_literal
from services.runtime.engine.unit import LOAD, Numbered, Raced, Unit, unit_of_work
from services.runtime.service import Service

_TAKE = f"""
with fresh as (
  insert into inbox (event_id) select unnest($2::text::uuid[]) on conflict do nothing returning event_id
), held as ({LOAD})
select 1 as what, event_id, null as key, null as kind, null as id, null::int as sequence, null as state,
       false as waiting from fresh
union all select 2, null, key, kind, id, sequence, state, false from held
union all select 3, null, key, source, null, null, null, waiting from ({BLOCKED}) blocked
"""
"""Deduplicate, load, and see what is blocked, in one round trip."""
_STANDING = "union all select 4, null, ({}), null, null, null, null, false"
"""In the same round trip, how that stands which the service's handlers are given."""

_DATABASE_ILL = (
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
    OSError,
    faultpoint.Planted,
)
"""The database is away or ill: nothing can be set aside either, so the owner starts over."""


@dataclass(slots=True)
class Counts:
    """What became of everything this process has read: `received` is the sum of the four after it."""

    received: int = 0
    applied: int = 0
    duplicate: int = 0
    parked: int = 0
    """Set aside on arrival; those tried again are not counted again."""
    dead: int = 0
    batches: int = 0
    """Transactions over events from the bus, and how long they took in all."""
    seconds: float = 0.0

    def add(self, other: Counts) -> None:
        self.received += other.received
        self.applied += other.received - other.duplicate - other.parked - other.dead
        self.duplicate += other.duplicate
        self.parked += other.parked
        self.dead += other.dead
        self.batches += other.batches
        self.seconds += other.seconds


class Taker:
    """The event path of one service, from a batch to its commit."""

    def __init__(self, service: Service, clock: Clock) -> None:
        self.counts = Counts()
        self.publishes: list[str] = []
        """The lanes whose owner we are, so that nobody need be told of events in them."""
        self.readings = Readings(service)
        self._service = service
        self._clock = clock
        self._take = _TAKE + (_STANDING.format(service.give.standing) if service.give else "")

    async def take(
        self, connection: Any, incoming: Sequence[Incoming | Unreadable], positions: dict[int, int]
    ) -> list[Numbered]:
        """Handle a batch from the bus and move the positions with it. What was said, to be published.

        Raises only when the database is away or ill, or the connection is lost.
        """
        faultpoint.reach("received")
        try:
            return await self._together(connection, incoming, positions)
        except Exception as error:
            if _ill(connection, error):
                raise
        said = []
        for one in incoming:
            said += await self._alone(connection, one)
        await self._together(connection, [], positions)
        return said

    async def retry(self, connection: Any, keys: Sequence[str]) -> list[Numbered]:
        """Try what is parked under these keys again, in order. What was said, to be published."""
        rows = await parked_under(connection, keys)
        try:
            return await self._again(connection, rows, keys)
        except Exception as error:
            if _ill(connection, error):
                raise
        said = []
        for row in rows:
            said += await self._again_alone(connection, row)
        await forget_none(connection, keys)
        return said

    async def _together(
        self, connection: Any, incoming: Sequence[Incoming | Unreadable], positions: dict[int, int]
    ) -> list[Numbered]:
        began = time.perf_counter()
        counted = Counts(received=len(incoming), batches=1)
        async with unit_of_work(connection, self._service, self._clock, publishes=self.publishes) as unit:
            aside = SetAside(dead=[one for one in incoming if isinstance(one, Unreadable)])
            events = [one for one in incoming if isinstance(one, Incoming)]
            if events:
                fresh, blocked = await _admit(unit, events, self._take)
                await decide(self._service, unit, fresh, blocked, aside)
                counted.duplicate = len(events) - len(fresh)
            await aside.write(connection)
            unit.positions.update(positions)
            counted.parked, counted.dead = len(aside.parked), len(aside.dead)
        counted.seconds = time.perf_counter() - began
        self.counts.add(counted)
        return unit.numbered

    async def _alone(self, connection: Any, one: Incoming | Unreadable) -> list[Numbered]:
        try:
            return await self._together(connection, [one], {})
        except Exception as error:
            if _ill(connection, error) or isinstance(one, Unreadable):
                raise
            failure = error
        one.absorbed = False  # that was rolled back
        async with unit_of_work(connection, self._service, self._clock) as unit:
            aside = SetAside()
            fresh, blocked = await _admit(unit, [one], self._take)
            if fresh and blocked.holds(one):
                aside.queue(one)
            elif fresh:
                set_aside(aside, one, failure)
            await aside.write(connection)
        self.counts.add(
            Counts(received=1, duplicate=1 - len(fresh), parked=len(aside.parked), dead=len(aside.dead))
        )
        return []

    async def _again(self, connection: Any, rows: Sequence[Any], keys: Sequence[str]) -> list[Numbered]:
        async with unit_of_work(connection, self._service, self._clock, publishes=self.publishes) as unit:
            aside = SetAside()
            events = []
            for row in rows:
                one = self._read_again(row)
                if isinstance(one, Incoming):
                    events.append(one)
                    continue
                # Since it was parked the contract has changed, or nobody reacts to it any longer.
                aside.handled.append(row["number"])
                aside.dead += [one] if one else []
            await unit.load(keys)
            await decide(self._service, unit, events, Blocked(), aside)
            await aside.write(connection)
            await forget_none(connection, keys)
        return unit.numbered

    async def _again_alone(self, connection: Any, row: Any) -> list[Numbered]:
        one = self._read_again(row)
        keys = []
        if isinstance(one, Incoming):
            keys = [one.key]
            if Blocked(await connection.fetch(f"{BLOCKED} and number < $2", keys, row["number"])).holds(one):
                return []
        try:
            return await self._again(connection, [row], keys)
        except Exception as error:
            if _ill(connection, error) or not isinstance(one, Incoming):
                raise
            failure = error
        async with connection.transaction():
            aside = SetAside()
            set_aside(aside, one, failure)
            await aside.write(connection)
        return []

    def _read_again(self, row: Any) -> Incoming | Unreadable | None:
        one = self.readings.read(row["subject"], row["body"], row["traceparent"])
        if isinstance(one, Incoming):
            one.parked, one.absorbed, one.tries = row["number"], row["absorbed"], row["tries"]
        return one


async def _admit(unit: Unit, events: Sequence[Incoming], take: str) -> tuple[list[Incoming], Blocked]:
    """Drop what has been taken in before, load what the rest is about, and see what is blocked."""
    keys = sorted({one.key for one in events})
    rows = await unit.tx.fetch(take, keys, array_literal([one.id for one in events]))
    new: set[UUID] = {row["event_id"] for row in rows if row["what"] == 1}
    unit.admit(keys, [row for row in rows if row["what"] == 2])
    blocked = Blocked(
        {"key": row["key"], "source": row["kind"], "waiting": row["waiting"]}
        for row in rows
        if row["what"] == 3
    )
    unit.tx.standing = next((row["key"] for row in rows if row["what"] == 4), None)
    fresh = []
    for one in events:
        if one.id in new:
            new.discard(one.id)  # the same event twice in one batch
            one.absorbed = False
            fresh.append(one)
    return fresh, blocked


def _ill(connection: Any, error: Exception) -> bool:
    return connection.is_closed() or (isinstance(error, _DATABASE_ILL) and not isinstance(error, Raced))
