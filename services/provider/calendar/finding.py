"""From wishes to the conditions a statement is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Text, any_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from services.provider.calendar.tables import activities, sessions
from services.provider.calendar.wanted import Meant, Wanted
from services.provider.calendar.writing import SWEDISH, ZONE
from services.provider.domain.activity import Status

_WORD = re.compile(r"\w+")
MOST_WORDS = 8
ORDER = (activities.c.sinks, activities.c.next_starts, activities.c.activity)
"""What somebody vouches for first, then what comes first, then by name: the same every time."""

# Written out, not bound, so that the planner can prove that the partial indexes apply.
SHOWN = activities.c.status == literal(Status.PUBLISHED.value, literal_execute=True)


def words_of(text: str) -> tuple[str, ...]:
    """The words of what somebody typed, the first few; signs between them say nothing."""
    return tuple(word.lower() for word in _WORD.findall(text)[:MOST_WORDS] if word.strip("_"))


def matching(wanted: Wanted, meanings: Mapping[str, Meant], now: datetime) -> list[ColumnElement[bool]]:
    """The conditions that shown activities meet. `meanings` tells of each word what it means besides."""
    table = activities.c
    met: list[ColumnElement[bool]] = [SHOWN]
    met += [_stands_or_means(word, meanings.get(word, Meant())) for word in wanted.words]
    if wanted.interest:
        met.append(table.interests.contains([wanted.interest]))
    if wanted.category:
        met.append(table.category == wanted.category)
    if wanted.area:
        met.append(table.area == wanted.area)
    if wanted.kronor is not None:
        met.append(table.kronor <= wanted.kronor)
    if wanted.language:
        met.append(table.languages.contains([wanted.language]))
    if wanted.mode:
        met.append(table.mode.in_((wanted.mode, "both")))
    if wanted.age is not None:
        met.append(or_(table.from_age.is_(None), table.from_age <= wanted.age))
        met.append(or_(table.to_age.is_(None), table.to_age >= wanted.age))
    if wanted.provider:
        met.append(table.provider == wanted.provider)
    if wanted.in_time:
        held = sessions.alias("held")
        kept = held.c.activity == table.activity, ~held.c.cancelled, *at(wanted, now, held)
        met.append(select(1).where(*kept).correlate(activities).exists())
    return met


def _stands_or_means(word: str, meant: Meant) -> ColumnElement[bool]:
    table = activities.c
    query = func.to_tsquery(SWEDISH, literal(f"'{word}':*", Text), type_=TSQUERY)
    ways: list[ColumnElement[bool]] = [table.search.op("@@")(query)]
    if meant.interests:
        ways.append(table.interests.overlap(literal([*meant.interests], ARRAY(Text))))
    if meant.categories:
        ways.append(table.category.in_(meant.categories))
    if meant.providers:
        ways.append(table.provider == any_(literal([*meant.providers], ARRAY(Text))))
    return or_(*ways)


def at(wanted: Wanted, now: datetime, table: FromClause = sessions) -> list[ColumnElement[bool]]:
    """The conditions that sessions meet: to come, and when it is wished for."""
    begins = _midnight(wanted.first) if wanted.first else now
    met: list[ColumnElement[bool]] = [table.c.starts >= max(begins, now)]
    if wanted.last:
        met.append(table.c.starts < _midnight(wanted.last + timedelta(days=1)))
    if wanted.days:
        met.append(table.c.weekday.in_(sorted(wanted.days)))
    return met


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZONE)


def counted_up_to(most: int, met: list[ColumnElement[bool]]) -> Select[Any]:
    """How many there are, but no more than so many are looked at."""
    found = select(1).select_from(activities).where(*met).limit(most).subquery()
    return select(func.count()).select_from(found)
