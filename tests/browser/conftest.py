"""A real Chromium on the real pages, served by a real web server over a real database."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from sluss.machine.postgres import Postgres
from tests.support.pages import (
    Database,
    Teller,
    Way,
    navigator_of_its_own,
    pages_over,
    served,
    tell_a_living_network,
)

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_PROGRAMS = ("chromium-headless-shell", "chromium")
"""The same engine without the windows it would never show: a fresh profile costs a fifth. Else with them."""

_PATIENCE = 20_000
"""Milliseconds to wait for what should come; a machine that runs all tests at once is slow."""
expect.set_options(timeout=_PATIENCE)

Open = Callable[..., Awaitable[Page]]


@dataclass
class LivingNetwork:
    """A network a while into its life, and where its pages are."""

    address: str
    database: Database
    teller: Teller
    ways: list[Way] = field(default_factory=list)


@pytest_asyncio.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """The operating system's Chromium. It must be there: a browser test that is skipped proves nothing."""
    program = next(filter(None, map(shutil.which, _PROGRAMS)), None)
    assert program, "Chromium is not installed; make test installs it, or run deploy/install-chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        await browser.close()


@pytest_asyncio.fixture
async def open_page(chromium: Browser) -> AsyncIterator[Open]:
    """Opens pages, each in a fresh profile; at the end, none may have complained on its console."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    async def open_page(
        url: str, *, language: str = "sv", width: int = 1280, scheme: Any = "light", **options: Any
    ) -> Page:
        context = await chromium.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            **options,
        )
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(_PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if _complains(said) else None)
        await page.goto(url)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert not complaints


def _complains(said: Any) -> bool:
    # Chromium reports every answer of 400 and above; those are tried on purpose.
    return said.type in ("error", "warning") and "Failed to load resource" not in said.text


@pytest_asyncio.fixture(scope="session")
async def living(postgres_server: Postgres) -> AsyncIterator[LivingNetwork]:
    """A demonstration with referrals in every lane. Shared: tests add to it, so none counts on totals."""
    async with navigator_of_its_own(postgres_server) as database:
        teller = Teller(database.pool)
        ways = await tell_a_living_network(teller, 60)
        async with served(pages_over(database, teller)) as address:
            yield LivingNetwork(address, database, teller, ways)


@pytest_asyncio.fixture(scope="session")
async def empty(postgres_server: Postgres) -> AsyncIterator[LivingNetwork]:
    """A demonstration in which nothing has happened."""
    async with navigator_of_its_own(postgres_server) as database:
        teller = Teller(database.pool)
        async with served(pages_over(database, teller)) as address:
            yield LivingNetwork(address, database, teller)


@pytest_asyncio.fixture(scope="session")
async def in_earnest(living: LivingNetwork) -> AsyncIterator[LivingNetwork]:
    """The same network outside a demonstration."""
    async with served(pages_over(living.database, living.teller, demo=False)) as address:
        yield LivingNetwork(address, living.database, living.teller, living.ways)
