"""The calendar's tables: narrow rows to look through, and what is told of each in one piece beside them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, TSVECTOR

metadata = MetaData()

MOMENT = TIMESTAMP(timezone=True)

_SHOWN = text("status = 'published'")
"""Suggested, hidden and withdrawn activities are in no list, and so in no index a list is read from."""

providers = Table(
    "calendar_provider",
    metadata,
    Column("provider", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("area", Text, nullable=False),
    comment="Who runs what the calendar shows",
)

activities = Table(
    "calendar_activity",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("provider", Text, nullable=False),
    Column("status", Text, nullable=False),
    # Nobody has said for long that it is right: it comes last in every list.
    Column("sinks", Boolean, nullable=False),
    # Whether it has ever been shown: of what was only suggested nobody is told that it was.
    Column("shown", Boolean, nullable=False),
    # When somebody last said that it is right, by publishing, correcting or verifying it.
    Column("confirmed", MOMENT, nullable=False),
    # The first session that is not over; moved on when one is over.
    Column("next_starts", MOMENT),
    Column("area", Text, nullable=False),
    Column("category", Text),
    Column("interests", ARRAY(Text), nullable=False),
    Column("languages", ARRAY(Text), nullable=False),
    Column("mode", Text, nullable=False),
    Column("kronor", Integer),
    Column("from_age", SmallInteger),
    Column("to_age", SmallInteger),
    Column("search", TSVECTOR, nullable=False),
    Index("calendar_order", "sinks", "next_starts", "activity", postgresql_where=_SHOWN),
    Index("calendar_by_area", "area", "sinks", "next_starts", "activity", postgresql_where=_SHOWN),
    Index("calendar_by_category", "category", "sinks", "next_starts", "activity", postgresql_where=_SHOWN),
    Index("calendar_by_provider", "provider", "sinks", "next_starts", "activity"),
    Index("calendar_by_interest", "interests", postgresql_using="gin", postgresql_where=_SHOWN),
    Index("calendar_by_language", "languages", postgresql_using="gin", postgresql_where=_SHOWN),
    Index("calendar_by_words", "search", postgresql_using="gin", postgresql_where=_SHOWN),
    comment="What the calendar is looked through by; suggested and hidden activities too",
)

told = Table(
    "calendar_told",
    metadata,
    Column("activity", Text, primary_key=True),
    Column("told", JSONB, nullable=False),
    comment="What is said of each activity to everybody",
)

sessions = Table(
    "calendar_session",
    metadata,
    Column("session_id", Text, primary_key=True),
    # What messages call it by, which tells nothing.
    Column("code", Text, nullable=False),
    Column("activity", Text, nullable=False),
    Column("starts", MOMENT, nullable=False),
    Column("ends", MOMENT, nullable=False),
    # 1 is Monday, in the network's time zone.
    Column("weekday", SmallInteger, nullable=False),
    Column("cancelled", Boolean, nullable=False),
    # How often it has been changed, and when last: calendars that follow it want to know.
    Column("changes", Integer, nullable=False),
    Column("changed", MOMENT, nullable=False),
    # Where, when it is elsewhere than the activity.
    Column("venue", JSONB),
    Index("calendar_session_of_activity", "activity", "starts"),
    Index("calendar_session_by_code", "code"),
    Index(
        "calendar_session_by_time", "starts", "activity", "weekday", postgresql_where=text("not cancelled")
    ),
    comment="When activities take place",
)
