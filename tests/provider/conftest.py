"""The provider service with its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from sluss.machine.postgres import Postgres
from tests.support import answering
from tests.support.answering import House


@pytest_asyncio.fixture
async def house(postgres_server: Postgres) -> AsyncIterator[House]:
    async with answering.house(postgres_server) as here:
        yield here
