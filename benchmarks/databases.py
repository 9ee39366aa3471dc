"""Databases in the production schema, for benchmarks that fill them by themselves."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from services.runtime.database import open_pool
from services.runtime.migrate import create_role_and_schema, migrate
from sluss.machine.postgres import Postgres

_ONE_RUN = secrets.token_urlsafe(12)


@asynccontextmanager
async def migrated(
    server: Postgres, name: str, service: str, *, connections: int = 2
) -> AsyncIterator[asyncpg.Pool]:
    """A new database of this name with one service's schema, and connections to it."""
    admin = await asyncpg.connect(server.url())
    await admin.execute(f"create database {name}")
    await admin.close()
    admin = await asyncpg.connect(server.url(database=name))
    await create_role_and_schema(admin, service, _ONE_RUN)
    await admin.close()
    url = server.url(database=name, role=service, password=_ONE_RUN)
    await migrate(url, service)
    pool = await open_pool(url, service, connections)
    try:
        yield pool
    finally:
        await pool.close()


async def fill(pool: asyncpg.Pool, *statements: tuple[str, tuple[object, ...]]) -> None:
    """Run what makes many rows, however long it takes."""
    async with pool.acquire() as connection:
        await connection.execute("set statement_timeout = 0; set maintenance_work_mem = '512MB'")
        for statement, values in statements:
            await connection.execute(statement, *values, timeout=3600)
