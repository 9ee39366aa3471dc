"""On which line of a TOML file a field stands, for complaints that lead to it.

Reads only as much of TOML as that takes, from a file that a real parser has accepted or will judge: table
headers, and the key that begins a line. What stands inside an inline table or list is on its key's line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

Place = tuple[str | int, ...]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*="""
)
_PART = re.compile(r"""[A-Za-z0-9_-]+|"[^"]*"|'[^']*'""")
_STRINGS = re.compile(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|#.*$')


def lines_of(text: str) -> dict[Place, int]:
    """By place (`("scales", 0, "items")`), the line it begins on, counted from 1. The whole file is `()`."""
    found: dict[Place, int] = {(): 1}
    counts: dict[Place, int] = {}
    table: Place = ()
    depth = 0
    quote = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if quote:
            if quote not in line:
                continue
            line, quote = line.partition(quote)[2], ""
        elif depth == 0:
            if header := _HEADER.match(line):
                table = _table(header, counts)
                for length in range(1, len(table) + 1):
                    found.setdefault(table[:length], number)
                continue
            if key := _KEY.match(line):
                place = table
                for part in _PART.findall(key[1]):
                    place = (*place, part.strip("\"'"))
                    found.setdefault(place, number)
        for mark in ('"""', "'''"):
            if line.count(mark) % 2:
                line, _, _ = line.partition(mark)
                quote = mark
                break
        bare = _STRINGS.sub("", line.replace('"""', "").replace("'''", ""))
        depth = max(
            0, depth + sum(bare.count(each) for each in "[{") - sum(bare.count(each) for each in "]}")
        )
    return found


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest thing around it that the file has."""
    while place not in lines:
        place = place[:-1]
    return lines[place]


def _table(header: re.Match[str], counts: dict[Place, int]) -> Place:
    """Where a header leads: inside a list of tables, always to its last one."""
    place: Place = ()
    parts = [part.strip("\"'") for part in _PART.findall(header[2])]
    for n, part in enumerate(parts):
        place = (*place, part)
        is_list = header[1] == "[[" and n == len(parts) - 1
        if is_list:
            counts[place] = counts.get(place, -1) + 1
        if place in counts:
            place = (*place, counts[place])
    return place
