"""One event: where it stands, what it says as far as operators see it, what led to it and what it led to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from uuid import UUID

import asyncpg
from fastapi import Form, Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.console.log.entry import Entry
from services.console.log.finding import caused_by, one
from services.console.masking import masked_fields
from services.console.unmasking import PURPOSES, NothingMaskedThere, unmask, visible
from services.console.web.frame import OPERATORS, console_page
from services.console.web.lines import line_of
from services.runtime.decision import Refusal, Transient
from services.runtime.tending.errands import SHORTEST_NOTE
from services.runtime.tending.unmasking import LASTS
from services.runtime.web import NothingHere, Pages, mark, site_of, visitor_of
from sluss_contracts.command import Actor

SAID_PURPOSES: Final = {
    "fault_finding": mark("To find a fault"),
    "incident": mark("An incident"),
    "organisation_asks": mark("An organisation asks"),
    "person_asks": mark("The person asks"),
}
assert tuple(SAID_PURPOSES) == PURPOSES
SAY_WHY: Final = mark("Choose what for, and write why in ten signs or more, without naming anybody.")
NOT_NOW: Final = mark(
    "The vault did not write it into the person's access log, so nothing is shown. Try again in a moment."
)


def event_pages(engine: AsyncEngine, pool: asyncpg.Pool) -> Pages:
    """The pages, reading through this engine; what operators do is written through this pool."""
    pages = Pages("console events")

    @pages.get("/console/events/{event_id}", roles=OPERATORS)
    async def event(request: Request, event_id: UUID) -> Response:
        """One event with its payload."""
        return await _show(request, engine, await _entry(engine, event_id))

    @pages.post("/console/events/{event_id}/unmask", roles=OPERATORS)
    async def show_masked(
        request: Request,
        event_id: UUID,
        place: Annotated[str, Form(max_length=200)] = "",
        purpose: Annotated[str, Form(max_length=40)] = "",
        note: Annotated[str, Form(max_length=300)] = "",
    ) -> Response:
        """Let this operator see one masked field for a while."""
        entry = await _entry(engine, event_id)
        try:
            await unmask(
                pool,
                site_of(request).network,
                entry,
                place,
                actor=_actor(request),
                purpose=purpose,
                note=note,
            )
        except NothingMaskedThere:
            raise NothingHere from None
        except (Refusal, Transient) as refused:
            fault = SAY_WHY if getattr(refused, "code", "") == "say_why" else NOT_NOW
            given = {"place": place, "purpose": purpose, "note": note}
            return await _show(request, engine, entry, status=422, fault=fault, given=given)
        return RedirectResponse(f"/console/events/{event_id}#payload", status_code=303)

    return pages


async def _entry(engine: AsyncEngine, event_id: UUID) -> Entry:
    row = await one(engine, event_id)
    if row is None:
        raise NothingHere
    return row.entry


async def _show(
    request: Request,
    engine: AsyncEngine,
    entry: Entry,
    *,
    status: int = 200,
    fault: str | None = None,
    given: Mapping[str, str] | None = None,
) -> Response:
    seen = await visible(engine, entry, _actor(request))
    return console_page(
        request,
        "console_event.html",
        status=status,
        entry=entry,
        masked=[place for place in masked_fields(entry.shown) if place not in seen],
        seen=seen,
        cause=await _cause(engine, entry),
        led_to=[line_of(row) for row in await caused_by(engine, entry.event_id)],
        purposes=SAID_PURPOSES,
        minutes=int(LASTS.total_seconds() // 60),
        shortest=SHORTEST_NOTE,
        fault=fault,
        given=given or {},
    )


async def _cause(engine: AsyncEngine, entry: Entry) -> Entry | None:
    """The event that led to this one, where it was an event."""
    try:
        found = await one(engine, UUID(entry.causation or ""))
    except ValueError:
        return None
    return found.entry if found else None


def _actor(request: Request) -> Actor:
    identity = visitor_of(request).identity
    assert identity is not None, "only operators come here"
    return identity.actor
