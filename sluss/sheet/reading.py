"""Reading an association's spreadsheet, saved as CSV by whatever program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sluss.reach import Failure
from sluss.sheet.columns import named

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 5000
_FORMULA = ("'=", "'+", "'-", "'@")


class NoSheet(Failure):
    """The file cannot be read as a spreadsheet at all; nothing was done."""

    code = "no-sheet"


@dataclass(frozen=True)
class Row:
    """One row: its cells by field, and where each stands."""

    line: int
    """From 1, as the spreadsheet numbers it; the headings are row 1."""
    cells: Mapping[str, str]
    columns: Mapping[str, str]
    """By field, the letter of its column."""


@dataclass(frozen=True)
class Sheet:
    """All rows, and the headings nobody knows."""

    rows: tuple[Row, ...]
    unknown: tuple[str, ...]


def read(file: Path) -> Sheet:
    """The rows of a file. Raises `NoSheet`."""
    try:
        if file.stat().st_size > LARGEST:
            raise NoSheet(f"{file.name} is larger than {LARGEST // 1024 // 1024} MiB", remedy="split it")
        raw = file.read_bytes()
    except OSError as error:
        raise NoSheet(f"{file} cannot be read: {error.strerror}") from None
    return parsed(_decoded(raw), file.name)


def parsed(text: str, name: str) -> Sheet:
    """The rows of a text. Raises `NoSheet`."""
    lines = list(_lines(text, name))
    if not lines:
        raise NoSheet(
            f"{name} is empty", remedy="the first row names the columns; see `sluss activity template`"
        )
    (_, headings), *rest = lines
    fields = [named(each) for each in headings]
    if "title" not in fields:
        remedy = "one column must be called Aktivitet, or Activity; see `sluss activity template`"
        raise NoSheet(f"{name}: the first row does not name the columns", remedy=remedy)
    twice = {each for each in fields if each and fields.count(each) > 1}
    if twice:
        told = ", ".join(head for head, field in zip(headings, fields, strict=True) if field in twice)
        raise NoSheet(f"{name}: several columns mean the same: {told}", remedy="keep one of them")
    letters = {field: _letter(number) for number, field in enumerate(fields) if field}
    rows = []
    for line, values in rest:
        cells = {
            field: _without_mark(value.strip())
            for field, value in zip(fields, values, strict=False)
            if field and value.strip()
        }
        if cells:
            rows.append(Row(line, cells, letters))
    if len(rows) > MOST_ROWS:
        raise NoSheet(f"{name} has more than {MOST_ROWS} rows", remedy="split it")
    unknown = tuple(head for head, field in zip(headings, fields, strict=True) if head.strip() and not field)
    return Sheet(tuple(rows), unknown)


def _lines(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row with its number, whatever line breaks its cells hold."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep="):  # Excel's own way to tell
        delimiter, text = first.strip()[4:5] or ";", rest
        first = rest.partition("\n")[0]
    else:
        delimiter = max(";,\t", key=first.count)
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1):
            if any(each.strip() for each in cells):
                yield number, cells
    except csv.Error as error:
        raise NoSheet(f"{name} cannot be read: {error}", remedy="save it as CSV anew") from None


def _decoded(raw: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with one, else what Windows writes in Sweden."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _without_mark(cell: str) -> str:
    """A cell that would have been taken for a formula was written with a mark before it."""
    return cell[1:] if cell.startswith(_FORMULA) else cell


def _letter(number: int) -> str:
    letter = ""
    number += 1
    while number:
        number, left = divmod(number - 1, 26)
        letter = chr(ord("A") + left) + letter
    return letter
