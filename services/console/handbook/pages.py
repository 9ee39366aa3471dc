"""The handbook as pages of the console."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.console.handbook.reading import INDEX, NoSuchPage, page
from services.console.handbook.rendering import PATH, to_html
from services.console.standing.place import Place, steps_at
from services.console.web.frame import OPERATORS, console_page
from services.runtime.web import NothingHere, Pages, visitor_of

ROOM: Final = Path(__file__).parent


def handbook_pages(place: Place) -> Pages:
    """The pages; they read the handbook's files alone, and tell commands as they are typed at `place`."""
    pages = Pages("console handbook")

    @pages.get(PATH, roles=OPERATORS)
    async def front_page(request: Request) -> Response:
        """What there is to read, by what somebody wonders."""
        return _shown(request, INDEX, place)

    @pages.get(f"{PATH}/{{name:path}}", roles=OPERATORS)
    async def one(request: Request, name: str) -> Response:
        """One page: `watching`, `incidents`, `incidents/disk-nearly-full`."""
        return _shown(request, name, place)

    return pages


def _shown(request: Request, name: str, place: Place) -> Response:
    language = visitor_of(request).language.code
    for candidate in (name, f"{name}/{INDEX}"):
        try:
            found = page(candidate, language)
        except NoSuchPage:
            continue
        there = replace(found, text=steps_at(place, found.text))
        return console_page(request, "handbook.html", page=found, body=to_html(there))
    raise NothingHere
