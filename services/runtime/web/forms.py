"""What keeps another site from filling in our forms (cross-site request forgery).

Every form carries a token that is an HMAC of the visitor's own cookie, so nobody without the cookie can
make one; and a request whose `Sec-Fetch-Site` or `Origin` names another site is refused before that.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request

LEAST_SECRET = 32
"""Bytes of the secret behind the tokens."""
FIELD = "form_token"
HEADER = "x-form-token"

_NONCE = re.compile(r"[A-Za-z0-9_-]{22,64}")


class FromAnotherSite(Exception):
    """The form was not sent from one of our own pages, or the page was too old."""


class FormTokens:
    """Makes and checks the tokens. `secret` is shared by all services behind one front (SLUSS_WEB_SECRET)."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < LEAST_SECRET:
            raise ValueError(
                "the web secret must be at least 32 bytes; make one with `openssl rand -base64 48`"
            )
        self._secret = secret

    def for_cookie(self, cookie: str) -> str:
        """The token that forms sent with this cookie must carry."""
        return hmac.new(self._secret, b"form:" + cookie.encode(), hashlib.sha256).hexdigest()

    async def check(self, request: Request, expected: str) -> None:
        """Raise `FromAnotherSite` unless the request came from our own page with its token."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise FromAnotherSite("sent from another site")
        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc not in _own_hosts(request):
            raise FromAnotherSite("sent from another origin")
        given = request.headers.get(HEADER) or (await request.form()).get(FIELD)
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), expected.encode()):
            raise FromAnotherSite("the form's token is missing or old")


def sealing_key(secret: bytes, purpose: bytes) -> bytes:
    """A key of its own for each purpose, made of the pages' secret; as Fernet takes it."""
    return base64.urlsafe_b64encode(hmac.digest(secret, b"sluss web: " + purpose, "sha256"))


def _own_hosts(request: Request) -> set[str]:
    # Behind the front the page's own address is in X-Forwarded-Host; another site cannot set headers.
    forwarded = request.headers.get("x-forwarded-host", "").split(",")[0].strip()
    return {request.headers.get("host", ""), forwarded} - {""}


@dataclass(frozen=True, slots=True)
class FilledIn:
    """A form on the page that somebody is filling in: whoever changes the language sends it as it stands."""

    form: str
    """Its id; what it is sent to answers through `in_language_asked_for`."""
    field: str
    value: str
    """What is sent along, and says that it is to be shown again and not judged."""


class SentForm(dict[str, Sequence[str]]):
    """The fields of a form as they were sent, each with all its values."""

    def one(self, name: str) -> str:
        """The one value of a field, without blanks around it; empty where there is none."""
        return next(iter(self.get(name, ())), "").strip()

    def some(self, name: str) -> str | None:
        """The same, None where there is none: for what may be left out."""
        return self.one(name) or None

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field that may have several, without empty ones."""
        return tuple(value.strip() for value in self.get(name, ()) if value.strip())


async def read_form(request: Request) -> SentForm:
    """What was sent, without files and without what no keyboard types."""
    form = SentForm()
    for name, value in (await request.form()).multi_items():
        if not isinstance(value, UploadFile):
            form[name] = (*form.get(name, ()), value.replace("\x00", ""))
    return form


def fresh_nonce() -> str:
    """A value for the visitor's cookie."""
    return secrets.token_urlsafe(24)


def is_nonce(value: str | None) -> bool:
    """Whether a visitor's cookie is one we could have made."""
    return value is not None and _NONCE.fullmatch(value) is not None


def local_path(wanted: str | None, otherwise: str = "/") -> str:
    """A path on this site, whatever was asked for: a page may never send people elsewhere."""
    if not wanted or len(wanted) > 500 or not wanted.startswith("/") or wanted.startswith("//"):
        return otherwise
    if "\\" in wanted or any(ord(sign) < 32 for sign in wanted):
        return otherwise
    return wanted
