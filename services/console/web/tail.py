"""The log as it grows: the newest first, live where there is a script, in pages where there is none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.console.log.finding import PAGE, Row, last_position, newest
from services.console.masking import searchable
from services.console.web.following import Follower
from services.console.web.frame import OPERATORS, console_page
from services.console.web.lines import line_of
from services.console.web.tail_query import LABELS, TYPES, View, view_of
from services.runtime.web import Language, NothingHere, Pages, Site, site_of, visitor_of

_POSITION: Final = re.compile(r"[0-9]{1,16}")
_MORE: Final = frozenset({"person", "correlation", "outcome", "from", "to"})
"""The conditions that are folded away until one of them is used."""
SHOWN_AT_MOST: Final = 1000
"""Rows that a page left open keeps; older ones are a page away."""


def tail_pages(engine: AsyncEngine, follower: Follower) -> Pages:
    """The pages, reading through this engine, woken by this follower."""
    pages = Pages("console tail")

    @pages.get("/console", roles=OPERATORS)
    async def tail(request: Request) -> Response:
        """One page of the log, the newest first, as the address wants it."""
        view = view_of(request.query_params)
        ends = await last_position(engine)
        before = ends + 1 if view.before is None else view.before
        found = await newest(engine, view.wanted, before=before, most=PAGE + 1)
        return console_page(
            request,
            "console_tail.html",
            view=view,
            more_open=any(name in _MORE for name in (*dict(view.conditions), *view.faults)),
            lines=[line_of(row) for row in found[:PAGE]],
            ends=ends,
            live=view.before is None,
            most=SHOWN_AT_MOST,
            older=view.address(before=found[PAGE - 1].position) if len(found) > PAGE else None,
            types=TYPES,
            labels=LABELS,
            fields=sorted(searchable()),
        )

    @pages.get("/console/stream", roles=OPERATORS, response_class=EventSourceResponse)
    async def stream(
        request: Request, view: Annotated[View, Depends(_sound_view)], after: str = ""
    ) -> AsyncIterator[ServerSentEvent]:
        """What comes, going on after the position that the browser has."""
        site, language = site_of(request), visitor_of(request).language
        known = request.headers.get("last-event-id") or after
        position = int(known) if _POSITION.fullmatch(known) else await last_position(engine)
        async for reached, rows in follower.follow(view.wanted, position):
            message = rows_message(site, language, rows)
            yield ServerSentEvent(event="rows", id=str(reached), raw_data=message, retry=1000)

    return pages


def _sound_view(request: Request) -> View:
    """Asked before a stream begins: what is not understood cannot be told in one."""
    view = view_of(request.query_params)
    if view.faults:
        raise NothingHere
    return view


def rows_message(site: Site, language: Language, rows: Sequence[Row]) -> str:
    """Rows as they stand in the page, each with its position, in the log's order."""
    told: list[dict[str, Any]] = [
        {"position": row.position, "html": _html(site, language, row)} for row in rows
    ]
    return orjson.dumps({"rows": told}).decode()


def _html(site: Site, language: Language, row: Row) -> str:
    return site.fragment("console_row.html", language, line=line_of(row))
