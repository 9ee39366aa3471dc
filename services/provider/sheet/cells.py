"""What stands in a cell, as people write it: dates, times, prices, weekdays, lists."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeVar

from services.provider.sheet.words import PER
from services.runtime.languages import mark
from sluss_contracts.offering import Cost, Per

T = TypeVar("T")

_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ENGLISH_MONTHS = {"may": 5, "oct": 10}
_DAYS = (
    ("mån", "måndag", "mo", "mon", "monday"),
    ("tis", "tisdag", "tu", "tue", "tuesday"),
    ("ons", "onsdag", "we", "wed", "wednesday"),
    ("tors", "tor", "torsdag", "th", "thu", "thursday"),
    ("fre", "fredag", "fr", "fri", "friday"),
    ("lör", "lördag", "sa", "sat", "saturday"),
    ("sön", "söndag", "su", "sun", "sunday"),
)
_CODES = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WORKDAYS = ("vardag", "vardagar", "weekdays")
_EVERY_DAY = ("varje dag", "alla dagar", "dagligen", "daily", "every day")
_EVERY_OTHER = re.compile(r"\b(varannan|every other)\b")
_YES = frozenset({"ja", "j", "x", "yes", "y", "sant", "true", "1"})
_NO = frozenset({"nej", "n", "no", "falskt", "false", "0", "-", "–"})
_FREE = frozenset(
    {"gratis", "fritt", "kostnadsfritt", "ingen avgift", "ingen kostnad", "free", "free of charge"}
)
_PRICE = re.compile(
    r"(\d[\d\s\N{NO-BREAK SPACE}]*)(?:[.,]00)?\s*(?::-|kr|kronor|sek)?\.?\s*"
    r"(?:(?:/|per|i|om|each|a)?\s*([a-zåäö]+)\.?)?"
)
_FIRST_PAGE = re.compile(r"https?://", re.IGNORECASE)


class Unclear(ValueError):
    """A cell that cannot be read; the text, a key of the translations, says what to write instead."""

    def __init__(self, text: str, **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


def day(text: str, today: date) -> date:
    """`2027-01-12`, `12/1 2027`, `12 januari 2027`; without a year, the next such day to come."""
    plain = re.sub(r"^(den|the)\s+|^[a-zåäö]+dag(en)?\s+(den\s+)?", "", text.strip().lower())
    try:
        if found := re.fullmatch(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})(?:[ t]00:00(:00)?)?", plain):
            return date(int(found[1]), int(found[2]), int(found[3]))
        if found := re.fullmatch(r"(\d{1,2})[/.-](\d{1,2})(?:[ /.-]+(\d{4}))?", plain):
            return _dated(int(found[1]), int(found[2]), found[3], today)
        if found := re.fullmatch(r"(\d{1,2})[.:]?(?:st|nd|rd|th|:e)?\s+([a-zåäö]+)\.?(?:\s+(\d{4}))?", plain):
            return _dated(int(found[1]), _month(found[2]), found[3], today)
    except ValueError:
        pass
    raise Unclear(mark("is no day we understand; write 2027-01-12, or 12/1 2027"))


def _month(name: str) -> int:
    return _ENGLISH_MONTHS.get(name[:3]) or _MONTHS.index(name[:3]) + 1


def _dated(number: int, month: int, year: str | None, today: date) -> date:
    if year:
        return date(int(year), month, number)
    this = date(today.year, month, number)
    return this if this >= today else date(today.year + 1, month, number)


def days(text: str, today: date) -> tuple[date, ...]:
    """Several, with commas or line breaks between."""
    return tuple(day(each, today) for each in re.split(r"[,;\n]|\soch\s", text) if each.strip())


def hours(text: str) -> tuple[str, int | None]:
    """`14.00–15.30`, `kl 14-16`, `14:00`: when it begins, and for how many minutes where that is said."""
    plain = re.sub(r"\b(kl|klockan|at)\b\.?", "", text.strip().lower()).strip()
    one = r"(\d{1,2})(?:[.:](\d{2}))?(?::\d{2})?"
    found = re.fullmatch(rf"{one}(?:\s*(?:-|–|—|till|to)\s*{one})?", plain)
    if not found:
        raise Unclear(mark("is no time we understand; write 14.00–15.30"))
    begins = int(found[1]) * 60 + int(found[2] or 0)
    if begins >= 24 * 60 or int(found[2] or 0) > 59 or int(found[4] or 0) > 59:
        raise Unclear(mark("is no time of the day; write 14.00–15.30"))
    clock = f"{begins // 60:02}:{begins % 60:02}"
    if found[3] is None:
        return clock, None
    minutes = int(found[3]) * 60 + int(found[4] or 0) - begins
    if not 5 <= minutes <= 24 * 60:
        raise Unclear(mark("ends before it begins; write 14.00–15.30"))
    return clock, minutes


def weekdays(text: str) -> tuple[tuple[str, ...], int]:
    """`tisdagar och torsdagar`, `mån–fre`, `varannan onsdag`: as iCalendar names them, and how many weeks lie
    between."""
    plain = text.strip().lower()
    weeks = 2 if _EVERY_OTHER.search(plain) else 1
    plain = re.sub(r"\b(varannan|varje|every other|every|alla)\b(?!\s+dag)", "", plain).strip()
    if plain in _EVERY_DAY:
        return _CODES, weeks
    if plain in _WORKDAYS:
        return _CODES[:5], weeks
    found: list[int] = []
    for part in re.split(r"[,;/&+\n]|\soch\s|\sand\s", plain):
        ends = [_weekday(each) for each in re.split(r"\s*(?:-|–|—|\still\s|\sto\s)\s*", part.strip()) if each]
        found += range(ends[0], ends[1] + 1) if len(ends) == 2 else ends
    if not found:
        raise Unclear(mark("names no weekday; write tisdag, or tisdagar och torsdagar"))
    return tuple(_CODES[each] for each in sorted(set(found))), weeks


def _weekday(text: str) -> int:
    word = text.strip().rstrip(".")
    for number, names in enumerate(_DAYS):
        if word in names or any(
            word in (f"{name}ar", f"{name}arna", f"{name}en", f"{name}s") for name in names
        ):
            return number
    raise Unclear(mark("names no weekday; write tisdag, or tisdagar och torsdagar"))


def price(text: str) -> Cost:
    """`50 kr per termin`, `1 250:-`, `gratis`."""
    plain = text.strip().lower()
    if plain in _FREE:
        return Cost(kronor=0)
    found = _PRICE.fullmatch(plain)
    per = next((each for each, names in PER.items() if found and found[2] in names), None)
    if not found or (found[2] and per is None):
        raise Unclear(mark("is no price in whole kronor; write 50 kr per termin, or gratis"))
    kronor = int(re.sub(r"\D", "", found[1]))
    if kronor > 100_000:
        raise Unclear(mark("is more than anything costs here; write whole kronor"))
    return Cost(kronor=kronor, per=per or Per.TIME)


def number(text: str, least: int, most: int) -> int:
    """A whole number; a spreadsheet may have written it with a decimal comma."""
    plain = re.sub(r"[\s\N{NO-BREAK SPACE}]|[.,]0+$|(år|st|personer|platser)\.?$", "", text.strip().lower())
    if not re.fullmatch(r"\d{1,6}", plain) or not least <= int(plain) <= most:
        raise Unclear(mark("is no whole number from %(least)s to %(most)s"), least=least, most=most)
    return int(plain)


def yes_or_no(text: str) -> bool:
    """`ja`, `nej`, `x`."""
    plain = text.strip().lower()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    raise Unclear(mark("is neither ja nor nej"))


def address(text: str) -> str:
    """A page on the web; https:// may be left out."""
    plain = text.strip()
    whole = plain if _FIRST_PAGE.match(plain) else f"https://{plain}"
    if not re.fullmatch(r"https?://[^\s<>\"]+\.[^\s<>\"]+", whole) or len(whole) > 500:
        raise Unclear(mark("is no web address; write https://…"))
    return whole


def postal_code(text: str) -> str:
    """Five figures."""
    plain = re.sub(r"\D", "", text.removeprefix("SE-"))
    if len(plain) != 5:
        raise Unclear(mark("is no postal code; write 602 36"))
    return f"{plain[:3]} {plain[3:]}"


def one_of(text: str, words: Mapping[str, T]) -> T:
    """The word of ours that is meant."""
    plain = " ".join(text.strip().lower().split())
    if plain not in words:
        near = sorted({word for word in words if word[:3] == plain[:3] and len(plain) >= 3})[:5]
        if near:
            raise Unclear(mark("is no word we know; perhaps %(near)s"), near=", ".join(near))
        raise Unclear(mark("is no word we know"))
    return words[plain]


def several(text: str, words: Mapping[str, T]) -> tuple[T, ...]:
    """Words with commas, semicolons, line breaks or `och` between."""
    parts = (each for each in re.split(r"[,;|\n]|\soch\s|\sand\s", text) if each.strip())
    return tuple(dict.fromkeys(one_of(each, words) for each in parts))


def first_on(wanted: tuple[str, ...], after: date) -> date:
    """The first of these weekdays that is not before a day."""
    return next(
        each for each in (after + timedelta(days=n) for n in range(7)) if _CODES[each.weekday()] in wanted
    )


def weekday_of(on: date) -> str:
    """As iCalendar names it."""
    return _CODES[on.weekday()]


def wall(on: date, clock: str) -> str:
    """A day and a time, as a schedule says them."""
    return f"{datetime.fromisoformat(f'{on}T{clock}'):%Y-%m-%dT%H:%M}"
