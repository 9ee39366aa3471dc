"""What an address of the read API asks for, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.provider.hsds.reading import Asked

PER_PAGE, MOST_PER_PAGE = 50, 100
MOST_MINIMAL = 10_000
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NOT_OFFERED = ("postcode", "proximity")
_LONGEST = 200


class WronglyAsked(Exception):
    """A parameter cannot be understood, or is not offered here."""

    def __init__(self, parameter: str, remedy: str) -> None:
        super().__init__(f"{parameter}: {remedy}")
        self.parameter, self.remedy = parameter, remedy


def asked_in(given: Mapping[str, str], *, minimal: bool = False) -> Asked:
    """The wishes of an address; parameters nobody knows are passed over. Raises `WronglyAsked`."""
    for name in _NOT_OFFERED:
        if given.get(name):
            raise WronglyAsked(name, "is not offered here; ask by `search`, or for all and look at latitude")
    if given.get("format", "json") != "json":
        raise WronglyAsked("format", "is `json` here; take the pages one by one")
    most = MOST_MINIMAL if minimal else MOST_PER_PAGE
    return Asked(
        search="".join(sign for sign in given.get("search", "") if sign.isprintable())[:_LONGEST],
        term=id_in(given, "taxonomy_term_id"),
        taxonomy=id_in(given, "taxonomy_id"),
        organization=id_in(given, "organization_id"),
        modified_after=_moment(given),
        page=_number(given, "page", 1, 1_000_000),
        per_page=_number(given, "per_page", most if minimal else PER_PAGE, most),
    )


def id_in(given: Mapping[str, str], name: str) -> str | None:
    """An id, where one is given. Raises `WronglyAsked`."""
    text = given.get(name, "").strip().lower()
    if text and not is_id(text):
        raise WronglyAsked(name, "is a UUID, as in the `id` of what the API gives")
    return text or None


def is_id(text: str) -> bool:
    """Whether it may be the id of anything."""
    return _ID.fullmatch(text) is not None


def yes(given: Mapping[str, str], name: str) -> bool:
    """Whether something is wished for. Raises `WronglyAsked`."""
    match given.get(name, "").strip().lower():
        case "true" | "1":
            return True
        case "" | "false" | "0":
            return False
        case _:
            raise WronglyAsked(name, "is `true` or `false`")


def _number(given: Mapping[str, str], name: str, otherwise: int, most: int) -> int:
    text = given.get(name, "").strip()
    if not text:
        return otherwise
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
        raise WronglyAsked(name, f"is a whole number from 1 to {most}")
    return int(text)


def _moment(given: Mapping[str, Any]) -> datetime | None:
    text = given.get("modified_after", "").strip()
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WronglyAsked("modified_after", "is a date or a time, as 2027-03-01T09:30:00Z") from None
    if not 1900 <= at.year <= 2199:
        raise WronglyAsked("modified_after", "lies outside the years 1900 to 2199")
    return at if at.tzinfo else at.replace(tzinfo=UTC)
