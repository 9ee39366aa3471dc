"""On which line of a TOML file something stands, for complaints that lead to it.

`tomllib` reads a file and forgets its lines. What it has taken is read here once more, for the lines alone:
only as much of TOML is known as that takes.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping

Place = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
      [ \t\r]+ | \#[^\n]*
    | (?P<sign> [\[\]{}=,.\n] )
    | (?P<quoted> \"{3} (?:\\.|[^\\])*? \"{3,5} | '{3} .*? '{3,5} | \"(?:\\.|[^\"\\])*\" | '[^']*' )
    | (?P<bare> [^\s\#\[\]{}=,.\"']+ )
    """,
    re.VERBOSE | re.DOTALL,
)
_SAID = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)", re.DOTALL)


def lines_of(text: str) -> dict[Place, int]:
    """By place (`("scales", 0, "items", 2)`), the line it begins on, counted from 1. The whole file is `()`.

    `text` is TOML that `tomllib` has taken.
    """
    return _Reading(text).lines


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest thing around it that the file has."""
    while place not in lines:
        place = place[:-1]
    return lines[place]


def broken_at(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, str]:
    """On which line `tomllib` gave up on a text, and what it found wrong there."""
    said = _SAID.fullmatch(str(error))
    line = int(said["line"]) if said and said["line"] else text.count("\n") + 1
    return line, said["what"] if said else str(error)


class _Reading:
    def __init__(self, text: str) -> None:
        self.lines: dict[Place, int] = {(): 1}
        self._counted: Counter[Place] = Counter()
        """How many tables each list of tables has so far."""
        self._ahead: list[tuple[str, int]] = []
        line = 1
        for token in _TOKEN.finditer(text):
            if token.lastgroup:
                self._ahead.append((token[0], line))
            line += token[0].count("\n")
        self._ahead.append(("", line))
        self._ahead.reverse()
        self._document()

    @property
    def _word(self) -> str:
        return self._ahead[-1][0]

    @property
    def _line(self) -> int:
        return self._ahead[-1][1]

    def _take(self) -> str:
        return self._ahead.pop()[0]

    def _document(self) -> None:
        table: Place = ()
        while self._word:
            match self._word:
                case "\n":
                    self._take()
                case "[":
                    table = self._header()
                case _:
                    self._pair(table)

    def _header(self) -> Place:
        """Where it leads: inside a list of tables, always to the last one so far."""
        line = self._line
        self._take()
        is_list = self._word == "["
        place: Place = ()
        names = self._names("]")
        for number, name in enumerate(names, start=1):
            place = (*place, name)
            if is_list and number == len(names):
                self._counted[place] += 1
            if count := self._counted[place]:
                place = (*place, count - 1)
        if is_list:
            self._take()
        self._note(place, line)
        return place

    def _pair(self, within: Place) -> None:
        line = self._line
        place = (*within, *self._names("="))
        self._note(place, line)
        self._value(place)

    def _names(self, end: str) -> list[str]:
        """A key, dotted or not, and what ends it."""
        names = []
        while (word := self._take()) != end:
            if word[0] in "\"'":
                names.append(str(tomllib.loads(f"name = {word}")["name"]))
            elif word not in ".[":
                names.append(word)
        return names

    def _value(self, place: Place) -> None:
        match self._word:
            case "[":
                for number in self._entries("]"):
                    self._note((*place, number), self._line)
                    self._value((*place, number))
            case "{":
                for _ in self._entries("}"):
                    self._pair(place)
            case _:
                while self._word not in ("", "\n", ",", "]", "}"):
                    self._take()

    def _entries(self, end: str) -> Iterator[int]:
        """The numbers of what stands between two brackets; whoever asks for the next has read the last."""
        self._take()
        number = 0
        while True:
            while self._word in ("\n", ","):
                self._take()
            if self._word == end:
                self._take()
                return
            yield number
            number += 1

    def _note(self, place: Place, line: int) -> None:
        for length in range(1, len(place) + 1):
            self.lines.setdefault(place[:length], line)
