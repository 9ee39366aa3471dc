"""A pack from a TOML file, or everything that is wrong with the file: line, field and remedy."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sluss_contracts.faults import faults_of
from sluss_contracts.instruments.format import Pack
from sluss_contracts.toml_lines import broken_at, line_of, lines_of

LARGEST = 1_000_000
"""Bytes a pack file may have."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file."""

    line: int
    """Counted from 1; where the field stands, or the table it is missing in."""
    field: str
    """`scales.0.items`; empty for the whole file."""
    remedy: str


class NotAPack(ValueError):
    """The file is no sound pack. `problems` tells everything that is wrong, in the order of the file."""

    code = "not_a_pack"

    def __init__(self, name: str, problems: list[Problem]) -> None:
        lines = [
            f"{name}:{each.line}: {each.field + ': ' if each.field else ''}{each.remedy}" for each in problems
        ]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


def load_pack(path: Path) -> Pack:
    """The pack in a file. Raises `NotAPack`, and `OSError` when the file cannot be read."""
    with path.open("rb") as file:
        raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise NotAPack(path.name, [Problem(1, "", f"a pack has at most {LARGEST:,} bytes")])
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise NotAPack(path.name, [Problem(line, "", "save the file as UTF-8")]) from None
    return read_pack(text, path.name)


def read_pack(text: str, name: str) -> Pack:
    """The pack in a text; `name` is what its complaints are filed under. Raises `NotAPack`."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line, what = broken_at(error, text)
        raise NotAPack(name, [Problem(line, "", f"not TOML: {what}")]) from None
    try:
        return Pack.model_validate(document)
    except ValidationError as invalid:
        lines = lines_of(text)
        problems = [
            Problem(line_of(lines, place), ".".join(map(str, place)), remedy)
            for place, remedy in _complaints(invalid)
        ]
        raise NotAPack(name, sorted(problems, key=lambda each: each.line)) from None


def _complaints(invalid: ValidationError) -> list[tuple[tuple[str | int, ...], str]]:
    found: list[tuple[tuple[str | int, ...], str]] = []
    entries = invalid.errors(include_url=False, include_input=False)
    for entry, fault in zip(entries, faults_of(invalid), strict=False):
        context: dict[str, Any] = entry.get("ctx", {})
        if entry["type"] == "unsound":
            found += [(tuple(place), said) for place, said in context["complaints"]]
        else:
            found.append((tuple(entry["loc"]), fault.remedy))
    # A list with an unsound part is also called too short: only the part itself is worth telling.
    places = [place for place, _ in found]
    return [each for each in found if not any(each[0] == place[: len(each[0])] != place for place in places)]
