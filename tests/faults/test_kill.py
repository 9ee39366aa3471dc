"""kill -9 anything at any time: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
from pathlib import Path
from random import Random

import pytest

from sluss.ledger import SERVICES
from tests.faults.town import town

pytestmark = [pytest.mark.faults, pytest.mark.timeout(400)]

POINTS = ("received:3", "in_transaction:4", "committed:5", "half_published:2", "published:6")


async def test_every_service_dies_at_every_point_and_every_referral_arrives(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        for service in SERVICES:
            there.plant(service, POINTS)
        outcome = await there.refer(60)
        assert outcome.complete, outcome.stuck
        assert await there.violations() == {}
        assert there.points_left() == []
        assert there.restarts() >= len(POINTS) * len(SERVICES)


async def test_two_replicas_of_every_service_killed_at_random(tmp_path: Path) -> None:
    chance = Random(3)
    async with town(tmp_path, replicas=dict.fromkeys(SERVICES, 2)) as there:

        async def killer() -> None:
            for _ in range(14):
                await asyncio.sleep(chance.uniform(0.8, 2.0))
                pids = there.pids(chance.choice(SERVICES))
                if pids:
                    there.kill(chance.choice(pids))

        killing = asyncio.create_task(killer())
        outcome = await there.refer(60)
        await killing
        assert outcome.complete, outcome.stuck
        assert await there.violations() == {}
        assert there.restarts() >= 10


async def test_a_frozen_owner_loses_its_slots_and_commits_nothing_when_it_thaws(tmp_path: Path) -> None:
    async with town(tmp_path, replicas=dict.fromkeys(SERVICES, 2)) as there:

        async def freezer() -> None:
            for service in SERVICES:
                await there.freeze(there.pids(service)[0], 8)

        freezing = asyncio.create_task(freezer())
        outcome = await there.refer(50)
        await freezing
        assert outcome.complete, outcome.stuck
        assert await there.violations() == {}
