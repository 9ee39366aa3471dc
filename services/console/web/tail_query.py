"""The address of a view of the log: everything wanted is in it, so that a view can be kept and handed on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from services.console.log.entry import short_type
from services.console.log.finding import Wanted
from services.console.masking import searchable
from services.runtime.web import mark
from sluss_contracts.event import FACTS

PATH: Final = "/console"
ZONE: Final = ZoneInfo("Europe/Stockholm")
LABELS: Final = {
    "organisation": mark("Organisation"),
    "referral": mark("Referral"),
    "person": mark("Person (pseudonym)"),
    "correlation": mark("Correlation"),
    "outcome": mark("Outcome or code"),
}
"""The conditions that are one word each, in the order of the form, and what they are called there."""
SINGLE: Final = tuple(LABELS)
_WORD: Final = re.compile(r"[\w.:@/-]{1,120}")
_FIELD: Final = re.compile(r"([a-z_]{1,60})\s*=\s*([\w.:@/-]{1,120})")
_NUMBER: Final = re.compile(r"[0-9]{1,16}")
TYPES: Final = tuple(sorted(short_type(name) for name in FACTS))

UNKNOWN_TYPE: Final = mark("There is no event of this type. Choose one of the list.")
NOT_A_WORD: Final = mark("This is no id or word. Letters, digits and hyphens are what they are made of.")
NOT_A_FIELD: Final = mark("Write a field and its value, such as status=refused.")
NOT_SEARCHABLE: Final = mark("One cannot look for this field: it is masked, or is no word of the network.")
NOT_A_TIME: Final = mark("This is no time we understand. Write such as 2026-03-09T14:00.")


@dataclass(frozen=True)
class View:
    """One view of the log, and what of its address could not be understood."""

    wanted: Wanted = field(default_factory=Wanted)
    before: int | None = None
    """The position the page ends before; None for the newest."""
    faults: Mapping[str, str] = field(default_factory=dict)
    wrong: Mapping[str, str] = field(default_factory=dict)
    """By field, what was written and could not be understood."""

    @property
    def conditions(self) -> list[tuple[str, str]]:
        """What is wanted, as the fields of an address."""
        wanted = self.wanted
        pairs = [("type", name) for name in wanted.types]
        pairs += [(name, value) for name in SINGLE if (value := getattr(wanted, name))]
        pairs += [("field", f"{name}={value}") for name, value in wanted.fields]
        return pairs + [
            (name, self.written(moment))
            for name, moment in (("from", wanted.since), ("to", wanted.until))
            if moment
        ]

    @staticmethod
    def written(moment: datetime) -> str:
        """A time as the form's fields have it."""
        return f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M:%S}"

    def address(self, path: str = PATH, *, before: int | None = None) -> str:
        """Where this view is; `before` for an older page of it."""
        pairs = self.conditions + ([("before", str(before))] if before is not None else [])
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def without(self, name: str, value: str) -> str:
        """Where this view is with one condition less."""
        pairs = [pair for pair in self.conditions if pair != (name, value)]
        return f"{PATH}?{urlencode(pairs)}" if pairs else PATH

    def with_(self, name: str, value: str) -> str:
        """Where this view is with one condition more, or another value of it."""
        pairs = [pair for pair in self.conditions if pair[0] != name]
        return f"{PATH}?{urlencode([*pairs, (name, value)])}"


def view_of(given: QueryParams) -> View:
    """The view an address asks for. What could not be understood is told of and counts as not wanted."""
    reading = _Reading(given)
    wanted = Wanted(
        types=reading.types(),
        **{name: reading.word(name) for name in SINGLE},
        fields=reading.fields(),
        since=reading.moment("from"),
        until=reading.moment("to"),
    )
    before = given.get("before", "")
    position = int(before) if _NUMBER.fullmatch(before) else None
    return View(wanted, position, reading.faults, reading.wrong)


class _Reading:
    """Reads the fields of an address, and keeps what is wrong with them."""

    def __init__(self, given: QueryParams) -> None:
        self.faults: dict[str, str] = {}
        self.wrong: dict[str, str] = {}
        self._given = given

    def _refuse(self, name: str, text: str, why: str) -> None:
        self.faults[name], self.wrong[name] = why, text[:120]

    def types(self) -> tuple[str, ...]:
        asked = [text.strip() for text in self._given.getlist("type") if text.strip()]
        known = [
            name for text in asked for name in (short_type(text), f"{short_type(text)}.v1") if name in TYPES
        ]
        if len(known) < len(asked):
            self._refuse("type", asked[0], UNKNOWN_TYPE)
        return tuple(dict.fromkeys(known))

    def word(self, name: str) -> str | None:
        text = self._given.get(name, "").strip()
        if not text:
            return None
        if not _WORD.fullmatch(text):
            self._refuse(name, text, NOT_A_WORD)
            return None
        return text

    def fields(self) -> tuple[tuple[str, str], ...]:
        found = []
        for text in (each.strip() for each in self._given.getlist("field")):
            if not text:
                continue
            match = _FIELD.fullmatch(text)
            if match is None:
                self._refuse("field", text, NOT_A_FIELD)
            elif match[1] not in searchable():
                self._refuse("field", text, NOT_SEARCHABLE)
            else:
                found.append((match[1], match[2]))
        return tuple(dict.fromkeys(found))

    def moment(self, name: str) -> datetime | None:
        text = self._given.get(name, "").strip()
        if not text:
            return None
        try:
            read = datetime.fromisoformat(text)
        except ValueError:
            read = None
        if read is None or not 2000 <= read.year <= 2199:
            self._refuse(name, text, NOT_A_TIME)
            return None
        return read if read.tzinfo else read.replace(tzinfo=ZONE)
