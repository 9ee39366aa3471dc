"""What follows what: at every moment an open case asks something of somebody, by a date."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from services.navigator.domain.case import LIFECYCLE
from services.navigator.domain.rules import NotThisWorkers
from services.navigator.domain.standing import may_see_to
from services.navigator.domain.task import DoneByItsStep, NoSuchTask
from sluss_contracts.event import Fact
from sluss_contracts.followup import FollowUpCancelled
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.task import TaskDone
from sluss_contracts.vocabulary import (
    Attendance,
    ContactOutcome,
    DeadlineKind,
    TaskKind,
    Whose,
)
from tests.navigator.heard import (
    ABSENT,
    CAME,
    EXCUSED,
    FAILED,
    FEEDBACK_SENT,
    HELD,
    SEEKING,
    accepted,
    asked,
    attendance,
    declined,
    due,
    ended,
    offered,
    passed,
    waitlisted,
)
from tests.navigator.spec import (
    ANNA,
    BO,
    CHOIR,
    CITY,
    FIRST,
    MONDAY,
    PLANNED,
    SECOND,
    WALK,
    Journey,
    actor,
    agreed,
    assigned,
    booked,
    claimed,
    closed,
    contact,
    met,
    missed,
    queued,
    reached,
    requested,
)

UNANSWERED_AT_MOST = BUILT_IN.contact.attempts


def test_the_whole_way_asks_for_one_step_after_the_other() -> None:
    story, waited = Journey(), []
    for fact in (
        *(assigned(), reached(), booked(), met(), agreed(), requested()),
        *(offered(), accepted(), CAME, due(), asked()),
    ):
        story.hear(fact)
        task = story.only()
        assert (task.team, task.worker) == (CITY, ANNA)
        assert task.due > MONDAY
        waited.append(f"{task.kind}: {task.why}")
    assert waited == [
        "contact_person: assigned",
        "hold_meeting: reached",
        "hold_meeting: meeting_booked",
        "agree_plan: met",
        "find_activity: plan_agreed",
        "await_provider: requested",
        "await_provider: requested",
        "await_attendance: accepted",
        "follow_up: attended",
        "follow_up: followup_due",
        "close_case: nothing_else_to_do",
    ]
    story.hear(closed())
    assert story.open == []


def test_a_held_referral_asks_the_team_for_consent() -> None:
    task = Journey(HELD).only()
    assert (task.kind, task.why, task.team, task.worker) == (
        TaskKind.ASK_CONSENT,
        "consent_to_be_asked",
        CITY,
        None,
    )


@pytest.mark.parametrize("first", [assigned(), queued()])
def test_consent_given_ends_the_asking(first: Fact) -> None:
    story = Journey(HELD, passed(DeadlineKind.CONSENT_ASKED), first)
    assert story.done() == ["ask_consent: consent_given", "chase_deadline: happened"]
    assert len(story.open) == 1


def test_a_case_in_line_waits_for_the_team_and_says_why() -> None:
    task = Journey(queued("no_language", "no_capacity")).only()
    assert (task.kind, task.why, task.team, task.worker) == (TaskKind.CLAIM_CASE, "no_language", CITY, None)


def test_a_claim_hands_over_everything_that_was_the_teams() -> None:
    story = Journey(queued(), FAILED, passed(DeadlineKind.CASE_CLAIMED), claimed())
    assert sorted(story.waiting) == ["check_message: outcome_unknown", "contact_person: claimed"]
    assert {task.worker for task in story.open} == {ANNA}
    assert story.done() == ["claim_case: claimed", "chase_deadline: happened"]


def test_somebody_not_reached_is_tried_again_until_it_is_time_to_decide() -> None:
    story = Journey(assigned())
    for attempt in range(1, UNANSWERED_AT_MOST):
        story.hear(contact(ContactOutcome.NO_ANSWER, attempt))
        assert story.waiting == ["contact_person: no_answer"]
    story.hear(contact(ContactOutcome.NO_ANSWER, UNANSWERED_AT_MOST))
    assert story.waiting == ["close_case: not_reached"]
    story.hear(reached(UNANSWERED_AT_MOST + 1))
    assert story.waiting == ["hold_meeting: reached"]


def test_asking_to_be_called_back_is_an_answer() -> None:
    story = Journey(assigned())
    for attempt in range(1, UNANSWERED_AT_MOST):
        story.hear(contact(ContactOutcome.NO_ANSWER, attempt))
    story.hear(contact(ContactOutcome.ASKED_TO_CALL_BACK, UNANSWERED_AT_MOST))
    story.hear(contact(ContactOutcome.NO_ANSWER, UNANSWERED_AT_MOST + 1))
    assert story.waiting == ["contact_person: no_answer"]


def test_a_meeting_is_due_when_it_ends() -> None:
    starts = MONDAY + timedelta(days=4)
    task = Journey(assigned(), booked(starts=starts)).only()
    assert (task.about, task.due) == (FIRST, starts + timedelta(minutes=45))


def test_a_missed_meeting_asks_for_a_new_contact_and_then_a_new_meeting() -> None:
    story = Journey(assigned(), reached(), booked(), missed())
    assert story.waiting == ["contact_person: meeting_missed"]
    story.hear(reached(2))
    assert story.waiting == ["hold_meeting: reached"]
    story.hear(booked(SECOND), met(SECOND))
    assert story.waiting == ["agree_plan: met"]


def test_a_plan_agreed_on_the_telephone_needs_no_meeting() -> None:
    assert Journey(assigned(), reached(), agreed()).waiting == ["find_activity: plan_agreed"]


def test_a_no_says_whose_it_is_and_asks_for_something_else() -> None:
    story = Journey(*SEEKING, declined(whose=Whose.ELIGIBILITY))
    assert story.waiting == ["find_activity: declined_by_eligibility"]


def test_each_of_several_enrolments_has_a_task_of_its_own() -> None:
    story = Journey(*SEEKING, requested(WALK, "walk"), accepted(WALK))
    assert [(task.kind, task.about) for task in story.open] == [
        (TaskKind.AWAIT_PROVIDER, CHOIR),
        (TaskKind.AWAIT_ATTENDANCE, WALK),
    ]
    story.hear(declined())
    assert [(task.kind, task.about) for task in story.open] == [
        (TaskKind.AWAIT_ATTENDANCE, WALK),
        (TaskKind.FIND_ACTIVITY, None),
    ]


def test_waiting_in_line_is_looked_at_once_and_moving_up_asks_nothing() -> None:
    story = Journey(*SEEKING, waitlisted(position=3))
    assert story.waiting == ["await_provider: waitlisted"]
    assert story.hear(waitlisted(position=2)) == []
    answer_by = MONDAY + timedelta(days=9)
    story.hear(offered(answer_by=answer_by))
    assert (story.only().why, story.only().due) == ("offered", answer_by)


def test_attendance_is_awaited_until_some_days_after_the_first_session() -> None:
    starts = MONDAY + timedelta(days=30)
    assert Journey(*SEEKING, accepted(starts=starts)).only().due > starts


def test_somebody_absent_is_asked_why_and_then_how_it_goes() -> None:
    story = Journey(*SEEKING, accepted(), ABSENT)
    assert (story.waiting, story.only().about) == (["contact_person: absent"], CHOIR)
    story.hear(contact(ContactOutcome.NO_ANSWER, 2))
    assert (story.waiting, story.only().about) == (["contact_person: no_answer"], CHOIR)
    story.hear(reached(3))
    assert story.waiting == ["follow_up: reached"]


def test_somebody_absent_who_comes_the_next_time_is_not_asked_why() -> None:
    assert Journey(*SEEKING, accepted(), ABSENT, CAME).waiting == ["follow_up: attended"]


def test_somebody_excused_is_asked_how_it_goes() -> None:
    assert Journey(*SEEKING, accepted(), EXCUSED).waiting == ["follow_up: excused"]


def test_a_follow_up_made_before_anybody_came_is_not_awaited_again() -> None:
    story = Journey(*SEEKING, accepted(), due(), asked(), CAME)
    assert story.waiting == ["close_case: nothing_else_to_do"]


def test_a_second_follow_up_takes_the_closing_back() -> None:
    story = Journey(*SEEKING, accepted(), CAME, due(), asked(), due("f2"))
    assert story.waiting == ["follow_up: followup_due"]
    story.hear(FollowUpCancelled(followup_id="f2", referral_id="alva", why="plan_revised"))
    assert story.waiting == ["close_case: nothing_else_to_do"]


def test_whoever_goes_on_alone_needs_nothing_more_and_others_need_something_else() -> None:
    assert Journey(*SEEKING, accepted(), ended(reason="self_sustaining")).waiting == [
        "close_case: nothing_else_to_do"
    ]
    assert Journey(*SEEKING, accepted(), ended()).waiting == ["find_activity: enrolment_ended"]


def test_new_work_takes_the_closing_back() -> None:
    story = Journey(*SEEKING, accepted(), CAME, due(), asked(), agreed(2))
    assert story.waiting == ["find_activity: plan_revised"]
    assert "close_case: work_goes_on" in story.done()


def test_a_message_nobody_knows_about_is_looked_at() -> None:
    story = Journey(assigned(), FAILED)
    assert story.open[-1].kind is TaskKind.CHECK_MESSAGE
    assert story.open[-1].about == "m1"


@pytest.mark.parametrize("late", [offered(), accepted(), declined(), CAME, ABSENT, due(), asked(), FAILED])
def test_what_others_say_of_a_closed_case_asks_nothing_of_anybody(late: Fact) -> None:
    assert Journey(*SEEKING, closed()).hear(late) == []


# --- completed by hand


def test_a_task_may_be_completed_by_hand_and_somebody_decides_what_then() -> None:
    story = Journey(*PLANNED)
    task = story.only()
    said = story.complete(task.task_id, "found_it_themselves")
    assert said[0] == TaskDone(task_id=task.task_id, referral_id="alva", how="found_it_themselves")
    assert story.waiting == ["close_case: nothing_else_to_do"]
    assert story.complete(task.task_id) == []


@pytest.mark.parametrize("until", [(HELD,), (queued(),), (assigned(),), (assigned(), booked())])
def test_a_step_is_not_ticked_off_but_taken(until: tuple[Fact, ...]) -> None:
    story = Journey(*until)
    with pytest.raises(DoneByItsStep):
        story.complete(story.only().task_id)


def test_there_is_no_completing_what_was_never_asked() -> None:
    with pytest.raises(NoSuchTask):
        Journey(assigned()).complete("task-99")


def test_nobody_completes_anothers_task() -> None:
    with pytest.raises(NotThisWorkers):
        may_see_to(Journey(assigned()).case, actor(BO))


EVERYTHING = [
    *(contact(outcome) for outcome in ContactOutcome),
    *(booked(), booked(SECOND), met(), missed(), agreed(), requested(), requested(WALK, "walk")),
    *(make(name) for make in (offered, accepted, waitlisted, declined, ended) for name in (CHOIR, WALK)),
    *(attendance(outcome, name) for outcome in Attendance for name in (CHOIR, WALK)),
    *(due(), due("f2"), asked(), asked("f2"), FAILED, FEEDBACK_SENT),
    *(passed(kind) for kind in DeadlineKind),
]


@for_all(st.lists(st.sampled_from(EVERYTHING), max_size=40), st.booleans())
@settings(max_examples=150, deadline=None)
def test_whatever_happens_an_open_case_asks_something_of_somebody(facts: list[Fact], in_line: bool) -> None:
    story = Journey(queued() if in_line else assigned())
    for fact in facts:
        assert story.case is not None
        if fact.SAID_BY == "navigator" and not LIFECYCLE.allows(story.case.status, type(fact)):
            continue
        if fact in (met(), missed()) and FIRST not in story.case.meetings:
            continue
        story.hear(fact)
        assert story.open, f"nobody is asked anything after {fact!r}"
        assert {(task.team, task.worker) for task in story.open} == {(CITY, None if in_line else ANNA)}
        asked_for = [(task.kind, task.about) for task in story.open]
        assert len(asked_for) == len(set(asked_for)), "somebody is asked the same thing twice"
