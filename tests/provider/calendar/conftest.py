"""A small town's calendar over a real database."""

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
    """A town of this test alone."""
    urls = [await schema_of(postgres_server, each) for each in (provider_service, referral_service)]
    async with town_at(*urls) as town:
        await tell_a_small_town(town)
        yield town


@pytest_asyncio.fixture(scope="module")
async def quiet_town(postgres_server: Postgres) -> AsyncIterator[Town]:
    """A town nobody changes anything in, shared by the tests of a module."""
    async with town_of_its_own(postgres_server) as town:
        await tell_a_small_town(town)
        yield town


@pytest_asyncio.fixture
async def browser(quiet_town: Town) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(quiet_town.app), base_url=OWN) as client:
        yield client
