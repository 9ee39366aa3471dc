"""Signing in and out: by the organisation's sign-in service, or as anybody in a demonstration.

The service answers for who somebody is, the network for what they may be here (`SignIn.known`). Each sign-in
makes a new session, whatever the browser came with.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from services.runtime.logging import logger
from services.runtime.web import cookies
from services.runtime.web.forms import local_path
from services.runtime.web.guessing import WITHIN, Guessing
from services.runtime.web.identity import Claims, Identity
from services.runtime.web.navigation import home_of
from services.runtime.web.oidc import LASTS, OidcSignIn, SignInFailed, SignInServiceIsAway
from services.runtime.web.pages import ANYONE, NothingHere, Pages, visitor_of
from services.runtime.web.senders import sender_of
from sluss_contracts.vocabulary import Role

if TYPE_CHECKING:
    from services.runtime.web.site import Site

pages = Pages("signing in")
_ORDER = list(Role)
STATUS = {"failed": 400, "unknown": 403, "too_many": 429, "away": 503}


@dataclass(frozen=True)
class SignIn:
    """How people sign in outside a demonstration."""

    oidc: OidcSignIn
    known: Callable[[Claims], Awaitable[Sequence[Identity]]]
    """Whom somebody with these claims may be here; nobody for a stranger."""
    guessing: Guessing = field(default_factory=lambda: Guessing("sign_in_guessed"))


def demo_key(identity: Identity) -> str:
    """What a button sends: the role and the person, as in `link_worker/anna-lind`."""
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
    return await _let_in(request, offered[person], next)


@pages.get("/login/begin", roles=ANYONE)
async def begin(request: Request, next: str = "/") -> Response:
    """To the sign-in service. A link and no form, for a form may not lead to another site."""
    try:
        begun = await _sign_in(request).oidc.begin(local_path(next))
    except SignInServiceIsAway:
        return _not_in(request, "away")
    answer = RedirectResponse(begun.address, status_code=303)
    cookies.give(answer, request, cookies.SIGNING_IN, begun.kept, lasts=LASTS)
    return answer


@pages.get("/login/callback", roles=ANYONE)
async def come_back(request: Request) -> Response:
    """Back from the sign-in service: in, to a choice of roles, or out with a plain page."""
    sign_in = _sign_in(request)
    try:
        kept = cookies.read(request, cookies.SIGNING_IN)
        finished = await sign_in.oidc.finish(dict(request.query_params), kept)
    except SignInServiceIsAway:
        return _not_in(request, "away")
    except SignInFailed as failed:
        logger("web").warning("sign_in_failed", reason=str(failed))
        return _failed(request, sign_in)
    found = await sign_in.known(finished.claims)
    if not found:
        logger("web").warning("sign_in_unknown")
        return _not_in(request, "unknown", farewell=await sign_in.oidc.farewell())
    if len(found) == 1:
        return await _let_in(request, found[0], finished.next)
    answer = _site(request).page(request, "login_role.html", found=found, demo_key=demo_key)
    cookies.give(answer, request, cookies.SIGNING_IN, sign_in.oidc.keep(finished), lasts=LASTS)
    return answer


@pages.post("/login/role", roles=ANYONE)
async def act_as(request: Request, person: Annotated[str, Form(max_length=200)]) -> Response:
    """In, in the role that was chosen among those that are theirs."""
    sign_in = _sign_in(request)
    try:
        finished = sign_in.oidc.kept(cookies.read(request, cookies.SIGNING_IN))
    except SignInFailed:
        return _failed(request, sign_in)
    found = {demo_key(one): one for one in await sign_in.known(finished.claims)}
    if person not in found:
        raise NothingHere
    return await _let_in(request, found[person], finished.next)


@pages.post("/logout", roles=ANYONE)
async def sign_out(request: Request) -> Response:
    """End the session where it counts, in the database; then at the sign-in service, if it says how."""
    site = _site(request)
    if token := cookies.read(request, cookies.SESSION):
        await site.sessions.close(token)
    farewell = await site.sign_in.oidc.farewell() if site.sign_in else None
    answer: Response = RedirectResponse("/", status_code=303)
    if farewell:
        # Not by redirection, which a form may not be led to another site by; the page has a link besides.
        request.state.visitor = replace(visitor_of(request), identity=None)
        answer = site.page(request, "signed_out.html", farewell=farewell)
        answer.headers["Refresh"] = f"0; url={farewell}"
    cookies.take(answer, request, cookies.SESSION)
    return answer


async def _let_in(request: Request, identity: Identity, next_page: str) -> Response:
    """A new session, and on to the page that was wanted, or the one where this role begins."""
    site = _site(request)
    wanted = local_path(next_page)
    token = await site.sessions.open(identity, instead_of=cookies.read(request, cookies.SESSION))
    answer = RedirectResponse(home_of(identity.role) if wanted == "/" else wanted, status_code=303)
    cookies.give(answer, request, cookies.SESSION, token)
    cookies.take(answer, request, cookies.SIGNING_IN)
    return answer


def _failed(request: Request, sign_in: SignIn) -> Response:
    """Who fails often is told to wait; whoever does everything right gets in all the same."""
    if not sign_in.guessing.missed(sender_of(request)):
        return _not_in(request, "failed")
    answer = _not_in(request, "too_many")
    answer.headers["Retry-After"] = str(int(WITHIN))
    return answer


def _not_in(request: Request, why: str, *, farewell: str | None = None) -> Response:
    answer = _site(request).page(request, "login_failed.html", status=STATUS[why], why=why, farewell=farewell)
    cookies.take(answer, request, cookies.SIGNING_IN)
    return answer


def _sign_in(request: Request) -> SignIn:
    found = _site(request).sign_in
    if found is None:
        raise NothingHere
    return found


def _site(request: Request) -> Site:
    site: Site = request.app.state.site
    return site
