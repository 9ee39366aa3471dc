"""What an instrument is: its items, how they are answered, and how answers become scores.

A pack is one version of one instrument, as a file. It holds everything scoring needs, so that the same
answers give the same scores wherever they are scored, and for ever: versions are immutable but for wording.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sluss_contracts.instruments.soundness import unsound
from sluss_contracts.pathway import Bilingual, InstrumentId
from sluss_contracts.vocabulary import Code, Language, LongText, ShortText

Value = Annotated[int, Field(ge=-1000, le=1000)]
"""An answer as a number, and what a scale may reach."""

Texts = dict[Language, ShortText]
"""A line in one or more languages."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Wording(StrEnum):
    """Whether the pack says what the person is asked."""

    OPEN = "open"
    """Openly published: anybody may be shown it."""
    LICENSED = "licensed"
    """An organisation has the right to use it; shown to those it asks, and nowhere else."""
    KEYS = "keys"
    """No wording: the items have neutral keys until an organisation supplies what it is licensed to."""


class Rule(StrEnum):
    """How a scale's score follows from the answers."""

    SUM = "sum"
    """The items' values added together."""
    ORDINAL = "ordinal"
    """One item's value: a rank. Two ranks have an order and a number of steps between them, no amount."""
    NONE = "none"
    """One item's value, which stands for itself and is never added to another."""
    CHANGE = "change"
    """One item's value, which tells something only beside an earlier one for the same goal."""


class Direction(StrEnum):
    """Which way a scale runs."""

    HIGHER = "higher"
    """More is better for the person."""
    LOWER = "lower"
    """Less is better for the person."""


class Option(_Part):
    """One answer to choose."""

    value: Value
    key: Code
    text: Texts = {}


class Span(_Part):
    """Answered with a whole number on a line between two ends."""

    lowest: Value
    highest: Value
    low: Texts = {}
    """What stands at the lowest end."""
    high: Texts = {}


class Item(_Part):
    """One question."""

    item: Code
    text: Texts = {}
    reversed: bool = False
    """Counted from the other end: lowest plus highest answer, less the answer."""
    counts: tuple[Value, ...] = ()
    """The answers that count as one, every other as nought. Empty: an answer counts as its value."""
    options: tuple[Option, ...] = ()
    """The item's own answers; empty means the pack's."""
    span: Span | None = None


class Band(_Part):
    """What a stretch of a scale is called, both ends included."""

    lowest: Value
    highest: Value
    name: Bilingual


class Scale(_Part):
    """One score."""

    scale: Code
    name: Bilingual
    rule: Rule
    items: tuple[Code, ...] = Field(min_length=1)
    lowest: Value
    highest: Value
    better: Direction
    missing_at_most: int = Field(default=0, ge=0)
    """With more items than this unanswered the score is void. Those missing count as nought."""
    bands: tuple[Band, ...] = ()


class Pack(_Part):
    """One version of one instrument. The file a pack is edited in has exactly this shape."""

    instrument: InstrumentId
    version: int = Field(ge=1, le=1000)
    name: Bilingual
    about: Bilingual
    source: LongText
    """Who made it and where it is published."""
    licence: LongText
    """On what terms it may be used, and what this file therefore holds."""
    wording: Wording
    languages: tuple[Language, ...] = ()
    """The languages it may be asked in; none for a pack without wording."""
    ask: Texts = {}
    """What is said before the items."""
    options: tuple[Option, ...] = ()
    span: Span | None = None
    items: tuple[Item, ...] = Field(min_length=1, max_length=200)
    scales: tuple[Scale, ...] = Field(min_length=1, max_length=40)

    @cached_property
    def by_item(self) -> dict[str, Item]:
        """The items by their keys."""
        return {each.item: each for each in self.items}

    @cached_property
    def by_scale(self) -> dict[str, Scale]:
        """The scales by their names."""
        return {each.scale: each for each in self.scales}

    def values_of(self, item: Item) -> tuple[int, ...]:
        """What the item may be answered with, as numbers, the lowest first."""
        if span := item.span or (None if item.options else self.span):
            return tuple(range(span.lowest, span.highest + 1))
        return tuple(sorted(option.value for option in item.options or self.options))

    @model_validator(mode="after")
    def _holds_together(self) -> Pack:
        if complaints := unsound(self):
            raise PydanticCustomError(
                "unsound", "{said}", {"said": complaints[0][1], "complaints": complaints}
            )
        return self
