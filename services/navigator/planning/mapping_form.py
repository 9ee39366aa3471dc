"""The mapping as a form: filled in from what was recorded, and read into what is to be recorded. Pure."""

from __future__ import annotations

from typing import Any, Final

from services.navigator.planning.filled import CHOOSE, Filled
from services.navigator.planning.words import LONELY_FOR, RELATIONS, SUPPORT_LEVELS, WISHES
from services.navigator.web.match_words import BARRIERS
from services.runtime.web import mark
from sluss_contracts.mapping import MappingRecorded, Relation
from sluss_contracts.offering import Interest
from sluss_contracts.vocabulary import Barrier, LonelyFor, Need, RelationWish, SupportLevel

MOST_RELATIONS: Final = 40
EMPTY_ROWS: Final = 3
"""Rows for further relations that stand ready."""
MORE: Final = "more"
"""The button that asks for further rows and saves nothing."""

LABELS: Final = {
    "what_matters": mark("What matters, in the person's own words"),
    "needs": mark("What the person needs"),
    "interests": mark("What the person likes"),
    "barriers": mark("What is in the way"),
    "lonely_for": mark("How long the person has felt lonely"),
    "support_level": mark("How much support the person wants"),
    "relations": mark("People around the person"),
}
_WHO_FIRST: Final = mark("Say who it is as well, or leave the whole row empty.")


def filled_from(mapping: MappingRecorded | None, what_matters: str | None) -> Filled:
    """The form as it is shown first: what was recorded last."""
    if mapping is None:
        return Filled({"lonely_for": (LonelyFor.UNKNOWN,), "support_level": (SupportLevel.USUAL,)})
    given: dict[str, tuple[str, ...]] = {
        "what_matters": (what_matters or "",),
        "needs": tuple(map(str, mapping.needs)),
        "interests": tuple(mapping.interests),
        "barriers": tuple(map(str, mapping.barriers)),
        "lonely_for": (mapping.lonely_for.value,),
        "support_level": (mapping.support_level.value,),
    }
    for number, relation in enumerate(mapping.relations, 1):
        given |= {f"who-{number}": (relation.who,), f"wish-{number}": (relation.wish.value,)}
    return Filled(given)


def rows_of(filled: Filled) -> list[tuple[str, str]]:
    """The relations as rows of the form, each at its number, with empty ones after them."""
    said = [
        (filled.one(f"who-{number}"), filled.one(f"wish-{number}")) for number in range(1, MOST_RELATIONS + 1)
    ]
    while said and not any(said[-1]):
        said.pop()
    return [*said, *[("", "")] * min(EMPTY_ROWS, MOST_RELATIONS - len(said))]


def recorded_by(filled: Filled, before: MappingRecorded | None) -> dict[str, Any]:
    """The fields of `record_mapping`. What is wrong stands in `filled.faults`.

    Codes that were recorded before and are none of this version's words stay possible.
    """
    known_interests = {*Interest, *(before.interests if before else ())}
    relations = []
    for number in range(1, MOST_RELATIONS + 1):
        who, wish = filled.one(f"who-{number}"), filled.one(f"wish-{number}")
        if not who:
            if wish:
                filled.fault(f"who-{number}", _WHO_FIRST)
            continue
        if who not in {*RELATIONS, *(each.who for each in (before.relations if before else ()))}:
            filled.fault(f"who-{number}", CHOOSE)
        elif wish not in WISHES:
            filled.fault(f"wish-{number}", CHOOSE)
        else:
            relations.append(Relation(who=who, wish=RelationWish(wish)))
    return {
        "relations": tuple(relations),
        "interests": filled.choices("interests", known_interests),
        "needs": filled.choices("needs", Need),
        "barriers": filled.choices("barriers", Barrier),
        "lonely_for": filled.choice("lonely_for", LONELY_FOR) or LonelyFor.UNKNOWN.value,
        "support_level": filled.choice("support_level", SUPPORT_LEVELS) or SupportLevel.USUAL.value,
        "what_matters": filled.text("what_matters"),
    }


OFFERED: Final = {
    "needs": tuple(Need),
    "interests": tuple(Interest),
    "barriers": tuple(each for each in Barrier if each in BARRIERS or each is Barrier.LANGUAGE),
}
"""What may be ticked."""
