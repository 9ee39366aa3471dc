"""What somebody has begun to write and not sent: kept sealed for a day, and put back into the form.

A long form carries `{{ draft_fields() }}`: the page keeps what is written by script as it is written, and
without script by a button. A form that is sent when its session has ended is kept as well, for whoever it was
shown to, and is there again when they have signed in. Only the hash of whose and where is in the table, and
what was written is encrypted with a key that is not: whoever reads the database reads nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg
import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Interval, bindparam, delete, func, select

from services.runtime.rows import new_row, upsert
from services.runtime.tx import sql
from services.runtime.web.forms import FIELD, SentForm
from services.runtime.web.tables import draft
from sluss_contracts.command import Actor

KEPT_FOR: Final = timedelta(hours=24)
OWNER: Final = "draft_owner"
"""The field that says, sealed, whom the form was shown to."""
PLACE: Final = "draft_place"
"""The field that says which page the form stands on."""
_LEFT_OUT: Final = frozenset({FIELD, OWNER, PLACE, "form_id", "sequence"})
_NONCE: Final = 12

_KEEP = sql(upsert(new_row(draft, "place", "sealed", "saved"), "sealed", "saved"))
_FIND = sql(
    select(draft.c.sealed, draft.c.saved).where(
        draft.c.place == bindparam("place"),
        draft.c.saved > func.now() - bindparam("kept", type_=Interval),
    )
)
_DROP = sql(delete(draft).where(draft.c.place == bindparam("place")))
_SWEEP = sql(delete(draft).where(draft.c.saved <= func.now() - bindparam("kept", type_=Interval)))


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written, and when it was kept last (by the wall clock)."""

    form: SentForm
    saved: datetime


class Drafts:
    """The drafts of everybody, each readable by its owner's pages alone."""

    def __init__(self, pool: asyncpg.Pool, secret: bytes) -> None:
        self._pool = pool
        self._secret = secret

    async def keep(self, actor: Actor, place: str, form: SentForm) -> None:
        """Keep this form as it is now, and nothing of what was kept before. An empty one is forgotten."""
        said = {name: list(values) for name, values in form.items() if name not in _LEFT_OUT}
        if not any(value.strip() for values in said.values() for value in values):
            await self.forget(actor, place)
            return
        nonce = os.urandom(_NONCE)
        where = self._place(actor, place)
        sealed = nonce + self._box(actor).encrypt(nonce, orjson.dumps(said), where)
        async with self._pool.acquire() as connection:
            await connection.execute(_SWEEP.text, *_SWEEP.arguments({"kept": KEPT_FOR}))
            row = {"place": where, "sealed": sealed, "saved": datetime.now(UTC)}
            await connection.execute(_KEEP.text, *_KEEP.arguments(row))

    async def find(self, actor: Actor, place: str) -> Draft | None:
        """What they had begun to write there, if it is kept still."""
        where = self._place(actor, place)
        row = await self._pool.fetchrow(_FIND.text, *_FIND.arguments({"place": where, "kept": KEPT_FOR}))
        if row is None:
            return None
        nonce, box = row["sealed"][:_NONCE], row["sealed"][_NONCE:]
        try:
            said = orjson.loads(self._box(actor).decrypt(nonce, box, where))
        except InvalidTag:  # sealed with another secret
            return None
        return Draft(SentForm({name: tuple(values) for name, values in said.items()}), row["saved"])

    async def forget(self, actor: Actor, place: str) -> None:
        """It has been sent, or thrown away."""
        await self._pool.execute(_DROP.text, *_DROP.arguments({"place": self._place(actor, place)}))

    def owner(self, actor: Actor) -> str:
        """Whom a form is shown to, as the form may say it: nobody else can make this."""
        named = orjson.dumps([actor.role.value, actor.id, actor.organisation])
        return f"{named.hex()}.{self._mac(b'owner', named).hex()}"

    def owner_of(self, said: str) -> Actor | None:
        """The other way round; None for what nobody's page has said."""
        named, _, mac = said.partition(".")
        try:
            raw, given = bytes.fromhex(named), bytes.fromhex(mac)
        except ValueError:
            return None
        if not hmac.compare_digest(given, self._mac(b"owner", raw)):
            return None
        role, id, organisation = orjson.loads(raw)
        return Actor(id=id, role=role, organisation=organisation)

    def _place(self, actor: Actor, place: str) -> bytes:
        return self._mac(b"place", f"{actor.role.value}\n{actor.id}\n{place}".encode())

    def _box(self, actor: Actor) -> AESGCM:
        return AESGCM(self._mac(b"draft", f"{actor.role.value}\n{actor.id}".encode()))

    def _mac(self, purpose: bytes, said: bytes) -> bytes:
        return hmac.new(self._secret, purpose + b":" + said, hashlib.sha256).digest()
