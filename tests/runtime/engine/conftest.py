"""A database with the runtime's tables for each service a test plays with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest_asyncio

from services.runtime.engine.connection import connect
from sluss.machine.postgres import Postgres
from tests.support.databases import schemas_of

Open = Callable[..., Awaitable[Any]]


SERVICES = ("lab", "reader", "third")


@pytest_asyncio.fixture
async def database(postgres_server: Postgres) -> AsyncIterator[str]:
    """A database with a schema for each of the services lab, reader and third."""
    async with schemas_of(postgres_server, *SERVICES) as url:
        yield url


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
