"""Every step of a case in every status: allowed, quiet, or refused by a named rule."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.navigator.domain import holding, mapping, pausing, plan, support, task, work
from services.navigator.domain.assignment import Chosen
from services.navigator.domain.case import LIFECYCLE, Status
from services.navigator.domain.case import evolve as evolve_case
from services.navigator.domain.rules import (
    AlreadyClaimed,
    AlreadyClosed,
    CaseIsPaused,
    NotAssigned,
    NotThisWorkers,
)
from services.runtime.decision import NotAllowed, Refusal
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.command import Actor
from sluss_contracts.event import FACTS, Fact
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.plan import AlternativeLookedAt, SupportAgreed
from sluss_contracts.task import TaskDone, TaskLapsed, TaskOpened, TaskReassigned
from sluss_contracts.vocabulary import ContactOutcome, Need, Role, SupportKind, TaskKind, Verdict
from tests.navigator.spec import (
    ANNA,
    BO,
    CHOIR,
    CITY,
    FIRST,
    MONDAY,
    PLANNED,
    SECOND,
    actor,
    agreed,
    assigned,
    book,
    booked,
    close,
    closed,
    given,
    paused,
    queued,
    reassigned,
    requested,
    resumed,
    try_contact,
    unassigned,
)

AGREED = SupportAgreed(referral_id="alva", support_id="s1", kind=SupportKind.ACCOMPANIMENT)
SO_FAR = (*PLANNED, booked(SECOND), AGREED)
IN_STATUS: dict[Status, tuple[Fact, ...]] = {
    Status.IN_LINE: (*SO_FAR, unassigned(), queued()),
    Status.ASSIGNED: SO_FAR,
    Status.PAUSED: (*SO_FAR, paused()),
    Status.CLOSED: (*SO_FAR, closed()),
}
LOOKED = (AlternativeLookedAt(activity="choir", verdict=Verdict.CHOSEN),)
TODAY = date(2026, 3, 2)
BARRIER = {"giver": None, "enrolment_id": None, "barrier": None}
STEPS: dict[str, Callable[[Any, Actor], Any]] = {
    "record_contact": lambda case, by: try_contact(case, by, ContactOutcome.REACHED),
    "book_meeting": lambda case, by: book(case, by, "m9", starts=MONDAY + timedelta(days=9)),
    "record_mapping": lambda case, by: mapping.record(case, by, {"interests": ("song",)}),
    "record_measure": lambda case, by: mapping.measure(
        case,
        by,
        "q1",
        mapping.pack_of("ons-direct", None, ()),
        at="baseline",
        answers={},
        language="sv",
        goal_id=None,
    ),
    "agree_plan": lambda case, by: plan.agree(case, by, agreed().goals),  # type: ignore[attr-defined]
    "record_progress": lambda case, by: plan.record_progress(case, by, "goal-1", 4),
    "issue_prescription": lambda case, by: plan.prescribe(
        case,
        by,
        "p1",
        "goal-1",
        kind=None,
        activity=None,
        trial=None,
        giver=False,
        known=False,
        pathway=BUILT_IN,
    ),
    "record_alternatives": lambda case, by: plan.look_at(case, by, None, LOOKED),
    "request_enrolment": lambda case, by: plan.request_enrolment(
        case, by, CHOIR, "choir", goal_id=None, because=(), offered=True, over=(), pathway=BUILT_IN
    ),
    "agree_support": lambda case, by: support.agree(case, by, "s2", SupportKind.ESCORT, **BARRIER),
    "record_meeting": lambda case, by: work.record_meeting(case, by, SECOND, True, None),
    "record_support": lambda case, by: support.give(case, by, "s1"),
    "report_spill_over": lambda case, by: plan.report_spill_over(case, by, 2, 3, ()),
    "record_unmet_need": lambda case, by: plan.need_unmet(case, by, Need.COMPANY, "centrum", "full"),
    "pause_case": lambda case, by: pausing.pause(case, by, "travel", TODAY + timedelta(days=9), TODAY),
    "resume_case": pausing.resume,
    "reassign_case": lambda case, by: holding.reassign(case, by, BO, CITY, "handed_on"),
    "give_back": lambda case, by: holding.reassign(case, by, None, None, "handed_on"),
    "close_case": close,
}
WHILE_PAUSED = {
    *("record_meeting", "record_support", "report_spill_over", "record_unmet_need"),
    *("pause_case", "resume_case", "reassign_case", "give_back", "close_case"),
}
QUIET = {
    ("resume_case", Status.ASSIGNED),
    ("give_back", Status.IN_LINE),
    ("close_case", Status.CLOSED),
}
"""Done already: nothing is said, and nobody is refused."""


def _expected(step: str, status: Status) -> type[Refusal] | bool:
    """The refusal; else whether something is said."""
    if (step, status) in QUIET:
        return False
    match status:
        case Status.CLOSED:
            return AlreadyClosed
        case Status.IN_LINE:
            return NotAssigned
        case Status.PAUSED if step not in WHILE_PAUSED:
            return CaseIsPaused
        case _:
            return True


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("step", STEPS)
def test_each_step_in_each_status(step: str, status: Status) -> None:
    asked = given(*IN_STATUS[status]).when(STEPS[step], actor())
    expected = _expected(step, status)
    if isinstance(expected, bool):
        said = asked.answer[1] if isinstance(asked.answer, tuple) else asked.answer
        assert bool(said) is expected
        assert all(LIFECYCLE.allows(status, type(fact)) for fact in said[:1])
    else:
        asked.then_refused(expected)


@pytest.mark.parametrize("step", STEPS)
def test_no_step_is_taken_in_anothers_case_or_by_somebody_outside(step: str) -> None:
    given(*SO_FAR).when(STEPS[step], actor(BO)).then_refused(NotThisWorkers, saying=ANNA)
    given(*SO_FAR).when(STEPS[step], actor("korpen", Role.PROVIDER)).then_refused(NotAllowed)


def test_what_is_closed_cannot_be_closed_otherwise_and_is_not_claimed() -> None:
    given(*SO_FAR, closed()).when(holding.claim, actor(), ANNA, CITY).then_refused(AlreadyClosed)
    given(*SO_FAR, paused()).when(holding.claim, actor(BO), BO, CITY).then_refused(AlreadyClaimed)


@pytest.mark.parametrize("status", [None, *Status])
@pytest.mark.parametrize("fact", sorted((f for f in FACTS.values() if f.AGGREGATE == "case"), key=str))
def test_nothing_is_folded_that_the_lifecycle_does_not_allow(fact: type[Fact], status: Status | None) -> None:
    if LIFECYCLE.allows(status, fact):
        assert LIFECYCLE.after(status, fact) in Status
    else:
        with pytest.raises(OutOfOrder):
            LIFECYCLE.after(status, fact)


def test_a_case_is_born_in_line_or_with_somebody() -> None:
    born = {fact for fact in LIFECYCLE.moves if LIFECYCLE.allows(None, fact)}
    assert {fact.TYPE for fact in born} == {"sluss.case.queued.v1", "sluss.case.assigned.v1"}
    with pytest.raises(OutOfOrder):
        evolve_case(None, requested())


def test_closed_is_the_only_end_and_nothing_leads_out_of_it() -> None:
    assert set(LIFECYCLE.last()) == {Status.CLOSED}
    assert not [fact for fact in LIFECYCLE.moves if LIFECYCLE.allows(Status.CLOSED, fact)]


def test_a_case_goes_back_and_forth_and_keeps_what_was_done() -> None:
    case = given(
        *SO_FAR, reassigned(), paused(), resumed(), unassigned(BO), queued(), assigned("cecilia")
    ).case
    assert case is not None
    assert (case.status, case.worker, case.given_back) == (Status.ASSIGNED, "cecilia", (ANNA, BO))
    assert (case.plan_version, case.meetings[FIRST].held) == (1, True)


def test_the_policy_gives_nobody_what_somebody_else_has() -> None:
    choice = Chosen(BO, CITY, ("least_load",))
    for status in (Status.ASSIGNED, Status.PAUSED, Status.CLOSED):
        given(*IN_STATUS[status]).when(holding.give_from_the_line, choice).then_nothing()


# --- tasks

OPENED = TaskOpened(
    task_id="t1",
    referral_id="alva",
    kind=TaskKind.FIND_ACTIVITY,
    why="plan_agreed",
    team=CITY,
    due=datetime(2026, 3, 9, tzinfo=UTC),
)
DONE = TaskDone(task_id="t1", referral_id="alva", how="requested")
LAPSED = TaskLapsed(task_id="t1", referral_id="alva", why="moved")
MOVED = TaskReassigned(task_id="t1", referral_id="alva", team=CITY, worker=BO)


def test_a_task_is_handed_over_and_then_done_or_lapses() -> None:
    open_ = task.evolve(task.evolve(None, OPENED), MOVED)
    assert (open_.open, open_.worker) == (True, BO)
    assert (task.evolve(open_, DONE).status, task.evolve(open_, DONE).how) == (task.Status.DONE, "requested")
    assert (task.evolve(open_, LAPSED).status, task.evolve(open_, LAPSED).how) == (
        *(task.Status.LAPSED, "moved"),
    )


@pytest.mark.parametrize("ended", [DONE, LAPSED])
@pytest.mark.parametrize("more", [OPENED, MOVED, DONE, LAPSED])
def test_what_has_ended_has_ended(ended: Fact, more: Fact) -> None:
    over = task.evolve(task.evolve(None, OPENED), ended)
    with pytest.raises(OutOfOrder):
        task.evolve(over, more)


@pytest.mark.parametrize("first", [MOVED, DONE, LAPSED])
def test_a_task_is_opened_first(first: Fact) -> None:
    with pytest.raises(OutOfOrder):
        task.evolve(None, first)
