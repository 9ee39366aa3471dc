"""All services' pages in one process on one database, outside a demonstration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest_asyncio
from fastapi import FastAPI

from services.console.web.site import console_web
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
    async with AsyncExitStack() as stack:
        work = await stack.enter_async_context(casework_of_its_own(postgres_server, demo=False))
        far = await on_the_way(work)
        provider, referral = work.at["provider"], work.at["referral"]
        reading = open_engine(provider.url, "provider")
        stack.push_async_callback(reading.dispose)
        shared: dict[str, Any] = {"secret": SECRET, "demo": False, "now": work.clock.now}
        apps = {
            "navigator": work.app,
            "provider": provider_web(
                provider.pool, reading, work, Signer(b"only-for-tests-and-long-enough-to-sign"), **shared
            ),
            "referral": referral_web(
                referral.pool, work, referral.service, work.clock, vault, secret=SECRET, demo=False
            ),
            "console": console_web(work.at["navigator"].pool, work.engine, **shared),
        }
        yield Sites(work, far, apps)
