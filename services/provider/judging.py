"""Whether a timetable can be laid out: what is wrong with it, where, and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from services.provider.domain.refusals import BadSchedule
from services.provider.recurrence import by_rule, limits, wall
from sluss_contracts.command import Fault
from sluss_contracts.schedule import Recurrence, Timetable

MOST_A_YEAR = 1000
"""Sessions of one activity in a year: three a day, near enough."""
MOST_TIMES = 1000
"""What COUNT and INTERVAL may say."""
_SOON = timedelta(days=3660)
"""Within ten years a rule must give something; a leap day comes every four, once every eight."""
_A_YEAR = timedelta(days=366)

_WEEKDAY = r"(MO|TU|WE|TH|FR|SA|SU)"
_OF_MONTH = r"(-?(?:[1-9]|[12]\d|3[01]))"
_OF_YEAR = r"(-?(?:[1-9]|[1-9]\d|[12]\d\d|3[0-5]\d|36[0-6]))"
_SHAPES = {
    "FREQ": r"DAILY|WEEKLY|MONTHLY|YEARLY",
    "INTERVAL": r"[1-9]\d{0,3}",
    "COUNT": r"[1-9]\d{0,5}",
    "UNTIL": r"\d{8}(T\d{6}Z?)?",
    "WKST": _WEEKDAY,
    "BYDAY": rf"(-?[1-5]?{_WEEKDAY})(,-?[1-5]?{_WEEKDAY})*",
    "BYMONTH": r"([1-9]|1[0-2])(,([1-9]|1[0-2]))*",
    "BYMONTHDAY": rf"{_OF_MONTH}(,{_OF_MONTH})*",
    "BYYEARDAY": rf"{_OF_YEAR}(,{_OF_YEAR})*",
    "BYWEEKNO": r"(-?([1-9]|[1-4]\d|5[0-3]))(,-?([1-9]|[1-4]\d|5[0-3]))*",
    "BYSETPOS": rf"{_OF_YEAR}(,{_OF_YEAR})*",
}
_ALWAYS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH"}
_FITS = {
    "DAILY": _ALWAYS,
    "WEEKLY": _ALWAYS,
    "MONTHLY": _ALWAYS | {"BYMONTHDAY", "BYSETPOS"},
    "YEARLY": _ALWAYS | {"BYMONTHDAY", "BYSETPOS", "BYYEARDAY", "BYWEEKNO"},
}
"""The parts a rule may have, by how often it comes back (RFC 5545 §3.3.10, and nothing below the day)."""


def judge(timetable: Timetable) -> None:
    """Raises `BadSchedule` with every fault found, so that a timetable is mended in one go."""
    if found := tuple(faults(timetable)):
        told = "; ".join(f"{each.path.strip('/')}: {each.remedy}" for each in found)
        raise BadSchedule(f"this cannot be laid out: {told}", found)


def faults(timetable: Timetable) -> Iterator[Fault]:
    """What is wrong with it. The calendar is asked only about rules that are well formed."""
    try:
        zone = ZoneInfo(timetable.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield Fault(
            path="/time_zone",
            code="unknown_time_zone",
            remedy="is no time zone; write Europe/Stockholm, or another name of the IANA database",
        )
        return
    wrong = False
    for number, each in enumerate(timetable.recurrences):
        if each.rrule is None:
            continue
        for code, remedy in _of_rule(each, each.rrule, zone):
            wrong = True
            yield Fault(path=f"/recurrences/{number}/rrule", code=code, remedy=remedy)
    if not wrong and (most := _most_in_a_year(timetable, zone)) > MOST_A_YEAR:
        yield Fault(
            path="/recurrences",
            code="too_often",
            remedy=f"give {most} sessions a year, more than {MOST_A_YEAR}; publish it as several activities",
        )


def _of_rule(recurrence: Recurrence, rule: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    parts = [each.split("=", 1) for each in rule.split(";")]
    names = [name for name, _ in parts]
    said = dict(parts)
    faulty = list(_of_parts(names, said))
    yield from faulty
    if faulty:
        return
    try:
        count, until = limits(rule, zone)
    except ValueError:
        yield "wrong_value", "UNTIL is no date on the calendar; write UNTIL=20270531"
        return
    if count is not None and until is not None:
        yield "count_and_until", "says both COUNT and UNTIL; keep one of them"
    if count is not None and count > MOST_TIMES:
        yield (
            "too_often",
            f"COUNT is more than {MOST_TIMES}; leave it out, and it goes on until it is changed",
        )
    if int(said.get("INTERVAL", "1")) > MOST_TIMES:
        yield "wrong_value", f"INTERVAL is more than {MOST_TIMES}; nobody waits that long"
    starts = wall(recurrence.starts)
    if until is not None and until < starts:
        yield "ends_before_it_starts", "UNTIL is before `starts`; move one of them"
    elif (problem := _never(recurrence, rule, starts, zone)) is not None:
        yield "never_takes_place", problem


def _of_parts(names: list[str], said: dict[str, str]) -> Iterator[tuple[str, str]]:
    freq = said.get("FREQ")
    if freq is None:
        yield "missing", "has no FREQ; begin with FREQ=WEEKLY, for example"
        return
    if freq in ("HOURLY", "MINUTELY", "SECONDLY"):
        yield (
            "too_often",
            f"FREQ={freq} comes back within the day; give each time of day a recurrence of its own",
        )
        return
    if freq not in _FITS:
        yield "wrong_value", "FREQ is DAILY, WEEKLY, MONTHLY or YEARLY"
        return
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield "repeated", f"says {name} twice; put the values together, with commas between"
        elif name in ("BYHOUR", "BYMINUTE", "BYSECOND"):
            yield "too_often", f"{name} is told by `starts`; give each time of day a recurrence of its own"
        elif name not in _SHAPES:
            yield "unknown_part", f"{name} is no part of a rule here; remove it"
        elif name not in _FITS[freq]:
            yield "does_not_fit", f"{name} says nothing where FREQ={freq}; use FREQ=MONTHLY or FREQ=YEARLY"
        elif not re.fullmatch(_SHAPES[name], said[name]):
            yield "wrong_value", f"{name} has a value that RFC 5545 does not know there"
    if freq in ("DAILY", "WEEKLY") and re.search(r"\d", said.get("BYDAY", "")):
        yield (
            "does_not_fit",
            f"BYDAY counts weekdays of a month; where FREQ={freq} write BYDAY=TU, not BYDAY=2TU",
        )
    if "BYSETPOS" in said and not {"BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO"} & set(said):
        yield "does_not_fit", "BYSETPOS picks from what BYDAY or BYMONTHDAY give; add one of them"


def _never(recurrence: Recurrence, rule: str, starts: datetime, zone: ZoneInfo) -> str | None:
    endless = ";".join(each for each in rule.split(";") if not each.startswith(("COUNT=", "UNTIL=")))
    try:
        first = next(iter(rrulestr(endless, dtstart=starts)), None)
    except (ValueError, TypeError, IndexError):  # what the library itself cannot make sense of
        return "cannot be read; see RFC 5545, section 3.3.10"
    if first is None or first > starts + _SOON:
        return "gives no day within ten years of `starts`; correct it"
    if next(by_rule(recurrence, starts + _SOON, zone), None) is None:
        return "gives no day before UNTIL; move it"
    return None


def _most_in_a_year(timetable: Timetable, zone: ZoneInfo) -> int:
    """How many in the year that begins with each recurrence, added up; a little too many where they do not
    overlap."""
    return sum(
        len(each.also_at) + 1
        if each.rrule is None
        else len(each.also_at) + sum(1 for _ in by_rule(each, wall(each.starts) + _A_YEAR, zone))
        for each in timetable.recurrences
    )
