"""JSON documents that others wrote and that are kept as they are: what bounds them."""

from __future__ import annotations

import json
import re
from typing import Any

LARGEST = 256 * 1024
"""Bytes of a document, written without spaces: a message on the bus holds one with room to spare."""
DEEPEST = 24
"""How far lists and objects may stand within each other."""

UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
"""What no database keeps and no page shows: control characters, halves of a character."""


def canonical(document: Any) -> bytes:
    """The one way to write a document: the same for the same content, whatever order it came in."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def within_bounds(document: dict[str, Any]) -> dict[str, Any]:
    """The same document. Raises ValueError where it is too deep, too large, or not to be written."""
    _look_through(document, 1)
    if len(canonical(document)) > LARGEST:
        raise ValueError(f"the document is larger than {LARGEST // 1024} KiB")
    return document


def _look_through(value: Any, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"the document is nested deeper than {DEEPEST}")
    match value:
        case str():
            if UNWRITABLE.search(value):
                raise ValueError("a text holds a control character")
        case dict():
            for name, inner in value.items():
                _look_through(name, depth)
                _look_through(inner, depth + 1)
        case list():
            for inner in value:
                _look_through(inner, depth + 1)
