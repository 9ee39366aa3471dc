"""The plan, what is done about it, and what nothing could be done about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from services.navigator.domain.case import Case, LookedAt
from services.navigator.domain.matching import Judged
from services.navigator.domain.rules import (
    DeclinedWithoutReason,
    NoAlternativesYet,
    NoPlanYet,
    NoSuchGoal,
    NotOnThisPathway,
    NotYetMet,
    ProtectedByHand,
    UnknownActivity,
)
from services.navigator.domain.standing import of_the_case, on_pathway, whose_work
from sluss_contracts.blue_circle import NeedUnmet, OfferFound
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.matching import WHOSE, Mismatch
from sluss_contracts.pathway import Mark, Pathway
from sluss_contracts.plan import (
    AlternativeLookedAt,
    AlternativesLookedAt,
    Goal,
    GoalProgressed,
    PlanAgreed,
    PlanRevised,
    PrescriptionIssued,
    SpillOverReported,
)
from sluss_contracts.vocabulary import Need, PrescriptionKind, Verdict, Whose


def agree(case: Case, by: Actor, goals: Sequence[Goal], keep: Sequence[str] = ()) -> list[Fact]:
    """The person agrees to what to aim for. A later plan revises the one before, and may keep goals of it.

    To keep every goal and add none changes nothing.
    """
    whose_work(case, by, PlanRevised if case.plan_version else PlanAgreed)
    if not (case.reached or case.met):
        raise NotYetMet(
            f"nobody has spoken with the person of case {case.referral_id} yet, and a plan is agreed "
            "with them; record the contact or the meeting first"
        )
    for goal_id in keep:
        _goal(case, goal_id)
    kept = tuple(goal for goal in case.goals if goal.goal_id in keep)
    if not goals and kept == case.goals:
        return []
    said = PlanRevised if case.plan_version else PlanAgreed
    return [said(**of_the_case(case), version=case.plan_version + 1, goals=(*kept, *goals))]


def record_progress(case: Case, by: Actor, goal_id: str, how_far: int) -> list[Fact]:
    """How far the person says they have come towards a goal, 0 to 10."""
    whose_work(case, by, GoalProgressed)
    _goal(case, goal_id)
    if case.progress.get(goal_id) == how_far:
        return []
    return [GoalProgressed(referral_id=case.referral_id, goal_id=goal_id, how_far=how_far)]


def prescribe(
    case: Case,
    by: Actor,
    prescription_id: str,
    goal_id: str,
    *,
    kind: PrescriptionKind | None,
    activity: str | None,
    trial: bool | None,
    giver: bool,
    known: bool,
    pathway: Pathway,
) -> tuple[str, list[Fact]]:
    """A recept: a goal and what to do about it. The same again gives the one that was issued.

    What kind it is follows from the goal, and whether it is tried first from the pathway, where nothing else
    is said. `known` tells whether the activity is one that is published.
    """
    whose_work(case, by, PrescriptionIssued)
    goal = _goal(case, goal_id)
    if giver and Mark.MAY_GIVE not in pathway.marks:
        raise NotOnThisPathway(
            f"on the pathway {pathway.pathway} the person is not the giver; its marks are "
            f"{[mark.value for mark in pathway.marks]}"
        )
    if activity is not None and not known:
        raise _unknown(activity)
    issued = PrescriptionIssued(
        referral_id=case.referral_id,
        prescription_id=prescription_id,
        goal_id=goal_id,
        kind=kind or goal.kind,
        activity=activity,
        trial=Mark.TRIAL in pathway.marks if trial is None else trial,
        giver=giver,
    )
    for before in case.prescriptions.values():
        if before.model_copy(update={"prescription_id": prescription_id}) == issued:
            return before.prescription_id, []
    return prescription_id, [issued]


def look_at(
    case: Case, by: Actor, goal_id: str | None, alternatives: Sequence[AlternativeLookedAt]
) -> list[Fact]:
    """What was looked at together, what was chosen, and why not the rest. The same again changes nothing.

    A reason says whose it is: where nobody does, the word itself tells, and one nobody knows is the person's.
    """
    whose_work(case, by, AlternativesLookedAt)
    if goal_id is not None:
        _goal(case, goal_id)
    for each in alternatives:
        if each.verdict is Verdict.DECLINED and each.why is None:
            raise DeclinedWithoutReason(
                f"{each.activity} was declined, and nothing says why; give a code, as too_far or not_my_kind"
            )
    said = tuple(_with_whose(each) for each in alternatives)
    if LookedAt(goal_id=goal_id, alternatives=said) in case.looked_at:
        return []
    return [AlternativesLookedAt(referral_id=case.referral_id, goal_id=goal_id, alternatives=said)]


def _with_whose(looked_at: AlternativeLookedAt) -> AlternativeLookedAt:
    if looked_at.why is None or looked_at.whose is not None:
        return looked_at
    whose = WHOSE.get(Mismatch(looked_at.why), Whose.PERSON)
    return looked_at.model_copy(update={"whose": whose})


def request_enrolment(
    case: Case,
    by: Actor,
    enrolment_id: str,
    activity: str,
    *,
    goal_id: str | None,
    because: Sequence[str],
    offered: bool,
    over: Collection[str],
    pathway: Pathway,
    by_hand: bool = False,
) -> tuple[str, list[Fact]]:
    """Ask a provider for a place. Asking again while the first asking stands gives that enrolment.

    `offered` tells whether the activity is known; `over` are enrolments that were declined or have ended.
    `by_hand` is a human's word that the provider may be told of somebody whose identity is protected.
    """
    whose_work(case, by, CaseEnrolmentRequested)
    if not case.plan_version:
        raise NoPlanYet(f"case {case.referral_id} has no plan; agree one with the person first")
    if goal_id is not None:
        _goal(case, goal_id)
    for standing, asked_for in case.enrolments.items():
        if asked_for == activity and standing not in over:
            return standing, []
    if Mark.ALTERNATIVES in pathway.marks and not case.looked_at:
        raise NoAlternativesYet(
            f"on the pathway {pathway.pathway} alternatives are looked at together first; record them for "
            f"case {case.referral_id}"
        )
    if case.protected and not by_hand:
        raise ProtectedByHand(
            f"the person of case {case.referral_id} has a protected identity: the request goes to the "
            "provider only if you say that it is made by hand, after agreeing with the person what is told"
        )
    if not offered:
        raise _unknown(activity)
    request = CaseEnrolmentRequested(
        referral_id=case.referral_id,
        person=case.person,
        enrolment_id=enrolment_id,
        activity=activity,
        goal_id=goal_id,
        because=tuple(because),
        by_hand=case.protected,
        host_wanted=case.wants_host,
        **on_pathway(case),
    )
    return enrolment_id, [request]


def report_spill_over(
    case: Case, by: Actor, more_activities: int, times_a_week: int, kinds: Sequence[PrescriptionKind]
) -> list[Fact]:
    """What the person says it led to. The same as last time changes nothing."""
    whose_work(case, by, SpillOverReported)
    reported = SpillOverReported(
        referral_id=case.referral_id,
        more_activities=more_activities,
        times_a_week=times_a_week,
        kinds=tuple(kinds),
    )
    return [] if case.spill_over == reported else [reported]


def need_unmet(case: Case, by: Actor, need: Need, area: str, why: str) -> list[Fact]:
    """Nothing in the network meets this need here: the blue circle. Once for each need and reason."""
    whose_work(case, by, NeedUnmet)
    unmet = NeedUnmet(referral_id=case.referral_id, need=need, area=area, why=why)
    return [] if unmet in case.unmet else [unmet]


def offer_found(case: Case, judged: Judged, unmet: NeedUnmet) -> list[Fact]:
    """Something may meet a need that nothing met: once for each activity, while the case is open."""
    activity = judged.offer.activity
    if case.closed or any(found.activity == activity for found in case.found):
        return []
    return [
        OfferFound(
            referral_id=case.referral_id,
            need=unmet.need,
            area=unmet.area,
            activity=activity,
            fits=tuple(point.code for point in judged.fits),
            in_the_way=tuple(point.code for point in judged.in_the_way),
        )
    ]


def _goal(case: Case, goal_id: str) -> Goal:
    for goal in case.goals:
        if goal.goal_id == goal_id:
            return goal
    raise NoSuchGoal(
        f"the plan of case {case.referral_id} has no goal {goal_id}; it has {list(case.goal_ids)}"
    )


def _unknown(activity: str) -> UnknownActivity:
    return UnknownActivity(
        f"no activity called {activity!r} takes anybody new: it is not published, hidden until somebody "
        "verifies it, or withdrawn; if it was published this very moment, ask again shortly"
    )
