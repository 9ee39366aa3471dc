"""What may happen to a case, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from services.navigator.domain import holding, plan, standing, work
from services.navigator.domain.assignment import Chosen, Nobody
from services.navigator.domain.rules import (
    AlreadyClaimed,
    AlreadyClosed,
    MeetingAlreadyRecorded,
    NoPlanYet,
    NoSuchGoal,
    NoSuchMeeting,
    NotAssigned,
    NotThisTeams,
    NotThisWorkers,
    NotYetMet,
    UnknownActivity,
    UnknownCase,
)
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.domain.worker import UnknownWorker
from services.runtime.decision import NotAllowed
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    Need,
    Role,
)
from tests.navigator.spec import (
    ALVA,
    ANNA,
    BO,
    CHOIR,
    CITY,
    FIRST,
    HARBOUR,
    PLANNED,
    WALK,
    actor,
    agreed,
    assigned,
    book,
    booked,
    claimed,
    close,
    closed,
    contact,
    given,
    met,
    missed,
    queued,
    reached,
    requested,
    try_contact,
)

BO_HIMSELF = actor(BO)
COORDINATOR = actor("siv", Role.COORDINATOR)
REFERRAL = ReferralAccepted(
    **ALVA, area="centrum", language="sv", needs=(Need.COMPANY,), pathway="open-network"
)


def ask_for(activity: str = "choir", enrolment: str = CHOIR, **said: Any) -> tuple[Any, ...]:
    asked = {
        "goal_id": None,
        "because": (),
        "offered": True,
        "over": frozenset(),
        "pathway": BUILT_IN,
        **said,
    }
    return lambda case, by: plan.request_enrolment(case, by, enrolment, activity, **asked), actor()


# --- taking it on


def test_an_accepted_referral_becomes_somebodys_case() -> None:
    given().when(holding.take_on, REFERRAL, Chosen(ANNA, CITY, ("least_load",)), CITY).then(assigned())


def test_an_accepted_referral_that_fits_nobody_waits_for_the_home_team() -> None:
    given().when(holding.take_on, REFERRAL, Nobody(("no_language",)), CITY).then(queued("no_language"))


def test_a_referral_is_taken_on_once() -> None:
    given(assigned()).when(holding.take_on, REFERRAL, Nobody(("no_language",)), CITY).then_nothing()


# --- claiming it


def test_a_queued_case_is_claimed_by_somebody_of_the_team() -> None:
    given(queued()).when(holding.claim, actor(), ANNA, CITY).then(claimed())


def test_claiming_ones_own_case_again_is_quiet() -> None:
    given(queued(), claimed()).when(holding.claim, actor(), ANNA, CITY).then_nothing()
    given(assigned()).when(holding.claim, actor(), ANNA, CITY).then_nothing()


def test_a_claimed_case_is_not_claimed_again_and_the_other_is_told_who_has_it() -> None:
    given(queued(), claimed()).when(holding.claim, BO_HIMSELF, BO, CITY).then_refused(
        AlreadyClaimed, saying=ANNA
    )


def test_an_assigned_case_is_nobody_elses_to_claim() -> None:
    given(assigned()).when(holding.claim, BO_HIMSELF, BO, HARBOUR).then_refused(AlreadyClaimed, saying=ANNA)


def test_another_teams_case_is_not_claimed() -> None:
    given(queued()).when(holding.claim, BO_HIMSELF, BO, HARBOUR).then_refused(NotThisTeams)


def test_what_no_team_covers_may_be_claimed_by_anybody_and_becomes_their_teams() -> None:
    given(queued(team=NETWORK_TEAM)).when(holding.claim, actor(), ANNA, CITY).then(claimed())


def test_nobody_claims_in_anothers_name_but_a_coordinator() -> None:
    given(queued()).when(holding.claim, BO_HIMSELF, ANNA, CITY).then_refused(NotThisWorkers)
    given(queued()).when(holding.claim, COORDINATOR, ANNA, CITY).then(claimed())


def test_a_stranger_does_not_claim() -> None:
    given(queued()).when(holding.claim, actor("nobody"), "nobody", None).then_refused(UnknownWorker)
    provider = actor("korpen", Role.PROVIDER)
    given(queued()).when(holding.claim, provider, "korpen", CITY).then_refused(NotAllowed)


def test_a_closed_case_is_not_claimed() -> None:
    given(queued(), closed()).when(holding.claim, actor(), ANNA, CITY).then_refused(AlreadyClosed)


# --- working with it

STEPS: dict[str, tuple[Any, ...]] = {
    "record_contact": (try_contact, actor(), ContactOutcome.REACHED),
    "book_meeting": (book, actor()),
    "record_meeting": (work.record_meeting, actor(), FIRST, True, None),
    "agree_plan": (plan.agree, actor(), agreed().goals),  # type: ignore[attr-defined]
    "request_enrolment": ask_for(),
    "close": (close, actor()),
}


@pytest.mark.parametrize("step", STEPS)
def test_no_step_is_taken_before_somebody_has_the_case(step: str) -> None:
    given(queued()).when(*STEPS[step]).then_refused(NotAssigned, saying=CITY)


@pytest.mark.parametrize("step", STEPS)
def test_no_step_is_taken_in_a_closed_case(step: str) -> None:
    given(*PLANNED, closed(CaseOutcome.MOVED)).when(*STEPS[step]).then_refused(AlreadyClosed, saying="moved")


@pytest.mark.parametrize("step", STEPS)
def test_no_step_is_taken_in_anothers_case(step: str) -> None:
    decide, _, *more = STEPS[step]
    given(*PLANNED).when(decide, BO_HIMSELF, *more).then_refused(NotThisWorkers, saying=ANNA)


@pytest.mark.parametrize("step", STEPS)
def test_a_provider_takes_no_step_in_a_case(step: str) -> None:
    decide, _, *more = STEPS[step]
    given(*PLANNED).when(decide, actor("korpen", Role.PROVIDER), *more).then_refused(NotAllowed)


def test_a_coordinator_acts_for_the_link_worker() -> None:
    given(assigned()).when(try_contact, COORDINATOR, ContactOutcome.REACHED).then(reached())


def test_each_contact_attempt_counts() -> None:
    no_answer = ContactOutcome.NO_ANSWER
    given(assigned(), contact(no_answer)).when(try_contact, actor(), no_answer).then(
        contact(no_answer, attempt=2)
    )


def test_a_meeting_is_booked() -> None:
    given(assigned()).when(book, actor()).then(booked())


def test_booking_the_same_time_twice_is_one_booking() -> None:
    again = given(assigned(), booked()).when(book, actor(), "another")
    again.then_nothing()
    assert again.answer[0] == FIRST


def test_a_meeting_is_held_for_as_long_as_booked_unless_somebody_says() -> None:
    story = given(assigned(), booked())
    story.when(work.record_meeting, actor(), FIRST, True, 50).then(met())
    (said,) = story.when(work.record_meeting, actor(), FIRST, True, None).answer
    assert said.minutes == 45


def test_a_meeting_is_missed() -> None:
    given(assigned(), booked()).when(work.record_meeting, actor(), FIRST, False, None).then(missed())


def test_saying_the_same_of_a_meeting_again_is_quiet_and_the_contrary_is_refused() -> None:
    held = given(assigned(), booked(), met())
    held.when(work.record_meeting, actor(), FIRST, True, None).then_nothing()
    held.when(work.record_meeting, actor(), FIRST, False, None).then_refused(MeetingAlreadyRecorded)


def test_a_meeting_nobody_booked_is_not_recorded() -> None:
    given(assigned()).when(work.record_meeting, actor(), FIRST, True, None).then_refused(NoSuchMeeting)


def test_a_plan_is_agreed_with_somebody_who_has_been_reached() -> None:
    goals = agreed().goals  # type: ignore[attr-defined]
    given(assigned()).when(plan.agree, actor(), goals).then_refused(NotYetMet)
    given(assigned(), reached()).when(plan.agree, actor(), goals).then(agreed())


def test_a_later_plan_has_the_next_version() -> None:
    goals = agreed().goals  # type: ignore[attr-defined]
    given(*PLANNED).when(plan.agree, actor(), goals).then(agreed(version=2))


def test_a_place_is_asked_for_when_there_is_a_plan() -> None:
    given(assigned(), reached()).when(*ask_for()).then_refused(NoPlanYet)
    given(*PLANNED).when(*ask_for()).then(requested())


def test_several_places_are_asked_for_at_once() -> None:
    given(*PLANNED, requested()).when(*ask_for("walk", WALK)).then(requested(WALK, "walk"))


def test_asking_for_the_same_activity_again_gives_the_enrolment_that_stands() -> None:
    again = given(*PLANNED, requested()).when(*ask_for(enrolment="another"))
    again.then_nothing()
    assert again.answer[0] == CHOIR


def test_what_was_declined_may_be_asked_for_anew() -> None:
    given(*PLANNED, requested()).when(*ask_for(enrolment="another", over=frozenset({CHOIR}))).then(
        requested("another")
    )


def test_an_activity_that_nobody_published_is_not_asked_for() -> None:
    given(*PLANNED).when(*ask_for(offered=False)).then_refused(UnknownActivity, saying="choir")


def test_a_goal_that_is_not_in_the_plan_is_not_served() -> None:
    given(*PLANNED).when(*ask_for(goal_id="goal-9")).then_refused(NoSuchGoal, saying="goal-1")


# --- closing it


def test_a_case_is_closed_once() -> None:
    given(*PLANNED).when(close, actor()).then(closed())
    given(*PLANNED, closed()).when(close, actor()).then_nothing()


def test_a_case_in_line_is_closed_by_a_coordinator_only() -> None:
    deceased = CaseOutcome.DECEASED
    given(queued()).when(close, actor(), deceased).then_refused(NotAssigned)
    given(queued()).when(close, COORDINATOR, deceased).then(closed(deceased))


def test_there_is_no_case_until_the_referral_is_accepted() -> None:
    given().when(standing.known, "alva").then_refused(UnknownCase, saying="alva")
