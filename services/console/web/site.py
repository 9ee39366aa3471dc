"""The console's pages put together: for operators, below `/console`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from fastapi import FastAPI
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.handbook import pages as handbook
from services.console.letters import deciding
from services.console.letters import pages as letters
from services.console.loops import pages as loops
from services.console.standing import pages as standing
from services.console.standing.place import Containers, Place, place_of
from services.console.web.audit import audit_pages
from services.console.web.contracts import contract_pages
from services.console.web.events import event_pages
from services.console.web.following import Follower
from services.console.web.frame import operators_of_the_demo
from services.console.web.story import story_pages
from services.console.web.tail import tail_pages
from services.runtime.calls import Network
from services.runtime.clock import Clock, NetworkClock
from services.runtime.running import Running
from services.runtime.web import Pages, build_web, secret_for_pages

ROOM = Path(__file__).parent


def pages(running: Running) -> FastAPI:
    """The pages of a running console: `main(service, web=pages)`."""
    return console_web(
        running.pool,
        running.engine,
        network=running.network,
        client=running.nats,
        monitors=running.settings.monitor_urls,
        clock=running.clock,
        disks=running.settings.disks,
        place=place_of(running.settings.console_logs),
        secret=secret_for_pages(running.settings),
        demo=running.settings.demo,
        now=running.clock.now,
        speed=running.settings.clock_speed,
    )


def console_web(
    pool: asyncpg.Pool,
    engine: AsyncEngine,
    *,
    secret: str,
    demo: bool,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    speed: float = 1.0,
    network: Network | None = None,
    client: Client | None = None,
    monitors: Sequence[str] = (),
    clock: Clock | None = None,
    disks: Sequence[Path] = (),
    place: Place | None = None,
    more: Sequence[Pages] = (),
) -> FastAPI:
    """The same from its parts. `more` are route tables beside these.

    `pool` writes (sessions, what operators do), `engine` reads, both as the console's role; over
    `network` the vault is told of every masked field that somebody sees. `client` and `monitors` are the
    broker's; without them its state is left out, and dead letters can be looked at only. Of the disks where
    `disks` lie it is told how much room there is. Commands are told as they are typed at `place`: on
    containers, unless it is said.
    """
    follower = Follower(engine)
    clock = clock or NetworkClock()
    place = place or Containers()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await follower.close()

    return build_web(
        "console",
        pool=pool,
        secret=secret,
        pages=[
            tail_pages(engine, follower),
            event_pages(engine, pool),
            story_pages(engine, pool),
            contract_pages(),
            audit_pages(engine),
            standing.standing_pages(standing.Sources(pool, client, monitors, clock, disks, place)),
            loops.loop_pages(pool, clock),
            deciding.proposal_pages(pool, client),
            letters.letter_pages(pool, client),
            handbook.handbook_pages(place),
            *more,
        ],
        rooms=[ROOM, standing.ROOM, loops.ROOM, letters.ROOM, handbook.ROOM],
        demo_people=operators_of_the_demo if demo else None,
        now=now,
        speed=speed,
        lifespan=lifespan,
        network=network,
    )
