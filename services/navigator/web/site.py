"""The navigator's pages: the first page with its board, one for each referral, and the link worker's desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.accesses import ROOM as ACCESSES
from services.navigator.accesses import access_pages
from services.navigator.coordinating import ROOM as COORDINATING
from services.navigator.coordinating import coordinator_pages
from services.navigator.demo_people import people_of_the_demo
from services.navigator.desk import ROOM as DESK
from services.navigator.desk import Frame, News, desk_pages
from services.navigator.desk.refusals import REFUSALS as DESK_RULES
from services.navigator.meeting_links import ROOM as MEETING_LINKS
from services.navigator.meeting_links.keys import signer
from services.navigator.meeting_links.pages import meeting_link_pages
from services.navigator.meeting_links.token import MeetingSigner
from services.navigator.planning import ROOM as PLANNING
from services.navigator.planning import RULES as PLANNING_RULES
from services.navigator.planning import planning_pages
from services.navigator.referrers import ROOM as REFERRERS
from services.navigator.referrers import referrer_pages
from services.navigator.sights import look
from services.navigator.web.live_board import LiveBoard
from services.navigator.web.pages import board_pages
from services.navigator.web.signing_in import sign_in_of
from services.runtime.calls import Network
from services.runtime.running import Running
from services.runtime.web import Pages, build_web, secret_for_pages
from services.runtime.web.signing_in import SignIn

ROOM = Path(__file__).parent


def pages(running: Running) -> FastAPI:
    """The pages of a running navigator: `main(navigator, web=pages)`."""
    return navigator_web(
        running.pool,
        running.engine,
        secret=secret_for_pages(running.settings),
        network=running.network,
        demo=running.settings.demo,
        sign_in=sign_in_of(running),
        now=running.clock.now,
        speed=running.settings.clock_speed,
        meetings=signer(),
    )


def navigator_web(
    pool: asyncpg.Pool,
    engine: AsyncEngine,
    *,
    secret: str,
    demo: bool,
    sign_in: SignIn | None = None,
    network: Network | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    meetings: MeetingSigner | None = None,
    more: Sequence[Pages] = (),
) -> FastAPI:
    """The same from its parts. `more` are route tables beside the board's; without `meetings` there are no
    pages behind links to meetings.

    `pool` writes (sessions), `engine` reads, both in the navigator's schema; what pages change, and whom they
    are about, they ask over `network`.
    """
    live, news = LiveBoard(partial(look, engine)), News(engine)
    frame = Frame(engine)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        news.close()
        await live.close()

    return build_web(
        "navigator",
        pool=pool,
        secret=secret,
        pages=[
            board_pages(live, engine),
            *desk_pages(frame, news),
            *planning_pages(frame),
            access_pages(engine),
            referrer_pages(engine),
            coordinator_pages(engine),
            *([meeting_link_pages(engine, meetings)] if meetings else []),
            *more,
        ],
        rooms=[ROOM, DESK, PLANNING, ACCESSES, REFERRERS, COORDINATING, MEETING_LINKS],
        refusals={**PLANNING_RULES, **DESK_RULES},
        demo_people=partial(people_of_the_demo, engine) if demo else None,
        sign_in=sign_in,
        network=network,
        now=now,
        speed=speed,
        lifespan=lifespan,
    )
