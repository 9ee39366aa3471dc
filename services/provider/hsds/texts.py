"""Texts and numbers of a document, as far as the catalogue can hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sluss_contracts.json_documents import UNWRITABLE

LINE, PARAGRAPHS = 200, 4000
"""The longest line, and the longest text, that the catalogue holds; the record keeps the rest."""
_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


def text(document: Mapping[str, Any], name: str, most: int = LINE) -> str | None:
    """What stands there, cut where it is too long; None where nothing does."""
    value = document.get(name)
    if not isinstance(value, str):
        return None
    said = UNWRITABLE.sub(" ", value).strip()
    return (said if len(said) <= most else said[: most - 1].rstrip() + "…") or None


def address(document: Mapping[str, Any], name: str) -> str | None:
    """A page on the web, where it is one."""
    value = document.get(name)
    fits = isinstance(value, str) and len(value) <= 500 and _ADDRESS.fullmatch(value)
    return value if fits else None


def number(document: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    """A number within these limits; one outside them says nothing here."""
    value = document.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if least <= value <= most else None


def whole(document: Mapping[str, Any], name: str, least: int, most: int) -> int | None:
    """A whole number within these limits."""
    value = number(document, name, least, most)
    return int(value) if value is not None and value == int(value) else None


def entries(document: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list; none where there is no list."""
    found = document.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def part(document: Mapping[str, Any], name: str) -> dict[str, Any]:
    """An object within the document, empty where there is none."""
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def put(document: dict[str, Any], name: str, value: Any) -> None:
    """Write a field; None takes it away."""
    if value is None:
        document.pop(name, None)
    else:
        document[name] = value
