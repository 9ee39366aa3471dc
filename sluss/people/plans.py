"""Finding out about somebody, agreeing on a plan with them, and asking later how it went."""

from __future__ import annotations

from collections.abc import Iterator

from sluss.people.acting import PACKS, Act, Scene, answers_to
from sluss.people.lives import Turn
from sluss.people.meetings import book, next_step
from sluss.people.persons import WORDS
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.commands.planning import (
    AgreePlan,
    GoalInWords,
    RecordMapping,
    RecordMeasure,
    RecordProgress,
    ReportSpillOver,
)
from sluss_contracts.commands.referral import DeclineReferral
from sluss_contracts.mapping import Relation
from sluss_contracts.pathway import Mark
from sluss_contracts.vocabulary import (
    Barrier,
    LonelyFor,
    Need,
    PrescriptionKind,
    RelationWish,
    Timepoint,
    Whose,
)


def agree_on_plan(scene: Scene) -> Iterator[Act]:
    """After meeting: screen, map, measure, and agree."""
    case, chance = scene.case, scene.chance("mapping")
    if case.meeting is not None:
        return
    screened = scene.pathway.preparation.screening
    if scene.turn is Turn.SCREENED_OUT and screened:
        turn_to = scene.pathway.preparation.redirect_to or "Vårdcentralen"
        fields = {"whose": Whose.ELIGIBILITY, "why": screened[0], "screened_out": True, "turn_to": turn_to}
        yield scene.act("decline", DeclineReferral, with_=fields)
    elif case.mapped is None:
        yield scene.act(
            "mapping",
            RecordMapping,
            hours=(0.5, 2),
            relations=(Relation(who="old_friend", wish=chance.choice(list(RelationWish))),),
            interests=(chance.choice(("music", "cooking", "walking", "crafts")),),
            needs=tuple(Need(need) for need in case.needs),
            barriers=(chance.choice((Barrier.GOING_ALONE, Barrier.TRANSPORT, Barrier.COST)),),
            lonely_for=chance.choice((LonelyFor.MONTHS, LonelyFor.YEARS)),
            what_matters=chance.choice(WORDS),
        )
    elif measure := _measure(scene, Timepoint.BASELINE):
        yield measure
    elif step := next_step(scene):
        yield book(scene, step)
    else:
        many = 2 if len(case.needs) > 1 else 1
        words = scene.chance("goals").sample(WORDS, many)
        goals = tuple(GoalInWords(words=each, kind=PrescriptionKind.SOCIAL) for each in words)
        yield scene.act("plan", AgreePlan, hours=(1, 8), goals=goals)


def _measure(scene: Scene, at: Timepoint, *, better: float = 0.0) -> Act | None:
    wanted = next((each.instruments for each in scene.pathway.measures if each.at is at), ())
    for instrument in wanted:
        if instrument in PACKS and (instrument, at.value) not in scene.case.measured:
            what = f"measure:{at}:{instrument}"
            goal = {"goal_id": scene.case.goals[0]} if instrument == "goal-attainment" else {}
            answers = answers_to(instrument, scene.chance(what), better=better)
            fields = {"instrument": instrument, "at": at, "answers": answers, **goal}
            return scene.act(what, RecordMeasure, hours=(0.5, 2), with_=fields)
    return None


def follow_up(scene: Scene) -> Iterator[Act]:
    """How did it go, how far is the goal, what else did it lead to?"""
    times = scene.said("followup.done")
    done = scene.chance(f"progress:{times}").random() < 0.6 + 0.3 * times
    if measure := _measure(scene, Timepoint.FOLLOW_UP, better=0.3):
        yield measure
    elif scene.case.goals and scene.said("goal.progressed") <= times:
        goal, how_far = scene.case.goals[0], 10 if done else 6
        yield scene.act(f"progress:{times}", RecordProgress, hours=(0.5, 2), goal_id=goal, how_far=how_far)
    elif scene.marked(Mark.SPILL_OVER) and not scene.said("spillover.reported"):
        chance = scene.chance("spill over")
        more, often = chance.randint(1, 2), chance.randint(1, 4)
        told = {"more_activities": more, "times_a_week": often}
        yield scene.act("spill_over", ReportSpillOver, hours=(0.5, 2), with_=told)
    else:
        how = "going_well" if done else "needs_more_time"
        fields = {"followup_id": scene.case.followup, "how_it_went": how}
        yield scene.act(f"followed_up:{times}", CompleteFollowUp, with_=fields)
