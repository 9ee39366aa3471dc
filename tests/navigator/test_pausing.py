"""Pauses: illness, travel. Nothing is asked of the person until a day that is agreed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from services.navigator.domain import pausing
from services.navigator.domain.rules import PauseEndsInThePast
from services.navigator.domain.task import DoneByItsStep
from sluss_contracts.followup import DeadlinePassed, FollowUpDue
from sluss_contracts.vocabulary import DeadlineKind, TaskKind
from tests.navigator.spec import (
    FIRST,
    MONDAY,
    PLANNED,
    Journey,
    actor,
    assigned,
    booked,
    claimed,
    given,
    met,
    paused,
    queued,
    reached,
    reassigned,
    requested,
    resumed,
    unassigned,
)

TODAY = MONDAY.date()
UNTIL = date(2026, 4, 1)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_a_case_rests_until_a_day_to_come() -> None:
    given(assigned()).when(pausing.pause, actor(), "illness", UNTIL, TODAY).then(paused())
    for over in (TODAY, TODAY - timedelta(days=1)):
        given(assigned()).when(pausing.pause, actor(), "illness", over, TODAY).then_refused(
            PauseEndsInThePast
        )


def test_the_same_pause_is_one_and_a_longer_one_is_another() -> None:
    resting = given(assigned(), paused())
    resting.when(pausing.pause, actor(), "illness", UNTIL, TODAY).then_nothing()
    longer = UNTIL + timedelta(days=30)
    resting.when(pausing.pause, actor(), "illness", longer, TODAY).then(paused(longer))


def test_the_work_goes_on_once() -> None:
    given(assigned(), paused()).when(pausing.resume, actor()).then(resumed())
    given(assigned(), paused(), resumed()).when(pausing.resume, actor()).then_nothing()


def test_nothing_is_asked_meanwhile_and_on_the_day_somebody_lets_it_go_on() -> None:
    story = Journey(*PLANNED, paused())
    assert (story.waiting, story.only().due) == (["resume_case: illness"], NOON)
    assert "find_activity: paused" in story.done()
    story.hear(resumed())
    assert story.waiting == ["find_activity: resumed"]


def test_no_place_is_given_up_and_a_meeting_that_is_booked_stays() -> None:
    story = Journey(*PLANNED, requested(), booked("m2"), paused())
    assert sorted(story.waiting) == [
        "await_provider: requested",
        "hold_meeting: meeting_booked",
        "resume_case: illness",
    ]


def test_what_comes_due_meanwhile_waits_for_the_day() -> None:
    story = Journey(*PLANNED, paused(), FollowUpDue(followup_id="f1", referral_id="alva", person="p"))
    (followup,) = [task for task in story.open if task.kind is TaskKind.FOLLOW_UP]
    assert followup.due == NOON


def test_the_persons_deadlines_do_not_nag() -> None:
    story = Journey(assigned(), paused())
    passed = DeadlinePassed(deadline_id="d1", referral_id="alva", kind=DeadlineKind.PERSON_REACHED)
    assert story.hear(passed) == []
    story.hear(resumed())
    assert [task.kind for task in story.open] == [TaskKind.CONTACT_PERSON]


def test_a_second_pause_asks_again_for_what_the_second_pause_stopped_and_nothing_else() -> None:
    story = Journey(assigned(), paused(), resumed(), reached(), booked(), met(), paused(), resumed())
    assert story.waiting == ["agree_plan: resumed"]


def test_a_longer_pause_moves_the_day() -> None:
    longer = UNTIL + timedelta(days=30)
    story = Journey(assigned(), paused(), paused(longer))
    assert story.only().due == NOON + timedelta(days=30)


def test_resting_is_ended_by_resuming_and_not_by_ticking_it_off() -> None:
    story = Journey(assigned(), paused())
    with pytest.raises(DoneByItsStep, match="resuming"):
        story.complete(story.only().task_id)


def test_somebody_else_takes_over_a_case_that_rests_and_lets_it_rest() -> None:
    story = Journey(assigned(), paused(), reassigned())
    assert (story.waiting, story.only().worker) == (["resume_case: illness"], "bo")


def test_who_was_to_rest_is_contacted_on_the_day_by_whoever_claims_the_case() -> None:
    story = Journey(assigned(), paused(), unassigned(), queued())
    story.hear(claimed())
    assert (story.waiting, story.only().due) == (["contact_person: claimed"], NOON)


def test_what_has_happened_may_be_told_while_the_case_rests() -> None:
    story = Journey(assigned(), reached(), booked(), paused())
    story.hear(met(FIRST))
    (planning,) = [task for task in story.open if task.kind is TaskKind.AGREE_PLAN]
    assert planning.due >= NOON
