"""kill -9 anything at any time: nothing is lost, nothing is doubled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest
import pytest_asyncio

from sluss.ledger import SERVICES
from tests.faults.town import Town, town, under

pytestmark = [pytest.mark.faults, pytest.mark.slow(minutes=2), pytest.mark.timeout(400)]

POINTS = ("received:3", "in_transaction:4", "committed:5", "half_published:2", "published:6")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def twice(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """A town with two replicas of every service."""
    folder = tmp_path_factory.mktemp("twice")
    async with town(folder, replicas=dict.fromkeys(SERVICES, 2)) as there:
        yield there


@pytest.mark.alone
async def test_every_service_dies_at_every_point_and_every_referral_arrives(tmp_path: Path) -> None:
    async with town(tmp_path) as there:
        for service in SERVICES:
            there.plant(service, POINTS)
        outcome = await there.refer(24, per_second=2)
        await there.assert_whole(outcome)
        assert there.points_left() == []
        assert there.restarts() >= len(POINTS) * len(SERVICES)


async def test_two_replicas_of_every_service_killed_at_random(twice: Town) -> None:
    chance, before = Random(3), twice.restarts()

    async def killer() -> None:
        for _ in range(10):
            await asyncio.sleep(chance.uniform(0.5, 1.5))
            if pids := twice.pids(chance.choice(SERVICES)):
                twice.kill(chance.choice(pids))

    await twice.assert_whole(await under(twice, killer, referrals=20, after=0.5))
    assert twice.restarts() - before >= 7


async def test_frozen_owners_lose_their_slots_and_commit_nothing_when_they_thaw(twice: Town) -> None:
    frozen = [twice.pids(service)[0] for service in SERVICES]
    await twice.assert_whole(await under(twice, lambda: twice.freeze(frozen, 7), referrals=15))
    assert [twice.pids(service)[0] for service in SERVICES] == frozen, "they were to thaw, not to be replaced"


async def test_postgres_is_killed_and_services_go_on_when_it_is_back(twice: Town) -> None:
    before = twice.run.postgres.pid
    await twice.assert_whole(await under(twice, lambda: twice.kill(before), referrals=15))
    assert twice.run.postgres.pid != before


async def test_everything_is_told_to_stop_and_started_again_on_the_same_data(twice: Town) -> None:
    before = set(twice.run.pids) - {twice.run.pid}
    await twice.assert_whole(await under(twice, twice.stop_and_start, referrals=15))
    assert not before & (set(twice.run.pids) - {twice.run.pid})
