"""An instrument as a form: its items and answers in a language, and what was answered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.navigator.domain.case import Case
from services.navigator.planning.filled import CHOOSE, Filled
from services.runtime.web import mark
from sluss_contracts.instruments import Pack
from sluss_contracts.instruments.format import Item
from sluss_contracts.pathway import Pathway
from sluss_contracts.vocabulary import Timepoint

ANSWER: Final = "item-"
"""What the names of the answers' fields begin with."""
UNANSWERED: Final = "none"
"""The answer that says that there is none."""
GOAL: Final = "goal"
AT: Final = "at"
_SAY_ALL: Final = mark("Choose an answer, or that there is none.")
_NOTHING: Final = mark("Nothing is answered at all. Choose at least one answer.")


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


def worded_in(pack: Pack) -> tuple[str, ...]:
    """The languages it may be asked in; none where the pack has no wording."""
    return tuple(pack.languages)


def asked_in(pack: Pack, wanted: str, spoken: str) -> str:
    """The language to ask in: the one wanted where it may be, else the page's, else the first there is."""
    for language in (wanted, spoken, *pack.languages):
        if language in pack.languages:
            return language
    return spoken


def asked_at(pathway: Pathway) -> dict[str, tuple[str, ...]]:
    """What the pathway asks at each timepoint."""
    return {str(measured.at): tuple(measured.instruments) for measured in pathway.measures}


def time_of(case: Case, pathway: Pathway) -> str:
    """The timepoint that comes next: the beginning until everything of it is asked, then follow-ups."""
    asked = asked_at(pathway)
    had = {each.instrument for each in case.measures.values() if each.at == Timepoint.BASELINE}
    at_first = asked.get(Timepoint.BASELINE, ())
    if (at_first and not set(at_first) <= had) or not case.plan_version:
        return Timepoint.BASELINE.value
    return Timepoint.FOLLOW_UP.value


def field_of(item: str, of: str = "") -> str:
    """The name of an item's field; `of` names the instrument where a page asks several."""
    return f"{ANSWER}{of}-{item}" if of else ANSWER + item


def answers_of(filled: Filled, pack: Pack, of: str = "") -> dict[str, int | None]:
    """What was answered, item by item. An item nobody chose anything for is a fault; "no answer" is one."""
    answers: dict[str, int | None] = {}
    for item in pack.items:
        name = field_of(item.item, of)
        said = filled.one(name)
        allowed = {str(value): value for value in pack.values_of(item)}
        if said == UNANSWERED:
            answers[item.item] = None
        elif said in allowed:
            answers[item.item] = allowed[said]
        else:
            filled.fault(name, CHOOSE if said else _SAY_ALL)
    if answers and not filled.faults and all(value is None for value in answers.values()):
        filled.fault(field_of(pack.items[0].item, of), _NOTHING)
    return answers


def labels_of(questions: Sequence[Question], of: str = "") -> dict[str, str]:
    """What the fields are called in a summary of what is wrong."""
    return {field_of(each.item, of): each.text for each in questions}
