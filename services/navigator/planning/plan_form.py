"""The plan as a form: which goals stay, which are new, and that the person agrees. Pure."""

from __future__ import annotations

from typing import Any, Final

from services.navigator.domain.case import Case
from services.navigator.planning.filled import CHOOSE, Filled
from services.navigator.planning.words import KINDS
from services.runtime.web import mark
from sluss_contracts.commands.planning import GoalInWords
from sluss_contracts.vocabulary import PrescriptionKind

MOST: Final = 12
NEW_ROWS: Final = 2
KEEP: Final = "keep"
GOAL: Final = "goal-"
KIND: Final = "kind-"
AGREED: Final = "agreed"
MORE: Final = "more"

LABELS: Final = {AGREED: mark("The person agrees"), KEEP: mark("Goals that stay")}
RECEPT_LABELS: Final = {
    "goal": mark("For which goal"),
    "kind": mark("Kind"),
    "activity": mark("What to do"),
}
PROGRESS_LABEL: Final = mark("How far the person has come")
_AGREED: Final = mark("A plan is agreed with the person: tick this when they have said yes to these goals.")
_SOME: Final = mark("A plan has at least one goal: keep one, or write a new one.")
_MANY: Final = mark("A plan has at most 12 goals.")


def filled_from(case: Case) -> Filled:
    """The form as it is shown first: every goal stays."""
    return Filled({KEEP: case.goal_ids})


def rows_of(filled: Filled) -> list[tuple[str, str]]:
    """New goals as rows of the form, each at its number, with empty ones after them."""
    said = [(filled.one(f"{GOAL}{number}"), filled.one(f"{KIND}{number}")) for number in range(1, MOST + 1)]
    while said and not said[-1][0]:
        said.pop()
    return [*said, *[("", PrescriptionKind.SOCIAL.value)] * min(NEW_ROWS, MOST - len(said))]


def agreed_by(filled: Filled, case: Case) -> dict[str, Any]:
    """The fields of `agree_plan`. What is wrong stands in `filled.faults`."""
    keep = filled.choices(KEEP, case.goal_ids)
    goals = []
    for number in range(1, MOST + 1):
        words = filled.text(f"{GOAL}{number}")
        if words is None:
            continue
        kind = filled.one(f"{KIND}{number}") or PrescriptionKind.SOCIAL.value
        if kind not in KINDS:
            filled.fault(f"{KIND}{number}", CHOOSE)
        elif f"{GOAL}{number}" not in filled.faults:
            goals.append(GoalInWords(words=words, kind=PrescriptionKind(kind)))
    if not filled.faults and not goals and not keep:
        filled.fault(f"{GOAL}1", _SOME)
    if len(goals) + len(keep) > MOST:
        filled.fault(f"{GOAL}1", _MANY)
    if not filled.has(AGREED):
        filled.fault(AGREED, _AGREED)
    return {"goals": tuple(goals), "keep": keep}
