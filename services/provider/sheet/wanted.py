"""From a row to what it says of an activity, and when it takes place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.provider.hsds.ids import area_of, slug_of
from services.provider.judging import faults as faults_of_timetable
from services.provider.sheet import cells, words
from services.provider.sheet.cells import Unclear
from services.provider.sheet.reading import Row
from services.runtime.languages import mark
from sluss_contracts.json_documents import UNWRITABLE
from sluss_contracts.offering import Venue
from sluss_contracts.schedule import Recurrence, Timetable
from sluss_contracts.vocabulary import Acceptance

_MINUTES = 90


@dataclass(frozen=True)
class Fault:
    """What is wrong, in which row and column, and how to mend it."""

    line: int
    column: str
    """Its letter; nothing where it is the row as a whole."""
    text: str
    """What is wrong, a key of the translations."""
    values: Mapping[str, object] = field(default_factory=dict)
    cell: str = ""
    """What stands there, as far as it fits."""

    def __str__(self) -> str:
        where = f", column {self.column}" if self.column else ""
        what = self.text % self.values if self.values else self.text
        return f"row {self.line}{where}: {f'{self.cell} ' if self.cell else ''}{what}"


@dataclass(frozen=True)
class Wanted:
    """What a row says, by our fields; what it does not say is not there."""

    row: Row
    said: Mapping[str, Any] = field(default_factory=dict)
    venue: Mapping[str, str] = field(default_factory=dict)
    """The parts of where it takes place that the row tells."""
    timetable: Timetable | None = None
    faults: tuple[Fault, ...] = ()


def wanted_in(row: Row, today: date) -> Wanted:
    """Everything a row says, and everything that is wrong with it."""
    said: dict[str, Any] = {}
    venue: dict[str, str] = {}
    times: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, text in row.cells.items():
        try:
            value = _READ[name](text, today)
        except Unclear as unclear:
            faults.append(Fault(row.line, row.columns[name], unclear.text, unclear.values, _shown(text)))
            continue
        into = venue if name in _VENUE else times if name in _TIMES else said
        into[_CALLED.get(name, name)] = value
    if "title" not in row.cells:
        faults.append(Fault(row.line, row.columns["title"], mark("is empty; the activity needs a name")))
    table = None
    if not faults:
        try:
            table = _timetable(times, today)
        except Unclear as unclear:
            column = next((row.columns[each] for each in _TIMES if each in row.cells), "")
            faults.append(Fault(row.line, column, unclear.text, unclear.values))
    return Wanted(row, said, venue, table, tuple(faults))


def with_venue(before: Venue | None, parts: Mapping[str, str]) -> Venue | None:
    """Where it takes place, with the parts that are told. Raises `Unclear` for a street without a place."""
    if not parts:
        return before
    known = before.model_dump(exclude_none=True) if before else {}
    name = parts.get("name") or known.get("name") or parts.get("street")
    if name is None:
        raise Unclear(mark("names a town and no place; fill in Plats too"))
    moved = any(known.get(each) != value for each, value in parts.items() if each in ("name", "street"))
    if moved:  # the point on the map was another place's
        known = {each: value for each, value in known.items() if each not in ("latitude", "longitude")}
    return Venue(**{**known, **parts, "name": name})


def _timetable(times: Mapping[str, Any], today: date) -> Timetable | None:
    """The timetable that weekday, time and dates make; None where they say nothing."""
    if not times:
        return None
    if "time" not in times:
        raise Unclear(mark("says on which day and not when; fill in Klockslag, as 14.00–15.30"))
    clock, minutes = times["time"]
    starts: date | None = times.get("starts")
    wanted, weeks = times.get("day", ((), 1))
    if not wanted and starts is None:
        raise Unclear(mark("says when and not on which day; fill in Veckodag or Första gången"))
    last: date | None = times.get("ends")
    if starts and last and last < starts:
        raise Unclear(mark("ends before it begins; change Sista gången"))
    rule = None
    if wanted or last:
        wanted = wanted or (cells.weekday_of(starts),)  # type: ignore[arg-type]
        # Without a first day it goes on since the year began, so that the same sheet says the same.
        starts = cells.first_on(wanted, starts or date(today.year, 1, 1))
        parts = ["FREQ=WEEKLY", *([f"INTERVAL={weeks}"] if weeks > 1 else []), f"BYDAY={','.join(wanted)}"]
        rule = ";".join([*parts, *([f"UNTIL={last:%Y%m%d}"] if last else [])])
    assert starts is not None, "a weekday gives a first day"
    try:
        each = Recurrence(
            starts=cells.wall(starts, clock),
            rrule=rule,
            except_on=times.get("except", ()) if rule else (),
            minutes=minutes or _MINUTES,
        )
    except ValidationError:
        raise Unclear(mark("lies outside the years 2000 to 2199")) from None
    table = Timetable(recurrences=(each,))
    if fault := next(faults_of_timetable(table), None):
        raise Unclear(fault.remedy)
    return table


def _text(most: int) -> Callable[[str, date], str]:
    def read(text: str, today: date) -> str:
        if len(text) > most:
            raise Unclear(mark("is longer than %(most)s signs; shorten it"), most=most)
        if UNWRITABLE.search(text):
            raise Unclear(mark("holds a sign no page can show; write it anew"))
        return text

    return read


def _group(text: str, today: date) -> tuple[str, ...]:
    return tuple(each.strip() for each in _text(200)(text, today).split(";") if each.strip())[:12]


def _name(text: str, today: date) -> str:
    if not area_of(text):
        raise Unclear(mark("is no area; write hageby"))
    return area_of(text)


def _id(text: str, today: date) -> str:
    if slug_of(text) != text or len(text) > 63:
        raise Unclear(mark("is no id; write small letters, figures and hyphens, or leave it empty"))
    return text


_READ: dict[str, Callable[[str, date], Any]] = {
    "activity": _id,
    "title": _text(200),
    "about": _text(4000),
    "day": lambda text, today: cells.weekdays(text),
    "time": lambda text, today: cells.hours(text),
    "starts": cells.day,
    "ends": cells.day,
    "except": cells.days,
    "place": _text(200),
    "street": _text(200),
    "postal_code": lambda text, today: cells.postal_code(text),
    "town": _text(200),
    "area": _name,
    "cost": lambda text, today: cells.price(text),
    "capacity": lambda text, today: cells.number(text, 1, 10_000),
    "from_age": lambda text, today: cells.number(text, 0, 120),
    "to_age": lambda text, today: cells.number(text, 0, 120),
    "groups": _group,
    "languages": lambda text, today: cells.several(text, words.languages()),
    "category": lambda text, today: cells.one_of(text, words.categories()),
    "interests": lambda text, today: cells.several(text, words.interests()),
    "needs": lambda text, today: cells.several(text, words.needs()),
    "kind": lambda text, today: cells.one_of(text, words.kinds()),
    "acceptance": lambda text, today: Acceptance.REQUIRED if cells.yes_or_no(text) else Acceptance.DROP_IN,
    "hosted": lambda text, today: cells.yes_or_no(text),
    "page": lambda text, today: cells.address(text),
}
"""How each column is read."""
_VENUE = {"place", "street", "postal_code", "town"}
_TIMES = ("day", "time", "starts", "ends", "except")
_CALLED = {"place": "name"}


def _shown(text: str) -> str:
    """What stands there, as far as it fits."""
    line = " ".join(text.split())
    return f"”{line if len(line) <= 40 else line[:39] + '…'}”"
