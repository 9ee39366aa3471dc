"""Somebody who has got a link."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest_asyncio

from tests.support import answering
from tests.support.answering import House


@pytest_asyncio.fixture
async def maud(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at Korpen, with a browser."""
    async with answering.browsing(house.app) as client:
        yield client
