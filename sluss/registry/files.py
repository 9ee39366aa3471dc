"""Reading a registry file: TOML (one table for each thing) or CSV (one row for each thing)."""

from __future__ import annotations

import csv
import io
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

from sluss.registry.entries import KINDS, Entry, Faulty, Mistake
from sluss_contracts.toml_lines import Place, broken_at, line_of, lines_of

_LISTS = frozenset(
    {
        *("areas", "languages", "skills", "needs", "sessions", "except", "every"),
        *("interests", "access", "genders", "groups", "hours"),
    }
)
_NUMBERS = frozenset({"capacity", "weeks", "minutes", "minutes_between"})
_DEGREES = frozenset({"latitude", "longitude"})
_YES_OR_NO = {"ja": True, "nej": False}


def read(path: Path) -> list[Entry]:
    """The entries of a file, by its ending. Raises `Faulty` with every mistake, and where it stands."""
    name = path.name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise Faulty([Mistake(name, 0, f"there is no such file: {path}")]) from None
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise Faulty([Mistake(name, line, "is not UTF-8 text; save the file as UTF-8")]) from None
    except OSError as error:
        raise Faulty([Mistake(name, 0, f"cannot be read: {error.strerror}")]) from None
    match path.suffix.lower():
        case ".toml":
            return _toml(text, name)
        case ".csv":
            return _csv(text, name)
        case other:
            raise Faulty([Mistake(name, 0, f"{other or 'no'} ending: a registry file ends in .toml or .csv")])


def _toml(text: str, name: str) -> list[Entry]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, what = broken_at(error, text)
        raise Faulty([Mistake(name, line, f"is not TOML here: {what}")]) from None
    lines = lines_of(text)
    parts: dict[Place, dict[str, int]] = defaultdict(dict)
    for whole, line in lines.items():
        if inner := whole[2:]:
            parts[whole[:2]][".".join(map(str, inner))] = line
    mistakes, entries = [], []
    for kind, tables in document.items():
        if kind not in KINDS or not isinstance(tables, list):
            what = f"[[{kind}]] is no kind of entry; these are: {', '.join(KINDS)}"
            mistakes.append(Mistake(name, line_of(lines, (kind,)), what))
            continue
        for number, values in enumerate(tables):
            place = (kind, number)
            entries.append(Entry(kind, values, line_of(lines, place), parts[place]))
    if mistakes:
        raise Faulty(mistakes)
    return entries


def _csv(text: str, name: str) -> list[Entry]:
    delimiter = ";" if text.partition("\n")[0].count(";") > text.partition("\n")[0].count(",") else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    if not rows.fieldnames or not {"entry", "id"} <= set(rows.fieldnames):
        raise Faulty([Mistake(name, 1, "the first row must name the columns, `entry` and `id` among them")])
    mistakes, entries = [], []
    for row in rows:
        line = rows.line_num
        if None in row:
            mistakes.append(
                Mistake(name, line, "has more cells than there are columns; quote what holds a comma")
            )
            continue
        values = {column: cell.strip() for column, cell in row.items() if cell and cell.strip()}
        if not values:
            continue
        kind = values.pop("entry", "")
        if kind not in KINDS:
            mistakes.append(
                Mistake(name, line, f"{kind!r} is no kind of entry; these are: {', '.join(KINDS)}")
            )
            continue
        try:
            whole = _nested({c: _cell(c, v, delimiter) for c, v in values.items()})
        except _TwoWays as column:
            mistakes.append(
                Mistake(name, line, f"{column} is filled in, and parts of it too; keep the parts")
            )
            continue
        entries.append(Entry(kind, whole, line))
    if mistakes:
        raise Faulty(mistakes)
    return entries


class _TwoWays(Exception):
    """A column and parts of it are both filled in."""


def _nested(cells: dict[str, Any]) -> dict[str, Any]:
    """`venue.street` is the street of a table `venue`. Raises `_TwoWays`."""
    whole: dict[str, Any] = {}
    for column, value in cells.items():
        *tables, field = column.split(".")
        place = whole
        for table in tables:
            place = place.setdefault(table, {})
            if not isinstance(place, dict):
                raise _TwoWays(table)
        if isinstance(place.get(field), dict):
            raise _TwoWays(field)
        place[field] = value
    return whole


def _cell(column: str, text: str, delimiter: str) -> Any:
    column = column.rpartition(".")[2]
    if column in _DEGREES:
        return text.replace(",", ".")
    if text.lower() in _YES_OR_NO and column == "hosted":
        return _YES_OR_NO[text.lower()]
    if column in _LISTS:
        return [part.strip() for part in text.split("|" if delimiter == ";" else ";") if part.strip()]
    if column in _NUMBERS and text.lstrip("-").isdigit():
        return int(text)
    return text
