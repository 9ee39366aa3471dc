"""A message as it comes from the bus or out of the parking place, read as far as this service cares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.runtime.service import Service
from sluss_contracts.event import Event, Fact, read_event
from sluss_contracts.subjects import NotASubject, place_of, slot_of, token


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message of the event stream."""

    slot: int
    sequence: int
    """Of the stream, not of an aggregate."""
    subject: str
    body: bytes
    stored: float = 0.0
    """When the stream took it, in seconds since 1970."""
    traceparent: str = ""
    """The step of a trace that said it (W3C Trace Context); empty where nobody traces."""


@dataclass(slots=True)
class Incoming:
    """An event this service reacts to."""

    event: Event[Any]
    fact: type[Fact]
    slot: int
    subject: str
    body: bytes
    parked: int | None = None
    """Its number in the parking place, if it comes from there."""
    absorbed: bool = False
    """Whether the absorbers have had it (when it was parked afterwards)."""
    tries: int = 0
    """How often it has failed since it was parked."""
    traceparent: str = ""
    """The step of a trace that said it; empty where nobody traces."""

    @property
    def id(self) -> UUID:
        return self.event.id

    @property
    def key(self) -> str:
        return self.event.partitionkey

    @property
    def source(self) -> str:
        return self.event.source


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Bytes that are no event of the type their subject names."""

    subject: str
    body: bytes
    code: str
    reason: str
    event_id: UUID | None = None
    key: str | None = None


class Readings:
    """Reads the types one service reacts to, and no others."""

    def __init__(self, service: Service) -> None:
        self._facts = {fact.TYPE: fact for fact in service.reads()}

    @property
    def facts(self) -> Iterable[type[Fact]]:
        """The event types to be fed."""
        return self._facts.values()

    def read(self, subject: str, body: bytes, traceparent: str = "") -> Incoming | Unreadable | None:
        """The event, or why it is none, or None for a type this service does not know."""
        try:
            slot, type_, key = place_of(subject)
            token(key)
        except NotASubject as fault:
            return Unreadable(subject, body, "unreadable", str(fault))
        if (fact := self._facts.get(type_)) is None:
            return None
        try:
            event = read_event(fact, body)
        except ValidationError as fault:
            return Unreadable(subject, body, "unreadable", _places(fault), _id_in(body), key)
        except RecursionError:
            return Unreadable(subject, body, "unreadable", "nested too deeply", None, key)
        if event.type != fact.TYPE or event.partitionkey != key or slot_of(key) != slot:
            why = f"the envelope says {event.type} of {event.partitionkey}"
            return Unreadable(subject, body, "misfiled", why, event.id, key)
        return Incoming(event, fact, slot, subject, body, traceparent=traceparent)


def _places(fault: ValidationError) -> str:
    """Where and what, never the values, which may be personal."""
    faults = fault.errors(include_input=False, include_url=False, include_context=False)
    told = [f"/{'/'.join(map(str, each['loc']))}: {each['type']}" for each in faults[:5]]
    return "; ".join(told) + (f"; and {len(faults) - 5} more" if len(faults) > 5 else "")


def _id_in(body: bytes) -> UUID | None:
    """The id of a broken event, if that much of it can be read."""
    try:
        document = orjson.loads(body)
        return UUID(document["id"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
