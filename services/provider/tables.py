"""The provider service's own tables: what is on offer, and who holds or waits for a place.

Written by projections from this service's own events, in the transaction that says them. Places are not
counted in a column of their own: they are the enrolments that hold one, counted under the activity's lock.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, Insert, insert

from services.runtime.tx import sql

metadata = MetaData()

MOMENT = TIMESTAMP(timezone=True)

providers = Table(
    "provider",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("name", Text, nullable=False),
    comment="Who is registered",
)

moderation = Table(
    "moderation",
    metadata,
    Column("kind", Text, primary_key=True),  # of the aggregate: activity, provider
    Column("id", Text, primary_key=True),
    Column("what", Text, nullable=False),
    Column("since", MOMENT, nullable=False),
    Index("moderation_since", "since"),
    comment="What waits for a coordinator; what is said of it is in the aggregate",
)

resources = Table(
    "resource",
    metadata,
    Column("resource", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("for_whom", Text, nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("needs", ARRAY(Text), nullable=False),
    Column("interests", ARRAY(Text), nullable=False),
    Column("said", JSONB, nullable=False),
    Index("resource_title", "title", "resource"),
    comment="The library: what stands in it, as it was said",
)

activities = Table(
    "activity",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("acceptance", Text, nullable=False),
    Column("status", Text, nullable=False),
    # Who last said that it is right, and when; null where that was not kept.
    Column("vouched_by", Text),
    Column("vouched_at", MOMENT),
    Column("ask_again", MOMENT),
    # Whoever runs it is asked: it sinks in every list, and is hidden then.
    Column("hides", MOMENT),
    comment="What is on offer; whoever gives a place away locks the row first",
)

sessions = Table(
    "session",
    metadata,
    Column("session_id", Text, primary_key=True),
    Column("activity", Text, nullable=False),
    Column("starts", MOMENT, nullable=False),
    Column("ends", MOMENT, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    # Where, when it is elsewhere than the activity.
    Column("venue", JSONB),
    Index("session_of_activity", "activity", "starts"),
    comment="The dated occurrences of activities",
)

timetables = Table(
    "timetable",
    metadata,
    Column("activity", Text, primary_key=True),
    # When the last of it begins; nothing where it goes on for ever.
    Column("ends", MOMENT),
    comment="Which activities have a schedule, and until when",
)

enrolments = Table(
    "enrolment",
    metadata,
    Column("enrolment_id", Text, primary_key=True),
    Column("referral_id", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("pathway", Text, nullable=False),
    Column("pathway_version", Integer, nullable=False),
    # With which session somebody accepted begins, wherever it is moved to; else from when they are expected.
    Column("first_session", Text),
    Column("expected_from", MOMENT),
    # Given while the activity's row is locked, so the line is as long as the order in which people joined.
    Column("place_in_line", BigInteger, Identity(always=True), nullable=False),
    Index("enrolment_in_line", "activity", "place_in_line", postgresql_where=text("status = 'waitlisted'")),
    Index(
        "enrolment_open",
        "activity",
        "status",
        postgresql_where=text("status in ('waitlisted', 'offered', 'accepted')"),
    ),
    comment="Who holds a place, who waits, and who did",
)

withdrawn_consents = Table(
    "withdrawn_consent",
    metadata,
    Column("referral_id", Text, primary_key=True),
    Column("provider", Text, primary_key=True),
    comment="Who may be told nothing of whom any more; * stands for every provider",
)


def _new(table: Table, *columns: str) -> Insert:
    """A row of these columns, each given by a parameter of its name."""
    return insert(table).values({name: bindparam(name, type_=table.c[name].type) for name in columns})


_provider = _new(providers, "provider", "name")
WRITE_PROVIDER = sql(
    _provider.on_conflict_do_update(index_elements=["provider"], set_={"name": _provider.excluded.name})
)
_VOUCHED = ("vouched_by", "vouched_at", "ask_again", "hides")
_OF_ACTIVITY = ("provider", "capacity", "acceptance", "status", *_VOUCHED)
_activity = _new(activities, "activity", *_OF_ACTIVITY)
WRITE_ACTIVITY = sql(
    _activity.on_conflict_do_update(
        index_elements=["activity"],
        set_={name: getattr(_activity.excluded, name) for name in _OF_ACTIVITY},
    )
)
VOUCH = sql(
    update(activities)
    .where(activities.c.activity == bindparam("named", type_=Text))
    .values({name: bindparam(name, type_=activities.c[name].type) for name in _VOUCHED})
)
SINK = sql(
    update(activities)
    .where(activities.c.activity == bindparam("named", type_=Text))
    .values(hides=bindparam("until", type_=MOMENT))
)
MOVE_ACTIVITY = sql(
    update(activities)
    .where(activities.c.activity == bindparam("named", type_=Text))
    .values(status=bindparam("to", type_=Text))
)
_session = _new(sessions, "session_id", "activity", "starts", "ends", "cancelled", "venue")
WRITE_SESSION = sql(
    _session.on_conflict_do_update(
        index_elements=["session_id"],
        set_={name: _session.excluded[name] for name in ("starts", "ends", "venue")},
    )
)
CANCEL_SESSION = sql(
    update(sessions).where(sessions.c.session_id == bindparam("session", type_=Text)).values(cancelled=True)
)
_timetable = _new(timetables, "activity", "ends")
WRITE_TIMETABLE = sql(
    _timetable.on_conflict_do_update(index_elements=["activity"], set_={"ends": _timetable.excluded.ends})
)
DROP_TIMETABLE = sql(delete(timetables).where(timetables.c.activity == bindparam("named", type_=Text)))
WRITE_ENROLMENT = sql(
    _new(
        enrolments,
        "enrolment_id",
        "referral_id",
        "activity",
        "status",
        "pathway",
        "pathway_version",
        "expected_from",
    ).on_conflict_do_nothing()
)
MOVE_ENROLMENT = sql(
    update(enrolments)
    .where(enrolments.c.enrolment_id == bindparam("enrolment", type_=Text))
    .values(status=bindparam("to", type_=Text))
)
EXPECT = sql(
    update(enrolments)
    .where(enrolments.c.enrolment_id == bindparam("enrolment", type_=Text))
    .values(expected_from=bindparam("since", type_=MOMENT), first_session=bindparam("begins_at", type_=Text))
)
SHUT_OUT = sql(_new(withdrawn_consents, "referral_id", "provider").on_conflict_do_nothing())
LET_IN = sql(
    delete(withdrawn_consents).where(
        withdrawn_consents.c.referral_id == bindparam("referral", type_=Text),
        withdrawn_consents.c.provider == bindparam("of", type_=Text),
    )
)
LET_ALL_IN = sql(
    delete(withdrawn_consents).where(withdrawn_consents.c.referral_id == bindparam("referral", type_=Text))
)
