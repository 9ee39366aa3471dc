"""A migrated database for the navigator, and the navigator at work on it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio

from services.runtime.database import open_pool
from services.runtime.migrate import create_role_and_schema, migrate
from sluss.machine.postgres import Postgres
from tests.navigator.office import Office

_PASSWORD = "only-for-tests"


def _as_navigator(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"navigator:{_PASSWORD}@{parts.hostname}:{parts.port}"))


@pytest_asyncio.fixture(scope="session")
async def migrated(postgres_server: Postgres) -> str:
    """The name of a database with every migration taken, to be copied and not touched."""
    name = f"navigator_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres_server.url())
    await admin.execute(f"create database {name}")
    await admin.close()
    admin = await asyncpg.connect(postgres_server.url(database=name))
    await create_role_and_schema(admin, "navigator", _PASSWORD)
    await admin.close()
    await migrate(_as_navigator(postgres_server.url(database=name)), "navigator")
    return name


@pytest_asyncio.fixture
async def navigator_url(postgres_server: Postgres, migrated: str) -> AsyncIterator[str]:
    """A database of the test's own, as the navigator's role."""
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres_server.url())
    try:
        await admin.execute(f"create database {name} template {migrated}")
        yield _as_navigator(postgres_server.url(database=name))
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


@pytest_asyncio.fixture
async def office(navigator_url: str) -> AsyncIterator[Office]:
    pool = await open_pool(navigator_url, "navigator", 8)
    yield Office(pool)
    pool.terminate()
