"""The log as it grows: the newest events first, live where the browser has a script, in pages where it has
none."""

from __future__ import annotations

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.console.log.finding import PAGE, newest
from services.console.masking import searchable
from services.console.web.frame import OPERATORS, console_page
from services.console.web.tail_query import SINGLE, TYPES, view_of
from services.runtime.web import Pages


def tail_pages(engine: AsyncEngine) -> Pages:
    """The pages, reading through this engine."""
    pages = Pages("console tail")

    @pages.get("/console", roles=OPERATORS)
    async def tail(request: Request) -> Response:
        """One page of the log, the newest first, as the address wants it."""
        view = view_of(request.query_params)
        found = await newest(engine, view.wanted, before=view.before, most=PAGE + 1)
        return console_page(
            request,
            "console_tail.html",
            view=view,
            rows=found[:PAGE],
            older=view.address(before=found[PAGE - 1].position) if len(found) > PAGE else None,
            types=TYPES,
            single=SINGLE,
            fields=sorted(searchable()),
        )

    return pages
