"""What areas are called: their codes as people write them, in one way on every page."""

from __future__ import annotations

from typing import Final
from unicodedata import combining, normalize

from services.runtime.web.municipalities import MUNICIPALITIES

_QUARTERS: Final = {
    "soder": "söder",
    "oster": "öster",
    "vaster": "väster",
    "sodra": "södra",
    "ostra": "östra",
    "vastra": "västra",
}
"""Quarters of the compass, which half of all towns have a part called after."""
_LONGEST: Final = 2
"""Words in a municipality's name."""


def area_in_words(area: str, town: str | None = None) -> str:
    """`norrkoping-soder` → `Norrköping söder`: with the letters of the municipality, or `town`, with whose
    name the code begins."""
    parts = area.split("-")
    for length in range(_LONGEST, 0, -1):
        code = "-".join(parts[:length])
        if name := town if town and code == _code(town) else _TOWNS.get(code):
            return " ".join([name, *(_QUARTERS.get(part, part) for part in parts[length:])])
    return " ".join(_QUARTERS.get(part, part) for part in parts).capitalize()


def plain(name: str) -> str:
    """A name in small letters without accents, as codes are written: `Norrköping` → `norrkoping`."""
    return "".join(sign for sign in normalize("NFD", name.lower()) if not combining(sign))


def _code(name: str) -> str:
    return plain(name).replace(" ", "-")


_TOWNS: Final = {_code(name): name for name in MUNICIPALITIES}
