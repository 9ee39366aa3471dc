"""One event: where it stands, what it says as far as operators see it, and what it came of."""

from __future__ import annotations

from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.console.log.finding import one
from services.console.masking import masked_fields
from services.console.web.frame import OPERATORS, console_page
from services.runtime.web import NothingHere, Pages


def event_pages(engine: AsyncEngine) -> Pages:
    """The pages, reading through this engine."""
    pages = Pages("console events")

    @pages.get("/console/events/{event_id}", roles=OPERATORS)
    async def event(request: Request, event_id: UUID) -> Response:
        """One event with its payload."""
        row = await one(engine, event_id)
        if row is None:
            raise NothingHere
        masked = list(masked_fields(row.entry.shown))
        return console_page(request, "console_event.html", row=row, entry=row.entry, masked=masked)

    return pages
