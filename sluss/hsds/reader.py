"""Reading a file of the standard record by record, however large it is and whatever is wrong with it.

The file is cut where brackets say that a record ends, and each piece is parsed by itself: a parser that reads
the whole stops at the first fault, and holds what it has read. At most one record is held at a time, and no
more of it than `LARGEST_PIECE`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import orjson

from sluss_contracts.command import Fault

CHUNK = 64 * 1024
LARGEST_PIECE = 4 * 1024 * 1024
"""Bytes of one record with all that is nested in it; an organization may hold all its services."""

_BOM = b"\xef\xbb\xbf"
_SIXTEEN = (b"\xff\xfe", b"\xfe\xff")
_LIST = b'"contents"'
"""Where the records stand in what an API answers."""
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_OUTSIDE = re.compile(_STRING + rb'|[{}\[\]"]', re.DOTALL)
"""A whole string, a bracket, or where a string begins that does not end in this chunk."""
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb")*+([{}\[\]])", re.DOTALL)
"""As far as the next bracket that is in no string."""
_INSIDE = re.compile(rb'["\\]')
_BETWEEN = b" \t\r\n,"


class Readable(Protocol):
    """What bytes come from."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Piece:
    """One record as it stands in the file, or what is wrong in its place."""

    number: int
    """From 1, in the order of the file."""
    document: dict[str, Any] | None = None
    faults: tuple[Fault, ...] = ()


def pieces(source: Readable, *, on_read: Callable[[int], None] = lambda size: None) -> Iterator[Piece]:
    """Every record of a file: one document, several one after another, a list, or a page of an API."""
    cutter, number = _Cutter(), 0
    chunk = source.read(CHUNK)
    while len(chunk) < len(_BOM) and (more := source.read(CHUNK)):
        chunk += more
    if chunk.startswith(_SIXTEEN):
        yield _wrong(1, "not_utf8", "Save the file as UTF-8.")
        return
    for part in chain([chunk], iter(lambda: source.read(CHUNK), b"")):
        on_read(len(part))
        for cut in cutter.feed(part.removeprefix(_BOM) if part is chunk else part):
            number += 1
            yield _read(number, cut)
    for fault in cutter.end():
        number += 1
        yield Piece(number, faults=(fault,))


def _read(number: int, cut: bytes | Fault) -> Piece:
    if isinstance(cut, Fault):
        return Piece(number, faults=(cut,))
    try:
        document = orjson.loads(cut)
    except orjson.JSONDecodeError as error:
        try:
            cut.decode()
        except UnicodeDecodeError:
            return _wrong(number, "not_utf8", "Save the file as UTF-8.")
        return _wrong(
            number, "not_json", f"Mend the JSON: {error.msg}, {error.pos} characters into the record."
        )
    if not isinstance(document, dict):
        return _wrong(number, "not_an_object", "Put a record here, in braces.")
    return Piece(number, document)


def _wrong(number: int, code: str, remedy: str) -> Piece:
    return Piece(number, faults=(Fault(path="", code=code, remedy=remedy),))


class _Cutter:
    """Finds where records begin and end, in chunks that come one after another."""

    def __init__(self) -> None:
        self._depth = 0
        self._records_at: int | None = 0
        """How deep records stand: by themselves, in a list, in a page's list; None where none do."""
        self._holding = False
        """Whether we are within a record, or what may turn out to be a page."""
        self._held = bytearray()
        self._too_large = False
        self._in_string = self._escaped = False
        self._list_named = False
        """Whether the name of a page's list has just been read."""
        self._stray = False
        """Whether there was something else where only records may stand."""
        self._anything = False
        self._left = b""

    def feed(self, chunk: bytes) -> Iterator[bytes | Fault]:
        """What ends within this chunk."""
        chunk, self._left = self._left + chunk, b""
        place = begun = 0
        while place < len(chunk):
            if self._in_string:
                place = self._through_string(chunk, place)
                continue
            within = self._holding and not self._may_be_page
            found = (_BRACKET.match if within else _OUTSIDE.search)(chunk, place)
            if within and found is None:
                found = _OUTSIDE.search(chunk, place)  # a string that does not end here, or nothing more
                while found is not None and len(found[0]) > 1:
                    found = _OUTSIDE.search(chunk, found.end())
            if not within:
                self._between(chunk[place : found.start() if found else len(chunk)])
            if found is None:
                break
            token = found[1] if found.re is _BRACKET else found[0]
            if token in b"{[":
                if self._opens(token):
                    yield from self._tell_stray()
                    begun = found.start()
            elif token in b"}]":
                if self._closes(token):
                    self._hold(chunk[begun : found.end()])
                    yield self._let_go()
            elif token == b'"':
                if self._may_be_page and len(chunk) - found.start() < len(_LIST):
                    # It may be the name of the list: wait for the rest of it.
                    self._hold(chunk[begun : found.start()])
                    self._left = chunk[found.start() :]
                    return
                self._in_string = True
                self._stray = self._stray or self._is_outside
            else:
                self._list_named = token == _LIST
                self._stray = self._stray or self._is_outside
            place = found.end()
        self._hold(chunk[begun:])

    def end(self) -> Iterator[Fault]:
        """What is wrong with how the file ends."""
        yield from self._tell_stray()
        if self._holding or self._in_string or self._depth or self._left:
            remedy = "The file ends within a record or a list; get the rest of it."
            yield Fault(path="", code="truncated", remedy=remedy)
        elif not self._anything:
            yield Fault(path="", code="empty", remedy="There is no record in it.")

    @property
    def _may_be_page(self) -> bool:
        """Whether we are directly within an object by itself, which may be a page of an API."""
        return self._holding and self._depth == 1 and self._records_at == 0

    @property
    def _is_outside(self) -> bool:
        """Whether only records may stand here."""
        return not self._holding and self._depth == self._records_at

    def _through_string(self, chunk: bytes, place: int) -> int:
        """Where the string ends, or the chunk."""
        if self._escaped:
            self._escaped = False
            return place + 1
        found = _INSIDE.search(chunk, place)
        if found is None:
            return len(chunk)
        if found[0] == b"\\":
            self._escaped = True
        else:
            self._in_string = False
        return found.end()

    def _opens(self, token: bytes) -> bool:
        """Whether a record begins here."""
        list_named, self._list_named = self._list_named, False
        self._depth += 1
        if token == b"[" and list_named and self._holding and self._depth == 2 and self._records_at == 0:
            self._records_at, self._holding, self._too_large = 2, False, False
            self._held.clear()
        elif self._holding or self._depth - 1 != self._records_at:
            pass
        elif token == b"[" and self._depth == 1:
            self._records_at, self._anything = 1, True
        else:
            self._holding = self._anything = True
            return True
        return False

    def _closes(self, token: bytes) -> bool:
        """Whether a record ends here."""
        if self._is_outside and (self._depth == 0 or token == b"}"):
            self._stray = True  # one bracket too many; what comes next is read all the same
            return False
        of_list = self._is_outside
        self._depth -= 1
        if self._depth == 0 and self._records_at != 0 and not self._holding:
            self._records_at = 0
        elif of_list:
            self._records_at = None  # the rest of a page tells of the page alone
        return self._holding and self._depth == self._records_at

    def _between(self, text: bytes) -> None:
        if b"," in text:
            self._list_named = False
        if self._is_outside and text.strip(_BETWEEN):
            self._stray = True

    def _tell_stray(self) -> Iterator[Fault]:
        if self._stray:
            self._stray, self._anything = False, True
            remedy = "Put records here, in braces, and nothing else."
            yield Fault(path="", code="not_a_record", remedy=remedy)

    def _hold(self, text: bytes) -> None:
        if not self._holding:
            return
        if len(self._held) + len(text) > LARGEST_PIECE:
            self._too_large = True
            self._held.clear()
        elif not self._too_large:
            self._held += text

    def _let_go(self) -> bytes | Fault:
        held, too_large = bytes(self._held), self._too_large
        self._held.clear()
        self._too_large = self._holding = False
        if too_large:
            most = LARGEST_PIECE // (1024 * 1024)
            return Fault(path="", code="too_large", remedy=f"A record may hold {most} MiB; split it.")
        return held
