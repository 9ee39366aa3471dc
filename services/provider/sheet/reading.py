"""Reading an association's spreadsheet, saved as CSV by whatever program."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from services.provider.sheet.columns import named
from services.runtime.languages import mark

LARGEST = 5 * 1024 * 1024
MOST_ROWS = 5000
_FORMULA = ("'=", "'+", "'-", "'@")


class NoSheet(Exception):
    """The file cannot be read as a spreadsheet at all; nothing was done. The text is a key of the
    translations."""

    def __init__(self, text: str, remedy: str = "", **values: object) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values
        self.remedy = remedy


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
            raise NoSheet(mark("%(name)s is too large"), mark("split it"), name=file.name)
        raw = file.read_bytes()
    except OSError as error:
        raise NoSheet(mark("%(name)s cannot be read"), str(error.strerror), name=file.name) from None
    return parsed(decoded(raw), file.name)


def parsed(text: str, name: str) -> Sheet:
    """The rows of a text. Raises `NoSheet`."""
    lines = list(_lines(text, name))
    if not lines:
        raise NoSheet(mark("%(name)s is empty"), mark("the first row names the columns"), name=name)
    (_, headings), *rest = lines
    fields = [named(each) for each in headings]
    if "title" not in fields:
        remedy = mark("one column must be called Aktivitet, or Activity")
        raise NoSheet(mark("%(name)s: the first row does not name the columns"), remedy, name=name)
    twice = {each for each in fields if each and fields.count(each) > 1}
    if twice:
        told = ", ".join(head for head, field in zip(headings, fields, strict=True) if field in twice)
        what = mark("%(name)s: several columns mean the same: %(told)s")
        raise NoSheet(what, mark("keep one of them"), name=name, told=told)
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
        raise NoSheet(mark("%(name)s has too many rows"), mark("split it"), name=name)
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
        raise NoSheet(mark("%(name)s cannot be read"), mark("save it as CSV anew"), name=name) from error


def decoded(raw: bytes) -> str:
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
