"""The notify service's own tables: whom to write as, whom to tell how, and what the couriers carry.

Written by projections and absorbers; the couriers claim rows with a lease and take them off when done.
Leases run by the wall clock of the database: a process that is frozen or killed loses what it held.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, Integer, MetaData, Table, Text, Uuid, text
from sqlalchemy import UniqueConstraint as Unique
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

metadata = MetaData()

_MOMENT = TIMESTAMP(timezone=True)

organisations = Table(
    "organisation",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    comment="How each organisation hears back, as the referral service says",
)

link_workers = Table(
    "link_worker",
    metadata,
    Column("worker", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    comment="Who signs a message, as the navigator says",
)


def _carried() -> list[Column[object]]:
    """What every table of a courier has."""
    return [
        Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
        Column("referral_id", Text, nullable=False),
        Column("event_id", Uuid, nullable=False),  # what said that it shall be carried
        Column("state", Text, nullable=False, server_default="waiting"),  # 'waiting', 'sending', 'over'
        Column("holder", Uuid),  # the courier that has it
        Column("held_until", _MOMENT),
        Column("tries", Integer, nullable=False, server_default="0"),
        Column("not_before", _MOMENT),
    ]


messages = Table(
    "message",
    metadata,
    Column("message_id", Text, primary_key=True),
    *_carried(),
    Column("person", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("about", JSONB, nullable=False),
    Unique("cause", "person", "template", name="one_message_for_each_cause"),
    Index("message_to_carry", "number", postgresql_where=text("state <> 'over'")),
    comment="Messages to the person; a row stays, so that none is ever queued twice",
)

feedbacks = Table(
    "feedback",
    metadata,
    Column("feedback_id", Text, primary_key=True),
    *_carried(),
    Column("organisation", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    Column("text", Text),  # a reference to the vault
    Index("feedback_to_carry", "number", postgresql_where=text("state <> 'over'")),
    Index("feedback_of_referral", "referral_id", "number", postgresql_where=text("state <> 'over'")),
    comment="What referrers are to be told",
)
