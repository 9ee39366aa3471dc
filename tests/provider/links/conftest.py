"""The provider service with its pages, and somebody who has got a link."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
import pytest_asyncio

from services.provider.links import keys
from sluss.machine.postgres import Postgres
from tests.support import answering
from tests.support.answering import House


@pytest.fixture(autouse=True)
def signed_with(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SLUSS_PROVIDER_LINK_KEY", answering.KEY)
    monkeypatch.setenv("SLUSS_PROVIDER_LINK_ADDRESS", f"{answering.OWN}/answer/")
    keys.signer.cache_clear()
    keys._settings.cache_clear()
    yield
    keys.signer.cache_clear()
    keys._settings.cache_clear()


@pytest_asyncio.fixture
async def house(postgres_server: Postgres) -> AsyncIterator[House]:
    async with answering.house(postgres_server) as here:
        yield here


@pytest_asyncio.fixture
async def maud(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at Korpen, with a browser."""
    async with answering.browsing(house.app) as client:
        yield client
