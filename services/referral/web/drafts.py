"""Forms half filled in, kept between their screens where nobody can read them but who writes.

A draft lies in the database, sealed with a key that is made of a secret in the writer's cookie and of the
form's own id, which is in the page's address and means nothing. Whoever reads the table has nothing; whoever
sees the address has nothing; and once the cookie is gone, which is what leaving the page does, so is the
draft.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import asyncpg
import orjson
from fastapi import Request
from sqlalchemy import Interval, bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from starlette.responses import Response

from services.referral.store.tables import draft
from services.referral.vault.keys import DataKey, Tampered
from services.runtime.tx import sql
from services.runtime.web.forms import is_nonce
from services.runtime.web.headers import is_https

COOKIE = "sluss_draft"
Said = dict[str, Any]

_later = func.now() + bindparam("lasting", type_=Interval)
_new = insert(draft).values(draft=bindparam("draft"), sealed=bindparam("sealed"), expires=_later)
_KEEP = sql(
    _new.on_conflict_do_update(
        index_elements=["draft"], set_={"sealed": _new.excluded.sealed, "expires": _new.excluded.expires}
    )
)
_READ = sql(select(draft.c.sealed).where(draft.c.draft == bindparam("draft"), draft.c.expires > func.now()))
_SWEEP = sql(delete(draft).where(draft.c.expires <= func.now()))


@dataclass(frozen=True)
class Draft:
    """One form as far as it is filled in."""

    said: Said = field(default_factory=dict)
    """By field, what was written."""
    owner: str = ""
    """Who writes, where they have signed in: nobody else who uses the browser goes on with it."""
    receipt: Said | None = None
    """What it was answered with, once it is sent; what was said is gone then."""


class Drafts:
    """The drafts of one form, which lie below one path."""

    def __init__(self, pool: asyncpg.Pool, base: str, lasting: timedelta) -> None:
        """`lasting` is how long a draft is kept after the last time it was written to."""
        self._pool, self._base, self._lasting = pool, base, lasting

    async def read(self, request: Request, form: str, owner: str = "") -> Draft:
        """The draft of a form of this browser's and owner's; an empty one where there is none."""
        secret = _secret_of(request)
        if secret is None:
            return Draft(owner=owner)
        name, key = _name_and_key(secret, form)
        row = await self._pool.fetchrow(_READ.text, *_READ.arguments({"draft": name}))
        if row is None:
            return Draft(owner=owner)
        try:
            found = Draft(**orjson.loads(key.open(row["sealed"], belongs_to=f"draft/{form}")))
        except Tampered:
            return Draft(owner=owner)
        return found if found.owner == owner else Draft(owner=owner)

    async def keep(self, request: Request, answer: Response, form: str, kept: Draft) -> None:
        """Write it down, and give the browser the secret with the answer."""
        secret = _secret_of(request) or secrets.token_urlsafe(32)
        name, key = _name_and_key(secret, form)
        content = {"said": kept.said, "owner": kept.owner, "receipt": kept.receipt}
        sealed = key.seal(orjson.dumps(content), belongs_to=f"draft/{form}")
        row = {"draft": name, "sealed": sealed, "lasting": self._lasting}
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(_SWEEP.text, *_SWEEP.arguments({}))
            await connection.execute(_KEEP.text, *_KEEP.arguments(row))
        secure = is_https(request.scope)
        answer.set_cookie(COOKIE, secret, path=self._base, httponly=True, samesite="lax", secure=secure)

    def leave(self, answer: Response) -> None:
        """Take the secret away: what was written can be read by nobody any more."""
        answer.delete_cookie(COOKIE, path=self._base, httponly=True, samesite="lax")


def _secret_of(request: Request) -> str | None:
    secret = request.cookies.get(COOKIE)
    return secret if is_nonce(secret) else None


def _name_and_key(secret: str, form: str) -> tuple[bytes, DataKey]:
    """Two values that tell nothing of each other (HMAC-SHA-256 under one secret, of different words)."""
    name = hmac.digest(secret.encode(), b"sluss draft name 1\0" + form.encode(), "sha256")
    key = hmac.digest(secret.encode(), b"sluss draft key 1\0" + form.encode(), "sha256")
    return name, DataKey(key)
