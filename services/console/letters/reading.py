"""All services' dead letters, by cause and one by one, and what waits for a second person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from services.runtime.deadletters import DeadLetter, UnknownDeadLetter
from sluss_contracts.subjects import NotASubject, place_of

_COLUMNS: Final = (
    "number, event_id, key, subject, body, code, reason, died, resolved, resolution, resolved_by"
)
# `sluss.evt.<slot>.<noun>.<fact>.v1.<key>`, or `timer.<kind>`: without what differs from story to story.
_TYPE: Final = r"""case when subject like 'timer.%' then subject
  else regexp_replace(subject, '^sluss\.[a-z]+\.[^.]+\.(.*)\.[^.]+$', 'sluss.\1') end"""
_CAUSES: Final = f"""
select {{service!r}} as service, code, {_TYPE} as type, reason, count(*) as count,
       min(died) as first, max(died) as last, min(number) as number
from {{service}}.dead_letter where resolved is null group by code, {_TYPE}, reason
"""
_LETTERS: Final = f"""
select {_COLUMNS} from {{service}}.dead_letter
where ($1 or resolved is null) and ($2::text is null or code = $2) and ($3::text is null or {_TYPE} = $3)
  and ($4::text is null or key = $4) and ($5::text is null or reason = $5)
  and ($6::timestamptz is null or died < $6)
order by died desc, number desc limit $7
"""
_PROPOSALS: Final = """
select {service!r} as service, number, letters, event_id, body, proposed, proposed_by, account, reason,
       decided, decided_by, decision
from {service}.proposal where $1 or decision is null
"""


@dataclass(frozen=True, slots=True)
class Cause:
    """Dead letters that died of the same."""

    service: str
    code: str
    type: str
    """The event type, or `timer.<kind>`."""
    reason: str
    count: int
    first: datetime
    last: datetime
    number: int
    """One of them, the oldest."""


@dataclass(frozen=True, slots=True)
class Proposed:
    """What one operator has proposed, decided or not."""

    service: str
    number: int
    letters: list[int]
    event_id: UUID | None
    body: bytes | None
    """The event that would take the letter's place; None where they would be replayed as they came."""
    proposed: datetime
    proposed_by: str
    account: str | None
    """The account at the machine, where it was proposed at the command line."""
    reason: str
    decided: datetime | None
    decided_by: str | None
    decision: str | None


async def causes(connection: Any, services: Sequence[str]) -> list[Cause]:
    """What nobody has dealt with, the most frequent first."""
    each = " union all ".join(_CAUSES.format(service=service) for service in services)
    return [Cause(**row) for row in await connection.fetch(f"{each} order by count desc, last desc")]


async def letters(
    connection: Any,
    service: str,
    *,
    code: str | None = None,
    type: str | None = None,
    key: str | None = None,
    because: str | None = None,
    before: datetime | None = None,
    resolved: bool = False,
    most: int = 100,
) -> list[DeadLetter]:
    """One service's, the latest first; `resolved` shows those that were dealt with as well."""
    wanted = (resolved, code, type, key, because, before)
    rows = await connection.fetch(_LETTERS.format(service=service), *wanted, most)
    return [DeadLetter(**row) for row in rows]


async def letter(connection: Any, service: str, number: int) -> DeadLetter:
    """One. Raises `UnknownDeadLetter`."""
    row = await connection.fetchrow(f"select {_COLUMNS} from {service}.dead_letter where number = $1", number)
    if row is None:
        raise UnknownDeadLetter(f"there is no dead letter {number} in {service}")
    return DeadLetter(**row)


async def proposals(
    connection: Any,
    services: Sequence[str],
    *,
    letter: int | None = None,
    number: int | None = None,
    decided: bool = False,
) -> list[Proposed]:
    """Those that wait for a second person, the oldest first; `decided` shows the others as well."""
    each = " union all ".join(_PROPOSALS.format(service=service) for service in services)
    rows = await connection.fetch(f"{each} order by proposed", decided)
    found = [Proposed(**row) for row in rows]
    return [one for one in found if letter in (None, *one.letters) and number in (None, one.number)]


def type_of(letter: DeadLetter) -> str:
    """What it was, as its subject says: an event type, or `timer.<kind>`."""
    try:
        return place_of(letter.subject).type
    except NotASubject:
        return letter.subject
