"""What areas are called: their codes as people write them, in one way on every page."""

from __future__ import annotations

from unicodedata import combining, normalize

_QUARTERS = {"soder": "söder", "oster": "öster", "vaster": "väster"}
"""Quarters of the compass, which half of all towns have a part called after."""


def area_in_words(area: str, town: str | None = None) -> str:
    """`norrkoping-soder` → `Norrkoping söder`; with the town's own letters where one is given with whose name
    the code begins, `Norrköping söder`."""
    first, *rest = (_QUARTERS.get(part, part) for part in area.split("-"))
    if town and first == plain(town):
        return " ".join([town, *rest])
    return " ".join([first, *rest]).capitalize()


def plain(name: str) -> str:
    """A name in small letters without accents, as codes are written: `Norrköping` → `norrkoping`."""
    return "".join(sign for sign in normalize("NFD", name.lower()) if not combining(sign))
