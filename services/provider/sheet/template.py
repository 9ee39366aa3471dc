"""A spreadsheet to begin from: every column, with an example row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from services.provider.sheet.columns import COLUMNS

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def template(*, english: bool = False) -> bytes:
    """As a spreadsheet in Swedish opens it by a double click: semicolons, and a mark that it is UTF-8."""
    headings = [(each.english if english else each.swedish)[0] for each in COLUMNS]
    return written([headings, [each.example for each in COLUMNS]])


def written(rows: Iterable[Iterable[str]]) -> bytes:
    """Rows as such a file. What a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerows([map(_safe, row) for row in rows])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_STARTS_A_FORMULA) else cell
