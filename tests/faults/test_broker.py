"""The broker is a cache: killed, or its whole store deleted, it comes back from the event tables."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.faults.town import Town, town

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


async def under_load(there: Town, harm: object, referrals: int = 50) -> None:
    assert callable(harm)

    async def later() -> None:
        await asyncio.sleep(4)
        harm()

    harming = asyncio.create_task(later())
    outcome = await there.refer(referrals)
    await harming
    assert outcome.complete, outcome.stuck
    assert await there.violations() == {}


async def test_a_killed_broker_is_started_again_and_nothing_is_missing(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        before = there.run.nats.pid
        await under_load(there, lambda: there.kill(there.run.nats.pid))
        assert there.run.nats.pid != before


async def test_the_whole_store_is_deleted_and_the_broker_restarted(tmp_path: Path) -> None:
    async with town(tmp_path) as there:

        def wipe() -> None:
            there.kill(there.run.nats.pid)
            shutil.rmtree(there.run.nats.store, ignore_errors=True)

        await under_load(there, wipe)


async def test_the_whole_store_is_deleted_under_the_running_broker(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        pid = there.run.nats.pid
        await under_load(there, lambda: shutil.rmtree(there.run.nats.store, ignore_errors=True))
        assert there.run.nats.pid == pid, "the broker was restarted; this test is about one left running"
