"""How a language says what the calendar holds: codes, days, places, costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_day_names

from services.provider.calendar.wanted import Meant
from services.provider.calendar.writing import ZONE
from services.provider.links.words import ACCESS
from services.provider.web.calendar_codes import (
    CATEGORIES,
    GENDERS,
    INTERESTS,
    MODES,
    ORGANISATIONS,
    VOUCHERS,
)
from services.runtime.web import Language, mark
from services.runtime.web.area_words import area_in_words
from services.runtime.web.costs import cost_in_words
from sluss_contracts.offering import Access, ActivityCategory, Cost, Eligibility, Interest, Mode, Venue
from sluss_contracts.vocabulary import OrganisationKind, Role
from sluss_contracts.words import OpenVocabulary

_SHORTEST_MEANT = 3
"""Letters of a searched word before it may mean an interest: fewer begin too many words."""


@dataclass(frozen=True)
class Words:
    """How one language says what the calendar holds."""

    language: Language
    now: datetime
    towns: Mapping[str, str | None] = field(default_factory=dict)
    """By area, the town most of its activities name."""

    def say(self, text: str, /, **values: object) -> str:
        """A text of these pages."""
        return self.language.say(text, **values)

    def called(self, names: Mapping[OpenVocabulary, str], code: OpenVocabulary) -> str:
        """What a code is called; one this version does not know, by itself."""
        return self.say(names[code]) if code in names else code.value.replace("_", " ").capitalize()

    def category(self, code: ActivityCategory) -> str:
        return self.called(CATEGORIES, code)  # type: ignore[arg-type]

    def interest(self, code: Interest) -> str:
        return self.called(INTERESTS, code)  # type: ignore[arg-type]

    def mode(self, code: Mode) -> str:
        return self.called(MODES, code)  # type: ignore[arg-type]

    def access(self, code: Access) -> str:
        return self.called(ACCESS, code)  # type: ignore[arg-type]

    def organisation(self, code: OrganisationKind) -> str:
        return self.called(ORGANISATIONS, code)  # type: ignore[arg-type]

    def vouched_by(self, role: Role | None, provider: str) -> str | None:
        """Who said that something is right, as an organisation or a role and never as a person."""
        if role is Role.PROVIDER:
            return provider
        return self.say(VOUCHERS[role]) if role in VOUCHERS else None

    def tongue(self, code: str) -> str:
        """What a language is called: `ar` → `arabiska`."""
        return str(self._locale.languages.get(code, code))

    def cost(self, cost: Cost) -> str:
        """What it costs, as one would say it."""
        return cost_in_words(cost, self.language)

    def ages(self, meant: Eligibility) -> str | None:
        """Who is old and young enough, or None where everybody is."""
        first, last = meant.from_age, meant.to_age
        if first is not None and last is not None:
            return self.say(mark("%(first)s to %(last)s years"), first=first, last=last)
        if first is not None:
            return self.say(mark("From %(first)s years"), first=first)
        if last is not None:
            return self.say(mark("Up to %(last)s years"), last=last)
        return None

    def genders(self, meant: Eligibility) -> str | None:
        """For whom by gender, or None where it is for everybody."""
        if not meant.genders:
            return None
        named = [self.say(GENDERS[each]) for each in meant.genders]
        return self.say(mark("For %(whom)s"), whom=self.listed(named))

    def listed(self, parts: Sequence[str]) -> str:
        """`a, b and c`."""
        if len(parts) < 2:
            return "".join(parts)
        return self.say(mark("%(first)s and %(last)s"), first=", ".join(parts[:-1]), last=parts[-1])

    def place(self, venue: Venue) -> str:
        """Where it is, on one line."""
        town = " ".join(part for part in (venue.postal_code, venue.town) if part)
        return ", ".join(part for part in (venue.name, venue.street, town) if part)

    def area(self, area: str, town: str | None = None) -> str:
        """What an area is called, with the town's own letters where its code begins with the town."""
        return area_in_words(area, town or self.towns.get(area))

    def day(self, moment: datetime) -> str:
        """`tisdag 3 mars`, with the year when it is another than now's."""
        local = moment.astimezone(ZONE)
        year = " y" if local.year != self.now.astimezone(ZONE).year else ""
        return format_date(local.date(), f"EEEE d MMMM{year}", locale=self._locale)

    def month(self, moment: datetime) -> str:
        """`mars`, shortened as calendars do."""
        return format_date(moment.astimezone(ZONE).date(), "LLL", locale=self._locale).rstrip(".")

    def weekday(self, moment: datetime) -> str:
        """`tis`."""
        return format_date(moment.astimezone(ZONE).date(), "EEE", locale=self._locale).rstrip(".")

    def number(self, moment: datetime) -> int:
        """The day of the month."""
        return moment.astimezone(ZONE).day

    def hours(self, starts: datetime, ends: datetime) -> str:
        """`13:00–14:30`."""
        first, last = (format_time(each.astimezone(ZONE), "HH:mm", locale="sv") for each in (starts, ends))
        return f"{first}–{last}"

    def whole_day(self, moment: datetime) -> str:
        """`3 mars 2026`."""
        return format_datetime(moment.astimezone(ZONE), "d MMMM y", locale=self._locale)

    def many(self, activities: int, counted: int | None = None) -> str:
        """How many activities there are; `counted` is how far they are counted."""
        if activities == counted:
            return self.say(mark("More than %(many)s activities"), many=counted - 1)
        return self.say(
            mark("1 activity") if activities == 1 else mark("%(many)s activities"), many=activities
        )

    def times(self, most: int) -> str:
        """How often one person may come."""
        return self.say(
            mark("You may come once.") if most == 1 else mark("You may come %(many)s times."), many=most
        )

    def from_day(self, day: date) -> str:
        """The first day of a range."""
        return self.say(mark("From %(day)s"), day=self._date(day))

    def to_day(self, day: date) -> str:
        """The last day of a range."""
        return self.say(mark("Until %(day)s"), day=self._date(day))

    def _date(self, day: date) -> str:
        return format_date(day, "d MMM y", locale=self._locale)

    def at_most(self, kronor: int) -> str:
        """What it may cost."""
        if kronor == 0:
            return self.say(mark("Free of charge"))
        return self.say(mark("At most %(kronor)s kr"), kronor=kronor)

    def years(self, age: int) -> str:
        """Somebody's age."""
        return self.say(mark("For somebody who is %(age)s"), age=age)

    @cached_property
    def weekdays(self) -> dict[int, str]:
        """The days of the week, 1 for Monday, as a label."""
        names = get_day_names("wide", "stand-alone", self._locale)
        return {day: names[day - 1].capitalize() for day in range(1, 8)}

    def by_name(self, names: Mapping[OpenVocabulary, str]) -> list[tuple[str, str]]:
        """Codes and what they are called, in the order a reader looks for them."""
        return sorted(
            ((code.value, self.say(name)) for code, name in names.items()), key=lambda pair: _order(pair[1])
        )

    def tongues(self, codes: Sequence[str]) -> list[tuple[str, str]]:
        """The same of languages."""
        return sorted(((code, self.tongue(code)) for code in codes), key=lambda pair: _order(pair[1]))

    def meanings(self, words: Sequence[str]) -> dict[str, Meant]:
        """What searched words mean besides standing there, in this language: `musik` is an interest."""
        return {
            word: Meant(
                tuple(code.value for code, name in INTERESTS.items() if self._begins(name, word)),
                tuple(code.value for code, name in CATEGORIES.items() if self._begins(name, word)),
            )
            for word in words
        }

    def _begins(self, name: str, word: str) -> bool:
        parts = self.say(name).lower().split()
        return len(word) >= _SHORTEST_MEANT and any(part.startswith(word) for part in parts)

    @property
    def _locale(self) -> Locale:
        return Locale(self.language.code)


def _order(name: str) -> tuple[str, ...]:
    """Swedish order: å, ä and ö come after z."""
    return tuple({"å": "{", "ä": "|", "ö": "}"}.get(sign, sign) for sign in name.lower())
