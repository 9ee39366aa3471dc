"""An instrument as a form: when it is asked, and what was answered. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from services.navigator.domain.case import Case
from services.navigator.planning.filled import CHOOSE, Filled
from services.runtime.web import mark
from sluss_contracts.instruments import Pack
from sluss_contracts.instruments.asking import Question
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
