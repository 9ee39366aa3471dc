"""Asking all of them of a network's tables."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import asyncpg

from services.runtime.service import Service
from sluss.invariants.delivery import delivery
from sluss.invariants.invariant import NAMED, Invariant
from sluss.invariants.referrals import REFERRALS


def invariants(services: Mapping[str, Service]) -> list[Invariant]:
    """All invariants that tables alone can answer. `services` are the registries, by name."""
    return [*REFERRALS, *delivery(services)]


async def broken_after(
    look: Callable[[], Awaitable[dict[str, list[str]]]], *, within: float = 60.0
) -> dict[str, list[str]]:
    """What `look` still finds wrong once all is at rest, or after `within` seconds (wall clock).

    Returns at once when nothing is wrong, so a network that holds costs no waiting.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while (broken := await look()) and loop.time() < deadline:
        await asyncio.sleep(1)
    return broken


async def lasting_violations(
    connection: asyncpg.Connection, invariant: Invariant, *, patience: float = 5.0
) -> list[str]:
    """What one finds wrong in a network at work, and finds wrong still after `patience` seconds.

    Each look is at one moment: events and state that are written together are seen together.
    """
    first = await _at_one_moment(connection, invariant)
    if not first:
        return []
    await asyncio.sleep(patience)
    again = await _at_one_moment(connection, invariant)
    return [each for each in again if each in first] if len(first) < NAMED else again


async def _at_one_moment(connection: asyncpg.Connection, invariant: Invariant) -> list[str]:
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return await invariant.violations(connection)


async def violations(connection: asyncpg.Connection, services: Mapping[str, Service]) -> dict[str, list[str]]:
    """The invariants that do not hold now, `I7 numbers run without a gap`, each with its violations."""
    found = {}
    for invariant in invariants(services):
        if rows := await invariant.violations(connection):
            found[f"{invariant.id} {invariant.sentence}"] = rows
    return found
