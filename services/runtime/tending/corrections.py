"""An edited dead letter: a new event with an id of its own, said by `operator`, caused by the original.

It is made and judged when it is proposed, and does nothing until somebody else has approved it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.runtime.deadletters import DeadLetter
from services.runtime.decision import Refusal
from services.runtime.engine.ids import uuid7
from sluss_contracts.event import Event, Fact, read_event, schema_url
from sluss_contracts.faults import faults_of
from sluss_contracts.subjects import NotASubject, place_of, slot_of

OPERATOR: Final = "/sluss/operator"
"""The source of every event that operators make."""

_KEEP = """
insert into correction (letter, event_id, body, proposed_by, reason) values ($1, $2, $3, $4, $5)
returning number
"""
_OPEN = """
select c.number, c.letter, c.event_id, c.body, c.proposed_by, c.decision, d.subject, d.key, d.resolved
from correction c join dead_letter d on d.number = c.letter where c.number = $1 for update
"""
_DECIDE = "update correction set decided = now(), decided_by = $2, decision = $3 where number = $1"
_QUEUE = """
insert into parked (slot, key, event_id, source, subject, body, reason) values ($1, $2, $3, $4, $5, $6, $7)
on conflict (event_id) do nothing
"""
_RESOLVE = """
update dead_letter set resolved = now(), resolution = 'replaced', resolved_by = $2
where number = $1 and resolved is null returning number
"""


class NotAnEvent(Refusal):
    """Only an event whose type and story are known can be put right: of this one its subject says neither.
    Mend whoever sent it, and dismiss it."""

    code = "not_an_event"


class NotYetRight(Refusal):
    """The new data do not match the event's contract; see the faults."""

    code = "not_yet_right"


class NeedsAnother(Refusal):
    """Whoever proposed a correction cannot approve it: ask a second person."""

    code = "needs_another"


class DealtWith(Refusal):
    """Somebody has dealt with it already."""

    code = "dealt_with"


class UnknownCorrection(LookupError):
    """There is no correction of this number in this service."""

    code: ClassVar[str] = "unknown_correction"


@dataclass(frozen=True, slots=True)
class Correction:
    """One, as it lies in the table."""

    number: int
    letter: int
    event_id: UUID
    body: bytes
    proposed_by: str


def corrected(
    letter: DeadLetter, facts: Mapping[str, type[Fact]], data: dict[str, Any], now: datetime, wall: datetime
) -> tuple[UUID, bytes]:
    """The new event's id and bytes; `facts` are those the service reads.

    Raises `NotAnEvent` or `NotYetRight`.
    """
    fact, key = fact_of(letter, facts), letter.key
    if fact is None or key is None:
        raise NotAnEvent
    before = _document(letter.body)
    id_ = uuid7()
    document = {
        "specversion": "1.0",
        "id": id_,
        "source": OPERATOR,
        "type": fact.TYPE,
        "subject": before.get("subject") if isinstance(before.get("subject"), str) else fact.AGGREGATE,
        "time": now,
        "datacontenttype": "application/json",
        "dataschema": schema_url(fact),
        "correlationid": before.get("correlationid") if isinstance(before.get("correlationid"), str) else key,
        "causationid": str(letter.event_id or f"dead-letter/{letter.number}"),
        "partitionkey": key,
        "sequence": before.get("sequence") if isinstance(before.get("sequence"), int) else 1,
        "recordedtime": wall,
        "data": data,
    }
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    try:
        event: Event[Any] = read_event(fact, body)
    except ValidationError as invalid:
        raise NotYetRight(faults=faults_of(invalid)) from None
    if event.data.partition_key != key:
        raise NotYetRight(f"the new data are about {event.data.partition_key}, the dead letter about {key}")
    return id_, body


async def propose(
    connection: Any, letter: DeadLetter, id_: UUID, body: bytes, *, by: str, reason: str
) -> int:
    """Keep it for somebody else. Its number."""
    if letter.resolved:
        raise DealtWith
    number: int = await connection.fetchval(_KEEP, letter.number, id_, body, by, reason)
    return number


async def decide(connection: Any, number: int, *, by: str, approved: bool) -> Correction:
    """Approve or reject it, once. Raises `UnknownCorrection`, `NeedsAnother`, `DealtWith`.

    Whoever proposed it may take it back (reject), and never approve.
    """
    row = await connection.fetchrow(_OPEN, number)
    if row is None:
        raise UnknownCorrection(f"there is no correction {number}")
    if row["decision"]:
        raise DealtWith
    if approved and row["proposed_by"] == by:
        raise NeedsAnother
    await connection.execute(_DECIDE, number, by, "approved" if approved else "rejected")
    if approved:
        if await connection.fetchval(_RESOLVE, row["letter"], by) is None:
            raise DealtWith
        place = (slot_of(row["key"]), row["key"], row["event_id"], OPERATOR, row["subject"], row["body"])
        await connection.execute(_QUEUE, *place, f"corrected by {row['proposed_by']}, approved by {by}")
    return Correction(row["number"], row["letter"], row["event_id"], row["body"], row["proposed_by"])


def fact_of(letter: DeadLetter, facts: Mapping[str, type[Fact]]) -> type[Fact] | None:
    """Of these types the one its subject names; None for timers and what nobody knows."""
    try:
        return facts.get(place_of(letter.subject).type)
    except NotASubject:
        return None


def _document(body: bytes) -> dict[str, Any]:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return read if isinstance(read, dict) else {}
