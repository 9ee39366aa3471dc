"""An empty town that directories are brought into, over a real database."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from services.provider.app import service as provider_service
from services.referral.app import service as referral_service
from sluss.machine.postgres import Postgres
from tests.support.calendar import Town, town_at
from tests.support.desk import schema_of


@pytest_asyncio.fixture
async def town(postgres_server: Postgres) -> AsyncIterator[Town]:
    urls = [await schema_of(postgres_server, each) for each in (provider_service, referral_service)]
    async with town_at(*urls) as town:
        yield town
        await town.desk.assert_state_is_the_fold_of_the_events()


@pytest_asyncio.fixture
async def program(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody else's program, which asks the read API."""
    transport = httpx.ASGITransport(town.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://sluss.test/hsds/v3") as client:
        yield client
