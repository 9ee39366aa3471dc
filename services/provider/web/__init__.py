"""The provider service's pages: the public calendar of activities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.provider.calendar.reading import people_of_the_demo
from services.provider.web.calendar import calendar_pages
from services.runtime.calls import Network
from services.runtime.running import Running
from services.runtime.web import Pages, build_web, secret_for_pages

ROOM = Path(__file__).parent


def pages(running: Running) -> FastAPI:
    """The pages of a running provider service: `main(service, web=pages)`."""
    return provider_web(
        running.pool,
        running.engine,
        running.network,
        secret=secret_for_pages(running.settings),
        demo=running.settings.demo,
        now=running.clock.now,
        speed=running.settings.clock_speed,
    )


def provider_web(
    pool: asyncpg.Pool,
    engine: AsyncEngine,
    network: Network,
    *,
    secret: str,
    demo: bool,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    more: Sequence[Pages] = (),
) -> FastAPI:
    """The same from its parts. `more` are route tables beside the calendar's.

    `pool` writes (sessions), `engine` reads, both in the provider's schema; what pages change they ask for
    over `network`, as everybody does.
    """
    return build_web(
        "provider",
        pool=pool,
        secret=secret,
        pages=[*calendar_pages(engine, network), *more],
        rooms=[ROOM],
        demo_people=partial(people_of_the_demo, engine) if demo else None,
        now=now,
        speed=speed,
    )
