"""Open loops as a page: what was promised and is late, and who has fallen silent."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import asyncpg
from fastapi import Request
from starlette.responses import Response

from services.console.loops.kinds import Kind
from services.console.loops.looking import open_loops, overdue, silent
from services.console.standing.judging import WAITS, lasting, silence
from services.console.web.frame import OPERATORS, console_page
from services.runtime.clock import Clock
from services.runtime.web import Pages

ROOM: Final = Path(__file__).parent
_MOST: Final = 100


def loop_pages(pool: asyncpg.Pool, clock: Clock) -> Pages:
    """The page, as of this clock."""
    pages = Pages("console loops")

    @pages.get("/console/loops", roles=OPERATORS)
    async def loops(request: Request) -> Response:
        """`kind` chooses among them."""
        asked = request.query_params.get("kind")
        kind = Kind(asked) if asked in set(Kind) else None
        now = clock.now()
        async with pool.acquire() as connection:
            counted = await open_loops(connection, now)
            late = await overdue(connection, now, kind, most=_MOST)
            quiet = await silent(connection, now)
        return console_page(
            request,
            "loops.html",
            kind=kind,
            counted=counted,
            late=late,
            silent=[silence(one) for one in quiet],
            waits=WAITS,
            now=now,
            lasting=lasting,
            most=_MOST,
        )

    return pages
