"""The provider service's pages: those behind the links to providers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.provider import links
from services.provider.links.keys import signer
from services.provider.links.pages import link_pages
from services.provider.links.token import Signer
from services.runtime.calls import Network
from services.runtime.running import Running
from services.runtime.web import Pages, build_web, secret_for_pages

LINKS = Path(links.__file__).parent


def pages(running: Running) -> FastAPI:
    """The pages of a running provider service: `main(service, web=pages)`."""
    return provider_web(
        running.pool,
        running.engine,
        running.network,
        signer(),
        secret=secret_for_pages(running.settings),
        now=running.clock.now,
        speed=running.settings.clock_speed,
    )


def provider_web(
    pool: asyncpg.Pool,
    engine: AsyncEngine,
    network: Network,
    signer: Signer,
    *,
    secret: str,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    more: Sequence[Pages] = (),
) -> FastAPI:
    """The same from its parts. `more` are route tables beside the links'.

    `pool` writes (sessions), `engine` reads, both in the provider's schema; what pages change they ask for
    over `network`, as everybody does.
    """
    return build_web(
        "provider",
        pool=pool,
        secret=secret,
        pages=[link_pages(engine, network, signer, now), *more],
        rooms=[LINKS],
        now=now,
        speed=speed,
    )
