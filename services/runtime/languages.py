"""The languages a page can speak, and how each says dates and durations.

English is the language of the source: every text in a template is its own key. Swedish comes from the
`translations/sv.po` of the web parts and of each service, read once when the site is built.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_timedelta
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DEFAULT = "sv"
OFFERED = {"sv": "Svenska", "en": "English"}
"""Language codes and what each calls itself; the first is spoken when nobody asks for anything else."""

_ZONE = ZoneInfo("Europe/Stockholm")


def mark(text: str) -> str:
    """Mark a text in Python code for translation; it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Language:
    """One language: its texts, and its way of writing times."""

    code: str
    texts: NullTranslations

    def say(self, text: str, /, **values: object) -> str:
        """A text in this language, its `%(named)s` places filled in. The caller escapes it for HTML."""
        said = self.texts.gettext(text)
        return said % values if values else said

    def day(self, moment: datetime) -> str:
        """A date as people write it: `22 nov. 2026`."""
        return format_datetime(moment.astimezone(_ZONE), "d MMM y", locale=Locale(self.code))

    def date(self, day: date) -> str:
        """A day of the calendar in the same way."""
        return format_date(day, "d MMM y", locale=Locale(self.code))

    def weekday(self, moment: datetime) -> str:
        """The day as one says it: `måndag 2 mars`."""
        return format_datetime(moment.astimezone(_ZONE), "EEEE d MMMM", locale=Locale(self.code))

    def hour(self, moment: datetime) -> str:
        """The time of day: `13:05`."""
        return format_datetime(moment.astimezone(_ZONE), "HH:mm", locale=Locale(self.code))

    def moment(self, moment: datetime) -> str:
        """A date with the time of day: `22 nov. 2026 13:05`."""
        return format_datetime(moment.astimezone(_ZONE), "d MMM y HH:mm", locale=Locale(self.code))

    def clock(self, moment: datetime) -> str:
        """The time of day to the millisecond, for those who compare: `13:05:09.120`."""
        return f"{moment.astimezone(_ZONE):%H:%M:%S.%f}"[:-3]

    def tongue(self, code: str) -> str:
        """What a language is called, by its code; the code where nothing is known of it."""
        return str(Locale(self.code).languages.get(code, code))

    def lasting(self, duration: timedelta) -> str:
        """A duration in its largest unit, never negative: `3 dygn`, `12 min`."""
        seconds = max(0, round(duration.total_seconds()))
        return str(
            format_timedelta(
                timedelta(seconds=seconds), format="short", threshold=1, locale=Locale(self.code)
            )
        )


def load_languages(rooms: Sequence[Path]) -> dict[str, Language]:
    """Every offered language, its texts gathered from `translations/<code>.po` of each room."""
    return {code: Language(code, _texts(code, tuple(rooms))) for code in OFFERED}


@cache
def _texts(code: str, rooms: tuple[Path, ...]) -> NullTranslations:
    """Gathered once: what stands in a translation changes with the code, and like it takes a new process."""
    gathered = Catalog(locale=code)
    for room in rooms:
        file = room / "translations" / f"{code}.po"
        if not file.exists():
            continue
        with file.open("rb") as source:
            for message in read_po(source, locale=code):
                if message.id:
                    gathered[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, gathered)
    compiled.seek(0)
    return GNUTranslations(compiled)


def preferred(cookie: str | None, accept: str | None) -> str:
    """Which language to speak: the one chosen before, else the browser's first that is offered."""
    if cookie in OFFERED:
        return cookie
    for code, _ in sorted(_accepted(accept or ""), key=lambda pair: -pair[1]):
        if code in OFFERED:
            return code
    return DEFAULT


def _accepted(header: str) -> list[tuple[str, float]]:
    """The primary codes of an Accept-Language header (RFC 9110, 12.5.4) with their weights."""
    found = []
    for part in header[:500].split(","):
        match = re.fullmatch(
            r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?))?\s*", part
        )
        if match:
            weight = float(match[2] or 1)
            if weight > 0:
                found.append((match[1].lower(), weight))
    return found
