"""The routes every service serves alike: files and the choice of language."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from services.runtime import languages
from services.runtime.web import cookies
from services.runtime.web.assets import Assets
from services.runtime.web.forms import local_path
from services.runtime.web.pages import ANYONE, NothingHere, Pages, visitor_of

shared_pages = Pages("shared")
_YEAR = 365 * 24 * 3600
SPEAK = "speak"
"""In the address a form is sent to: the language to go on in."""


@shared_pages.get("/static/{name}", roles=ANYONE)
async def send_file(request: Request, name: str) -> Response:
    """A file under its hashed name, compressed where the browser can read that."""
    assets: Assets = request.app.state.site.assets
    asset = assets.find(name)
    if asset is None:
        raise NothingHere
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)


@shared_pages.post("/language", roles=ANYONE)
async def choose_language(
    request: Request,
    code: Annotated[str, Form(max_length=8)],
    back: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Speak another language from now on, and go back to the same page."""
    if code not in languages.OFFERED:
        raise NothingHere
    answer = RedirectResponse(local_path(back), status_code=303)
    _remember(answer, request, code)
    return answer


async def in_language_asked_for(request: Request, answering: Awaitable[Response]) -> Response:
    """The answer to a form of a page that keeps what is filled in (`carried`): in the language its sender
    has changed to meanwhile, and so from now on."""
    code, spoken = request.query_params.get(SPEAK, ""), request.app.state.site.spoken
    if code not in spoken:
        return await answering
    request.state.visitor = replace(visitor_of(request), language=spoken[code])
    answer = await answering
    _remember(answer, request, code)
    return answer


def _remember(answer: Response, request: Request, code: str) -> None:
    cookies.give(answer, request, cookies.LANGUAGE, code, lasts=_YEAR)
