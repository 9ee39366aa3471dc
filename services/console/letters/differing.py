"""How a dead letter's data differ from what the event's contract asks: place by place, never the values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import BaseModel, ValidationError

from services.console.masking import disclose, masked_fields
from services.runtime.deadletters import DeadLetter
from services.runtime.tending.corrections import fact_of
from services.runtime.tending.places import WHOLE, NothingThere, at, changed, data_of, fields_of
from sluss_contracts.event import FACTS, Fact
from sluss_contracts.faults import faults_of

_KINDS: Final = {dict: "object", list: "list", str: "text", bool: "yes or no", int: "number", float: "number"}
_ENVELOPE: Final = (
    "id", "source", "type", "subject", "time", "dataschema", "correlationid", "causationid", "sequence",
    "recordedtime", "partitionkey",
)  # fmt: skip
"""What of a CloudEvent is shown: ids and times. Whatever else stands there is not ours, and is masked."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the data are not what the contract asks."""

    path: str
    """A JSON Pointer into the data."""
    code: str
    """`missing`, `unknown_word`, `wrong_format` …, or `not_in_contract`, which readers ignore."""
    wanted: str
    found: str
    """The kind of value that stands there; empty where nothing does."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A dead letter against its contract."""

    type: str
    """The event type, empty where nobody knows it."""
    readable: bool
    """Whether its bytes are a JSON document at all."""
    envelope: dict[str, Any]
    shown: dict[str, Any]
    """Its data as operators see them: masked values are None."""
    differences: tuple[Difference, ...]

    @property
    def breaks(self) -> tuple[Difference, ...]:
        """Those that keep it from being read."""
        return tuple(each for each in self.differences if each.code != "not_in_contract")


@dataclass(frozen=True, slots=True)
class Change:
    """One place at which a proposed event says something else than what came; masked values are None."""

    place: str
    before: Any
    after: Any
    """Empty text where nothing stands."""


def changes(letter: DeadLetter, body: bytes) -> tuple[Change, ...]:
    """What an event put right says otherwise than the letter it would take the place of."""
    fact = fact_of(letter, FACTS)
    before, after = data_of(letter.body) or {}, data_of(body) or {}
    return tuple(
        Change(place, *(_shown_at(fact, data, place) for data in (before, after)))
        for place in changed(before, after)
    )


def masked_places(letter: DeadLetter, shown: Mapping[str, Any]) -> tuple[str, ...]:
    """Where something of it is masked; all of it is one place where it has no data."""
    data = data_of(letter.body)
    if data is None:
        return (WHOLE,)
    return tuple(field for place in masked_fields(shown) for field in fields_of(at(data, place), place))


def with_seen(shown: Mapping[str, Any], visible: Mapping[str, Any]) -> dict[str, Any]:
    """Disclosed data, with the values of the places that one may see now."""
    return {name: _with_seen(value, visible, name) for name, value in shown.items()}


def _with_seen(value: Any, visible: Mapping[str, Any], place: str) -> Any:
    match value:
        case dict():
            return {name: _with_seen(each, visible, f"{place}.{name}") for name, each in value.items()}
        case list():
            return [_with_seen(each, visible, f"{place}[{n}]") for n, each in enumerate(value)]
    return visible.get(place, value)


def _shown_at(fact: type[Fact] | None, data: dict[str, Any], place: str) -> Any:
    try:
        at(data, place)
    except NothingThere:
        return ""
    try:
        return at(disclose(fact.TYPE, data), place) if fact else None
    except NothingThere:  # all that stands around it is masked
        return None


def seen(letter: DeadLetter) -> Seen:
    """The letter as an operator sees it, without having asked for more."""
    fact = fact_of(letter, FACTS)
    document = _document(letter.body)
    if document is None:
        return Seen(fact.TYPE if fact else "", False, {}, {}, ())
    data = document.get("data")
    found = data if isinstance(data, dict) else {}
    envelope = {name: document[name] for name in _ENVELOPE if isinstance(document.get(name), str | int)}
    shown = disclose(fact.TYPE, found) if fact else dict.fromkeys(found)
    return Seen(fact.TYPE if fact else "", True, envelope, shown, tuple(_differences(fact, found)))


def differences(fact: type[Fact], data: Mapping[str, Any]) -> tuple[Difference, ...]:
    """How these data differ from the contract of an event type."""
    return tuple(_differences(fact, data))


def _differences(fact: type[Fact] | None, data: Mapping[str, Any]) -> Iterator[Difference]:
    if fact is None:
        return
    try:
        fact.model_validate_json(orjson.dumps(data), extra="ignore")
    except ValidationError as invalid:
        for fault in faults_of(invalid):
            yield Difference(fault.path or "/", fault.code, fault.remedy, _found(data, fault.path))
    yield from _unknown(fact, data, "")


def _unknown(model: type[BaseModel], data: Mapping[str, Any], before: str) -> Iterator[Difference]:
    for name in data:
        if name not in model.model_fields:
            place = f"{before}/{name}" if name.isidentifier() and len(name) <= 40 else f"{before}/…"
            yield Difference(place, "not_in_contract", "Readers ignore it.", _kind(data[name]))


def _found(data: Any, path: str) -> str:
    for part in path.split("/")[1:]:
        if isinstance(data, dict) and part in data:
            data = data[part]
        elif isinstance(data, list) and part.isdecimal() and int(part) < len(data):
            data = data[int(part)]
        else:
            return ""
    return _kind(data)


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "other")


def _document(body: bytes) -> dict[str, Any] | None:
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return read if isinstance(read, dict) else None
