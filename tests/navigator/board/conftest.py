"""A board over a real database, told of real events."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from sluss.machine.postgres import Postgres
from tests.support.pages import Database, Teller, navigator_of_its_own, pages_over

OWN = "http://sluss.test"


@pytest_asyncio.fixture(scope="session")
async def board_database(postgres_server: Postgres) -> AsyncIterator[Database]:
    async with navigator_of_its_own(postgres_server) as database:
        yield database


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
