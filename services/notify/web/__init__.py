"""The notify service's pages: those behind the links in messages to people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.notify.web.evaluation_pages import evaluation_pages
from services.runtime.calls import Network
from services.runtime.running import Running
from services.runtime.web import Identity, Pages, build_web, secret_for_pages

ROOM = Path(__file__).parent


def pages(running: Running) -> FastAPI:
    """The pages of a running notify service: `main(service, web=pages)`."""
    return notify_web(
        running.pool,
        running.engine,
        running.network,
        secret=secret_for_pages(running.settings),
        demo=running.settings.demo,
        now=running.clock.now,
        speed=running.settings.clock_speed,
    )


def notify_web(
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
    """The same from its parts. `more` are route tables beside the evaluations'.

    `pool` writes (sessions), `engine` reads, both in the service's schema; answers are sent over `network`.
    """
    return build_web(
        "notify",
        pool=pool,
        secret=secret,
        pages=[evaluation_pages(engine), *more],
        rooms=[ROOM],
        demo_people=_nobody if demo else None,
        network=network,
        now=now,
        speed=speed,
    )


async def _nobody() -> list[Identity]:
    """Whoever has a link need not be anybody; everybody else signs in in front."""
    return []
