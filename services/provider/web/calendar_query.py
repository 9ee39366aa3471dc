"""The address of a view of the calendar: everything somebody looks for, and nothing else, is in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from services.provider.calendar.finding import words_of
from services.provider.calendar.reading import COUNTED, PAGE
from services.provider.calendar.wanted import Wanted
from services.runtime.web import mark
from sluss_contracts.offering import ActivityCategory, Interest

LIST = "/aktiviteter"
PROVIDERS = "/arrangor"
COSTS = (0, 50, 100, 200, 500)
"""What one may say it should cost at most, in kronor."""
MODES = ("on_site", "digital")
_AREA = re.compile(r"[a-z0-9åäö][a-z0-9åäö-]{0,62}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LONGEST = 100
"""Signs of a search."""
OLDEST = 120


@dataclass(frozen=True)
class View:
    """One view: what is wanted, which page of it, and what could not be understood."""

    wanted: Wanted
    typed: str = ""
    """The search as it was typed."""
    page: int = 1
    faults: Mapping[str, str] = field(default_factory=dict)
    """By field, what is wrong with it; it counts as not wished for."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """By field, what was typed and could not be understood."""

    def query(self, *, without: str | None = None) -> list[tuple[str, str]]:
        """The view as the fields of an address, in one order; `without` leaves one wish out."""
        wanted = self.wanted.without(without) if without else self.wanted
        single = {
            "q": self.typed if wanted.words else None,
            "interest": wanted.interest,
            "category": wanted.category,
            "area": wanted.area,
            "from": wanted.first and wanted.first.isoformat(),
            "to": wanted.last and wanted.last.isoformat(),
            "cost": None if wanted.kronor is None else str(wanted.kronor),
            "language": wanted.language,
            "mode": wanted.mode,
            "age": None if wanted.age is None else str(wanted.age),
        }
        pairs = [(name, value) for name, value in single.items() if value]
        return pairs + [("day", str(day)) for day in sorted(wanted.days)]

    def address(self, path: str = LIST, *, page: int = 1, without: str | None = None, **more: str) -> str:
        """Where this view is, on another page or with one wish less."""
        pairs = self.query(without=without) + ([("page", str(page))] if page > 1 else [])
        pairs += list(more.items())
        return f"{path}?{urlencode(pairs)}" if pairs else path


def view_of(given: QueryParams) -> View:
    """The view an address asks for. What no form of ours sends is passed over; what people may mistype is
    told of."""
    faults: dict[str, str] = {}
    first, last = _day(given, "from", faults), _day(given, "to", faults)
    if first and last and last < first:
        faults["to"] = mark("The last day comes before the first. Choose a later one.")
        last = None
    typed = _line(given.get("q", ""))
    wanted = Wanted(
        words=words_of(typed),
        interest=_one_of([code.value for code in Interest], given.get("interest")),
        category=_one_of([code.value for code in ActivityCategory], given.get("category")),
        area=_matching(_AREA, given.get("area")),
        days=frozenset(int(day) for day in given.getlist("day") if day in tuple("1234567")),
        first=first,
        last=last,
        kronor=_cost(given.get("cost")),
        language=_matching(_LANGUAGE, given.get("language")),
        mode=_one_of(MODES, given.get("mode")),
        age=_age(given, faults),
    )
    wrong = {name: _line(given.get(name, "")) for name in faults}
    return View(wanted, typed, _page(given.get("page")), faults, wrong)


def _day(given: QueryParams, name: str, faults: dict[str, str]) -> date | None:
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or not 2000 <= day.year <= 2199:
        faults[name] = mark("This is no day we understand. Write year, month and day, such as 2026-03-09.")
        return None
    return day


def _age(given: QueryParams, faults: dict[str, str]) -> int | None:
    text = given.get("age", "").strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > OLDEST:
        faults["age"] = mark("Write the age in whole years, such as 67.")
        return None
    return int(text)


def _cost(text: str | None) -> int | None:
    return int(text) if text and text in {str(most) for most in COSTS} else None


def _page(text: str | None) -> int:
    last = COUNTED // PAGE
    return min(max(int(text), 1), last) if text and re.fullmatch(r"[0-9]{1,4}", text) else 1


def _one_of(known: Sequence[str], text: str | None) -> str | None:
    return text if text in known else None


def _matching(pattern: re.Pattern[str], text: str | None) -> str | None:
    return text if text and pattern.fullmatch(text) else None


def _line(text: str) -> str:
    """What somebody typed, without what no keyboard types."""
    return "".join(sign for sign in text if sign.isprintable())[:_LONGEST].strip()
