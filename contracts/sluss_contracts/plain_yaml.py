"""Writes YAML that any reader reads the same way: block style, every text in double quotes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_PLAIN_KEY = re.compile(r"^[A-Za-z$_][A-Za-z0-9_.$-]*$")
_TAKEN = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}


def written(document: Any) -> str:
    """The document as YAML 1.2 text; of dicts, lists, texts, numbers, booleans and None."""
    return "\n".join(_block(document, 0)) + "\n"


def _block(value: Any, depth: int) -> Iterator[str]:
    pad = "  " * depth
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from _entry(f"{pad}{_key(key)}:", inner, depth + 1)
    elif isinstance(value, list) and value:
        for inner in value:
            yield from _entry(f"{pad}-", inner, depth + 1)
    else:
        yield pad + _scalar(value)


def _entry(lead: str, inner: Any, depth: int) -> Iterator[str]:
    if isinstance(inner, dict | list) and inner:
        yield lead
        yield from _block(inner, depth)
    else:
        yield f"{lead} {_scalar(inner)}"


def _key(key: str) -> str:
    return key if _PLAIN_KEY.match(key) and key.lower() not in _TAKEN else _scalar(key)


def _scalar(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
