"""A database with the runtime's tables for each service a test plays with."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import pytest_asyncio

from services.runtime.engine.connection import connect
from services.runtime.migrate import create_role_and_schema, migrate
from sluss.machine.postgres import Postgres

_PASSWORD = "only-for-tests"

Open = Callable[..., Awaitable[Any]]


SERVICES = ("lab", "reader", "third")


@pytest_asyncio.fixture(scope="session")
async def prepared(postgres_server: Postgres) -> str:
    """The name of a database that is copied for each test, since migrating takes longer than copying."""
    name = f"prepared_{secrets.token_hex(6)}"
    await create_database(postgres_server, name)
    await prepare(postgres_server.url(database=name))
    return name


@pytest_asyncio.fixture
async def database(postgres_server: Postgres, prepared: str) -> AsyncIterator[str]:
    """A database with a schema for each of the services lab, reader and third."""
    name = f"engine_{secrets.token_hex(6)}"
    await create_database(postgres_server, name, template=prepared)
    yield postgres_server.url(database=name)
    admin = await asyncpg.connect(postgres_server.url())
    await admin.execute(f"drop database {name} with (force)")
    await admin.close()


async def create_database(server: Postgres, name: str, *, template: str = "template1") -> None:
    admin = await asyncpg.connect(server.url())
    try:
        await admin.execute(f"create database {name} template {template}")
    finally:
        await admin.close()


async def prepare(url: str) -> None:
    """Roles, schemas and runtime tables of the three services."""
    admin = await asyncpg.connect(url)
    try:
        for service in SERVICES:
            await create_role_and_schema(admin, service, _PASSWORD)
    finally:
        await admin.close()
    for service in SERVICES:
        await migrate(url, service)


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
