"""What a timetable means on the calendar: rules by python-dateutil, Swedish holidays by `holidays`.

Rules are worked out on the wall clock and only then become moments, as RFC 5545 has it (§3.3.5): the hour
stays when summer time begins or ends; a time that the clock skips is the moment an hour later on the new
clock, and one that it shows twice is the first of the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from services.provider.domain.schedule import Occurrence, Plan
from services.runtime.holidays import holidays_of
from sluss_contracts.schedule import Break, Recurrence, Timetable

HOLIDAY = "public_holiday"
EXCEPTED = "excepted"
_FAR = timedelta(days=365 * 60)
"""A rule that is not over by then goes on for ever, as far as anybody here is concerned."""


def between(timetable: Timetable, after: datetime, until: datetime) -> Plan:
    """What the timetable gives later than `after` and not later than `until`. It has been judged before."""
    zone = ZoneInfo(timetable.time_zone)
    last = until.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)
    given: dict[datetime, Occurrence] = {}
    left_out: dict[datetime, str] = {}
    for each in timetable.recurrences:
        for wall, why in _times(each, timetable.breaks, last, zone):
            starts = _moment(wall, zone)
            if not after < starts <= until:
                continue
            if why:
                left_out.setdefault(starts, why)
            else:
                given.setdefault(starts, Occurrence(starts, each.minutes, each.venue))
    return Plan(
        tuple(given[starts] for starts in sorted(given)),
        {starts: why for starts, why in left_out.items() if starts not in given},
    )


def ends(timetable: Timetable) -> datetime | None:
    """When the last of it begins; None for what goes on for ever. A timetable of nothing ended long ago."""
    zone = ZoneInfo(timetable.time_zone)
    last = datetime.min.replace(tzinfo=UTC)
    for each in timetable.recurrences:
        walls = [wall(text) for text in (each.starts, *each.also_at)]
        if each.rrule:
            count, until = limits(each.rrule, zone)
            if count is None and until is None:
                return None
            far = wall(each.starts) + _FAR
            given = list(by_rule(each, far, zone))
            if until is None and len(given) != count:
                return None
            walls += given
        last = max(last, *(_moment(each, zone) for each in walls))
    return last


def by_rule(recurrence: Recurrence, last: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """What the rule alone gives on the wall clock, up to `last`; COUNT counts from the beginning."""
    assert recurrence.rrule is not None, "only rules give something"
    count, until = limits(recurrence.rrule, zone)
    starts = wall(recurrence.starts)
    end = min(last, until) if until else last
    parts = [each for each in recurrence.rrule.split(";") if each.split("=")[0] not in ("COUNT", "UNTIL")]
    rule = rrulestr(";".join([*parts, f"UNTIL={end:%Y%m%dT%H%M%S}"]), dtstart=starts)
    return islice(iter(rule), count)


def limits(rule: str, zone: ZoneInfo) -> tuple[int | None, datetime | None]:
    """COUNT and UNTIL, on the wall clock. A date in UNTIL is that whole day. Raises ValueError."""
    parts = dict(each.split("=", 1) for each in rule.split(";"))
    count = int(parts["COUNT"]) if "COUNT" in parts else None
    text = parts.get("UNTIL")
    if text is None:
        return count, None
    if len(text) == 8:
        return count, datetime.strptime(text + "235959", "%Y%m%d%H%M%S")
    if text.endswith("Z"):
        moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return count, moment.astimezone(zone).replace(tzinfo=None)
    return count, datetime.strptime(text, "%Y%m%dT%H%M%S")


def wall(text: str) -> datetime:
    """What the clock on the wall shows, without a zone."""
    return datetime.fromisoformat(text)


def _times(
    recurrence: Recurrence, breaks: tuple[Break, ...], last: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, str | None]]:
    """On the wall clock, with the reason where it does not take place. What is named by its date does."""
    named = [wall(text) for text in recurrence.also_at]
    if recurrence.rrule is None:
        named.append(wall(recurrence.starts))
    yield from ((each, None) for each in named)
    if recurrence.rrule is None:
        return
    for each in by_rule(recurrence, last, zone):
        yield each, _why_not(recurrence, breaks, each.date())


def _why_not(recurrence: Recurrence, breaks: tuple[Break, ...], day: date) -> str | None:
    if day in recurrence.except_on:
        return EXCEPTED
    for each in breaks:
        if each.first <= day <= each.last:
            return each.why
    if not recurrence.on_holidays and day in holidays_of(day.year):
        return HOLIDAY
    return None


def _moment(at: datetime, zone: ZoneInfo) -> datetime:
    # `fold=0` is the offset before the clock is moved: what the standard says of both nights.
    return at.replace(tzinfo=zone, fold=0).astimezone(UTC)
