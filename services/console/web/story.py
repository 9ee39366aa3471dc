"""The story of one referral: from any id to everything that happened, why, and what it waits for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

import asyncpg
from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import RedirectResponse, Response

from services.console import audit
from services.console.story.bundle import bundle
from services.console.story.collecting import Story, collect
from services.console.story.following import Step, causes, elsewhere, name_of, steps, waits_for, walked
from services.console.story.picture import draw
from services.console.story.resolving import Candidate, resolve
from services.console.web.frame import OPERATORS, console_page
from services.console.web.tail_query import ZONE
from services.console.web.telling import tell
from services.runtime.web import Language, NothingHere, Pages, mark, site_of, visitor_of

_ID: Final = re.compile(r"[\w.:@/-]{1,120}")
NOT_FOUND: Final = mark("Nothing in the log has this id.")


@dataclass(frozen=True, slots=True)
class Told:
    """One step in words."""

    step: Step
    what: str
    added: str


def story_pages(
    engine: AsyncEngine, pool: asyncpg.Pool, *, wall: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Pages:
    """The pages, reading through this engine; that a story is saved is written through this pool."""
    pages = Pages("console stories")

    @pages.get("/console/story", roles=OPERATORS)
    async def search(request: Request, id: str = "") -> Response:
        """Where any id is written; it leads to the story, or to those it may mean."""
        given = id.strip()
        found = await resolve(engine, given) if _ID.fullmatch(given) else []
        if len(found) == 1:
            return RedirectResponse(_address(found[0].key), status_code=303)
        fault = NOT_FOUND if given and not found else None
        return _choice(request, given, found, fault)

    @pages.get("/console/story/{id}", roles=OPERATORS)
    async def story(request: Request, id: str, known: str = "", all: str = "") -> Response:
        """The story itself, as it is or as it was known at a time."""
        until = _moment(known)
        told = await _find(engine, id, until)
        if told is None:
            found = await resolve(engine, id) if _ID.fullmatch(id) else []
            if len(found) == 1 and found[0].key != id:
                return RedirectResponse(_address(found[0].key), status_code=303)
            nothing = until is None and not found
            return _choice(request, id, found, NOT_FOUND if nothing else None, status=404 if nothing else 200)
        now = until or site_of(request).now()
        shown = steps(told, everything=bool(all))
        return console_page(
            request,
            "console_story.html",
            story=told,
            told=_in_words(shown, visitor_of(request).language),
            everything=bool(all),
            known=known if until else "",
            waits=waits_for(told.rows, now),
            elsewhere=elsewhere(told),
            trees=list(walked(causes([row.entry for row in told.rows]))),
            picture=draw([one.entry for one in shown], [row.entry for row in told.rows]),
            name_of=name_of,
            now=now,
        )

    @pages.get("/console/story/{id}/bundle.json", roles=OPERATORS)
    async def download(request: Request, id: str, known: str = "") -> Response:
        """The story as a file, with nothing of what is masked."""
        told = await _find(engine, id, _moment(known))
        if told is None:
            raise NothingHere
        identity = visitor_of(request).identity
        assert identity is not None, "only operators come here"
        await audit.write_down(pool, identity.actor, "exported", about=told.key)
        body = bundle(told, made=wall(), now=site_of(request).now())
        headers = {"Content-Disposition": f'attachment; filename="sluss-story-{told.key}.json"'}
        return Response(body, media_type="application/json", headers=headers)

    return pages


async def _find(engine: AsyncEngine, id: str, until: datetime | None) -> Story | None:
    return await collect(engine, id, until=until) if _ID.fullmatch(id) else None


def _choice(
    request: Request, given: str, found: list[Candidate], fault: str | None, *, status: int = 200
) -> Response:
    return console_page(
        request,
        "console_stories.html",
        status=status,
        given=given,
        found=found,
        fault=fault,
        address=_address,
    )


def _address(key: str) -> str:
    return f"/console/story/{quote(key, safe='')}"


def _moment(text: str) -> datetime | None:
    try:
        read = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=ZONE)


def _in_words(told: list[Step], language: Language) -> list[Told]:
    return [Told(step, *tell(name_of(step.entry), step.entry.shown, language)) for step in told]
