"""One event as it goes into the log: what it is filed under, and its payload as operators see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

import orjson

from services.console.masking import coded, disclose
from sluss_contracts.event import PREFIX
from sluss_contracts.subjects import NotASubject, receiver_of, stream_of

_OUTCOMES: Final = ("code", "outcome", "status", "how")
"""The fields that tell how something ended, the most telling first."""
_HAVE_COLUMNS: Final = frozenset({"organisation"})


@dataclass(frozen=True, slots=True)
class Entry:
    """What the log keeps of an event; the fields are the columns of `log`."""

    event_id: UUID
    service: str
    lane: str
    number: int
    type: str
    key: str
    kind: str
    aggregate_id: str
    sequence: int
    referral: str | None
    person: str | None
    organisation: str | None
    correlation: str
    causation: str | None
    reference: str | None
    outcome: str | None
    time: datetime
    recorded: datetime
    shown: dict[str, Any]

    def tokens(self) -> set[int]:
        """What its coded values are found by."""
        return {
            token_of(name, value) for name, value in coded(self.type, self.shown) if name not in _HAVE_COLUMNS
        }


def token_of(name: str, value: str) -> int:
    """The number under which a coded value is filed."""
    return int.from_bytes(blake2b(f"{name}={value}".encode(), digest_size=8).digest(), "big", signed=True)


def short_type(type_: str) -> str:
    """An event type without its prefix: `case.assigned.v1`."""
    return type_.removeprefix(f"{PREFIX}.")


def entry_of(service: str, row: Mapping[str, Any]) -> Entry:
    """What the log keeps of a row of a service's event table."""
    event = orjson.loads(row["body"])
    data = event["data"]
    type_ = short_type(row["type"])
    shown = disclose(type_, data)
    return Entry(
        event_id=row["id"],
        service=service,
        lane=row["lane"],
        number=row["number"],
        type=type_,
        key=row["key"],
        kind=row["kind"],
        aggregate_id=row["aggregate_id"],
        sequence=row["sequence"],
        referral=shown.get("referral_id"),
        person=shown.get("person"),
        organisation=shown.get("organisation") or _addressee(row["subject"]),
        correlation=event["correlationid"],
        causation=event.get("causationid"),
        reference=shown.get("submission_id"),
        outcome=next((str(shown[name]) for name in _OUTCOMES if isinstance(shown.get(name), str)), None),
        time=datetime.fromisoformat(event["time"]),
        recorded=row["recorded"],
        shown=shown,
    )


def _addressee(subject: str) -> str | None:
    try:
        return receiver_of(stream_of(subject))
    except NotASubject:
        return None
