"""All services' pages in one process on one database, outside a demonstration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from fastapi import FastAPI

from services.console.web.site import console_web
from services.notify.web import notify_web
from services.provider.links.token import Signer
from services.provider.web import provider_web
from services.referral.vault.safe import vault
from services.referral.web import referral_web
from services.runtime.database import open_engine
from services.runtime.web.pages import Row
from sluss.machine.postgres import Postgres
from tests.support.casework import Casework, casework_of_its_own
from tests.support.pages import SECRET
from tests.support.planning import Far, on_the_way

LINK_KEY = "only-for-tests-and-long-enough-to-sign"


@dataclass(frozen=True)
class Sites:
    """Every service's pages, and a case that is well on its way."""

    work: Casework
    far: Far
    apps: dict[str, FastAPI]

    def rows(self) -> list[tuple[str, Row]]:
        """Every route of every service, once."""
        found: dict[tuple[str, str], tuple[str, Row]] = {}
        for name, app in self.apps.items():
            for row in app.state.site.rows:
                found.setdefault((row.method, row.path), (name, row))
        return list(found.values())


@pytest_asyncio.fixture(scope="module")
async def sites(postgres_server: Postgres) -> AsyncIterator[Sites]:
    async with sites_of(postgres_server) as made:
        yield made


@asynccontextmanager
async def sites_of(server: Postgres, kind: type[Casework] = Casework) -> AsyncIterator[Sites]:
    """Every service's pages on a network of their own, with a case that is well on its way."""
    async with AsyncExitStack() as stack:
        work = await stack.enter_async_context(casework_of_its_own(server, demo=False, kind=kind))
        far = await on_the_way(work)
        provider, referral, notify = work.at["provider"], work.at["referral"], work.at["notify"]
        reading, asking = open_engine(provider.url, "provider"), open_engine(notify.url, "notify")
        stack.push_async_callback(reading.dispose)
        stack.push_async_callback(asking.dispose)
        shared: dict[str, Any] = {"secret": SECRET, "demo": False, "now": work.clock.now}
        apps = {
            "navigator": work.app,
            "provider": provider_web(provider.pool, reading, work, Signer(LINK_KEY.encode()), **shared),
            "referral": referral_web(
                referral.pool, work, referral.service, work.clock, vault, secret=SECRET, demo=False
            ),
            "notify": notify_web(notify.pool, asking, work, **shared),
            "console": console_web(work.at["navigator"].pool, work.engine, **shared),
        }
        yield Sites(work, far, apps)
