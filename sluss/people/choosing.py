"""How a guide chooses an activity with the person: they ask the network what may suit, and talk it over.

They go by what stays the same from one run to the next: whether something is full, or verified lately, hangs
on how quick everybody was, and the same seed is to give the same story.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sluss.people.acting import Act, LookFirst, Scene
from sluss.people.places import PLACES
from sluss_contracts.command import Answer, Command
from sluss_contracts.commands.matching import ReadMatches
from sluss_contracts.matching import Match, Unanswered
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import Need, Role, Verdict

SHORTLIST: Final = 3
_STEADY: Final = ("need", "interest", "near", "barriers", "language", "cost", "host")
_MAY_PASS: Final = ("wrong_time", "too_far", "too_many_people")
_FOR_GOOD: Final = (*_MAY_PASS, "not_my_kind")

Towards = Callable[[Sequence[Match]], Command]
Otherwise = Callable[[Sequence[Unanswered]], Command]


def look(scene: Scene, towards: Towards, otherwise: Otherwise) -> Act:
    """Ask what may suit, then take the next step towards the first of the shortlist; or, where nothing does,
    do something else."""

    def then(answer: Answer) -> Command:
        rows = [Match.model_validate(row) for row in answer.result["matches"]]
        if chosen := shortlist(scene, rows):
            return towards(chosen)
        return otherwise([Unanswered.model_validate(each) for each in answer.result["unmet"]])

    steps = ("alternatives.looked_at", "prescription.issued", "case.enrolment_requested", "case.need_unmet")
    asking = scene.act(f"look:{sum(map(scene.said, steps))}", ReadMatches, with_=_wanted(scene))
    assert isinstance(asking.command, ReadMatches)
    return Act(asking.what, asking.not_before, LookFirst(asking.command, then))


def _wanted(scene: Scene) -> dict[str, object]:
    """What the case holds is known to the network; a volunteer, who is not shown it, has it from the person.
    Whoever did not get a place the first time asks for company besides. A town is small enough to cross."""
    case, place = scene.case, PLACES.get(scene.life.pathway)
    asked: dict[str, object] = {"most": 50, "also_areas": place.areas if place else ()}
    if case.tried or scene.guide().role is Role.VOLUNTEER:
        wider = (Need.COMPANY,) if case.tried else ()
        asked["needs"] = tuple(dict.fromkeys((*map(Need, case.needs), *wider)))
    return asked


def shortlist(scene: Scene, rows: Sequence[Match]) -> list[Match]:
    """The few that are looked at together, the one they choose first. What they have chosen they keep to."""
    fresh = [row for row in rows if row.activity not in scene.case.tried]
    best = sorted(fresh, key=lambda row: (-sum(row.parts.get(part, 0) for part in _STEADY), row.activity))
    few = best[:SHORTLIST]
    if not few:
        return []
    kept = next((row for row in fresh if row.activity == scene.case.chosen), None)
    chosen = kept or scene.chance(f"activity:{len(scene.case.tried)}").choice(few)
    return [chosen, *(row for row in few if row is not chosen)][:SHORTLIST]


def looked_at(scene: Scene, rows: Sequence[Match]) -> tuple[AlternativeLookedAt, ...]:
    """The shortlist as it is written down: the first was chosen, each of the others not, and why."""
    chance = scene.chance("alternatives")
    whys = _FOR_GOOD if len(rows) >= SHORTLIST else _MAY_PASS
    chosen, *others = rows
    return (
        AlternativeLookedAt(activity=chosen.activity, fits=chosen.because, verdict=Verdict.CHOSEN),
        *(
            AlternativeLookedAt(
                activity=row.activity, fits=row.because, verdict=Verdict.DECLINED, why=chance.choice(whys)
            )
            for row in others
        ),
    )
