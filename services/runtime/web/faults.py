"""Plain pages for when something is wrong: what happened, what to do, and never a traceback."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.runtime.languages import mark
from services.runtime.logging import logger
from services.runtime.web.drafting import rescue
from services.runtime.web.pages import FromAnotherSite, NotForYou, NothingHere, SignInFirst

if TYPE_CHECKING:
    from services.runtime.web.site import Site


@dataclass(frozen=True)
class Fault:
    """One kind of error page."""

    status: int
    title: str
    what_to_do: str


NOTHING_HERE = Fault(
    404,
    mark("There is nothing here"),
    mark(
        "The address may be old or mistyped, or it leads to something you may not see. "
        "Begin again from the start page."
    ),
)
NOT_FOR_YOU = Fault(
    403,
    mark("This page is for others"),
    mark("You are signed in, but not in a role that uses this page. Sign in as somebody else, or go back."),
)
OLD_FORM = Fault(
    403,
    mark("The form could not be accepted"),
    mark(
        "It was open too long, or was not sent from one of our own pages. "
        "Go back, load the page again and send it once more."
    ),
)
NOT_UNDERSTOOD = Fault(
    400,
    mark("The request could not be understood"),
    mark("Something in it was missing or had the wrong form. Go back and try again."),
)
NOT_DONE_SO = Fault(
    405,
    mark("That cannot be done here"),
    mark("The address is right, but not for this. Go back and use the buttons on the page."),
)
TOO_LARGE = Fault(
    413, mark("That was too much"), mark("What was sent is larger than any of our forms. Send less.")
)
OUR_FAULT = Fault(
    500,
    mark("Something broke on our side"),
    mark(
        "Nothing you had sent earlier is lost. "
        "Try again in a while; if it goes on, give the operators the number below."
    ),
)
_BY_STATUS = {fault.status: fault for fault in (NOT_UNDERSTOOD, NOTHING_HERE, NOT_DONE_SO, TOO_LARGE)}


def show(request: Request, fault: Fault, *, number: str | None = None) -> Response:
    """The error's page, in the visitor's language."""
    site: Site = request.app.state.site
    return site.page(request, "fault.html", status=fault.status, fault=fault, number=number)


async def _ask_to_sign_in(request: Request, _: Exception) -> Response:
    if request.method in ("GET", "HEAD"):
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(here, safe='')}", status_code=303)
    return RedirectResponse(await rescue(request), status_code=303)


async def _nothing_here(request: Request, _: Exception) -> Response:
    return show(request, NOTHING_HERE)


async def _not_for_you(request: Request, _: Exception) -> Response:
    return show(request, NOT_FOR_YOU)


async def _old_form(request: Request, _: Exception) -> Response:
    return show(request, OLD_FORM)


async def _invalid(request: Request, error: Exception) -> Response:
    # An id of the wrong shape is an unknown id.
    assert isinstance(error, RequestValidationError)
    in_address = all(fault["loc"][0] == "path" for fault in error.errors())
    return show(request, NOTHING_HERE if in_address else NOT_UNDERSTOOD)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    fault = _BY_STATUS.get(error.status_code, NOT_UNDERSTOOD if error.status_code < 500 else OUR_FAULT)
    answer = show(request, fault)
    for name, value in (error.headers or {}).items():
        answer.headers[name] = value
    return answer


def install(app: FastAPI) -> None:
    """Answer every expected refusal with its page."""
    app.add_exception_handler(SignInFirst, _ask_to_sign_in)
    app.add_exception_handler(NothingHere, _nothing_here)
    app.add_exception_handler(NotForYou, _not_for_you)
    app.add_exception_handler(FromAnotherSite, _old_form)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


class PlainFaults:
    """ASGI middleware for what nobody expected: logs it under a number and shows a page with that number."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; turn an exception into a page unless the answer has begun."""
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as error:
            if scope["type"] != "http":
                raise
            number = secrets.token_hex(4)
            site: Site = scope["app"].state.site
            logger(site.service).error("page_failed", number=number, exc_info=error)
            if begun:
                raise
            await show(Request(scope), OUR_FAULT, number=number)(scope, receive, send)
