"""What was refused for ever, waiting for somebody: to be looked at, replayed or put aside.

A replay is no side door: an event is queued for the ordered engine again, a timer is set anew, and both pass
through the same handlers as the first time. What has been dealt with stays in the table and cannot be
dealt with twice.

The functions take a connection (or pool) in the service's schema.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import orjson

from services.runtime.timers import SUBJECT as TIMER
from services.runtime.timers import kept_timer
from sluss_contracts.subjects import slot_of, type_pattern

_COLUMNS = "number, event_id, key, subject, body, code, reason, died, resolved, resolution, resolved_by"
_OPEN = f"select {_COLUMNS} from dead_letter where resolved is null order by died, number limit $1"
_ONE = f"select {_COLUMNS} from dead_letter where number = $1"
_RESOLVE = """
update dead_letter set resolved = now(), resolution = $2, resolved_by = $3
where number = $1 and resolved is null returning number
"""
_QUEUE = """
insert into parked (slot, key, event_id, subject, body, absorbed, reason) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (event_id) do nothing
"""
_NEVER_ABSORBED = ("unstorable",)
"""A rule refuses after the service's absorbers have seen the event; these codes come before."""
_SET = """
insert into timer (kind, id, key, due, data) values ($1, $2, $3, $4, $5::text::jsonb)
on conflict (kind, id) do nothing
"""


_WHICH = """
select number from dead_letter
where resolved is null and ($1::bigint[] = '{}' or number = any($1)) and ($2::text is null or code = $2)
  and ($3::text is null or subject like $3 or subject = $4) and ($5::text is null or key = $5)
  and ($6::timestamptz is null or died < $6) and ($7::text is null or reason = $7)
order by number limit $8
"""
MOST = 500
"""Dead letters that are dealt with in one go at most."""


class UnknownDeadLetter(LookupError):
    """There is no dead letter of this number in this service."""

    code: ClassVar[str] = "unknown_dead_letter"


class NotReplayable(Exception):
    """Its bytes cannot be read as an event, so there is nothing to replay; mend the sender and dismiss it."""

    code: ClassVar[str] = "not_replayable"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One of them."""

    number: int
    event_id: UUID | None
    """None when the bytes have no readable id, and for timers."""
    key: str | None
    subject: str
    """Where it was published, or `timer.<kind>`."""
    body: bytes
    code: str
    """The rule that refused, or `unreadable`, or `failed`."""
    reason: str
    died: datetime
    resolved: datetime | None
    resolution: str | None
    """`replayed`, `replaced` by a corrected event, or `dismissed`."""
    resolved_by: str | None

    @property
    def replayable(self) -> bool:
        """Whether it can be sent through the handlers again."""
        return self.key is not None and (self.event_id is not None or self.subject.startswith(f"{TIMER}."))


async def open_dead_letters(connection: Any, *, limit: int = 100) -> list[DeadLetter]:
    """Those nobody has dealt with, oldest first."""
    return [DeadLetter(**row) for row in await connection.fetch(_OPEN, limit)]


async def dead_letter(connection: Any, number: int) -> DeadLetter:
    """One, dealt with or not. Raises `UnknownDeadLetter`."""
    row = await connection.fetchrow(_ONE, number)
    if row is None:
        raise UnknownDeadLetter(f"there is no dead letter {number}")
    return DeadLetter(**row)


async def which_numbers(
    connection: Any,
    *,
    numbers: Sequence[int] = (),
    code: str | None = None,
    type: str | None = None,
    because: str | None = None,
    key: str | None = None,
    before: datetime | None = None,
) -> list[int]:
    """Those nobody has dealt with that are all of what is named, the oldest first; numbers that are named are
    given back as they are."""
    if numbers and not (code or type or because or key or before):
        return sorted(set(numbers))
    like = None if type is None else type_pattern(type)
    wanted = (list(numbers), code, like, type, key, before, because)
    rows = await connection.fetch(_WHICH, *wanted, MOST)
    return [row["number"] for row in rows]


async def replay(connection: Any, number: int, *, by: str) -> bool:
    """Send it through the handlers again; False when somebody has dealt with it already.

    `connection` is one connection, not a pool. Raises `UnknownDeadLetter` or `NotReplayable`. If it is
    refused again it dies again, under a new number.
    """
    async with connection.transaction():
        letter = await dead_letter(connection, number)
        if not letter.replayable:
            raise NotReplayable(f"dead letter {number} ({letter.code}) cannot be replayed, only dismissed")
        if await connection.fetchval(_RESOLVE, number, "replayed", by) is None:
            return False
        if letter.subject.startswith(f"{TIMER}."):
            timer = kept_timer(letter.body)
            data = orjson.dumps(timer.data).decode()
            await connection.execute(_SET, timer.kind, timer.id, timer.key, timer.due, data)
        else:
            key = letter.key or ""
            row = (slot_of(key), key, letter.event_id, letter.subject, letter.body)
            absorbed = letter.code not in _NEVER_ABSORBED
            await connection.execute(_QUEUE, *row, absorbed, f"replayed by {by}")
    return True


async def dismiss(connection: Any, number: int, *, by: str) -> bool:
    """Put it aside for good; False when somebody has dealt with it already. Raises `UnknownDeadLetter`."""
    if await connection.fetchval(_RESOLVE, number, "dismissed", by) is None:
        await dead_letter(connection, number)
        return False
    return True
