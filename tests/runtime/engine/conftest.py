"""A database with the runtime's tables for each service a test plays with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest_asyncio

from services.runtime.engine.connection import connect
from services.runtime.migrate import create_role_and_schema, migrate

_PASSWORD = "only-for-tests"

Open = Callable[..., Awaitable[Any]]


@pytest_asyncio.fixture
async def database(postgres: str) -> str:
    """A database with a schema for each of the services lab, reader and third."""
    return await prepare(postgres)


async def prepare(url: str) -> str:
    admin = await asyncpg.connect(url)
    try:
        for service in ("lab", "reader", "third"):
            await create_role_and_schema(admin, service, _PASSWORD)
    finally:
        await admin.close()
    for service in ("lab", "reader", "third"):
        await migrate(url, service)
    return url


@pytest_asyncio.fixture
async def open_connection(database: str) -> AsyncIterator[Open]:
    """Connections in a service's schema, closed for you."""
    connections = []

    async def connection(schema: str = "lab", **options: Any) -> Any:
        connections.append(await connect(database, schema, **options))
        return connections[-1]

    yield connection
    for each in connections:
        each.terminate()


@pytest_asyncio.fixture
async def lab(open_connection: Open) -> Any:
    return await open_connection("lab")
