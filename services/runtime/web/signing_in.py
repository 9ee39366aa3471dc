"""Signing in and out. In a demonstration anybody may be anybody, and every page says so."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from services.runtime.web.forms import local_path
from services.runtime.web.headers import is_https
from services.runtime.web.identity import Identity
from services.runtime.web.navigation import home_of
from services.runtime.web.pages import ANYONE, NothingHere, Pages
from services.runtime.web.visitors import SESSION_COOKIE
from sluss_contracts.vocabulary import Role

if TYPE_CHECKING:
    from services.runtime.web.site import Site

pages = Pages("signing in")
_ORDER = list(Role)


def demo_key(identity: Identity) -> str:
    """What a demo button sends: the role and the person, as in `link_worker/anna-lind`."""
    return f"{identity.role.value}/{identity.actor.id}"


@pages.get("/login", roles=ANYONE)
async def choose_whom_to_be(request: Request, next: str = "/") -> Response:
    """Everybody the demonstration offers, by role; outside one, how to get in."""
    site: Site = request.app.state.site
    offered = (
        sorted(await site.demo_people(), key=lambda one: _ORDER.index(one.role)) if site.demo_people else []
    )
    by_role = [(role, list(people)) for role, people in groupby(offered, key=lambda one: one.role)]
    return site.page(request, "login.html", by_role=by_role, demo_key=demo_key, next=local_path(next))


@pages.post("/login/demo", roles=ANYONE)
async def be_somebody(
    request: Request,
    person: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form(max_length=500)] = "/",
) -> Response:
    """Sign in as a made-up person. There is no such door outside a demonstration."""
    site: Site = request.app.state.site
    offered = {demo_key(one): one for one in await site.demo_people()} if site.demo_people else {}
    if person not in offered:
        raise NothingHere
    token = await site.sessions.open(offered[person], instead_of=request.cookies.get(SESSION_COOKIE))
    wanted = local_path(next)
    home = home_of(offered[person].role) if wanted == "/" else wanted
    answer = RedirectResponse(home, status_code=303)
    answer.set_cookie(SESSION_COOKIE, token, httponly=True, samesite="lax", secure=is_https(request.scope))
    return answer


@pages.post("/logout", roles=ANYONE)
async def sign_out(request: Request) -> Response:
    """End the session everywhere it counts: in the database."""
    site: Site = request.app.state.site
    if token := request.cookies.get(SESSION_COOKIE):
        await site.sessions.close(token)
    answer = RedirectResponse("/", status_code=303)
    answer.delete_cookie(SESSION_COOKIE, httponly=True, samesite="lax", secure=is_https(request.scope))
    return answer
