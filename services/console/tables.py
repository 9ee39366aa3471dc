"""What the console owns besides the log: what operators have done, and what they may see for a while."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, MetaData, Table, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

metadata = MetaData()
_MOMENT = TIMESTAMP(timezone=True)

audit = Table(
    "audit",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _MOMENT, nullable=False, server_default=text("now()")),
    Column("actor", Text, nullable=False),
    Column("account", Text),  # the one at the machine, where the name is a claim
    Column("what", Text, nullable=False),
    Column("about", Text),  # the story it is about
    Column("event_id", Uuid),
    Column("purpose", Text),
    Column("note", Text),
    Column("details", JSONB, nullable=False, server_default=text("'{}'")),
    Index("audit_about", "about", postgresql_where=text("about is not null")),
    comment="What operators have done, and why: rows are added and never changed",
)

unmasked = Table(
    "unmasked",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("until", _MOMENT, nullable=False),
    comment="Which masked field of which event an operator may see, and how long",
)
