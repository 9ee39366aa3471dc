"""What cannot be handled now is parked in the database, in order; what never can be is a dead letter.

Two ways of being parked. One that *failed* holds up everything of its key. One that *waits* for its cause
(`Wait`) holds up only what the same service said after it: the cause comes from another service, and must
not queue behind its own effect.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.runtime.engine.incoming import Incoming, Unreadable

FIRST_DELAY = 0.2
LONGEST_DELAY = 60.0
"""Seconds between tries: 0.2, 0.4, 0.8 … and never more than a minute."""
TRIES = 20
"""Failures of a handler's own after which an event is a dead letter (some twelve minutes): its key must not
be held up for ever. Waiting for a cause, and what is only away for a while, is no such failure."""
_ROOM = 1000
"""How many parked events are tried in one go."""

BLOCKED = "select distinct key, source, waiting from parked where key = any($1::text[])"

_DUE = """
select key from parked where slot = any($1::smallint[]) and due <= clock_timestamp() order by due limit $2
"""
_OF_KEYS = """
select number, subject, body, absorbed, tries, traceparent from parked
where key = any($1::text[]) order by number limit $2
"""
_PARK = """
insert into parked (slot, key, event_id, source, subject, body, traceparent, waiting, absorbed, due, reason)
select slot, key, event_id, source, subject, body, traceparent, waiting, absorbed,
       coalesce(clock_timestamp() + make_interval(secs => delay), 'infinity'), reason
from unnest($1::smallint[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::text[],
            $8::boolean[], $9::boolean[], $10::float8[], $11::text[])
  p(slot, key, event_id, source, subject, body, traceparent, waiting, absorbed, delay, reason)
on conflict (event_id) do nothing
"""
_AGAIN = """
update parked set tries = tries + 1, waiting = p.waits, absorbed = absorbed or p.absorbed_now,
       source = p.said_by, reason = p.why,
       due = clock_timestamp() + make_interval(secs => least($7, $6 * 2 ^ least(tries, 20)))
from unnest($1::bigint[], $2::boolean[], $3::boolean[], $4::text[], $5::text[])
  p(id, waits, absorbed_now, why, said_by)
where number = p.id
"""
_BEHIND = """
update parked set due = 'infinity', absorbed = absorbed or p.absorbed_now
from unnest($1::bigint[], $2::boolean[]) p(id, absorbed_now) where number = p.id
"""
_NONE_FORGOTTEN = """
update parked set due = now() where number in (
  select min(number) from parked where key = any($1::text[]) group by key having bool_and(due = 'infinity')
)
"""
_GONE = "delete from parked where number = any($1::bigint[])"
_WAKE = "update parked set due = now() where key = any($1::text[]) and waiting and due <> 'infinity'"
_BURY = """
insert into dead_letter (event_id, key, subject, body, code, reason)
select * from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[], $5::text[], $6::text[])
"""


class Blocked:
    """Which events must queue behind parked ones."""

    def __init__(self, rows: Iterable[Any] = ()) -> None:
        self._whole: set[str] = set()
        self._sources: dict[str, set[str]] = {}
        for row in rows:
            self.add(row["key"], row["source"], waiting=row["waiting"])

    def add(self, key: str, source: str, *, waiting: bool) -> None:
        """From now on, whatever comes after this one queues behind it."""
        if waiting:
            self._sources.setdefault(key, set()).add(source)
        else:
            self._whole.add(key)

    def holds(self, incoming: Incoming) -> bool:
        """Whether this event must queue."""
        if incoming.key in self._whole:
            return True
        return bool(self._sources) and incoming.source in self._sources.get(incoming.key, ())

    def waits(self, key: str) -> bool:
        """Whether something under this key waits for a cause that may just have come."""
        return key in self._sources


@dataclass(slots=True)
class SetAside:
    """What one batch could not handle, written with the rest of its transaction."""

    parked: list[tuple[Incoming, str, bool | None]] = field(default_factory=list)
    """With the reason, and whether it waits; None when it queues behind another."""
    dead: list[Unreadable] = field(default_factory=list)
    handled: list[int] = field(default_factory=list)
    """Numbers of parked ones that are parked no longer."""
    woken: set[str] = field(default_factory=set)
    """Keys under which a cause may have come."""

    def park(self, incoming: Incoming, reason: str, *, waiting: bool) -> None:
        self.parked.append((incoming, _plain(reason), waiting))

    def queue(self, incoming: Incoming) -> None:
        self.parked.append((incoming, "queued behind another", None))

    def bury(self, incoming: Incoming, code: str, reason: str) -> None:
        letter = (incoming.subject, incoming.body, code, reason, incoming.id, incoming.key)
        self.dead.append(Unreadable(*letter))
        if incoming.parked is not None:
            self.handled.append(incoming.parked)

    async def write(self, connection: Any) -> None:
        """One statement for each kind of outcome that occurred."""
        if self.handled:
            await connection.execute(_GONE, self.handled)
        fresh = [each for each in self.parked if each[0].parked is None]
        again = [each for each in self.parked if each[0].parked is not None and each[2] is not None]
        behind = [each[0] for each in self.parked if each[0].parked is not None and each[2] is None]
        if fresh:
            await connection.execute(_PARK, *_columns([_row(*each) for each in fresh]))
        if again:
            rows = [(one.parked, waits, one.absorbed, why, one.source) for one, why, waits in again]
            await connection.execute(_AGAIN, *_columns(rows), FIRST_DELAY, LONGEST_DELAY)
        if behind:
            await connection.execute(_BEHIND, *_columns([(one.parked, one.absorbed) for one in behind]))
        if self.dead:
            await connection.execute(_BURY, *_columns([_letter(dead) for dead in self.dead]))
        if self.woken:
            await connection.execute(_WAKE, sorted(self.woken))


async def due_keys(connection: Any, slots: Sequence[int], most: int = 200) -> list[str]:
    """Keys with a parked event whose time has come."""
    rows = await connection.fetch(_DUE, list(slots), most)
    return list(dict.fromkeys(row["key"] for row in rows))


async def forget_none(connection: Any, keys: Sequence[str]) -> None:
    """See to it that of each key's parked events at least one is due some day."""
    await connection.execute(_NONE_FORGOTTEN, list(keys))


async def parked_under(connection: Any, keys: Sequence[str]) -> Sequence[Any]:
    """Their parked events, oldest first."""
    rows: Sequence[Any] = await connection.fetch(_OF_KEYS, list(keys), _ROOM)
    return rows


def _row(one: Incoming, why: str, waits: bool | None) -> tuple[Any, ...]:
    delay = None if waits is None else FIRST_DELAY
    name = (one.slot, one.key, one.id, one.source, one.subject, one.body, one.traceparent)
    return (*name, bool(waits), one.absorbed, delay, why)


def _letter(dead: Unreadable) -> tuple[Any, ...]:
    key = _plain(dead.key) if dead.key else None
    return (dead.event_id, key, _plain(dead.subject), dead.body, dead.code, _plain(dead.reason))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _plain(text: str) -> str:
    """Fit for a text column: short, and without NUL."""
    return text.replace("\0", "")[:500]
