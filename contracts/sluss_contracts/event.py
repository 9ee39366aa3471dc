"""The envelope every message in the network travels in, and the payloads it may carry.

A *fact* is the payload of one event type: something that has happened, in the past tense. An *event* is
a fact inside a CloudEvents 1.0 envelope (https://github.com/cloudevents/spec, v1.0.2, structured JSON).
Domain code yields facts; only a service's delivery engine makes events of them, because ids, clocks and
sequence numbers are not the domain's business.

Producers may not send a field the contract does not know; readers must ignore one (`read_event`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, Self, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

PREFIX = "sluss"
CONTENT_TYPE = "application/cloudevents+json"
SCHEMA_BASE = "https://sluss.example/schemas"


class DataClass(StrEnum):
    """How sensitive an event's payload is, and so who may read it and how long it is kept."""

    PUBLIC = "public"
    """May be shown to anybody: an activity, a session."""
    STAFF = "staff"
    """Names people in their professional role: a link worker, a host."""
    PSEUDONYMOUS = "pseudonymous"
    """Tells something of a person under a random pseudonym: still personal data."""
    PERSONAL = "personal"
    """Carries a direct identifier or free text. Never on the internal bus."""


class Audience(StrEnum):
    """Where an event is published."""

    NETWORK = "network"
    """The internal event stream, read by services."""
    PARTNER = "partner"
    """One organisation's own outgoing stream, read by that organisation alone."""
    INGRESS = "ingress"
    """One organisation's own incoming stream, read by the referral service alone."""


class Fact(BaseModel):
    """The payload of one event type. Subclasses say what has happened, never what should.

    Class keywords of a subclass:

    * `type` -- the middle of the event type, `"<noun>.<fact>"`; whole: `sluss.<noun>.<fact>.v<version>`.
    * `id` -- the name of the field that identifies the aggregate the fact belongs to.
    * `aggregate` -- the aggregate's kind where it is not the noun (a meeting belongs to a case).
    * `key` -- the name of the field that orders: every event with the same value is read in order.
    * `said_by` -- the one service that may publish it. `read_by` -- the services known to read it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    NOUN: ClassVar[str] = ""
    FACT: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    TYPE: ClassVar[str] = ""
    AGGREGATE: ClassVar[str] = ""
    ID_FIELD: ClassVar[str] = ""
    KEY_FIELD: ClassVar[str] = ""
    SAID_BY: ClassVar[str] = ""
    READ_BY: ClassVar[tuple[str, ...]] = ()
    DATA_CLASS: ClassVar[DataClass] = DataClass.PSEUDONYMOUS
    AUDIENCE: ClassVar[Audience] = Audience.NETWORK

    def __init_subclass__(
        cls,
        *,
        type: str = "",
        id: str = "",
        key: str = "",
        said_by: str = "",
        read_by: tuple[str, ...] = (),
        aggregate: str = "",
        version: int = 1,
        data_class: DataClass = DataClass.PSEUDONYMOUS,
        audience: Audience = Audience.NETWORK,
    ) -> None:
        super().__init_subclass__()
        if not type:
            return  # an abstract parent that shares fields, not an event type
        cls.NOUN, cls.FACT = type.split(".")
        cls.VERSION = version
        cls.TYPE = f"{PREFIX}.{type}.v{version}"
        cls.AGGREGATE = aggregate or cls.NOUN
        cls.ID_FIELD, cls.KEY_FIELD = id, key or id
        cls.SAID_BY, cls.READ_BY = said_by, read_by
        cls.DATA_CLASS, cls.AUDIENCE = data_class, audience

    @classmethod
    def __pydantic_init_subclass__(cls, *, type: str = "", **_: Any) -> None:
        """Register the event type, once pydantic has collected the fields."""
        if not type:
            return
        for field in (cls.ID_FIELD, cls.KEY_FIELD):
            if field not in cls.model_fields:
                raise TypeError(f"{cls.__name__} names {field!r} as its id or key but has no such field")
        if cls.TYPE in FACTS:
            raise TypeError(f"{cls.TYPE} is declared twice: {FACTS[cls.TYPE].__name__} and {cls.__name__}")
        FACTS[cls.TYPE] = cls

    @property
    def aggregate_id(self) -> str:
        """The id of the aggregate this fact belongs to."""
        return str(getattr(self, self.ID_FIELD))

    @property
    def partition_key(self) -> str:
        """What orders this fact among others: usually the referral's id."""
        return str(getattr(self, self.KEY_FIELD))


FACTS: dict[str, type[Fact]] = {}
"""Every event type of the network by its full name (`sluss.referral.accepted.v1`)."""

F = TypeVar("F", bound=Fact)


class Envelope(BaseModel):
    """The CloudEvents attributes of an event, without its payload."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    specversion: Literal["1.0"] = "1.0"
    id: UUID
    """UUIDv7, unique in the whole network for ever; what a reader deduplicates by."""
    source: str = Field(pattern=r"^/[a-z0-9/-]+$", max_length=120)
    """Who said it: `/sluss/<service>` or `/org/<organisation>`."""
    type: str
    subject: str = Field(min_length=1, max_length=200)
    """The aggregate the event belongs to, `<kind>/<id>`."""
    time: AwareDatetime
    """When it happened, in the network's clock (a simulation may run ahead of the wall)."""
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str
    correlationid: str = Field(max_length=120)
    """What the whole story is filed under: the referral's id, or the key of what is registered."""
    causationid: str | None = Field(default=None, max_length=120)
    """The id of the event, command or timer that made this happen."""
    partitionkey: str = Field(min_length=1, max_length=120)
    """CloudEvents partitioning extension: events of one key are read in the order they were said."""
    sequence: int = Field(ge=1)
    """1, 2, 3 … without a gap within one aggregate (`subject`)."""
    recordedtime: AwareDatetime
    """When the saying service wrote it down, by the wall clock."""


class Event(Envelope, Generic[F]):
    """A fact in its envelope: what readers receive."""

    data: F

    @classmethod
    def of(cls, fact: F, **envelope: Any) -> Self:
        """Wrap a fact; the attributes that follow from its type are filled in."""
        return cls(
            type=fact.TYPE,
            subject=f"{fact.AGGREGATE}/{fact.aggregate_id}",
            dataschema=schema_url(type(fact)),
            partitionkey=fact.partition_key,
            data=fact,
            **envelope,
        )


def schema_url(fact: type[Fact]) -> str:
    """Where the JSON Schema of an event type is published, e.g. `…/referral.accepted.v1.json`."""
    return f"{SCHEMA_BASE}/{fact.NOUN}.{fact.FACT}.v{fact.VERSION}.json"


_READERS: dict[str, TypeAdapter[Event[Any]]] = {}


def reader_of(fact: type[Fact]) -> TypeAdapter[Event[Any]]:
    """The compiled validator of one event type (built once; building takes milliseconds)."""
    if fact.TYPE not in _READERS:
        _READERS[fact.TYPE] = TypeAdapter(Event[fact])  # type: ignore[valid-type]
    return _READERS[fact.TYPE]


def read_event(fact: type[F], raw: bytes) -> Event[F]:
    """Parse an event as a reader should: unknown fields are ignored, everything else is checked.

    Raises `pydantic.ValidationError` when the bytes are no event of this type.
    """
    return reader_of(fact).validate_json(raw, extra="ignore")


def write_event(event: Event[Any]) -> bytes:
    """The event's bytes. Made once: archive, bus and dead letter hold the same."""
    return event.__pydantic_serializer__.to_json(event, exclude_none=True)
