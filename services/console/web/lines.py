"""One event as a line of the log: what of it is worth a glance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.console.log.entry import Entry
from services.console.log.finding import Row
from services.console.masking import coded

_IN_COLUMNS: Final = frozenset({"organisation"})
"""Coded fields that have a place of their own in a line."""
_AT_MOST: Final = 6
_LONG: Final = 20


@dataclass(frozen=True, slots=True)
class Line:
    """What a line of the log shows."""

    position: int
    entry: Entry
    about: str
    """The end of the id of what it is about, which tells it from its neighbours."""
    codes: tuple[tuple[str, str], ...]
    """Its coded values, the first few."""


def line_of(row: Row) -> Line:
    """An event as a line."""
    return Line(
        row.position, row.entry, short(row.entry.referral or row.entry.aggregate_id), tuple(_codes(row.entry))
    )


def short(id: str) -> str:
    """The last eight signs of a long id: of ids made at the same time the first are the same."""
    return id if len(id) <= _LONG else f"…{id[-8:]}"


def _codes(entry: Entry) -> Iterator[tuple[str, str]]:
    told = 0
    for name, value in coded(entry.type, entry.shown):
        if name not in _IN_COLUMNS and value not in (entry.outcome, "false") and told < _AT_MOST:
            told += 1
            yield name, value
