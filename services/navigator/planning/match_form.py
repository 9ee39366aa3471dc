"""What to look for, what was said of what was looked at, and what to ask for: forms of the matching. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from services.navigator.planning.filled import CHOOSE, Filled
from services.navigator.planning.words import VERDICTS
from services.navigator.web.match_words import INTERESTS
from services.runtime.web import mark
from sluss_contracts.matching import Mismatch, Weekday
from sluss_contracts.offering import Interest, Mode
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import Barrier, Gender, Need, Verdict

VERDICT: Final = "verdict-"
WHY: Final = "why-"
FITS: Final = "fits-"
DOTTED: Final = "."
"""What stands between the codes of a hidden field."""

LABELS: Final = {
    "needs": mark("What the person needs"),
    "interests": mark("What the person likes"),
    "barriers": mark("What is in the way"),
    "also_areas": mark("Other areas they can get to"),
    "days": mark("Days that suit"),
    "at_most": mark("Kronor a month at most"),
    "mode": mark("How they take part"),
    "language": mark("Language"),
    "age": mark("Age"),
    "gender": mark("Gender"),
}
REQUEST_LABELS: Final = {
    "goal": mark("For which goal"),
    "by_hand": mark("The request is made by hand"),
}
_SAY_SOMETHING: Final = mark("Say something of at least one activity.")
_WHY: Final = mark("Choose why: somebody may learn from it.")
_BY_HAND: Final = mark("Tick this when you have agreed with the person what the provider is told.")

_AREA = re.compile(r"[a-z0-9åäö][a-z0-9åäö-]{0,62}")
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_CODE = re.compile(r"[a-z][a-z0-9_]{0,62}")


def looked_for(filled: Filled) -> dict[str, Any]:
    """The fields of the question what may suit; what was not said is asked of the case."""
    areas = [area.strip().lower().replace(" ", "-") for area in filled.one("also_areas").split(",")]
    language = filled.one("language")
    said: dict[str, Any] = {
        "also_areas": tuple(area for area in areas if _AREA.fullmatch(area))[:20],
        "days": filled.choices("days", Weekday),
        "at_most": filled.number("at_most", 0, 100_000),
        "mode": filled.choice("mode", Mode),
        "language": language if _LANGUAGE.fullmatch(language) else None,
        "age": filled.number("age", 0, 120),
        "gender": filled.choice("gender", Gender),
    }
    if filled.has("language_required"):
        said["language_required"] = True
    for name, words in (("needs", Need), ("interests", {*Interest, *INTERESTS}), ("barriers", Barrier)):
        if f"{name}-asked" in filled:
            said[name] = filled.choices(name, words)
    return said


def looked_at(filled: Filled, offered: Collection[str] | None = None) -> tuple[AlternativeLookedAt, ...]:
    """What was said of each activity on the list, leaving out those nobody spoke of."""
    found = []
    for activity in filled.after(VERDICT):
        verdict = filled.one(VERDICT + activity)
        if not verdict or not _SLUG.fullmatch(activity) or (offered is not None and activity not in offered):
            continue
        if verdict not in VERDICTS:
            filled.fault(VERDICT + activity, CHOOSE)
            continue
        why = filled.choice(WHY + activity, Mismatch) if verdict == Verdict.DECLINED else None
        if verdict == Verdict.DECLINED and why is None:
            filled.fault(WHY + activity, _WHY)
            continue
        fits = tuple(code for code in filled.one(FITS + activity).split(DOTTED) if _CODE.fullmatch(code))
        found.append(
            AlternativeLookedAt(activity=activity, fits=fits[:20], verdict=Verdict(verdict), why=why)
        )
    if not found and not filled.faults:
        first = next(iter(filled.after(VERDICT)), "")
        filled.fault(VERDICT + first, _SAY_SOMETHING)
    return tuple(found[:30])


def asked_for(filled: Filled, goals: Collection[str], *, protected: bool) -> dict[str, Any]:
    """What goes with a request for a place: which goal, and whether a human vouches for it."""
    if protected and not filled.has("by_hand"):
        filled.fault("by_hand", _BY_HAND)
    goal = filled.choice("goal", goals)
    fits = tuple(code for code in filled.one("because").split(DOTTED) if _CODE.fullmatch(code))
    return {"goal_id": goal, "because": fits[:20], "by_hand": protected and filled.has("by_hand")}
