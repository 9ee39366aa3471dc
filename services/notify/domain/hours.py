"""When a person may be written to, where they live."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TIME_ZONE = ZoneInfo("Europe/Stockholm")
"""People live by their own clocks; the network runs in UTC."""
MORNING, EVENING = time(8), time(21)
"""Nobody is written to before the one or from the other on, unless they have named hours of their own."""
_END_OF_DAY = time(23, 59, 59)


def allowed_from(now: datetime, not_before: time | None = None, not_after: time | None = None) -> datetime:
    """The first moment, `now` or later, at which the person may be written to.

    Within the network's hours and the person's own. Where the two do not meet, the person's own hold: they
    have said when they may be reached. Hours that make no sense (from eight to seven) are the network's.
    """
    begins, ends = _window(not_before, not_after)
    local = now.astimezone(TIME_ZONE)
    for day in (local.date(), local.date() + timedelta(days=1)):
        first, last = _at(day, begins), _at(day, ends)
        if now < first:
            return first
        if now < last:
            return now
    raise AssertionError("tomorrow's hours begin later than now")


def morning_of(day: date) -> datetime:
    """The moment on a day from which the person may be written to."""
    return _at(day, MORNING)


def _window(not_before: time | None, not_after: time | None) -> tuple[time, time]:
    own = ((not_before or time.min).replace(tzinfo=None), (not_after or _END_OF_DAY).replace(tzinfo=None))
    both = (max(own[0], MORNING), min(own[1], EVENING))
    return next((hours for hours in (both, own) if hours[0] < hours[1]), (MORNING, EVENING))


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, TIME_ZONE).astimezone(UTC)
