"""An instrument as it is asked: its questions and answers in a language, or keys where it has no wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sluss_contracts.instruments.format import Item, Pack


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to choose."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One item as it is asked."""

    item: str
    text: str
    worded: bool
    """Whether the pack says it in words; otherwise the text is its key."""
    answers: Sequence[Answer]
    low: str = ""
    """What stands at the lowest end of a line of numbers."""
    high: str = ""
    line: bool = False


def questions_of(pack: Pack, language: str) -> list[Question]:
    """The items in a language; keys where the pack has no wording in it."""
    return [_question(pack, item, language) for item in pack.items]


def _question(pack: Pack, item: Item, language: str) -> Question:
    text = item.text.get(language)
    span = item.span or (None if item.options else pack.span)
    if span is not None:
        values = [Answer(value, str(value)) for value in range(span.lowest, span.highest + 1)]
        low, high = span.low.get(language, ""), span.high.get(language, "")
        return Question(item.item, text or _plain(item.item), text is not None, values, low, high, line=True)
    options = [
        Answer(each.value, each.text.get(language) or _plain(each.key))
        for each in item.options or pack.options
    ]
    return Question(item.item, text or _plain(item.item), text is not None, options)


def _plain(key: str) -> str:
    return key.replace("_", " ")


def asked_in(pack: Pack, wanted: str, spoken: str) -> str:
    """The language to ask in: the one wanted where it may be, else the page's, else the first there is."""
    for language in (wanted, spoken, *pack.languages):
        if language in pack.languages:
            return language
    return spoken
