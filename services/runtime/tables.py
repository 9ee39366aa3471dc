"""The runtime's own tables, in every service's schema.

They hold what a service has said (`event`, numbered by `head`), what it is (`aggregate`), what it has heard
(`inbox`, `position`, `parked`, `dead_letter`, `answered_command`) and what it will do (`timer`). Everything
a service owns is written in one transaction through `services.runtime.engine.unit`.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

metadata = MetaData()

_MOMENT = TIMESTAMP(timezone=True)
_NOW = text("now()")

event = Table(
    "event",
    metadata,
    # '0' … '15' for the network's slots, 'out.<organisation>' for what is addressed to one partner.
    Column("lane", Text, primary_key=True),
    Column("number", BigInteger, primary_key=True),  # 1, 2, 3 … without a gap in each lane
    Column("id", Uuid, nullable=False),
    Column("key", Text, nullable=False),  # the partition key
    Column("kind", Text, nullable=False),  # of the aggregate
    Column("aggregate_id", Text, nullable=False),
    Column("sequence", Integer, nullable=False),  # 1, 2, 3 … without a gap in each aggregate
    Column("type", Text, nullable=False),
    Column("subject", Text, nullable=False),  # of the bus, not the CloudEvents attribute
    Column("body", LargeBinary, nullable=False),  # the CloudEvent, the very bytes that are published
    Column("recorded", _MOMENT, nullable=False, server_default=_NOW),
    Column("traceparent", Text),  # the step of a trace in which it was said, where anybody traces
    UniqueConstraint("key", "kind", "aggregate_id", "sequence", name="event_follows_event"),
    Index("event_recorded", "recorded", postgresql_using="brin"),
    comment="Everything this service has said: append-only; outbox and archive in one",
)

head = Table(
    "head",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("last", BigInteger, nullable=False, server_default="0"),  # the highest number given
    Column("sent", BigInteger, nullable=False, server_default="0"),  # all up to here are on the bus
    Column("stream_created", Text, nullable=False, server_default=""),  # of a partner's stream: which life
    comment="The counter of each lane; under its row lock commit order is number order",
)

aggregate = Table(
    "aggregate",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    # The first ever written under its key: of two transactions that both found none, one comes through.
    Column("opens", Boolean, nullable=False, server_default=text("false")),
    Column("state", JSONB, nullable=False),
    Index("aggregate_opens_key", "key", unique=True, postgresql_where=text("opens")),
    comment="What this service owns: always the fold of its events",
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("taken", _MOMENT, nullable=False, server_default=_NOW),
    Index("inbox_taken", "taken", postgresql_using="brin"),
    comment="Which events have been taken in; kept longer than the bus can repeat them",
)

position = Table(
    "position",
    metadata,
    Column("slot", SmallInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, nullable=False, server_default="0"),  # of the stream, read up to here
    Column("stream_created", Text, nullable=False, server_default=""),  # which life of the stream
    Column("caught_up", _MOMENT, nullable=False, server_default=_NOW),  # when it was last read to its end
    comment="How far this service has read each slot",
)

parked = Table(
    "parked",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("slot", SmallInteger, nullable=False),
    Column("key", Text, nullable=False),
    Column("event_id", Uuid, nullable=False, unique=True),
    Column("source", Text, nullable=False, server_default=""),  # who said it
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    # Waiting for its cause, which another service says: then only events of the same source queue behind.
    Column("waiting", Boolean, nullable=False, server_default=text("false")),
    Column("absorbed", Boolean, nullable=False, server_default=text("false")),
    Column("tries", Integer, nullable=False, server_default="0"),
    # By the wall clock; 'infinity' for those that queue behind another of the same key.
    Column("due", _MOMENT, nullable=False, server_default=_NOW),
    Column("reason", Text, nullable=False),
    Column("since", _MOMENT, nullable=False, server_default=_NOW),
    Column("traceparent", Text, nullable=False, server_default=""),
    Index("parked_key", "key", "number"),
    Index("parked_due", "slot", "due"),
    comment="Events that could not be handled yet; later ones of the key queue behind",
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid),  # absent when the bytes have none
    Column("key", Text),
    Column("subject", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),  # as they came
    Column("code", Text, nullable=False),  # the rule that refused, or 'unreadable'
    Column("reason", Text, nullable=False),
    Column("died", _MOMENT, nullable=False, server_default=_NOW),
    Column("resolved", _MOMENT),
    Column("resolution", Text),  # 'replayed', 'replaced', 'dismissed'
    Column("resolved_by", Text),
    Index("dead_letter_open", "died", postgresql_where=text("resolved is null")),
    comment="Events that were refused for ever, until somebody deals with them",
)

proposal = Table(
    "proposal",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("letters", ARRAY(BigInteger), nullable=False),  # the dead letters it is about
    Column("event_id", Uuid, unique=True),  # of the new event that takes the one letter's place
    Column("body", LargeBinary),  # the new event; absent where they are replayed as they came
    Column("proposed", _MOMENT, nullable=False, server_default=_NOW),
    Column("proposed_by", Text, nullable=False),
    Column("account", Text),  # the one at the machine, where it was proposed at the command line
    Column("reason", Text, nullable=False),
    Column("decided", _MOMENT),
    Column("decided_by", Text),  # somebody else, if it was approved
    Column("decision", Text),  # 'approved', 'rejected'
    comment="Replays of dead letters, as they came or put right, for a second person to approve",
)

operator_action = Table(
    "operator_action",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("errand_id", Uuid, nullable=False, unique=True),
    Column("at", _MOMENT, nullable=False, server_default=_NOW),
    Column("actor", Text, nullable=False),
    Column("account", Text),  # the one at the machine, where the name is a claim
    Column("action", Text, nullable=False),
    Column("letters", ARRAY(BigInteger), nullable=False),
    Column("proposal", BigInteger),
    Column("reason", Text, nullable=False),
    Column("outcome", JSONB, nullable=False),
    Index("operator_action_at", "at"),
    comment="What operators did about dead letters; append-only, a trigger sees to it",
)

answered_command = Table(
    "answered_command",
    metadata,
    Column("command_id", Uuid, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the command's bytes
    Column("answer", JSONB, nullable=False),
    Column("answered", _MOMENT, nullable=False, server_default=_NOW),
    Index("answered_command_answered", "answered", postgresql_using="brin"),
    comment="What was answered, so that the same command gets the same answer",
)

timer = Table(
    "timer",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("due", _MOMENT, nullable=False),  # by the network's clock
    Column("data", JSONB, nullable=False, server_default="{}"),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("not_before", _MOMENT),  # by the wall clock; set when a try has failed
    Column("reason", Text),
    Index("timer_due", "due"),
    comment="Durable due dates; a row is gone when it has been acted upon",
)

pathway = Table(
    "pathway",
    metadata,
    Column("pathway", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSONB, nullable=False),
    Column("digest", Text, nullable=False),  # tells the same version of two networks apart in one process
    Column("withdrawn", Boolean, nullable=False, server_default=text("false")),
    comment="The ways of working that have been published, every version",
)

process = Table(
    "process",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("began", _MOMENT, nullable=False, server_default=_NOW),
    Column("seen", _MOMENT, nullable=False, server_default=_NOW),
    Column("ailing", JSONB, nullable=False, server_default="{}"),  # by part: why it is not ready
    Column("cares", JSONB, nullable=False, server_default="{}"),  # by part: what somebody should see to
    comment="The processes of this service, and what each says of itself",
)

member = Table(
    "member",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("seen", _MOMENT, nullable=False, server_default=_NOW),
    comment="The replicas of this service that are alive; they share the slots",
)
