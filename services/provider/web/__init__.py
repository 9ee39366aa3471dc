"""The provider service's pages: the public calendar, and those behind the links to providers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.provider import links
from services.provider.calendar.reading import people_of_the_demo
from services.provider.links.keys import signer
from services.provider.links.pages import link_pages
from services.provider.links.token import Signer
from services.provider.moderation_pages import ROOM as MODERATION
from services.provider.moderation_pages import moderation_pages
from services.provider.sheet import ROOM as SHEET
from services.provider.sheet.pages import sheet_pages
from services.provider.web.calendar import calendar_pages
from services.provider.web.hsds import hsds_pages
from services.runtime.calls import Network
from services.runtime.running import Running
from services.runtime.web import Pages, build_web, secret_for_pages

ROOM = Path(__file__).parent
LINKS = Path(links.__file__).parent


def pages(running: Running) -> FastAPI:
    """The pages of a running provider service: `main(service, web=pages)`."""
    return provider_web(
        running.pool,
        running.engine,
        running.network,
        signer(),
        secret=secret_for_pages(running.settings),
        demo=running.settings.demo,
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
    demo: bool,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    more: Sequence[Pages] = (),
) -> FastAPI:
    """The same from its parts. `more` are route tables beside the calendar's and the links'.

    `pool` writes (sessions), `engine` reads, both in the provider's schema; what pages change they ask for
    over `network`, as everybody does.
    """
    return build_web(
        "provider",
        pool=pool,
        secret=secret,
        pages=[
            *calendar_pages(engine, network),
            hsds_pages(engine),
            link_pages(engine, network, signer, now),
            moderation_pages(engine),
            sheet_pages(engine, now),
            *more,
        ],
        rooms=[ROOM, LINKS, MODERATION, SHEET],
        demo_people=partial(people_of_the_demo, engine) if demo else None,
        network=network,
        now=now,
        speed=speed,
    )
