"""How everything stands, as pages: a picture, what is wrong with the next command, streams and lanes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import asyncpg
from fastapi import Request
from nats.aio.client import Client
from starlette.responses import HTMLResponse, Response

from services.console.handbook.reading import runbook
from services.console.standing.broker import AWAY, streams_of, unread
from services.console.standing.disks import of_disks, room_on
from services.console.standing.examining import SERVICES, examine_broker, examine_record
from services.console.standing.finding import Finding
from services.console.standing.judging import lasting, size
from services.console.standing.place import Containers, Place
from services.console.standing.readers import readers
from services.console.web.frame import OPERATORS, console_page
from services.runtime.clock import Clock
from services.runtime.languages import Language
from services.runtime.web import Pages, site_of, visitor_of

ROOM: Final = Path(__file__).parent

_SAME_HERE: Final = {
    "sluss deadletters list": "/console/deadletters",
    "sluss streams": "/console/streams",
    "sluss loops": "/console/loops",
}
"""Commands that tell what a page of the console tells."""
_STORY: Final = "sluss story "


@dataclass(frozen=True, slots=True)
class Sources:
    """What the pages ask."""

    pool: asyncpg.Pool
    client: Client | None
    """The broker; None where there is none to ask."""
    monitors: Sequence[str]
    clock: Clock
    disks: Sequence[Path] = ()
    """Folders of which it is told how much room there is."""
    place: Place = field(default_factory=Containers)
    """Where commands are typed."""


def standing_pages(sources: Sources) -> Pages:
    """The pages, asking these sources anew for each visit."""
    pages = Pages("console standing")

    @pages.get("/console/health", roles=OPERATORS)
    async def health(request: Request) -> Response:
        """What is wrong, and everything else that was looked at."""
        return console_page(request, "standing.html", **await _seen(sources, visitor_of(request).language))

    @pages.get("/console/health/now", roles=OPERATORS)
    async def now(request: Request) -> Response:
        """The same without the frame, for a page that refreshes itself."""
        language = visitor_of(request).language
        body = site_of(request).fragment("standing_now.html", language, **await _seen(sources, language))
        return HTMLResponse(body)

    @pages.get("/console/streams", roles=OPERATORS)
    async def streams(request: Request) -> Response:
        """Streams, consumers, and each service's position in each lane."""
        async with sources.pool.acquire() as connection:
            found = await readers(connection, SERVICES)
        try:
            kept = await streams_of(sources.client) if sources.client else None
        except AWAY:
            kept = None
        return console_page(
            request, "streams.html", streams=kept, readers=found, size=size, unread=unread, lasting=lasting
        )

    return pages


def page_of(command: str) -> str:
    """The console's page that tells what a command tells; empty where none does."""
    if command.startswith(_STORY):
        return f"/console/story?id={quote(command.removeprefix(_STORY), safe='')}"
    return _SAME_HERE.get(command.partition(" --")[0], "")


async def _seen(sources: Sources, language: Language) -> dict[str, Any]:
    findings: list[Finding] = [of_disks(room_on(sources.disks))] if sources.disks else []
    if sources.client is not None:
        findings += [each async for each in examine_broker(sources.client, sources.monitors)]
    async with sources.pool.acquire() as connection:
        found = await readers(connection, SERVICES)
        findings += [each async for each in examine_record(connection, sources.clock)]
    return {
        "wrong": [each for each in findings if not each.well],
        "well": [each for each in findings if each.well],
        "readers": found,
        "lasting": lasting,
        "page_of": page_of,
        "typed": sources.place.typed,
        "runbook": lambda name: runbook(name, language.code),
        "broker_well": all(each.well for each in findings if each.part in ("broker", "streams")),
    }
