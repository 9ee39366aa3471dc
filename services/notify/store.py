"""The notify service's own tables: whom to write as, whom to tell how, and what the couriers carry.

Written by projections and absorbers; the couriers claim rows with a lease and take them off when done.
Leases run by the wall clock of the database: a process that is frozen or killed loses what it held.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    text,
)
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


provider_contacts = Table(
    "provider_contact",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("phone", Text),
    Column("email", Text),
    Column("language", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    comment="Where providers are written to, as the provider service says",
)


def _carried(*, of: str = "referral_id") -> list[Column[object]]:
    """What every table of a courier has; `of` is whose it is."""
    return [
        Column("number", BigInteger, Identity(always=True), nullable=False, unique=True),
        Column(of, Text, nullable=False),
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
    Column("send_after", _MOMENT),  # by the network's clock: nobody is written to at night
    Unique("cause", "person", "template", name="one_message_for_each_cause"),
    Index("message_to_carry", "number", postgresql_where=text("state <> 'over'")),
    comment="Messages to the person; a row stays, so that none is ever queued twice",
)

notices = Table(
    "notice",
    metadata,
    Column("notice_id", Text, primary_key=True),
    *_carried(of="provider"),
    Column("cause", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("about", JSONB, nullable=False),
    Column("send_after", _MOMENT),  # by the network's clock: nobody is written to at night
    Unique("cause", "provider", "template", name="one_notice_for_each_cause"),
    Index("notice_to_carry", "number", postgresql_where=text("state <> 'over'")),
    comment="Messages to providers; a row stays, so that none is ever queued twice",
)

feedbacks = Table(
    "feedback",
    metadata,
    Column("feedback_id", Text, primary_key=True),
    *_carried(),
    Column("organisation", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("outcome", Text),
    Column("turn_to", Text),
    Column("due", _MOMENT, nullable=False),
    Column("text", Text),  # a reference to the vault
    Index("feedback_to_carry", "number", postgresql_where=text("state <> 'over'")),
    Index("feedback_of_referral", "referral_id", "number"),
    comment="What referrers are to be told",
)

courses = Table(
    "course",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("person", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("pathway", Text, nullable=False),
    Column("pathway_version", Integer, nullable=False),
    Column("area", Text),
    Column("worker", Text),
    Column("protected", Boolean, nullable=False, server_default="false"),
    Column("accepted", Boolean, nullable=False, server_default="false"),  # there is a case, or will be
    Column("paused", Date),
    Column("began", _MOMENT),
    Column("ended", _MOMENT),
    Column("outcome", Text),
    Index("course_of_person", "person"),
    Index("course_of_area", "area", "began"),
    comment="What is known of each referral: its way of working, who guides, what care demands",
)

followers = Table(
    "follower",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("followed", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("over", Boolean, nullable=False, server_default="false"),  # taken back: told nothing more
    Index("follower_of", "followed"),
    comment="Referrals that another is worked on for; told the same in their own name",
)

purposes = Table(
    "purpose",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("silent", Boolean, nullable=False),
    comment="Whether the person lets the referrer hear of them, as the referral service says",
)

goals = Table(
    "goal",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("goal_id", Text, primary_key=True),
    Column("plan_version", Integer, nullable=False),
    Column("how_far", Integer, nullable=False, server_default="0"),
    comment="How far each goal of the newest plan is, 0 to 10",
)

meetings = Table(
    "meeting",
    metadata,
    Column("meeting_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("worker", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("starts", _MOMENT, nullable=False),
    Column("over", Boolean, nullable=False, server_default="false"),
    comment="Meetings to remind of",
)

sessions = Table(
    "session",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("activity", Text, nullable=False),
    Column("starts", _MOMENT, nullable=False),
    Column("ends", _MOMENT, nullable=False),
    Column("venue", JSONB),  # where, when it is elsewhere than the activity
    Column("cancelled", Boolean, nullable=False, server_default="false"),
    comment="When activities take place",
)

activities = Table(
    "activity",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("mode", Text, nullable=False),
    Column("venue", JSONB),
    Column("sequence", Integer, nullable=False),
    comment="Where activities take place, as the provider service says",
)

places = Table(
    "place",
    metadata,
    Column("enrolment_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("host", Text),
    Column("first_session", Text),
    Column("starts", _MOMENT),
    Column("over", Boolean, nullable=False, server_default="false"),
    Index("place_in_activity", "activity", postgresql_where=text("not over")),
    comment="Who takes part in what, for reminders",
)

evaluations = Table(
    "evaluation",
    metadata,
    Column("evaluation_id", Text, primary_key=True),
    Column("export_id", Text, nullable=False, unique=True),  # random, and in no event
    Column("referral_id", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("instruments", JSONB, nullable=False),
    Column("sent_by", Text, nullable=False),
    Column("due", _MOMENT, nullable=False),
    Column("lapses", _MOMENT, nullable=False),
    Column("status", Text, nullable=False, server_default="scheduled"),
    Index("evaluation_of_person", "person"),
    Index("evaluation_to_send", "due", postgresql_where=text("status in ('scheduled', 'due')")),
    comment="Evaluations, by the id an outside distributor knows them by",
)

links = Table(
    "evaluation_link",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True),  # SHA-256; the token is in the letter alone
    Column("evaluation_id", Text, nullable=False),
    Column("expires", _MOMENT, nullable=False),
    Column("used", Boolean, nullable=False, server_default="false"),
    Index("link_of_evaluation", "evaluation_id"),
    comment="One-time links to answer by",
)

instruments = Table(
    "instrument",
    metadata,
    Column("instrument", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("pack", JSONB, nullable=False),
    comment="Instruments published besides those that are shipped",
)

fetched = Table(
    "fetched",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("read_to", BigInteger, nullable=False, server_default="0"),  # of the organisation's stream
    Column("stream_created", Text, nullable=False, server_default=""),
    Column("receipts_until", _MOMENT),  # by the wall clock of who said them
    Column("looked", _MOMENT, nullable=False),  # by the network's clock
    comment="How far each organisation has fetched what the network told it",
)
