"""A migrated database for the navigator, and the navigator at work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from services.navigator.app import service
from services.runtime.database import open_pool
from sluss.machine.postgres import Postgres
from tests.navigator.office import Office
from tests.support.desk import schema_of


@pytest_asyncio.fixture
async def navigator_url(postgres_server: Postgres) -> str:
    """An empty schema with every migration taken, as the navigator's role."""
    return await schema_of(postgres_server, service)


@pytest_asyncio.fixture
async def office(navigator_url: str) -> AsyncIterator[Office]:
    pool = await open_pool(navigator_url, "navigator", 8)
    yield Office(pool)
    pool.terminate()
