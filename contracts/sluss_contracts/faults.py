"""From what a validator found to what the sender is told: place, stable code and remedy, never the value."""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from sluss_contracts.command import Fault
from sluss_contracts.vocabulary.texts import written_as

MOST = 20
"""How many faults are told at once; mending these brings the rest to light."""

_FIELD = re.compile(r"^[A-Za-z_]{1,40}$")

_CODES = {
    "missing": "missing",
    "extra_forbidden": "unknown_field",
    "enum": "unknown_word",
    "literal_error": "unknown_word",
    "string_pattern_mismatch": "wrong_format",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "greater_than_equal": "too_small",
    "less_than_equal": "too_large",
    "json_invalid": "not_json",
    "timezone_aware": "wrong_format",
    "datetime_from_date_parsing": "wrong_format",
    "datetime_parsing": "wrong_format",
    "date_parsing": "wrong_format",
    "date_from_datetime_parsing": "wrong_format",
    "uuid_parsing": "wrong_format",
    "value_error": "wrong_value",
}

_KINDS = {
    "string": "text",
    "tuple": "a list",
    "list": "a list",
    "model": "an object",
    "model_attributes": "an object",
    "dict": "an object",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
}
"""What was expected where something of another kind came, by how the validator calls it."""


def faults_of(error: ValidationError) -> tuple[Fault, ...]:
    """What is wrong with a document, at most `MOST` of it, in the order of the document.

    Codes: `missing`, `unknown_field`, `unknown_word`, `wrong_type`, `wrong_format`, `wrong_value`,
    `too_short`, `too_long`, `too_small`, `too_large`, `not_json`.
    """
    found = error.errors(include_url=False, include_input=False)
    return tuple(_fault(entry) for entry in found[:MOST])


def pointer(place: tuple[int | str, ...]) -> str:
    """A JSON Pointer (RFC 6901) to a place in a document.

    Stops before a name that is no plausible field: a sender may have put a person's data where a field's
    name belongs, and a fault travels further than the submission does.
    """
    parts = []
    for part in place:
        if isinstance(part, str) and not _FIELD.match(part):
            break
        parts.append(str(part))
    return "".join(f"/{part}" for part in parts)


def _fault(entry: Any) -> Fault:
    code = _CODES.get(entry["type"], "wrong_type")
    return Fault(path=pointer(entry["loc"]), code=code, remedy=_remedy(code, entry))


def _remedy(code: str, entry: Any) -> str:
    limits = entry.get("ctx", {})
    match code:
        case "missing":
            return "Add the field; it is required."
        case "unknown_field":
            return "Remove the field or mend its name; the contract does not have it."
        case "unknown_word":
            return f"Use one of {limits.get('expected', 'the words of the contract')}."
        case "wrong_format" if "pattern" in limits:
            return f"Write {written_as(limits['pattern'])}."
        case "wrong_format":
            return "Write dates and times as in 2027-03-01T09:30:00+01:00, ids as UUIDs."
        case "too_short":
            return f"Give at least {_count(entry, limits.get('min_length', 1))}."
        case "too_long":
            return f"Give at most {_count(entry, limits.get('max_length', ''))}."
        case "too_small":
            return f"Give {limits.get('ge', '')} or more."
        case "too_large":
            return f"Give {limits.get('le', '')} or less."
        case "not_json":
            return "Send one JSON document in UTF-8."
        case "wrong_value":
            return "Give a value the field's description allows."
        case _ if kind := _KINDS.get(entry["type"].rpartition("_")[0]):
            return f"Give {kind}."
        case _:
            return f"{entry['msg']}."


def _count(entry: Any, number: object) -> str:
    """How many, and of what where that is not what the field lists."""
    if not entry["type"].startswith("string_"):
        return str(number)
    return f"{number} character" if number == 1 else f"{number} characters"
