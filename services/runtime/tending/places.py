"""Where in a dead letter's data something stands (`needs`, `goals[0].words`), and what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from services.runtime.decision import Refusal

WHOLE: Final = "*"
"""All the bytes: of what has no places, because it is no document with data."""
_STEP: Final = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class NothingThere(Refusal):
    """Nothing stands at this place."""

    code = "nothing_there"


def data_of(body: bytes) -> dict[str, Any] | None:
    """The data in an event's or a timer's bytes; None where the bytes are no document that has any."""
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    data = read.get("data") if isinstance(read, dict) else None
    return data if isinstance(data, dict) else None


def at(data: Any, place: str) -> Any:
    """What stands at a place. Raises `NothingThere`, also for a place that is none (the empty one, `.`)."""
    steps = _STEP.findall(place)
    if not steps:
        raise NothingThere(f"{place!r} is no place")
    for name, number in steps:
        match data:
            case dict() if name in data:
                data = data[name]
            case list() if number and int(number) < len(data):
                data = data[int(number)]
            case _:
                raise NothingThere(f"nothing stands at {place}")
    return data


def fields_of(data: Any, place: str) -> Iterator[str]:
    """The fields at a place, one by one: itself, unless other fields stand within it."""
    match data:
        case dict() if data:
            for name, value in data.items():
                yield from fields_of(value, f"{place}.{name}")
        case list() if any(isinstance(one, dict | list) for one in data):
            for number, value in enumerate(data):
                yield from fields_of(value, f"{place}[{number}]")
        case _:
            yield place


def kept(before: Any, after: Any) -> Any:
    """`after` with what stood `before` wherever it says null: whoever edits need not see what is masked.

    No event holds a null of its own, what is absent is left out; so null can mean "as it came".
    """
    match after:
        case None:
            return before
        case dict():
            known = before if isinstance(before, dict) else {}
            return {name: kept(known.get(name), value) for name, value in after.items()}
        case list():
            row = before if isinstance(before, list) else []
            return [kept(row[n] if n < len(row) else None, value) for n, value in enumerate(after)]
    return after


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """The places at which two data differ; a list that has become longer or shorter is one place."""
    return _changed(before, after, "")


def _changed(before: Any, after: Any, place: str) -> Iterator[str]:
    match before, after:
        case dict(), dict():
            for name in sorted({*before, *after}):
                inside = f"{place}.{name}" if place else name
                if name in before and name in after:
                    yield from _changed(before[name], after[name], inside)
                else:
                    yield inside
        case list(), list() if len(before) == len(after):
            for number, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from _changed(one, other, f"{place}[{number}]")
        case _ if before != after:
            yield place
