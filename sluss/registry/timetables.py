"""When an activity of a registry file takes place: from what somebody writes to a timetable.

`every = "tuesday 14:00"` is short for a weekly rule, from the day `starts` where that is said; `rrule` with
`starts` says any other, and `sessions` names dates.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from services.provider.judging import faults
from sluss_contracts.schedule import Break, Recurrence, Timetable

LOCAL_TIME = ZoneInfo("Europe/Stockholm")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIELDS = (
    *("every", "weeks", "rrule", "starts", "except", "sessions", "minutes"),
    *("on_holidays", "breaks"),
)
"""What an entry may say of it."""
_DAY = "a day, written 2027-02-09"


class Unreadable(ValueError):
    """A field that cannot be read, by its name in the file."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(f"{name}: {what}")
        self.name = name


def timetable_of(said: Mapping[str, Any], now: datetime) -> Timetable | None:
    """The timetable an entry's fields make; None where they say nothing. `now` is the network's time: a term
    of so many weeks begins with the first time that is to come. Raises `Unreadable`."""
    sessions = [_wall(each, "sessions") for each in _several(said.get("sessions", ()), "sessions")]
    rules = list(_rules(said, now))
    if not rules and not sessions:
        stray = next((name for name in ("weeks", "starts", "except", "breaks") if name in said), None)
        if stray:
            raise Unreadable(stray, 'says nothing without `every` or `rrule`; add every = "tuesday 14:00"')
        return None
    if not rules:
        rules, sessions = [(None, sessions[0])], sessions[1:]
    minutes, on_holidays = said.get("minutes", 90), said.get("on_holidays", False)
    excepted = [_day(each, "except") for each in _several(said.get("except", ()), "except")]
    try:
        recurrences = tuple(
            Recurrence(
                starts=starts,
                rrule=rule,
                except_on=tuple(excepted) if rule else (),
                also_at=() if number else tuple(sessions),
                minutes=minutes,
                on_holidays=on_holidays,
            )
            for number, (rule, starts) in enumerate(rules)
        )
    except ValidationError as invalid:
        first = invalid.errors()[0]
        named = {"except_on": "except", "also_at": "sessions"}
        name = str(first["loc"][0])
        raise Unreadable(named.get(name, name), first["msg"].lower()) from None
    table = Timetable(recurrences=recurrences, breaks=tuple(_breaks(said.get("breaks", ()))))
    if fault := next(faults(table), None):
        raise Unreadable("rrule" if "rrule" in said else "every", fault.remedy)
    return table


def _rules(said: Mapping[str, Any], now: datetime) -> Iterable[tuple[str | None, str]]:
    """Each rule with when it starts."""
    weeks = said.get("weeks")
    if weeks is not None and (type(weeks) is not int or not 1 <= weeks <= 260):
        raise Unreadable("weeks", "must be a whole number of weeks from 1 to 260")
    from_day = _wall(said["starts"], "starts") if "starts" in said and "rrule" not in said else None
    for text in _several(said.get("every", ()), "every"):
        yield weekly(text, weeks, now, from_day)
    if "rrule" in said:
        if "starts" not in said:
            raise Unreadable(
                "rrule", "needs `starts`, the first day and the hour: starts = '2027-01-12T14:00'"
            )
        if weeks is not None:
            raise Unreadable("weeks", "belongs to `every`; say COUNT or UNTIL in `rrule`")
        yield str(said["rrule"]).removeprefix("RRULE:"), _wall(said["starts"], "starts")


def weekly(text: Any, weeks: int | None, now: datetime, from_day: str | None = None) -> tuple[str, str]:
    """The rule that `"tuesday 14:00"` is short for, and when it starts, in Swedish local time.

    It starts with the first from a day on, where one is said. Otherwise so many weeks begin with the first
    that is to come, and what has no end starts with the year.
    """
    try:
        day, clock = str(text).lower().split()
        hour, minute = (int(part) for part in clock.split(":"))
        wanted = WEEKDAYS.index(day)
        local = now.astimezone(LOCAL_TIME).replace(tzinfo=None)
        first = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    except ValueError:
        raise Unreadable("every", f'{text!r} is not a weekday and a time; write "tuesday 14:00"') from None
    if from_day is not None:
        first = datetime.combine(date.fromisoformat(from_day[:10]), first.time())
    elif weeks is None:
        first = first.replace(month=1, day=1)
    first += timedelta(days=(wanted - first.weekday()) % 7)
    if from_day is None and weeks is not None and first <= local:
        first += timedelta(days=7)
    count = f";COUNT={weeks}" if weeks is not None else ""
    return f"FREQ=WEEKLY;BYDAY={day[:2].upper()}{count}", f"{first:%Y-%m-%dT%H:%M}"


def _wall(said: Any, name: str) -> str:
    """A time as the clock on the wall shows it; one with a zone is turned to what ours shows then."""
    try:
        at = said if isinstance(said, datetime) else datetime.fromisoformat(str(said))
    except ValueError:
        raise Unreadable(name, f"{said!r} is no date and time; write 2027-01-12T14:00") from None
    local = at.astimezone(LOCAL_TIME) if at.tzinfo else at
    return f"{local:%Y-%m-%dT%H:%M}"


def _day(said: Any, name: str) -> date:
    if isinstance(said, date) and not isinstance(said, datetime):
        return said
    try:
        return date.fromisoformat(str(said))
    except ValueError:
        raise Unreadable(name, f"{said!r} is not {_DAY}") from None


def _several(said: Any, name: str) -> list[Any]:
    if isinstance(said, str | datetime | date):
        return [said]
    if not isinstance(said, list | tuple):
        raise Unreadable(name, "must be a list, or one of what would be in it")
    return list(said)


def _breaks(said: Any) -> Iterable[Break]:
    for each in _several(said, "breaks"):
        if not isinstance(each, Mapping):
            raise Unreadable("breaks", 'needs {first = 2027-06-14, last = 2027-08-15, why = "summer_break"}')
        try:
            yield Break.model_validate(dict(each))
        except ValidationError as invalid:
            fault = invalid.errors()[0]
            where = "".join(f"{part}: " for part in fault["loc"])
            raise Unreadable("breaks", f"{where}{fault['msg'].lower()}") from None
