"""The operators' audit log: what each of them has done, wherever it was done, and why.

What is done in the console (and at the command line beside the network) is written into its own table. What
a service did for an operator, errand or command, is in that service's, in the transaction that did it. It is
read as one list. Rows are added and never changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.standing.examining import SERVICES
from services.console.tables import audit
from services.runtime.rows import new_row
from services.runtime.tx import sql
from sluss_contracts.command import Actor

_WRITE: Final = sql(
    new_row(audit, "actor", "account", "what", "about", "event_id", "purpose", "note", "details").returning(
        audit.c.number
    )
)
_HERE: Final = """
select 'console' as service, number, at, actor, account, what, about, event_id, purpose, note, details,
       '{}'::bigint[] as letters
from console.audit
"""
_THERE: Final = """
select '{service}', number, at, actor, account, action, outcome->>'about', null, outcome->>'purpose',
       nullif(reason, ''), outcome, letters
from {service}.operator_action
"""
_SOME: Final = """
where (cast(:actor as text) is null or actor = :actor)
  and (cast(:at as timestamptz) is null or (at, '{service}', number)
       < (cast(:at as timestamptz), cast(:service as text), cast(:number as bigint)))
order by at desc, number desc limit :most
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the list, to go on from."""

    at: datetime
    service: str
    number: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.service}~{self.number}"

    @classmethod
    def read(cls, written: str) -> Self | None:
        """A place from its text; None when it is none."""
        try:
            at, service, number = written.split("~")
            return cls(datetime.fromisoformat(at), service, int(number))
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing an operator did."""

    service: str
    """Where it was done."""
    number: int
    """Its number there."""
    at: datetime
    """By the wall clock."""
    actor: str
    account: str | None
    """The account at the machine, where it was done at the command line and the name is a claim."""
    what: str
    """`unmasked`, `exported`, an errand (`approve`), or a command (`navigator.allow_sign_in`)."""
    about: str | None
    """The story it is about."""
    event_id: UUID | None
    purpose: str | None
    note: str | None
    details: dict[str, Any]
    letters: list[int]
    """The dead letters it is about."""

    @property
    def mark(self) -> Mark:
        """Where it stands in the list."""
        return Mark(self.at, self.service, self.number)


async def write_down(
    connection: Any,
    actor: Actor,
    what: str,
    *,
    about: str | None = None,
    event_id: UUID | None = None,
    purpose: str | None = None,
    note: str | None = None,
    **details: Any,
) -> int:
    """Write down one deed on a connection (or pool) of the console's; gives its number. In a transaction
    it is written with what was done, or neither is."""
    row = {
        "actor": actor.id,
        "account": actor.account,
        "what": what,
        "about": about,
        "event_id": event_id,
        "purpose": purpose,
        "note": note,
        "details": details,
    }
    return int(await connection.fetchval(_WRITE.text, *_WRITE.arguments(row)))


async def latest(
    engine: AsyncEngine, *, before: Mark | None = None, actor: str | None = None, most: int = 100
) -> Sequence[Deed]:
    """The latest deeds, or those before a place in the list; the newest first. `actor` names one operator."""
    parts = [_HERE + _SOME.format(service="console")]
    parts += [(_THERE + _SOME).format(service=service) for service in SERVICES]
    each = " union all ".join(f"({part})" for part in parts)
    given = {
        "actor": actor,
        "most": most,
        "at": before.at if before else None,
        "service": before.service if before else None,
        "number": before.number if before else None,
    }
    order = "order by at desc, service desc, number desc limit :most"
    asked = text(f"{each} {order}").columns(details=JSONB)
    async with engine.connect() as connection:
        return [Deed(**row) for row in (await connection.execute(asked, given)).mappings()]
