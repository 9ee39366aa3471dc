"""A small town's catalogue over a real database, with the standard's own example brought in."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from services.provider.app import service as provider_service
from services.referral.app import service as referral_service
from sluss.machine.postgres import Postgres
from tests.support.calendar import Town, tell_a_small_town, town_at, town_of_its_own
from tests.support.desk import schema_of

OWN = "http://sluss.test"


@pytest_asyncio.fixture
async def town(postgres_server: Postgres) -> AsyncIterator[Town]:
    """A town of this test alone, with nothing in it."""
    urls = [await schema_of(postgres_server, each) for each in (provider_service, referral_service)]
    async with town_at(*urls) as town:
        yield town
        await town.desk.assert_state_is_the_fold_of_the_events()


@pytest_asyncio.fixture(scope="module")
async def quiet_town(postgres_server: Postgres) -> AsyncIterator[Town]:
    """A town nobody changes anything in, shared by the tests of a module."""
    async with town_of_its_own(postgres_server) as town:
        await tell_a_small_town(town)
        yield town


@pytest_asyncio.fixture
async def program(quiet_town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's program, which asks the read API."""
    transport = httpx.ASGITransport(quiet_town.app)
    async with httpx.AsyncClient(transport=transport, base_url=f"{OWN}/hsds/v3") as client:
        yield client
