"""When a link worker can be met: their weekly hours, without leave, public holidays and booked meetings.

    free_slots(hours, leaves, booked, now, now + timedelta(weeks=4), timedelta(minutes=45))

Hours are what the clock on the wall shows in Sweden and become moments day by day, so that 09:00 stays 09:00
when summer time begins or ends; a time the clock skips is the moment an hour later on the new clock, and one
that it shows twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from services.navigator.domain.hours import Hours, hours_on
from services.navigator.domain.meeting import Interval
from services.navigator.domain.worker import Leave
from services.navigator.store.desk import LOCAL_TIME
from services.runtime.holidays import holidays_of

_ROUND = timedelta(minutes=15)
"""After a meeting that ends anywhen, the next begins on the quarter."""


class Objection(StrEnum):
    """What speaks against a time for a meeting. None of it forbids it."""

    ON_LEAVE = "on_leave"
    PUBLIC_HOLIDAY = "public_holiday"
    OUTSIDE_HOURS = "outside_hours"
    ANOTHER_MEETING = "another_meeting"


def free_slots(
    hours: Sequence[Hours],
    leaves: Sequence[Leave],
    booked: Sequence[Interval],
    since: datetime,
    until: datetime,
    length: timedelta,
) -> list[Interval]:
    """The times for a meeting of that length, one after the other, none before `since` or later than `until`.

    None of them overlaps another, so they are offers to choose among; `minutes_between` of the hours is kept
    free around each and around what is booked.
    """
    if length <= timedelta():
        raise ValueError("a meeting takes some time")
    given: list[Interval] = []
    day, last = since.astimezone(LOCAL_TIME).date(), until.astimezone(LOCAL_TIME).date()
    while day <= last:
        between = timedelta(minutes=held.minutes_between if (held := hours_on(hours, day)) else 0)
        for starts, ends in _open(hours, leaves, day):
            given += _within(starts, min(ends, until), since, sorted(booked), length, between)
        day += timedelta(days=1)
    return [(_here(starts), _here(ends)) for starts, ends in given]


def objections(
    hours: Sequence[Hours],
    leaves: Sequence[Leave],
    booked: Sequence[Interval],
    starts: datetime,
    length: timedelta,
) -> list[Objection]:
    """What speaks against meeting then. Without hours, leave and other meetings alone do."""
    ends = starts + length
    day = starts.astimezone(LOCAL_TIME).date()
    found: list[Objection] = []
    if any(leave.covers(day) for leave in leaves):
        found.append(Objection.ON_LEAVE)
    elif hours_on(hours, day) is None:
        pass
    elif day in holidays_of(day.year):
        found.append(Objection.PUBLIC_HOLIDAY)
    elif not any(opens <= starts and ends <= closes for opens, closes in _open(hours, leaves, day)):
        found.append(Objection.OUTSIDE_HOURS)
    if any(begun < ends and starts < over for begun, over in booked):
        found.append(Objection.ANOTHER_MEETING)
    return found


def _open(hours: Sequence[Hours], leaves: Sequence[Leave], day: date) -> Iterator[Interval]:
    """The moments of that day in which one may be booked."""
    held = hours_on(hours, day)
    if held is None or day in holidays_of(day.year) or any(leave.covers(day) for leave in leaves):
        return
    for each in held.on(day):
        yield _moment(day, each.starts), _moment(day, each.ends)


def _within(
    opens: datetime,
    closes: datetime,
    since: datetime,
    booked: Sequence[Interval],
    length: timedelta,
    between: timedelta,
) -> Iterator[Interval]:
    starts = opens if opens >= since else max(opens, _rounded(since))
    while (ends := starts + length) <= closes:
        hit = next(
            (over for begun, over in booked if begun < ends + between and starts < over + between), None
        )
        if hit is None:
            yield starts, ends
            starts = ends + between
        else:
            starts = _rounded(hit + between)


def _rounded(moment: datetime) -> datetime:
    moment = moment.astimezone(UTC)
    return moment + (datetime.min.replace(tzinfo=UTC) - moment) % _ROUND


def _moment(day: date, wall: str) -> datetime:
    # `fold=0` is the offset before the clock is moved, as RFC 5545 has it for both nights.
    return datetime.combine(day, time.fromisoformat(wall), LOCAL_TIME).astimezone(UTC)


def _here(moment: datetime) -> datetime:
    return moment.astimezone(LOCAL_TIME)
