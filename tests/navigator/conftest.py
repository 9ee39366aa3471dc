"""A migrated database for the navigator, and the navigator at work on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from services.runtime.database import open_pool
from services.runtime.migrate import create_role_and_schema, migrate
from tests.navigator.office import Office

_PASSWORD = "only-for-tests"


@pytest_asyncio.fixture
async def navigator_url(postgres: str) -> str:
    """The database as the navigator's own role, every migration taken."""
    admin = await asyncpg.connect(postgres)
    try:
        await create_role_and_schema(admin, "navigator", _PASSWORD)
    finally:
        await admin.close()
    parts = urlsplit(postgres)
    url = urlunsplit(parts._replace(netloc=f"navigator:{_PASSWORD}@{parts.hostname}:{parts.port}"))
    await migrate(url, "navigator")
    return url


@pytest_asyncio.fixture
async def office(navigator_url: str) -> AsyncIterator[Office]:
    pool = await open_pool(navigator_url, "navigator", 8)
    yield Office(pool)
    pool.terminate()
