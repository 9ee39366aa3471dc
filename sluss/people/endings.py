"""How a case ends: before they ever met, or when nothing is left but to close it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sluss.people.acting import Act, Scene
from sluss.people.lives import Turn
from sluss.people.persons import FEEDBACK
from sluss_contracts.commands.navigator import CloseCase, RecordUnmetNeed
from sluss_contracts.commands.referral import DeclineReferral, RedirectReferral
from sluss_contracts.pathway import Mark
from sluss_contracts.vocabulary import CaseOutcome, Need, Whose


def before_meeting(scene: Scene) -> Act | None:
    """Some stories end on the phone."""
    feedback = "Vi har talats vid; det blir inget nu."
    match scene.turn:
        case Turn.SAYS_NO:
            return scene.act("close", CloseCase, outcome=CaseOutcome.PERSON_DECLINED, feedback=feedback)
        case Turn.MOVES_AWAY:
            return scene.act("close", CloseCase, outcome=CaseOutcome.MOVED)
        case Turn.OUTSIDE_REMIT:
            whose, why = Whose.NETWORK, "needs_treatment"
            return scene.act("decline", DeclineReferral, whose=whose, why=why, turn_to="Vårdcentralen")
        case Turn.MOVES_AREA if scene.life.elsewhere and scene.case.area != scene.life.elsewhere:
            return scene.act("redirect", RedirectReferral, why="moved", to_area=scene.life.elsewhere)
        case Turn.ONWARD if scene.life.elsewhere:
            right = scene.life.elsewhere
            return scene.act("redirect", RedirectReferral, why="right_actor", to_organisation=right)
        case _:
            return None


def close(scene: Scene, task: dict[str, Any]) -> Iterator[Act]:
    """What is left is to close, with a word to the referrer."""
    if task.get("why") == "not_reached":
        text = "Vi har sökt personen flera gånger utan att få kontakt."
        yield scene.act("close", CloseCase, outcome=CaseOutcome.UNREACHABLE, feedback=text)
        return
    came = any(each.status == "accepted" or each.reported for each in scene.enrolments)
    if scene.marked(Mark.UNMET_NEEDS) and not came and not scene.said("case.need_unmet"):
        need = Need(scene.case.needs[0])
        yield scene.act("unmet", RecordUnmetNeed, need=need, why="did_not_suit")
        return
    text = scene.chance("feedback").choice(FEEDBACK)
    times = scene.said("followup.done") + scene.said("case.need_unmet")
    yield scene.act(f"close:{times}", CloseCase, outcome=CaseOutcome.COMPLETED, feedback=text)
