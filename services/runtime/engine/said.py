"""What a service has just said: a fact, its number in its aggregate, and the bytes that will travel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from services.runtime.engine.ids import uuid7
from services.runtime.tracing import current
from sluss_contracts.event import Audience, Event, Fact, schema_url
from sluss_contracts.subjects import EVENT_STREAM, EVENTS, event_subject, outgoing_stream, slot_of

_OUT = "out."


@dataclass(frozen=True, slots=True)
class Said:
    """One fact on its way into the event table."""

    fact: Fact
    id: UUID
    lane: str
    key: str
    sequence: int
    subject: str
    body: bytes
    attributes: dict[str, Any]
    traceparent: str = ""
    """The step of a trace in which it was said; empty where nobody traces."""

    def event(self) -> Event[Any]:
        """The event as readers will get it, for this service's own projections."""
        fact = self.fact
        return Event[Any].model_construct(
            specversion="1.0",
            type=fact.TYPE,
            subject=f"{fact.AGGREGATE}/{fact.aggregate_id}",
            datacontenttype="application/json",
            dataschema=schema_url(type(fact)),
            partitionkey=self.key,
            data=fact,
            **self.attributes,
        )


@dataclass(frozen=True, slots=True)
class Saying:
    """The attributes that all events of one transaction share."""

    source: str
    time: datetime
    recorded: datetime

    def wrap(self, fact: Fact, sequence: int, *, cause: str | None, correlation: str | None) -> Said:
        """Put a fact into its envelope. The bytes equal those of `write_event`, five times cheaper."""
        if fact.AUDIENCE is Audience.INGRESS:
            raise TypeError(f"{fact.TYPE} is said by partners, not by services")
        key = fact.partition_key
        attributes: dict[str, Any] = {
            "id": uuid7(),
            "source": self.source,
            "time": self.time,
            "correlationid": correlation or key,
            "causationid": cause,
            "sequence": sequence,
            "recordedtime": self.recorded,
        }
        document = {
            "specversion": "1.0",
            "id": attributes["id"],
            "source": self.source,
            "type": fact.TYPE,
            "subject": f"{fact.AGGREGATE}/{fact.aggregate_id}",
            "time": self.time,
            "datacontenttype": "application/json",
            "dataschema": schema_url(type(fact)),
            "correlationid": attributes["correlationid"],
            "causationid": cause,
            "partitionkey": key,
            "sequence": sequence,
            "recordedtime": self.recorded,
            "data": orjson.Fragment(fact.__pydantic_serializer__.to_json(fact, exclude_none=True)),
        }
        if cause is None:
            del document["causationid"]
        body = orjson.dumps(document, option=orjson.OPT_UTC_Z)
        subject = event_subject(fact)
        return Said(
            fact, attributes["id"], lane_of(subject), key, sequence, subject, body, attributes, current()
        )


def lane_of(subject: str) -> str:
    """The counter an event is numbered by: its slot, or `out.<organisation>`."""
    place = subject.split(".", 3)
    return place[2] if subject.startswith(EVENTS) else _OUT + place[2]


def slot_of_lane(lane: str) -> int:
    """Which slot's owner publishes a lane; an organisation's own lane falls to one of them."""
    return slot_of(lane.removeprefix(_OUT)) if lane.startswith(_OUT) else int(lane)


def is_partners(lane: str) -> bool:
    """Whether what is numbered by this lane is addressed to one organisation."""
    return lane.startswith(_OUT)


def organisation_of(lane: str) -> str:
    """The organisation a partner's lane is addressed to."""
    return lane.removeprefix(_OUT)


def stream_of_lane(lane: str) -> str:
    """The stream a lane is published to."""
    return outgoing_stream(organisation_of(lane)) if is_partners(lane) else EVENT_STREAM
