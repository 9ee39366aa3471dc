"""Keeping what somebody writes as they write it: by script, by a button, and when their session has ended."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.runtime.languages import mark
from services.runtime.web.drafts import OWNER, PLACE, Draft
from services.runtime.web.forms import local_path, read_form
from services.runtime.web.pages import Pages, actor_of, visitor_of
from sluss_contracts.vocabulary import Role

if TYPE_CHECKING:
    from services.runtime.web.site import Site

pages = Pages("drafts")
_WRITE = frozenset(Role) - {Role.SERVICE}
SAVED = mark("Draft kept %(hour)s")


@pages.post("/drafts", roles=_WRITE)
async def keep(request: Request) -> Response:
    """Keep the form as it is; whoever has no script comes back to it."""
    form, site = await read_form(request), _site(request)
    place = local_path(form.one(PLACE))
    await site.drafts.keep(actor_of(request), place, form)
    if "application/json" in request.headers.get("accept", ""):
        language = visitor_of(request).language
        return JSONResponse({"said": language.say(SAVED, hour=language.hour(site.now()))})
    return RedirectResponse(place, status_code=303)


@pages.post("/drafts/forget", roles=_WRITE)
async def forget(request: Request) -> Response:
    """Throw it away, and begin with an empty form."""
    place = local_path((await read_form(request)).one(PLACE))
    await _site(request).drafts.forget(actor_of(request), place)
    return RedirectResponse(place, status_code=303)


async def draft_of(request: Request) -> Draft | None:
    """What the visitor has begun to write on this very page."""
    return await _site(request).drafts.find(actor_of(request), request.url.path)


async def sent(request: Request) -> None:
    """What was written on a page has been sent, so nothing of it is kept any more."""
    if place := (await read_form(request)).one(PLACE):
        await _site(request).drafts.forget(actor_of(request), place)


async def rescue(request: Request) -> str:
    """Where to sign in for what was sent when nobody was signed in any more: the form is kept for whom it was
    shown to, and is there again afterwards."""
    form, drafts = await read_form(request), _site(request).drafts
    owner = drafts.owner_of(form.one(OWNER))
    place = local_path(form.one(PLACE), "")
    if owner is None or not place:
        return "/login"
    await drafts.keep(owner, place, form)
    return f"/login?next={quote(place, safe='')}"


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site
