"""One database for the tests of a module, emptied for each."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sluss.machine.postgres import Postgres
from tests.support.console import Record, record_of_its_own


@pytest_asyncio.fixture(scope="session")
async def tables(postgres_server: Postgres) -> AsyncIterator[Record]:
    async with record_of_its_own(postgres_server) as record:
        yield record


@pytest_asyncio.fixture
async def record(tables: Record) -> Record:
    await tables.empty()
    return tables
