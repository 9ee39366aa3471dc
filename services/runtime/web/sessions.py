"""Sessions: opaque, kept in Postgres, the same for all services' pages.

The browser holds a random token, the database its hash. A session ends after `IDLE` without a page, after
`LIFETIME` in any case, by signing out, or by being revoked; a new one is made at every sign-in, so a token
known from before is worth nothing after.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import asyncpg
from sqlalchemy import Interval, Text, bindparam, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from services.runtime.rows import new_row
from services.runtime.tx import sql
from services.runtime.web.identity import Identity
from services.runtime.web.tables import session
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

IDLE = timedelta(minutes=30)
LIFETIME = timedelta(hours=12)
_TOUCH_AFTER = timedelta(minutes=1)
"""How stale `seen` may grow before a page view writes it: reading a page should seldom write."""

_alive = (session.c.seen > func.now() - bindparam("idle", type_=Interval)) & (
    session.c.opened > func.now() - bindparam("lifetime", type_=Interval)
)
_FIND = sql(select(session).where(session.c.token_hash == bindparam("token_hash"), _alive))
_TOUCH = sql(
    update(session)
    .where(
        session.c.token_hash == bindparam("token_hash"),
        session.c.seen < func.now() - bindparam("stale", type_=Interval),
    )
    .values(seen=func.now())
)
_OPEN = sql(new_row(session, "token_hash", "role", "actor", "organisation", "team", "name"))
_CLOSE = sql(delete(session).where(session.c.token_hash == bindparam("token_hash")))
_REVOKE = sql(
    delete(session).where(session.c.actor == bindparam("actor"), session.c.role == bindparam("role"))
)
END_SESSIONS = sql(
    delete(session)
    .where(
        session.c.role == func.any(bindparam("roles", type_=ARRAY(Text))),
        session.c.actor == func.any(bindparam("actors", type_=ARRAY(Text))),
    )
    .returning(session.c.actor)
)
"""In a service's own transaction: every session of these people in these roles."""
END_SESSIONS_OF = sql(
    delete(session).where(session.c.organisation == func.any(bindparam("organisations", type_=ARRAY(Text))))
)
"""Likewise of everybody who signed in for these organisations."""
_SWEEP = sql(
    delete(session).where(
        or_(
            session.c.seen <= func.now() - bindparam("idle", type_=Interval),
            session.c.opened <= func.now() - bindparam("lifetime", type_=Interval),
        )
    )
)


def _hash(token: str) -> bytes:
    # The token is 256 random bits, so a plain hash cannot be guessed backwards; no salt is needed.
    return hashlib.sha256(token.encode()).digest()


class Sessions:
    """The store of sessions. Any service may use it: all share the schema `web`."""

    def __init__(self, pool: asyncpg.Pool, *, idle: timedelta = IDLE, lifetime: timedelta = LIFETIME) -> None:
        self._pool = pool
        self._limits = {"idle": idle, "lifetime": lifetime}

    async def find(self, token: str, *, touch: bool = True) -> Identity | None:
        """Whose token this is, if the session is alive; looking keeps it alive unless `touch` is false."""
        key = _hash(token)
        row = await self._pool.fetchrow(_FIND.text, *_FIND.arguments({"token_hash": key, **self._limits}))
        if row is None:
            return None
        if touch:
            arguments = _TOUCH.arguments({"token_hash": key, "stale": _TOUCH_AFTER})
            await self._pool.execute(_TOUCH.text, *arguments)
        actor = Actor(id=row["actor"], role=Role(row["role"]), organisation=row["organisation"])
        return Identity(actor=actor, name=row["name"], team=row["team"])

    async def open(self, identity: Identity, *, instead_of: str | None = None) -> str:
        """A new session; the one the browser came with ends. Returns the token for the cookie."""
        token = secrets.token_urlsafe(32)
        actor = identity.actor
        row = {
            "token_hash": _hash(token),
            "role": actor.role.value,
            "actor": actor.id,
            "organisation": actor.organisation,
            "team": identity.team,
            "name": identity.name,
        }
        async with self._pool.acquire() as connection, connection.transaction():
            if instead_of:
                await connection.execute(_CLOSE.text, *_CLOSE.arguments({"token_hash": _hash(instead_of)}))
            await connection.execute(_SWEEP.text, *_SWEEP.arguments(self._limits))
            await connection.execute(_OPEN.text, *_OPEN.arguments(row))
        return token

    async def close(self, token: str) -> None:
        """End one session; ending what has ended is fine."""
        await self._pool.execute(_CLOSE.text, *_CLOSE.arguments({"token_hash": _hash(token)}))

    async def revoke(self, actor: Actor) -> None:
        """End every session of somebody in one role, wherever they are signed in."""
        arguments = _REVOKE.arguments({"actor": actor.id, "role": actor.role.value})
        await self._pool.execute(_REVOKE.text, *arguments)
