"""A board over a real database, told of real events."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from sluss.machine.postgres import Postgres
from tests.support.pages import Database, Teller, navigator_database, pages_over

OWN = "http://sluss.test"


@pytest_asyncio.fixture(scope="session")
async def board_database(postgres_server: Postgres) -> AsyncIterator[Database]:
    name = f"board_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(postgres_server.url())
    try:
        await admin.execute(f"create database {name}")
        async with navigator_database(postgres_server.url(database=name)) as database:
            yield database
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


@pytest_asyncio.fixture
async def database(board_database: Database) -> Database:
    """The same database, its board empty."""
    await board_database.pool.execute("truncate board, board_step, board_party")
    return board_database


@pytest.fixture
def teller(database: Database) -> Teller:
    return Teller(database.pool)


@pytest.fixture
def app(database: Database, teller: Teller) -> FastAPI:
    return pages_over(database, teller)


@pytest_asyncio.fixture
async def browser(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        yield client
