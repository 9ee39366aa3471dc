"""Cookies: read by no script, sent to this site alone; over TLS bound to this very host (`__Host-`).

A `__Host-` cookie cannot be set by a sibling host or over plain HTTP (RFC 6265bis, 4.1.3.2), so nobody plants
a session or a form's cookie of theirs. Over plain HTTP, as on one's own machine, browsers refuse the prefix.
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Scope

from services.runtime.web.headers import is_https

SESSION: Final = "sluss_session"
VISITOR: Final = "sluss_visitor"
"""Names a browser before anybody signs in: a random number that says nothing about the person."""
LANGUAGE: Final = "sluss_language"
SIGNING_IN: Final = "sluss_signing_in"
"""What must come back from the sign-in service, sealed."""


def name_of(base: str, scope: Scope) -> str:
    """What a cookie is called on this connection."""
    return f"__Host-{base}" if is_https(scope) else base


def read(request: HTTPConnection, base: str) -> str | None:
    """The cookie's value, if the browser sent one."""
    return request.cookies.get(name_of(base, request.scope))


def give(
    answer: Response, request: HTTPConnection, base: str, value: str, *, lasts: int | None = None
) -> None:
    """Have the browser keep it; until it is closed, or for so many seconds."""
    answer.headers.append("set-cookie", _written(request.scope, base, value, lasts))


def take(answer: Response, request: HTTPConnection, base: str) -> None:
    """Have the browser forget it."""
    give(answer, request, base, "", lasts=0)


def give_at_start(headers: MutableHeaders, scope: Scope, base: str, value: str) -> None:
    """The same for an answer that is under way."""
    headers.append("set-cookie", _written(scope, base, value, None))


def _written(scope: Scope, base: str, value: str, lasts: int | None) -> str:
    # Lax and not Strict: whoever comes from a link in a mail, or back from the sign-in service, is signed in.
    parts = [f"{name_of(base, scope)}={value}", "Path=/", "HttpOnly", "SameSite=Lax"]
    if lasts is not None:
        parts.append(f"Max-Age={lasts}")
    if is_https(scope):
        parts.append("Secure")
    return "; ".join(parts)
