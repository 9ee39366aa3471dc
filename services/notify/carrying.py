"""What couriers share: claiming rows with a lease, so that replicas and dead processes do no harm.

A row is `waiting` until it is `over`. A courier claims some (`claim`), and whatever it does not finish before
its lease ends is claimed by another. Where the outside world is told something that cannot be taken back, the
row is first made `sending` (`start_sending`) in a transaction of its own: a `sending` row whose lease has
ended (`abandoned`) may or may not have gone, and is never tried again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from services.runtime.clock import Clock
from services.runtime.database import DATABASE_AWAY
from services.runtime.engine.unit import Raced, Unit, unit_of_work
from services.runtime.logging import failure
from services.runtime.service import Service

LEASE = timedelta(seconds=30)
"""How long a claimed row is nobody else's; a courier that needs longer renews by starting to send."""
LOOK_EVERY = 0.5
"""Seconds between looks when there is nothing to carry."""
_LONGEST_PAUSE = 60.0
"""Seconds."""

Row = dict[str, Any]


class Tray:
    """The rows of one table that one courier works on."""

    def __init__(
        self,
        table: str,
        id: str,
        holder: UUID,
        lease: timedelta,
        *,
        in_order: bool = False,
        at_hours: bool = False,
    ) -> None:
        """`in_order`: of one referral only the earliest row is claimed, so none overtakes another.
        `at_hours`: rows may wait for an hour of the network's clock (`postpone`)."""
        first = (
            f"""and t.number = (select min(earlier.number) from {table} earlier
                where earlier.referral_id = t.referral_id and earlier.state <> 'over')"""
            if in_order
            else ""
        )
        hour = (
            "and (t.send_after is null or t.send_after <= $4::timestamptz)"
            if at_hours
            else "and $4::timestamptz is not null"
        )
        self.id = id
        self._holder, self._lease = holder, lease
        self._claim = f"""
            with next as (
              select t.{id} from {table} t
              where t.state = 'waiting' and (t.held_until is null or t.held_until < clock_timestamp())
                and (t.not_before is null or t.not_before <= clock_timestamp()) {first} {hour}
              order by t.number limit $3 for update skip locked
            )
            update {table} t set holder = $1, held_until = clock_timestamp() + $2::interval
            from next where t.{id} = next.{id}
            returning t.*"""
        self._start = f"""
            update {table} set state = 'sending', held_until = clock_timestamp() + $2::interval
            where {id} = any($3::text[]) and holder = $1 and state = 'waiting'
              and held_until > clock_timestamp()
            returning {id}"""
        self._renew = f"""
            update {table} set held_until = clock_timestamp() + $2::interval
            where {id} = any($3::text[]) and holder = $1 and state = 'waiting'
              and held_until > clock_timestamp()"""
        self._release = f"""
            update {table} set state = 'waiting', holder = null, held_until = null, tries = tries + 1,
              not_before = clock_timestamp() + least($3, 0.25 * power(2, least(tries, 20))) * interval '1 s'
            where {id} = any($2::text[]) and holder = $1 and state <> 'over'"""
        self._postpone = f"""
            update {table} set state = 'waiting', holder = null, held_until = null, send_after = $3
            where {id} = $2 and holder = $1 and state = 'waiting'"""
        self._finish = f"""
            update {table} set state = 'over', holder = null, held_until = null
            where {id} = $2 and holder = $1"""
        self._abandoned = f"""
            update {table} set holder = $1, held_until = clock_timestamp() + $2::interval
            where {id} in (select {id} from {table} where state = 'sending' and held_until < clock_timestamp()
                           order by number limit 100 for update skip locked)
            returning *"""

    async def claim(self, connection: Any, limit: int, now: datetime) -> list[Row]:
        """Take up to `limit` rows that nobody has, the oldest first. `now` is the network's time."""
        rows = await connection.fetch(self._claim, self._holder, self._lease, limit, now)
        return sorted((dict(row) for row in rows), key=lambda row: int(row["number"]))

    async def renew(self, connection: Any, ids: Collection[str]) -> None:
        """Keep those that are still ours for another lease, because the ones before them take their time."""
        if ids:
            await connection.execute(self._renew, self._holder, self._lease, list(ids))

    async def start_sending(self, connection: Any, ids: Collection[str]) -> set[str]:
        """Write down, for good, that these are about to go. Those that are returned are ours to send now;
        the others have been taken off, or the lease ran out."""
        rows = await connection.fetch(self._start, self._holder, self._lease, list(ids))
        return {row[self.id] for row in rows}

    async def release(self, connection: Any, ids: Collection[str]) -> None:
        """Give back what surely has not gone; it is tried again, later each time (at most a minute)."""
        if ids:
            await connection.execute(self._release, self._holder, list(ids), _LONGEST_PAUSE)

    async def postpone(self, connection: Any, id: str, until: datetime) -> None:
        """Give one back until an hour of the network's clock."""
        await connection.execute(self._postpone, self._holder, id, until)

    async def finish(self, connection: Any, id: str) -> None:
        """Take one off without a word: what came of it is not known and will not be."""
        await connection.execute(self._finish, self._holder, id)

    async def abandoned(self, connection: Any) -> list[Row]:
        """Take over rows whose courier vanished while sending: nobody knows whether they went."""
        return [dict(row) for row in await connection.fetch(self._abandoned, self._holder, self._lease)]


async def keep_carrying(work: Callable[[], Awaitable[bool]], stop: asyncio.Event, log: Any) -> None:
    """Run `work` until `stop`, at once again while it says there is more. A started round is finished."""
    while not stop.is_set():
        more = False
        try:
            more = await work()
        except DATABASE_AWAY as error:
            log.warning("courier_cannot_reach_database", **failure(error))
        except Exception as error:
            log.error("courier_failed", **failure(error))
        if not more:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)


async def say(
    pool: asyncpg.Pool, service: Service, clock: Clock, keys: Sequence[str], decide: Callable[[Unit], None]
) -> None:
    """Say in one transaction what `decide` says with everything under `keys` loaded.

    What has gone out must be written down if it can be: a race is run again at once, and a database that is
    away for a moment is waited for, as long as no other courier can believe this one dead.
    """
    patience = time.monotonic() + LEASE.total_seconds() / 2
    while True:
        try:
            async with pool.acquire() as connection, unit_of_work(connection, service, clock) as unit:
                await unit.load(keys)
                decide(unit)
            return
        except Raced:
            if time.monotonic() > patience:
                raise
        except DATABASE_AWAY:
            if time.monotonic() > patience:
                raise
            await asyncio.sleep(LOOK_EVERY)


def ids_of(rows: Sequence[Row], id: str) -> list[str]:
    """The ids of some rows."""
    return [row[id] for row in rows]
