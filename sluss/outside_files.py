"""Files that go to and come from outside the network: evaluations, and series somebody else counts.

Comma-separated, or with semicolons as spreadsheets write it in Swedish. UTF-8, with or without a byte order
mark. Errors name file, line and remedy, and never repeat what a person answered.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any

from sluss.reach import Failure
from sluss_contracts.commands.notify import OutsideAnswer
from sluss_contracts.evaluation import SeriesPoint

_NAMES = ("export_id", "instrument", "version")
_TOLD = ("due",)
_PERIOD = ("starts", "ends", "here", "comparison")
_LONGEST_CELL = 200


class FaultyFile(Failure):
    """The file cannot be read as what it should be; nothing was sent."""

    code = "faulty_file"


def written_for_distributor(rows: Iterable[Mapping[str, Any]], asks: Iterable[Mapping[str, Any]]) -> str:
    """The file a distributor fills in and gives back: a line for each instrument of each evaluation."""
    by_name = {ask["instrument"]: ask for ask in asks}
    items = list(dict.fromkeys(item for ask in by_name.values() for item in ask["items"]))
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_NAMES, *_TOLD, *items))
    for row in rows:
        for instrument in row["instruments"]:
            version = by_name[instrument]["version"]
            writer.writerow((row["export_id"], instrument, version, row["due"], *("" for _ in items)))
    return out.getvalue()


def answers_in(file: Path) -> list[OutsideAnswer]:
    """What a distributor gives back, nothing judged but the file's own shape. Raises `FaultyFile`."""
    answers = []
    for line, row in _rows(file, _NAMES):
        cells = {name: cell for name, cell in row.items() if name not in (*_NAMES, *_TOLD)}
        if not any(cells.values()):
            continue  # handed out, and not answered
        if too_long := next((name for name, cell in row.items() if len(cell) > _LONGEST_CELL), None):
            raise _at(file, line, f"{too_long} holds more than {_LONGEST_CELL} characters", "shorten it")
        answers.append(
            OutsideAnswer(
                line=line,
                export_id=row["export_id"].strip(),
                instrument=row["instrument"],
                version=row["version"],
                answers=cells,
            )
        )
    return answers


def points_in(file: Path) -> list[SeriesPoint]:
    """The periods of an outside series. Raises `FaultyFile`."""
    points = []
    for line, row in _rows(file, _PERIOD):
        try:
            starts, ends = date.fromisoformat(row["starts"].strip()), date.fromisoformat(row["ends"].strip())
        except ValueError:
            raise _at(file, line, "starts or ends is no date", "write them as 2026-01-31") from None
        points.append(
            SeriesPoint(
                starts=starts,
                ends=ends,
                here=_number(file, line, "here", row["here"]),
                comparison=_number(file, line, "comparison", row["comparison"]),
            )
        )
    if not points:
        raise _at(file, 1, "there is no period in it", "give each period a line")
    return points


def _rows(file: Path, needed: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Every line that is not empty, by column, with its number."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FaultyFile(f"{file}: {error.strerror}", remedy="name a file that can be read") from None
    except UnicodeDecodeError:
        raise FaultyFile(f"{file}: it is not UTF-8", remedy="save it as CSV in UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    header = [name.strip() for name in next(reader, [])]
    if missing := [name for name in needed if name not in header]:
        raise _at(file, 1, f"there is no column {', '.join(missing)}", "name the columns in the first line")
    if len(set(header)) != len(header):
        raise _at(file, 1, "two columns have the same name", "give each its own")
    found = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            raise _at(
                file,
                reader.line_num,
                f"it has {len(cells)} columns and the first line {len(header)}",
                "give every line as many",
            )
        found.append((reader.line_num, dict(zip(header, cells, strict=True))))
    return found


def _number(file: Path, line: int, column: str, written: str) -> float:
    try:
        number = float(written.strip().replace(",", "."))
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise _at(file, line, f"{column} is no number", "write 12.5, at least 0")
    return number


def _at(file: Path, line: int, what: str, remedy: str) -> FaultyFile:
    return FaultyFile(f"{file}:{line}: {what}", remedy=remedy)
