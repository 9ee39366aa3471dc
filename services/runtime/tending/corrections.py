"""An edited dead letter: a new event with an id of its own, said by `operator`, caused by the original.

It is made and judged when it is proposed (`proposals`), and does nothing until somebody else has approved it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.runtime.deadletters import DeadLetter
from services.runtime.decision import Refusal
from services.runtime.engine.ids import uuid7
from services.runtime.tending.places import data_of, kept
from sluss_contracts.event import Event, Fact, read_event, schema_url
from sluss_contracts.faults import faults_of
from sluss_contracts.subjects import NotASubject, place_of

OPERATOR: Final = "/sluss/operator"
"""The source of every event that operators make."""


class NotAnEvent(Refusal):
    """Only an event whose type and story are known can be put right: of this one its subject says neither.
    Mend whoever sent it, and dismiss it."""

    code = "not_an_event"


class NotYetRight(Refusal):
    """The new data do not match the event's contract; see the faults."""

    code = "not_yet_right"


def corrected(
    letter: DeadLetter, facts: Mapping[str, type[Fact]], data: dict[str, Any], now: datetime, wall: datetime
) -> tuple[UUID, bytes]:
    """The new event's id and bytes; `facts` are those the service reads. Where the data say null, what came
    is kept.

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
        "data": kept(data_of(letter.body) or {}, data),
    }
    body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
    try:
        event: Event[Any] = read_event(fact, body)
    except ValidationError as invalid:
        raise NotYetRight(faults=faults_of(invalid)) from None
    if event.data.partition_key != key:
        raise NotYetRight(f"the new data are about {event.data.partition_key}, the dead letter about {key}")
    return id_, body


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
