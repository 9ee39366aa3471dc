"""The plan and what is done about it: revised, prescribed, looked at together, supported, or unmet."""

from __future__ import annotations

from typing import Any

import pytest

from services.navigator.domain import plan, support
from services.navigator.domain.rules import (
    BarrierNotNamed,
    DeclinedWithoutReason,
    NoAlternativesYet,
    NoSuchEnrolment,
    NoSuchGoal,
    NoSuchSupport,
    NotOnThisPathway,
    ProtectedByHand,
    UnknownActivity,
    UnmetNeedNotRecorded,
)
from sluss_contracts.blue_circle import NeedUnmet
from sluss_contracts.event import Fact
from sluss_contracts.pathway import BUILT_IN, Mark, Pathway
from sluss_contracts.plan import (
    AlternativeLookedAt,
    AlternativesLookedAt,
    Goal,
    GoalProgressed,
    PlanRevised,
    PrescriptionIssued,
    SpillOverReported,
    SupportAgreed,
    SupportGiven,
)
from sluss_contracts.vocabulary import (
    Barrier,
    CaseOutcome,
    Need,
    PrescriptionKind,
    SupportKind,
    TaskKind,
    Verdict,
    Whose,
)
from tests.navigator.spec import (
    ALVA,
    CHOIR,
    PLANNED,
    WALK,
    Journey,
    actor,
    agreed,
    claimed,
    close,
    closed,
    given,
    pathway,
    queued,
    reached,
    requested,
)

SING = Goal(goal_id="goal-2", words="1" * 36, kind=PrescriptionKind.CULTURE)
LOOKED = AlternativesLookedAt(
    referral_id="alva",
    alternatives=(
        AlternativeLookedAt(activity="choir", verdict=Verdict.CHOSEN),
        AlternativeLookedAt(activity="walk", verdict=Verdict.DECLINED, why="too_far", whose=Whose.PERSON),
    ),
)
UNMET = NeedUnmet(referral_id="alva", need=Need.COMPANY, area="centrum", why="nothing_offered")
FIRST_GOAL = agreed().goals[0]  # type: ignore[attr-defined]
PROTECTED = (queued("protected_identity"), claimed(), reached(), agreed())


def revised(*goals: Goal, version: int = 2) -> PlanRevised:
    return PlanRevised(**ALVA, version=version, goals=goals)


def ask(on: Pathway = BUILT_IN, **said: Any) -> Any:
    usual: dict[str, Any] = {"goal_id": None, "because": (), "offered": True, "over": ()}
    return lambda case: plan.request_enrolment(case, actor(), CHOIR, "choir", pathway=on, **{**usual, **said})


def prescribe(on: Pathway = BUILT_IN, **said: Any) -> Any:
    usual: dict[str, Any] = {
        "goal_id": "goal-1",
        "kind": None,
        "activity": None,
        "trial": None,
        "giver": False,
        "known": True,
    }
    return lambda case: plan.prescribe(case, actor(), "p1", pathway=on, **{**usual, **said})


def issued(**said: Any) -> PrescriptionIssued:
    usual: dict[str, Any] = {"goal_id": "goal-1", "kind": PrescriptionKind.SOCIAL}
    return PrescriptionIssued(referral_id="alva", prescription_id="p1", **{**usual, **said})


# --- the plan


def test_a_later_plan_revises_the_one_before_and_may_keep_goals_of_it() -> None:
    given(*PLANNED).when(plan.agree, actor(), (SING,)).then(revised(SING))
    given(*PLANNED).when(plan.agree, actor(), (SING,), ("goal-1",)).then(revised(FIRST_GOAL, SING))


def test_to_keep_everything_and_add_nothing_revises_nothing() -> None:
    given(*PLANNED).when(plan.agree, actor(), (), ("goal-1",)).then_nothing()


def test_what_the_plan_does_not_have_is_not_kept() -> None:
    given(*PLANNED).when(plan.agree, actor(), (SING,), ("goal-9",)).then_refused(NoSuchGoal, saying="goal-1")


def test_progress_is_of_a_goal_the_plan_has_now() -> None:
    progressed = GoalProgressed(referral_id="alva", goal_id="goal-1", how_far=6)
    given(*PLANNED).when(plan.record_progress, actor(), "goal-1", 6).then(progressed)
    given(*PLANNED, progressed).when(plan.record_progress, actor(), "goal-1", 6).then_nothing()
    given(*PLANNED, revised(SING)).when(plan.record_progress, actor(), "goal-1", 7).then_refused(NoSuchGoal)


# --- recept


def test_a_recept_is_of_the_goals_kind_and_the_same_one_is_issued_once() -> None:
    given(*PLANNED).when(prescribe()).then(issued())
    again = given(*PLANNED, issued()).when(prescribe())
    again.then_nothing()
    assert again.answer[0] == "p1"


def test_where_the_pathway_has_it_a_recept_is_tried_first_and_the_person_may_give() -> None:
    umea = pathway(marks=(Mark.TRIAL, Mark.MAY_GIVE))
    given(*PLANNED).when(prescribe(umea, giver=True)).then(issued(trial=True, giver=True))
    given(*PLANNED).when(prescribe(umea, trial=False)).then(issued())
    given(*PLANNED).when(prescribe(giver=True)).then_refused(NotOnThisPathway)


def test_a_recept_names_an_activity_that_is_published_or_none() -> None:
    given(*PLANNED).when(prescribe(activity="choir")).then(issued(activity="choir"))
    given(*PLANNED).when(prescribe(activity="choir", known=False)).then_refused(UnknownActivity)


# --- alternatives


def test_alternatives_are_kept_with_reasons() -> None:
    looked = LOOKED.alternatives
    given(*PLANNED).when(plan.look_at, actor(), None, looked).then(LOOKED)
    given(*PLANNED, LOOKED).when(plan.look_at, actor(), None, looked).then_nothing()
    given(*PLANNED).when(plan.look_at, actor(), "goal-9", looked).then_refused(NoSuchGoal)


@pytest.mark.parametrize(
    ("why", "whose"),
    [
        ("too_far", Whose.PERSON),
        ("not_for_my_age", Whose.ELIGIBILITY),
        ("not_accessible", Whose.PROVIDER),
        ("nobody_to_come_along", Whose.NETWORK),
        ("a_word_nobody_knows", Whose.PERSON),
    ],
)
def test_a_reason_says_whose_it_is(why: str, whose: Whose) -> None:
    bare = AlternativeLookedAt(activity="walk", verdict=Verdict.DECLINED, why=why)
    said = AlternativesLookedAt(referral_id="alva", alternatives=(bare.model_copy(update={"whose": whose}),))
    given(*PLANNED).when(plan.look_at, actor(), None, (bare,)).then(said)
    given(*PLANNED, said).when(plan.look_at, actor(), None, (bare,)).then_nothing()


def test_a_no_without_a_reason_is_not_kept() -> None:
    bare = (AlternativeLookedAt(activity="walk", verdict=Verdict.DECLINED),)
    given(*PLANNED).when(plan.look_at, actor(), None, bare).then_refused(DeclinedWithoutReason, saying="walk")


def test_where_the_pathway_says_so_alternatives_come_before_a_place() -> None:
    umea = pathway(marks=(Mark.ALTERNATIVES,))
    given(*PLANNED).when(ask(umea)).then_refused(NoAlternativesYet, saying="local")
    given(*PLANNED, LOOKED).when(ask(umea)).then(requested())
    given(*PLANNED).when(ask()).then(requested())


# --- protected identity


def test_nothing_goes_to_a_provider_of_somebody_protected_but_by_hand() -> None:
    given(*PROTECTED).when(ask()).then_refused(ProtectedByHand, saying="by hand")
    given(*PROTECTED).when(ask(by_hand=True)).then(requested(by_hand=True))


def test_a_case_of_somebody_protected_is_claimed_and_seen_to_with_care() -> None:
    story = Journey(queued("protected_identity"))
    assert sorted(story.waiting) == [
        "claim_case: protected_identity",
        "protected_person: protected_identity",
    ]
    story.hear(claimed())
    assert sorted(story.waiting) == ["contact_person: claimed", "protected_person: protected_identity"]


# --- support


def support_agreed(kind: SupportKind = SupportKind.ACCOMPANIMENT, **said: Any) -> SupportAgreed:
    return SupportAgreed(referral_id="alva", support_id="s1", kind=kind, **said)


def agree(kind: SupportKind = SupportKind.ACCOMPANIMENT, **said: Any) -> Any:
    usual: dict[str, Any] = {"giver": None, "enrolment_id": None, "barrier": None}
    return lambda case: support.agree(case, actor(), "s1", kind, **{**usual, **said})


GIVEN = SupportGiven(referral_id="alva", support_id="s1")


def test_support_is_agreed_once_and_given_once() -> None:
    given(*PLANNED).when(agree(giver="vera")).then(support_agreed(by="vera"))
    given(*PLANNED, support_agreed()).when(agree()).then_nothing()
    given(*PLANNED, support_agreed()).when(support.give, actor(), "s1").then(GIVEN)
    given(*PLANNED, support_agreed(), GIVEN).when(support.give, actor(), "s1").then_nothing()
    given(*PLANNED, support_agreed(), GIVEN).when(agree()).then(support_agreed())


def test_support_that_nobody_agreed_or_about_nothing_is_refused() -> None:
    given(*PLANNED).when(support.give, actor(), "s9").then_refused(NoSuchSupport)
    given(*PLANNED).when(agree(enrolment_id=CHOIR)).then_refused(NoSuchEnrolment)
    given(*PLANNED).when(agree(SupportKind.BARRIER_HELP)).then_refused(BarrierNotNamed)


@pytest.mark.parametrize(
    ("agreed_", "task"),
    [
        (support_agreed(), "go_along: accompaniment"),
        (support_agreed(SupportKind.HOST), "go_along: host"),
        (support_agreed(SupportKind.BARRIER_HELP, barrier=Barrier.TRANSPORT), "barrier: transport"),
    ],
)
def test_support_is_somebodys_task_until_it_is_given(agreed_: SupportAgreed, task: str) -> None:
    story = Journey(*PLANNED, agreed_)
    assert task in story.waiting
    story.hear(GIVEN)
    assert task not in story.waiting
    assert story.done()[-1].endswith(": given")


# --- what it led to, and what nothing met


def test_spill_over_is_reported_as_the_person_says() -> None:
    reported = SpillOverReported(referral_id="alva", more_activities=2, times_a_week=3)
    given(*PLANNED).when(plan.report_spill_over, actor(), 2, 3, ()).then(reported)
    given(*PLANNED, reported).when(plan.report_spill_over, actor(), 2, 3, ()).then_nothing()


def test_an_unmet_need_is_recorded_once_for_each_reason() -> None:
    unmet = (plan.need_unmet, actor(), Need.COMPANY, "centrum")
    given(*PLANNED).when(*unmet, "nothing_offered").then(UNMET)
    given(*PLANNED, UNMET).when(*unmet, "nothing_offered").then_nothing()
    given(*PLANNED, UNMET).when(*unmet, "too_far").then(UNMET.model_copy(update={"why": "too_far"}))


def test_where_the_pathway_listens_nobody_is_completed_without_an_activity_in_silence() -> None:
    listens = pathway(marks=(Mark.UNMET_NEEDS,))
    given(*PLANNED).when(close, actor(), on=listens).then_refused(UnmetNeedNotRecorded)
    given(*PLANNED, requested()).when(close, actor(), on=listens).then_refused(UnmetNeedNotRecorded)
    given(*PLANNED, requested()).when(close, actor(), on=listens, taken_up=[CHOIR]).then(closed())
    given(*PLANNED, UNMET).when(close, actor(), on=listens).then(closed())
    moved = CaseOutcome.MOVED
    given(*PLANNED).when(close, actor(), moved, on=listens).then(closed(moved))


def test_several_needs_and_several_enrolments_go_on_at_once() -> None:
    story = Journey(*PLANNED, requested(), requested(WALK, "walk"), UNMET, support_agreed(enrolment_id=CHOIR))
    assert sorted((task.kind, task.about) for task in story.open) == [
        (TaskKind.AWAIT_PROVIDER, CHOIR),
        (TaskKind.AWAIT_PROVIDER, WALK),
        (TaskKind.GO_ALONG, "s1"),
    ]


def test_help_for_a_protected_person_goes_to_nobody_by_itself() -> None:
    _, (said,) = support_for(PROTECTED, SupportKind.HOST)
    assert said.by_hand
    _, (open_to_all,) = support_for(PLANNED, SupportKind.HOST)
    assert not open_to_all.by_hand


def support_for(story: tuple[Fact, ...], kind: SupportKind) -> tuple[str, list[Any]]:
    case = given(*story).case
    assert case is not None
    return support.agree(case, actor(), "s1", kind, giver=None, enrolment_id=None, barrier=None)


def test_a_request_says_that_a_host_is_wanted_wherever_the_person_goes() -> None:
    host = SupportAgreed(referral_id="alva", support_id="s1", kind=SupportKind.HOST)
    given(*PLANNED, host).when(ask()).then(requested().model_copy(update={"host_wanted": True}))
    elsewhere = host.model_copy(update={"enrolment_id": WALK})
    given(*PLANNED, elsewhere).when(ask()).then(requested())
    met = SupportGiven(referral_id="alva", support_id="s1")
    given(*PLANNED, host, met).when(ask()).then(requested())
