"""What a pathway decides in a case: how often one tries, which meetings there are, how long to wait."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.navigator.domain.case import Case
from services.navigator.domain.rules import ModeNotInStep, NoPlanYet, NoSuchStep
from sluss_contracts.case import CaseClosed
from sluss_contracts.enrolment import EnrolmentAccepted, EnrolmentWaitlisted
from sluss_contracts.meeting import MeetingBooked
from sluss_contracts.pathway import AfterLastAttempt
from sluss_contracts.vocabulary import CaseOutcome, ContactOutcome, MeetingKind, MeetingMode, TaskKind
from tests.navigator.spec import (
    ALVA,
    CHOIR,
    MONDAY,
    PLANNED,
    SECOND,
    Journey,
    actor,
    agreed,
    assigned,
    book,
    booked,
    closed,
    contact,
    given,
    met,
    pathway,
    reached,
    requested,
    try_contact,
)

TWICE = pathway(contact={"attempts": 2, "then": "ask"})
TWICE_AND_CLOSE = pathway(contact={"attempts": 2, "then": "close"})
BOTH: dict[str, str] = {"sv": "Möte", "en": "Meeting"}
STEPS = pathway(
    steps=(
        {"kind": "mapping", "name": BOTH, "minutes": 60, "modes": ("home", "clinic")},
        {"kind": "first", "name": BOTH, "minutes": 50},
        {"kind": "step_two", "name": BOTH, "minutes": 30, "modes": ("walk",)},
        {"kind": "short", "name": BOTH, "minutes": 10, "modes": ("phone",), "optional": True},
    )
)
UNREACHABLE = CaseClosed(**ALVA, outcome=CaseOutcome.UNREACHABLE)
NO_ANSWER = ContactOutcome.NO_ANSWER


def test_the_facts_of_a_case_name_the_pathway_and_version_it_began_with() -> None:
    began = assigned().model_copy(update={"pathway": "frome-connectors", "pathway_version": 3})
    for step in (
        given(began).when(book, actor()).answer[1],
        given(began)
        .when(
            try_contact,
            actor(),
            NO_ANSWER,
            TWICE_AND_CLOSE.model_copy(
                update={"contact": TWICE_AND_CLOSE.contact.model_copy(update={"attempts": 1})}
            ),
        )
        .answer[1:],
    ):
        assert [(fact.pathway, fact.pathway_version) for fact in step] == [("frome-connectors", 3)]


# --- contact attempts


def test_after_the_pathways_last_attempt_somebody_decides() -> None:
    story = Journey(assigned(), contact(NO_ANSWER), on=TWICE)
    assert story.waiting == ["contact_person: no_answer"]
    story.hear(contact(NO_ANSWER, 2))
    assert story.waiting == ["close_case: not_reached"]


def test_where_the_pathway_says_so_the_last_attempt_in_vain_closes_the_case() -> None:
    once = given(assigned(), contact(NO_ANSWER))
    once.when(try_contact, actor(), NO_ANSWER, TWICE).then(contact(NO_ANSWER, 2))
    once.when(try_contact, actor(), NO_ANSWER, TWICE_AND_CLOSE).then(contact(NO_ANSWER, 2), UNREACHABLE)
    given(assigned()).when(try_contact, actor(), NO_ANSWER, TWICE_AND_CLOSE).then(contact(NO_ANSWER))


def test_an_answer_on_the_last_attempt_closes_nothing() -> None:
    for outcome in (ContactOutcome.REACHED, ContactOutcome.ASKED_TO_CALL_BACK):
        given(assigned(), contact(NO_ANSWER)).when(try_contact, actor(), outcome, TWICE_AND_CLOSE).then(
            contact(outcome, 2)
        )


def test_somebody_who_was_reached_before_is_never_closed_as_unreachable_by_itself() -> None:
    silent = (assigned(), reached(), contact(NO_ANSWER, 2))
    given(*silent).when(try_contact, actor(), NO_ANSWER, TWICE_AND_CLOSE).then(contact(NO_ANSWER, 3))
    assert TWICE_AND_CLOSE.contact.then is AfterLastAttempt.CLOSE


def test_a_case_closed_as_unreachable_asks_nothing_more() -> None:
    story = Journey(assigned(), contact(NO_ANSWER), contact(NO_ANSWER, 2), UNREACHABLE, on=TWICE_AND_CLOSE)
    assert story.open == []


# --- meetings


def booking(kind: MeetingKind, **said: Any) -> Any:
    case: Case | None = given(*PLANNED).case
    assert case is not None
    (fact,) = book(case, actor(), "m1", kind=kind, on=STEPS, **said)[1]
    return fact


@pytest.mark.parametrize(
    ("kind", "minutes", "mode"),
    [
        (MeetingKind.MAPPING, 60, MeetingMode.HOME),
        (MeetingKind.FIRST, 50, MeetingMode.CLINIC),
        (MeetingKind.STEP_TWO, 30, MeetingMode.WALK),
        (MeetingKind.SHORT, 10, MeetingMode.PHONE),
        (MeetingKind.FOLLOW_UP, 30, MeetingMode.PHONE),
    ],
)
def test_a_meeting_is_as_long_and_as_the_pathway_proposes(
    kind: MeetingKind, minutes: int, mode: MeetingMode
) -> None:
    fact = booking(kind)
    assert isinstance(fact, MeetingBooked)
    assert (fact.minutes, fact.mode) == (minutes, mode)


def test_what_is_said_goes_before_what_is_proposed() -> None:
    fact = booking(MeetingKind.MAPPING, minutes=90, mode=MeetingMode.CLINIC)
    assert (fact.minutes, fact.mode) == (90, MeetingMode.CLINIC)


def test_a_meeting_the_pathway_lacks_is_refused_with_those_it_has() -> None:
    given(assigned()).when(book, actor(), kind=MeetingKind.PLANNING, on=STEPS).then_refused(
        NoSuchStep, saying="mapping, first, step_two, short, follow_up"
    )


def test_a_mode_the_step_lacks_is_refused_with_those_it_has() -> None:
    given(assigned()).when(
        book, actor(), kind=MeetingKind.MAPPING, mode=MeetingMode.VIDEO, on=STEPS
    ).then_refused(ModeNotInStep, saying="home, clinic")


def test_the_second_step_follows_a_plan() -> None:
    given(assigned(), reached()).when(book, actor(), kind=MeetingKind.STEP_TWO, on=STEPS).then_refused(
        NoPlanYet
    )


def test_a_meeting_that_was_missed_may_be_booked_for_the_same_time_of_another_kind() -> None:
    again = given(*PLANNED).when(book, actor(), SECOND, kind=MeetingKind.MAPPING, on=STEPS)
    assert again.answer[0] == SECOND


def test_what_the_pathway_has_besides_is_asked_for_and_what_is_optional_is_not() -> None:
    story = Journey(assigned(), reached(), booked(), met(), on=STEPS)
    assert story.waiting == ["agree_plan: met", "hold_meeting: mapping"]
    story.hear(agreed())
    assert story.waiting == ["find_activity: plan_agreed", "hold_meeting: step_two"]
    assert Journey(*PLANNED).waiting == ["find_activity: plan_agreed"]


# --- how long


def test_a_place_in_line_and_a_report_wait_as_long_as_the_pathway_lets_them() -> None:
    patient = pathway(silence={"in_line": 60, "session_reported": 3})
    place: dict[str, Any] = {
        "enrolment_id": CHOIR,
        "referral_id": "alva",
        "activity": "choir",
        "provider": "korpen",
        "person": "p",
    }
    story = Journey(*PLANNED, requested(), EnrolmentWaitlisted(**place, position=1), on=patient)
    assert story.only().due == MONDAY + timedelta(days=60)
    starts = MONDAY + timedelta(days=10)
    story.hear(EnrolmentAccepted(**place, starts=starts))
    assert (story.only().kind, story.only().due) == (
        TaskKind.AWAIT_ATTENDANCE,
        starts + timedelta(days=3),
    )


def test_the_story_ends_the_same_on_every_pathway() -> None:
    for way in (TWICE, STEPS):
        assert Journey(*PLANNED, requested(), closed(), on=way).open == []
