"""A network in this process with the navigator's pages, shared by a module's tests: none counts on totals."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sluss.machine.postgres import Postgres
from tests.support.casework import Casework, casework_of_its_own


@pytest_asyncio.fixture(scope="module")
async def work(postgres_server: Postgres) -> AsyncIterator[Casework]:
    async with casework_of_its_own(postgres_server) as work:
        yield work
