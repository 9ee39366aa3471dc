"""An activity as the standard's service, and back: one row for each field.

`said_by` reads what a document says of an activity; `written` writes over the document what is otherwise now.
What is the same stays letter for letter as it was published, and what has no row here is not touched: nothing
that a directory elsewhere said is lost on the way through (`written(document, said_by(document)) ==
document`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from typing import Any

from services.provider.hsds import words
from services.provider.hsds.ids import area_of, id_of
from services.provider.hsds.places import mode_in, put_mode, put_venue, venue_in
from services.provider.hsds.texts import PARAGRAPHS, address, entries, put, text, whole
from services.provider.hsds.times import put_timetable, timetable_in
from services.provider.hsds.words import Fact, Taxonomy
from sluss_contracts.offering import Access, ActivityCategory, Cost, Described, Eligibility, Interest, Per
from sluss_contracts.outside_record import Assumed
from sluss_contracts.schedule import Timetable
from sluss_contracts.vocabulary import Acceptance, Gender, Need, PrescriptionKind

Document = dict[str, Any]
Said = dict[str, Any]
"""What is said of an activity, by our fields; those of `eligibility` among them."""

CURRENCY = "SEK"
_GROUPS = "; "
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True)
class Row:
    """One field: how a document says it, and how it is written."""

    name: str
    read: Callable[[Mapping[str, Any]], Any]
    """None, or nothing in it: the document does not say."""
    write: Callable[[Document, Any], None]
    otherwise: Any = None
    """What it is where nobody says."""


def _field(name: str) -> Callable[[Document, Any], None]:
    def write(document: Document, value: Any) -> None:
        put(document, name, value)

    return write


def _words(name: str, taxonomy: Taxonomy, kind: type, otherwise: Any = ()) -> Row:
    """Several words of a taxonomy."""

    def read(document: Mapping[str, Any]) -> Any:
        return tuple(kind(code) for code in words.codes(document, taxonomy))

    def write(document: Document, value: Any) -> None:
        words.name_codes(document, "service", taxonomy, [each.value for each in value])

    return Row(name, read, write, otherwise)


def _word(name: str, taxonomy: Taxonomy, kind: type, otherwise: Any = None) -> Row:
    """One word of a taxonomy."""

    def read(document: Mapping[str, Any]) -> Any:
        found = words.codes(document, taxonomy)
        return kind(found[0]) if found else None

    def write(document: Document, value: Any) -> None:
        words.name_codes(document, "service", taxonomy, [value.value] if value is not None else [])

    return Row(name, read, write, otherwise)


def _fact(
    name: str,
    fact: Fact,
    read: Callable[[str], Any],
    write: Callable[[Any], str] = str,
    otherwise: Any = None,
) -> Row:
    """What an attribute tells with a value."""

    def reading(document: Mapping[str, Any]) -> Any:
        told = words.value(document, fact)
        return None if told is None else read(told)

    def writing(document: Document, value: Any) -> None:
        told = None if value is None or value == otherwise else write(value)
        words.tell_value(document, "service", fact, told)

    return Row(name, reading, writing, otherwise)


def _number(least: int, most: int, told: str) -> int | None:
    return int(told) if told.isascii() and told.isdigit() and least <= int(told[:9]) <= most else None


def _languages(document: Mapping[str, Any]) -> tuple[str, ...]:
    found = (str(each.get("code", "")).strip().lower() for each in entries(document, "languages"))
    return tuple(dict.fromkeys(code for code in found if _LANGUAGE.fullmatch(code)))


def _put_languages(document: Document, wanted: tuple[str, ...]) -> None:
    id = str(document["id"])
    there = {str(each.get("code", "")).strip().lower(): each for each in entries(document, "languages")}
    document["languages"] = [
        there.get(code, {"id": id_of("language", id, code), "service_id": id, "code": code})
        for code in wanted
    ]


def _cost(document: Mapping[str, Any]) -> Cost | None:
    option = _in_kronor(document)
    if option is None:
        return None
    per = next((each for each in Per if each.value == str(option.get("option", "")).lower()), Per.TIME)
    return Cost(kronor=int(option["amount"]), per=per, note=text(option, "amount_description"))


def _put_cost(document: Document, cost: Cost | None) -> None:
    before = _in_kronor(document)
    left = [each for each in entries(document, "cost_options") if each is not before]
    if cost is not None:
        id = str(document["id"])
        option = dict(before or {"id": id_of("cost_option", id), "service_id": id, "currency": CURRENCY})
        option |= {"amount": cost.kronor, "option": cost.per.value}
        put(option, "amount_description", cost.note)
        left.insert(0, option)
    put(document, "cost_options", left or None)


def _in_kronor(document: Mapping[str, Any]) -> Document | None:
    """The first price in whole kronor; nothing costs the same in every currency."""
    for option in entries(document, "cost_options"):
        amount, currency = whole(option, "amount", 0, 100_000), str(option.get("currency", "")).upper()
        if amount is not None and (currency == CURRENCY or (amount == 0 and not currency)):
            return option
    return None


def _groups(document: Mapping[str, Any]) -> tuple[str, ...]:
    said = text(document, "eligibility_description")
    several = tuple(each.strip() for each in said.split(_GROUPS.strip()) if each.strip()) if said else ()
    return several if len(several) <= 12 else (said,) if said else ()


def _put_groups(document: Document, groups: tuple[str, ...]) -> None:
    put(document, "eligibility_description", _GROUPS.join(groups) or None)


def _to_age(document: Mapping[str, Any]) -> int | None:
    """None where the ages are the wrong way round: the record keeps them."""
    from_age, to_age = whole(document, "minimum_age", 0, 120), whole(document, "maximum_age", 0, 120)
    return None if to_age is not None and to_age < (from_age or 0) else to_age


ROWS = (
    Row("title", lambda d: text(d, "name"), _field("name")),
    Row("about", lambda d: text(d, "description", PARAGRAPHS), _field("description")),
    Row("page", lambda d: address(d, "url"), _field("url")),
    Row("from_age", lambda d: whole(d, "minimum_age", 0, 120), _field("minimum_age")),
    Row("to_age", _to_age, _field("maximum_age")),
    Row("groups", _groups, _put_groups, ()),
    Row("languages", _languages, _put_languages, ("sv",)),
    Row("cost", _cost, _put_cost),
    Row("venue", venue_in, put_venue),
    Row("mode", mode_in, put_mode),
    _word("kind", words.KIND, PrescriptionKind, PrescriptionKind.SOCIAL),
    _words("needs", words.NEED, Need),
    _word("category", words.CATEGORY, ActivityCategory),
    _words("interests", words.INTEREST, Interest),
    _words("access", words.ACCESS, Access),
    _word("acceptance", words.ACCEPTANCE, Acceptance, Acceptance.REQUIRED),
    _words("genders", words.GENDER, Gender),
    _fact("area", Fact.AREA, lambda told: area_of(told) or None),
    _fact("capacity", Fact.CAPACITY, partial(_number, 1, 10_000)),
    _fact("times", Fact.TIMES, partial(_number, 1, 1000)),
    _fact("health", Fact.HEALTH, lambda told: told.strip()[:200] or None),
    _fact("hosted", Fact.HOSTED, lambda told: told == "yes", lambda hosted: "yes", False),
)
"""In the order they are written: what is read from the same part of the document stands together."""

_ELIGIBILITY = ("from_age", "to_age", "groups", "genders", "times", "health")


NOTHING = Assumed()


def said_by(document: Mapping[str, Any], assumed: Assumed = NOTHING) -> Said:
    """What the document says of an activity; where it says nothing, what was assumed."""
    return {row.name: _or_assumed(row, row.read(document), assumed) for row in ROWS}


def written(document: Mapping[str, Any], said: Mapping[str, Any], assumed: Assumed = NOTHING) -> Document:
    """The document with what is said now written over what it said otherwise."""
    made = deepcopy(dict(document))
    for row in ROWS:
        if _or_assumed(row, row.read(made), assumed) != said[row.name]:
            row.write(made, said[row.name])
    return made


def with_times(document: Document, timetable: Timetable | None) -> Document:
    """The document with when it takes place written over it, where that is known and otherwise."""
    if timetable is not None and timetable != (timetable_in(document) or Timetable()):
        put_timetable(document, timetable)
    return document


def said_of(offer: Described) -> Said:
    """What is said of an activity here, by the same names."""
    flat = {name: getattr(offer, name) for name in (row.name for row in ROWS) if name not in _ELIGIBILITY}
    return flat | {name: getattr(offer.eligibility, name) for name in _ELIGIBILITY}


def as_command(said: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a command that says this."""
    flat = {name: value for name, value in said.items() if name not in _ELIGIBILITY}
    return flat | {"eligibility": Eligibility(**{name: said[name] for name in _ELIGIBILITY})}


def empty_service(activity: str, title: str, organization: str) -> Document:
    """The document of what began here, before anything is written in it."""
    return {
        "id": id_of("activity", activity),
        "organization_id": organization,
        "name": title,
        "status": "active",
    }


def _or_assumed(row: Row, read: Any, assumed: Assumed) -> Any:
    if read is not None and read != ():
        return read
    return getattr(assumed, row.name, None) or row.otherwise
