"""Files of any size and any fault: read record by record, and what is wrong is told with its place."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sluss.hsds import reader
from sluss.hsds.reader import LARGEST_PIECE, pieces
from tests.support.hsds import example


class Dripping(io.BytesIO):
    """Bytes that come a few at a time."""

    def __init__(self, text: bytes, at_once: int) -> None:
        super().__init__(text)
        self._at_once = at_once

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._at_once)


def read(text: bytes, at_once: int = reader.CHUNK) -> list[Any]:
    """Each document, or the code of what is wrong in its place."""
    return [each.faults[0].code if each.faults else each.document for each in pieces(Dripping(text, at_once))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (b'{"a": 1}', [{"a": 1}]),
        (b'\xef\xbb\xbf{"a": 1}', [{"a": 1}]),
        (b'{"a": 1}\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        (b' [ {"a": "}{]["} , {"b": "\\"}"} ] ', [{"a": "}{]["}, {"b": '"}'}]),
        (b'{"size": 2, "contents": [{"a": 1}, {"b": [1]}], "more": {"c": ["x"]}}', [{"a": 1}, {"b": [1]}]),
        (b'{"contents": 1, "a": [{"b": 1}]}', [{"contents": 1, "a": [{"b": 1}]}]),
        (b'{"a": {"contents": [{"b": 1}]}}', [{"a": {"contents": [{"b": 1}]}}]),
        (b'[{"contents": [1]}]', [{"contents": [1]}]),
        (b"[]", []),
        (b'{"empty": true, "contents": []}', []),
        (b"", ["empty"]),
        (b"\n \n", ["empty"]),
        (b"id;name\n1;Korpen\n", ["not_a_record"]),
        (b"<html></html>", ["not_a_record"]),
        ('{"a": 1}'.encode("utf-16"), ["not_utf8"]),
        (b'[{"a": 1}, {"b": tru}, {"c": 3}]', [{"a": 1}, "not_json", {"c": 3}]),
        (b'[{"a": "\xe5"}, {"b": 1}]', ["not_utf8", {"b": 1}]),
        (b'[{"a": 1}, [2], {"b": 3}]', [{"a": 1}, "not_an_object", {"b": 3}]),
        (b'[1, "two", {"a": 3}, 4]', ["not_a_record", {"a": 3}, "not_a_record"]),
        (b'[{"a": 1}}, {"b": 2}]', [{"a": 1}, "not_a_record", {"b": 2}]),
        (b'[{"a": 1], {"b": 2}]', ["not_json", {"b": 2}]),
        (b'[{"a": 1}, {"b": "2', [{"a": 1}, "truncated"]),
        (b'[{"a": 1}', [{"a": 1}, "truncated"]),
        (b'{"contents": [{"a": 1}]', [{"a": 1}, "truncated"]),
        (b'[{"a": "\\ud800"}]', ["not_json"]),
        (b'[{"a": 1e999}]', ["not_json"]),
    ],
)
def test_what_is_read_does_not_hang_on_where_the_bytes_are_cut(text: bytes, found: list[Any]) -> None:
    for at_once in (1, 2, 3, 7, 64 * 1024):
        assert read(text, at_once) == found, at_once


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
_RECORDS = st.lists(
    st.dictionaries(st.sampled_from(["contents", "a", '"', "]"]), _JSON, min_size=1), max_size=4
)


@settings(max_examples=150, deadline=None)
@given(_RECORDS, st.integers(1, 40), st.booleans())
def test_any_list_is_read_as_a_parser_reads_it(records: list[Any], at_once: int, in_page: bool) -> None:
    whole = {"total_items": 3, "contents": records, "first": [True]} if in_page else records
    assert read(orjson.dumps(whole), at_once) == records


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text('{}[]",:\\ a1', max_size=60).map(str.encode), st.integers(1, 9))
def test_whatever_bytes_there_are_something_is_told_and_nothing_breaks(text: bytes, at_once: int) -> None:
    assert read(text, at_once) == read(text)


def test_a_record_too_large_or_too_deep_is_told_of_and_the_rest_goes_on() -> None:
    huge = b'{"a": "' + b"x" * (LARGEST_PIECE + 1) + b'"}'
    many = b'{"a": [' + b"1," * LARGEST_PIECE + b"1]}"
    deep = b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    text = b"[" + b",".join([b'{"b": 1}', huge, many, deep, b'{"b": 2}']) + b"]"
    assert read(text) == [{"b": 1}, "too_large", "too_large", "not_json", {"b": 2}]


def _grown(records: int, one: bytes) -> int:
    """The most memory held while reading so many records."""

    class Endless:
        """A file that is made as it is read."""

        def __init__(self) -> None:
            self._left = records
            self._ready = b"["

        def read(self, size: int, /) -> bytes:
            while self._left and len(self._ready) < size:
                self._left -= 1
                self._ready += one + (b"," if self._left else b"]")
            given, self._ready = self._ready[:size], self._ready[size:]
            return given

    tracemalloc.start()
    try:
        assert sum(each.document is not None for each in pieces(Endless())) == records
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_the_memory_held_does_not_grow_with_the_file() -> None:
    one = orjson.dumps(example("service_full"))
    few, many = _grown(40, one), _grown(400, one)
    assert many < few * 1.5
    assert many < 4 * 1024 * 1024


def test_an_endless_string_is_not_held() -> None:
    class Endless:
        def __init__(self) -> None:
            self._left = 200

        def read(self, size: int, /) -> bytes:
            self._left -= 1
            return b'[{"a": "' if self._left == 199 else b"x" * size if self._left > 0 else b""

    tracemalloc.start()
    try:
        assert [each.faults[0].code for each in pieces(Endless())] == ["truncated"]
        assert tracemalloc.get_traced_memory()[1] < 2.5 * LARGEST_PIECE
    finally:
        tracemalloc.stop()
