"""The handbook as pages of the console."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fastapi import Request
from starlette.responses import Response

from services.console.handbook.reading import INDEX, NoSuchPage, page
from services.console.handbook.rendering import PATH, to_html
from services.console.web.frame import OPERATORS, console_page
from services.runtime.web import NothingHere, Pages, visitor_of

ROOM: Final = Path(__file__).parent


def handbook_pages() -> Pages:
    """The pages; they read nothing but the handbook's files."""
    pages = Pages("console handbook")

    @pages.get(PATH, roles=OPERATORS)
    async def front_page(request: Request) -> Response:
        """What there is to read, by what somebody wonders."""
        return _shown(request, INDEX)

    @pages.get(f"{PATH}/{{name:path}}", roles=OPERATORS)
    async def one(request: Request, name: str) -> Response:
        """One page: `watching`, `incidents`, `incidents/disk-nearly-full`."""
        return _shown(request, name)

    return pages


def _shown(request: Request, name: str) -> Response:
    language = visitor_of(request).language.code
    for candidate in (name, f"{name}/{INDEX}"):
        try:
            found = page(candidate, language)
        except NoSuchPage:
            continue
        return console_page(request, "handbook.html", page=found, body=to_html(found))
    raise NothingHere
