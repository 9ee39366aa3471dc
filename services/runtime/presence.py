"""What each process says of itself, in the record: that it is there, and what is the matter with it.

Whoever looks from outside reads it there, wherever the process runs. A process that is frozen, or cut off
from the database, says nothing; how long ago it last did is the sign.
"""

from __future__ import annotations

import asyncio
import contextlib

import asyncpg
import orjson

from services.runtime.database import DATABASE_AWAY
from services.runtime.engine.ids import uuid7
from services.runtime.health import Health

EVERY = 2.0
"""Seconds between two signs."""
_SAY = """
with unhurried as (select set_config('synchronous_commit', 'off', true)),
gone as (delete from process where seen < clock_timestamp() - interval '10 minutes')
insert into process (id, ailing, cares) select $1, $2::text::jsonb, $3::text::jsonb from unhurried
on conflict (id) do update set seen = clock_timestamp(), ailing = excluded.ailing, cares = excluded.cares
"""
"""A sign need not survive a power cut, so its commit waits for no disk."""
_LEAVE = "delete from process where id = $1"


async def show_presence(pool: asyncpg.Pool, health: Health, stop: asyncio.Event) -> None:
    """Give a sign every two seconds until `stop`, and then take leave."""
    own = uuid7()
    while not stop.is_set():
        told = (orjson.dumps(each).decode() for each in (health.reasons(), health.cares()))
        with contextlib.suppress(TimeoutError, *DATABASE_AWAY):
            async with asyncio.timeout(10):
                await pool.execute(_SAY, own, *told)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY)
    with contextlib.suppress(TimeoutError, *DATABASE_AWAY):
        async with asyncio.timeout(2):
            await pool.execute(_LEAVE, own)
