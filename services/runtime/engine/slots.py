"""Who reads and publishes which of the sixteen slots: replicas share them fairly, and the database decides.

A slot is held by an advisory lock on the very connection that commits, so whoever has lost the lock can
commit nothing. Who should hold which follows from who is alive; who does hold it, from the lock alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID
from zlib import crc32

from sluss_contracts.subjects import SLOTS

_ALIVE = 2.0
"""Seconds since its last beat for which a replica counts as alive."""

_BEAT = """
with beat as (
  insert into member (id) values ($1) on conflict (id) do update set seen = clock_timestamp()
), gone as (
  delete from member where seen < clock_timestamp() - interval '1 minute'
)
select id from member, (select set_config('synchronous_commit', 'off', true)) unhurried
where seen > clock_timestamp() - make_interval(secs => $2) and id <> $1
"""
"""A beat need not survive a power cut, so its commit waits for no disk."""
_TAKE = "select slot from unnest($2::int[]) s(slot) where pg_try_advisory_lock($1, slot)"
_RELEASE = "select pg_advisory_unlock($1, slot) from unnest($2::int[]) s(slot)"


async def beat(connection: Any, member: UUID) -> list[UUID]:
    """Say that this replica is alive. All that are, this one included, in the same order for everybody."""
    others = [row["id"] for row in await connection.fetch(_BEAT, member, _ALIVE)]
    return sorted([member, *others])


async def leave(connection: Any, member: UUID) -> None:
    """Say goodbye, so that the others need not wait."""
    await connection.execute("delete from member where id = $1", member)


def fair_share(member: UUID, alive: Sequence[UUID]) -> set[int]:
    """The slots this replica should hold, e.g. every second one when there are two."""
    return set(range(alive.index(member), SLOTS, len(alive)))


async def take(connection: Any, service: str, slots: Collection[int]) -> set[int]:
    """Those of the slots that were free and are ours now. Must not be asked for slots already held."""
    rows = await connection.fetch(_TAKE, _lock(service), sorted(slots)) if slots else []
    return {row["slot"] for row in rows}


async def release(connection: Any, service: str, slots: Collection[int]) -> None:
    """Let others have these slots."""
    if slots:
        await connection.execute(_RELEASE, _lock(service), sorted(slots))


def _lock(service: str) -> int:
    """Advisory locks are per database, and services may share one."""
    return crc32(f"sluss {service} slots".encode()) - (1 << 31)
