"""The form of a week: what is written in it as bookable times, and bookable times as it shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from services.navigator.desk.taking import number_of
from services.navigator.domain.hours import Hours, HoursEndBeforeTheyStart, HoursOverlap, hours_on
from services.navigator.web.match_words import OTHERS
from services.runtime.web import Language, mark
from services.runtime.web.forms import SentForm
from services.runtime.web.sending import NotDone
from sluss_contracts.vocabulary import Weekday

MOST: Final = 10
"""So many times of a weekday can be written in a form."""
AT_LEAST: Final = 2
"""So many lines each weekday has, and always one more than are filled in."""

_CLOCK = re.compile(r"(\d{1,2})(?:[:.]?(\d{2}))?")
_WRONG: Final[Mapping[str, str]] = {
    HoursOverlap.code: mark("Two of the times overlap. Make one of them, or move one."),
    HoursEndBeforeTheyStart.code: mark("A time ends before it starts. Change one of the two."),
}
_UNREADABLE: Final = mark("Write both when it starts and when it ends, as 09:00 and 12:30.")


@dataclass(frozen=True, slots=True)
class Day:
    """A weekday of the form: its lines, each with what is written in it."""

    code: str
    name: str
    lines: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Known:
    """Hours that hold, or will."""

    valid_from: date
    now: bool
    week: Sequence[tuple[str, str]]
    """Each weekday that has times, and its times."""
    minutes_between: int


def written(form: SentForm) -> list[dict[str, str]]:
    """The times somebody has filled in, line by line; empty lines are none."""
    return [
        {"weekday": day.value, "starts": _clock(starts), "ends": _clock(ends)}
        for day in Weekday
        for starts, ends in _lines(form, day)
        if starts or ends
    ]


def said(form: SentForm) -> dict[str, Any]:
    """What the form means."""
    return {
        "valid_from": form.one("valid_from"),
        "times": written(form),
        "minutes_between": number_of(form, "minutes_between") or 0,
    }


def days(hours: Hours | None, form: SentForm, language: Language) -> list[Day]:
    """The lines of each weekday: as they were sent, or as the hours are."""
    return [Day(day.value, _name(day, language), _with_room(_shown(hours, form, day))) for day in Weekday]


def week_in_words(hours: Hours, language: Language) -> list[tuple[str, str]]:
    """Each weekday that has times, and its times."""
    told: dict[Weekday, list[str]] = {}
    for each in hours.times:
        told.setdefault(each.weekday, []).append(f"{each.starts}–{each.ends}")
    return [(_name(day, language), ", ".join(times)) for day, times in told.items()]


def known(hours: Sequence[Hours], today: date, language: Language) -> list[Known]:
    """The hours that hold today, and those that will, in words."""
    now = hours_on(hours, today)
    return [
        Known(each.valid_from, each is now, week_in_words(each, language), each.minutes_between)
        for each in hours
        if each is now or each.valid_from > today
    ]


def by_weekday(no: NotDone, form: SentForm) -> NotDone:
    """The same refusal, with what is wrong told at the weekday it is about."""
    sent = written(form)
    faults: dict[str, str] = {}
    for fault in no.refused.faults:
        field, _, rest = fault.path.strip("/").partition("/")
        line = rest.partition("/")[0]
        if field == "times" and line.isdecimal() and int(line) < len(sent):
            faults[sent[int(line)]["weekday"]] = _UNREADABLE
        else:
            faults[field] = _WRONG.get(fault.code) or no.faults.get(field, _UNREADABLE)
    no.faults = faults
    return no


def _name(day: Weekday, language: Language) -> str:
    said = language.say(OTHERS[day.value])
    return said[:1].upper() + said[1:]


def _shown(hours: Hours | None, form: SentForm, day: Weekday) -> Iterable[tuple[str, str]]:
    if form:
        return [line for line in _lines(form, day) if any(line)]
    return [(each.starts, each.ends) for each in hours.times if each.weekday is day] if hours else []


def _lines(form: SentForm, day: Weekday) -> Iterable[tuple[str, str]]:
    names = ((f"{day.value}_{n}_starts", f"{day.value}_{n}_ends") for n in range(MOST))
    return [(form.one(starts), form.one(ends)) for starts, ends in names]


def _with_room(lines: Iterable[tuple[str, str]]) -> Sequence[tuple[str, str]]:
    filled = list(lines)
    room = min(max(AT_LEAST, len(filled) + 1), MOST)
    return filled + [("", "")] * (room - len(filled))


def _clock(text: str) -> str:
    """`9`, `9.30` and `0930` as the clock shows them; anything else as it was written, to be refused."""
    found = _CLOCK.fullmatch(text)
    return f"{int(found[1]):02}:{found[2] or '00'}" if found else text
