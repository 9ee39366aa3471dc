"""What somebody looks for in the calendar."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self


@dataclass(frozen=True)
class Wanted:
    """Every wish narrows it down further. Nothing wished for is everything there is."""

    words: tuple[str, ...] = ()
    """Each must stand, as the beginning of a word, in what is told of the activity, or mean it."""
    interest: str | None = None
    category: str | None = None
    area: str | None = None
    days: frozenset[int] = frozenset()
    """Days of the week, 1 for Monday."""
    first: date | None = None
    last: date | None = None
    kronor: int | None = None
    """What it may cost at most; 0 is free of charge. What does not say what it costs is left out."""
    language: str | None = None
    mode: str | None = None
    """`on_site` or `digital`; what is both is either."""
    age: int | None = None
    provider: str | None = None

    @property
    def in_time(self) -> bool:
        """Whether it matters when it takes place."""
        return bool(self.days or self.first or self.last)

    def without(self, wish: str) -> Self:
        """The same with one wish less."""
        defaults: dict[str, Any] = {field.name: field.default for field in fields(self)}
        return replace(self, **{wish: defaults[wish]})


@dataclass(frozen=True)
class Meant:
    """What a searched word means besides standing there: interests, categories, providers."""

    interests: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
