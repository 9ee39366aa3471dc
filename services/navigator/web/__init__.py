"""The navigator's pages: the first page with its board, and one for each referral."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from services.navigator.sights import look, people_of_the_demo
from services.navigator.web.live_board import LiveBoard
from services.navigator.web.pages import board_pages
from services.runtime.web import Pages, build_web
from services.runtime.web.site import Lifespan, Probe

ROOM = Path(__file__).parent


def navigator_web(
    pool: asyncpg.Pool,
    *,
    secret: str,
    demo: bool,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    more: Sequence[Pages] = (),
    probes: Mapping[str, Probe] | None = None,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """The navigator's web application. `more` are route tables beside the board's.

    `app.state.live_board.close()` lets everybody go who watches the board; call it when the service stops.
    """
    live = LiveBoard(partial(look, pool))
    app = build_web(
        "navigator",
        pool=pool,
        secret=secret,
        pages=[board_pages(live, pool), *more],
        rooms=[ROOM],
        demo_people=partial(people_of_the_demo, pool) if demo else None,
        now=now,
        speed=speed,
        probes=probes,
        lifespan=lifespan,
    )
    app.state.live_board = live
    return app
