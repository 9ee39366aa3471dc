"""Processes that stand still, and one that believes another time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import suppress
from datetime import timedelta

import asyncpg

from sluss.incidents.incident import Kept
from sluss.machine.folder import DataFolder
from sluss.machine.run_file import RunFile, ServiceRun, running
from sluss.reach import Failure

_AHEAD = timedelta(seconds=10)
"""By the wall clock; the network's clock multiplies it."""
_PATIENCE = 60.0


async def freeze_navigator(run: RunFile) -> Kept:
    """Its processes keep everything they hold, and do nothing."""
    pids = [each.pid for each in run.services if each.service == "navigator"]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return {"pids": pids}


async def thaw(run: RunFile, kept: Kept) -> None:
    """They go on; what they held is taken over or started anew."""
    ours = set(run.pids)
    for pid in kept["pids"]:
        if pid in ours:
            os.kill(pid, signal.SIGCONT)


async def freeze_people(run: RunFile) -> Kept:
    """Nobody outside does anything any longer: no provider answers what it is offered.

    Those who refer and offer stand still as well, so it begins only when an offer waits for its answer.
    """
    if run.people_pid is None:
        raise Failure("no made-up people live here", remedy="they come with `sluss up --demo`")
    await _an_offer_waits(run)
    os.kill(run.people_pid, signal.SIGSTOP)
    return {"pids": [run.people_pid]}


async def _an_offer_waits(run: RunFile) -> None:
    connection = await asyncpg.connect(run.postgres.url(), timeout=3)
    try:
        async with asyncio.timeout(_PATIENCE):
            while not await connection.fetchval(
                "select exists (select from console.loop where kind = 'offer')"
            ):
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise Failure("no provider has been offered anything", remedy="try again in a minute") from None
    finally:
        await connection.close()


async def shift_clock(run: RunFile) -> Kept:
    """`notify` starts again with a clock that is ahead."""
    if run.clock.speed == 1.0:
        raise Failure(
            "this demonstration's clock is the wall clock", remedy="start it without --clock-speed 1"
        )
    one = _of(run, "notify")
    origin = run.clock.origin - _AHEAD
    orders = DataFolder(run.data).orders(one.log.stem)
    orders.parent.mkdir(mode=0o700, exist_ok=True)
    orders.write_text(json.dumps({"SLUSS_CLOCK_ORIGIN": origin.isoformat()}))
    await _again(run, one)
    return {"label": one.log.stem}


async def set_clock_right(run: RunFile, kept: Kept) -> None:
    """It starts once more, with everybody's clock."""
    DataFolder(run.data).orders(kept["label"]).unlink(missing_ok=True)
    await _again(run, _of(run, "notify"))


def _of(run: RunFile, service: str) -> ServiceRun:
    return next(each for each in run.services if each.service == service)


async def _again(run: RunFile, one: ServiceRun) -> None:
    """End a process and wait until it has been started again and is ready."""
    with suppress(ProcessLookupError):
        os.kill(one.pid, signal.SIGTERM)
    async with asyncio.timeout(_PATIENCE):
        while (now := _of(running(run.data), one.service)).pid == one.pid or now.http is None:
            await asyncio.sleep(0.2)
