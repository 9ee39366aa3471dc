"""What silence, time and alarms ask for, each of somebody and by a date."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.consent import ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentEnded,
    EnrolmentExpired,
)
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
)
from sluss_contracts.event import Fact
from sluss_contracts.followup import DeadlinePassed, FollowUpDue, FollowUpLapsed
from sluss_contracts.message import FeedbackOverdue, FeedbackSent
from sluss_contracts.pathway import SentBy
from sluss_contracts.referral import ReferralHeld
from sluss_contracts.task import TaskLapsed
from sluss_contracts.vocabulary import (
    Attendance,
    CaseOutcome,
    ConsentPurpose,
    DeadlineKind,
    FeedbackPoint,
    Role,
    SupportKind,
    TaskKind,
    Whose,
)
from tests.navigator.spec import (
    ANNA,
    CHOIR,
    MONDAY,
    PLANNED,
    SECOND,
    Journey,
    assigned,
    booked,
    closed,
    queued,
    reached,
    requested,
)
from tests.navigator.test_plan import support_agreed

SEEKING = (*PLANNED, requested())
PLACE: dict[str, Any] = {
    "enrolment_id": CHOIR,
    "referral_id": "alva",
    "activity": "choir",
    "provider": "korpen",
}
WELCOME = EnrolmentAccepted(**PLACE, person="p")
EXPIRED = EnrolmentExpired(**PLACE)
ANSWER_BY = MONDAY + timedelta(days=4)
OTHER_TIME = AnotherTimeSuggested(**PLACE, starts=MONDAY + timedelta(days=9), answer_by=ANSWER_BY)
MISSING = AttendanceMissing(**PLACE, session_id="s1")
CAME = AttendanceRecorded(**PLACE, session_id="s1", outcome=Attendance.ATTENDED, by=Role.PROVIDER)
ENDED = EnrolmentEnded(**PLACE, whose=Whose.PERSON, reason="person_stopped")
FOLLOW_UP: dict[str, Any] = {"followup_id": "f1", "referral_id": "alva"}
ASKED: dict[str, Any] = {"evaluation_id": "e1", "referral_id": "alva"}
FEEDBACK: dict[str, Any] = {
    "feedback_id": "fb",
    "referral_id": "alva",
    "organisation": "clinic",
    "point": FeedbackPoint.CLOSURE,
}
ALARM = AlarmRaised(alarm_id="a1", referral_id="alva", area="centrum", where="goal")


def passed(kind: DeadlineKind, id: str = "d1") -> Fact:
    return DeadlinePassed(deadline_id=id, referral_id="alva", kind=kind)


def due(by: SentBy) -> Fact:
    lapses = MONDAY + timedelta(days=45)
    return EvaluationDue(**ASKED, person="p", sent_by=by, instruments=("ons-direct",), lapses=lapses)


# --- places


def test_an_offer_nobody_answered_lapses_and_something_else_is_found() -> None:
    story = Journey(*SEEKING, passed(DeadlineKind.OFFER_ANSWERED))
    story.hear(EXPIRED)
    assert story.waiting == ["find_activity: offer_expired"]
    assert sorted(story.done()[-2:]) == ["await_provider: offer_expired", "chase_deadline: happened"]


def test_another_time_is_asked_of_the_person_while_the_place_is_held() -> None:
    story = Journey(*SEEKING, OTHER_TIME)
    assert story.waiting == ["await_provider: requested", "contact_person: another_time_suggested"]
    assert story.open[-1].due == ANSWER_BY
    story.hear(WELCOME)
    assert story.waiting == ["await_attendance: accepted"]


def test_attendance_nobody_reported_is_asked_for_soon_and_once() -> None:
    story = Journey(*SEEKING, WELCOME, MISSING)
    assert (story.waiting, story.only().due) == (
        ["await_attendance: attendance_missing"],
        MONDAY + timedelta(days=2),
    )
    assert story.hear(MISSING.model_copy(update={"session_id": "s2"})) == []
    story.hear(passed(DeadlineKind.SESSION_REPORTED), CAME)
    assert story.waiting == ["follow_up: attended"]


def test_support_at_a_place_that_is_no_more_lapses() -> None:
    along = support_agreed(SupportKind.ACCOMPANIMENT, enrolment_id=CHOIR)
    story = Journey(*SEEKING, WELCOME, along, ENDED)
    assert "go_along: ended" in story.done()
    assert story.waiting == ["find_activity: enrolment_ended"]


# --- follow-ups, feedback, evaluation


def test_a_follow_up_nobody_made_lapses_and_somebody_asks_how_the_person_is() -> None:
    story = Journey(*PLANNED, FollowUpDue(**FOLLOW_UP, person="p"), FollowUpLapsed(**FOLLOW_UP))
    assert story.waiting == ["find_activity: plan_agreed", "contact_person: followup_lapsed"]
    assert "follow_up: followup_lapsed" in story.done()


def test_an_open_loop_to_the_referrer_is_chased_once_although_the_case_is_closed() -> None:
    story = Journey(assigned(), closed(), FeedbackOverdue(**FEEDBACK))
    assert story.waiting == ["chase_deadline: feedback_sent"]
    assert story.hear(passed(DeadlineKind.FEEDBACK_SENT)) == []
    story.hear(FeedbackSent(**FEEDBACK))
    assert story.open == []


def test_a_receipt_nobody_fetched_is_somebodys_although_the_case_is_closed() -> None:
    story = Journey(assigned(), closed(), passed(DeadlineKind.RECEIPT_FETCHED))
    assert story.waiting == ["chase_deadline: receipt_fetched"]


@pytest.mark.parametrize("until", [(assigned(),), (assigned(), closed())])
def test_an_evaluation_sent_by_somebody_outside_is_handed_to_them(until: tuple[Fact, ...]) -> None:
    story = Journey(*until)
    assert story.hear(due(SentBy.NETWORK)) == []
    story.hear(due(SentBy.OUTSIDE))
    assert story.open[-1].kind is TaskKind.EVALUATE
    assert story.open[-1].about == "e1"


def test_an_evaluation_nobody_answers_is_asked_by_a_human_and_ends_with_the_answer_or_in_time() -> None:
    answered = EvaluationAnswered(
        **ASKED, instrument="ons-direct", version=1, answers={}, scores={}, how="phone"
    )
    over = (answered, EvaluationLapsed(**ASKED), EvaluationCancelled(**ASKED, why="person_erased"))
    for last in over:
        story = Journey(assigned(), closed(), passed(DeadlineKind.EVALUATION_ANSWERED))
        assert story.waiting == ["evaluate: evaluation_answered"]
        story.hear(last)
        assert story.open == []


# --- alarms


@pytest.mark.parametrize("until", [(queued(),), (assigned(),), SEEKING, (assigned(), closed())])
def test_an_alarm_is_due_at_once_wherever_the_case_is(until: tuple[Fact, ...]) -> None:
    story = Journey(*until, ALARM)
    assert (story.open[-1].kind, story.open[-1].due, story.open[-1].about) == (
        TaskKind.ACUTE_RISK,
        MONDAY,
        "a1",
    )


def test_an_alarm_before_there_is_a_case_is_the_teams_and_follows_the_case() -> None:
    held = ReferralHeld(
        referral_id="alva", person="p", organisation="clinic", area="centrum", why="consent_to_be_asked"
    )
    story = Journey(ALARM, held)
    assert [task.worker for task in story.open] == [None, None]
    story.hear(assigned())
    assert {task.worker for task in story.open} == {ANNA}
    assert "acute_risk: goal" in story.waiting


def test_closing_the_case_does_not_silence_an_alarm() -> None:
    assert Journey(assigned(), ALARM, closed()).waiting == ["acute_risk: goal"]


# --- what ends with the case


def test_what_nobody_did_lapses_when_the_case_closes_and_says_why() -> None:
    story = Journey(*SEEKING, booked(SECOND))
    said = story.hear(closed(CaseOutcome.MOVED))
    assert {type(fact) for fact in said} == {TaskLapsed}
    assert {fact.why for fact in said if isinstance(fact, TaskLapsed)} == {"moved"}


def test_a_withdrawn_consent_is_confirmed_by_each_receiver_also_after_the_end() -> None:
    withdrawn = ConsentWithdrawn(
        referral_id="alva",
        person="p",
        purposes=(ConsentPurpose.SHARE_WITH_PROVIDER,),
        receivers=("korpen", "hemgarden"),
        shared_with=("korpen", "hemgarden"),
    )
    story = Journey(assigned(), reached(), withdrawn, closed())
    assert [task.about for task in story.open] == ["korpen", "hemgarden"]
    story.hear(passed(DeadlineKind.WITHDRAWAL_CONFIRMED))
    story.hear(WithdrawalConfirmed(referral_id="alva", receiver="korpen"))
    assert len(story.open) == 2
    story.hear(WithdrawalConfirmed(referral_id="alva", receiver="hemgarden"))
    assert story.open == []
