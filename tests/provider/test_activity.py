"""An activity from suggestion to withdrawal, and its sessions: what may follow what, and who may say it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.provider.domain import activity, session
from services.provider.domain.activity import LIFECYCLE, Status
from services.provider.domain.refusals import (
    AnothersActivity,
    ForAnotherProvider,
    IsThereAlready,
    NotPublished,
    SessionClash,
    SessionIsCancelled,
    SessionIsOver,
    TakesPlaceNoMore,
    TimeHasPassed,
    UnknownActivity,
    UnknownProvider,
    UnknownSession,
)
from services.provider.domain.session import Session
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityRescheduled,
    SessionCancelled,
    SessionScheduled,
)
from sluss_contracts.commands.provider import (
    CancelSession,
    ProposeActivity,
    PublishActivity,
    PublishProposal,
    RescheduleSession,
    ScheduleSession,
    VerifyActivity,
    WithdrawActivity,
)
from sluss_contracts.event import Fact
from sluss_contracts.offering import Mode, Venue
from sluss_contracts.vocabulary import Role
from tests.provider.offers import (
    COORDINATOR,
    NEXT_YEAR,
    OF_HEMGARDEN,
    SAID,
    WHEN,
    amended,
    asked_about,
    contact_given,
    hidden,
    known,
    proposed,
    published,
    refused,
    reviewed,
    verified,
    withdrawn,
)
from tests.provider.spec import ASKED, HEMGARDEN, KORPEN, NOON, WALK


def publish(by: Any = ASKED, **other: Any) -> PublishActivity:
    return PublishActivity(**by, **{**SAID, **other})


@pytest.mark.parametrize(
    ("change", "elsewhere"),
    [
        ({"venue": Venue(name="Stadsbiblioteket", town="Norrköping")}, True),
        ({"venue": Venue(name="Folkparken", postal_code="602 36")}, False),
        ({"mode": Mode.DIGITAL}, True),
        ({"venue": None}, False),
        ({"capacity": 3}, False),
    ],
)
def test_whoever_would_come_to_the_wrong_place_is_to_be_told(change: dict[str, Any], elsewhere: bool) -> None:
    story = publish(venue=Venue(name="Folkparken"))
    (first,) = activity.publish(None, story, *WHEN, provider_is_known=True)
    there = activity.evolve(None, first)
    again = story.model_copy(update=change)
    (said,) = activity.publish(there, again, *WHEN, provider_is_known=True)
    assert isinstance(said, ActivityAmended)
    assert said.elsewhere is elsewhere


def propose(by: Any = COORDINATOR, **other: Any) -> ProposeActivity:
    return ProposeActivity(**by, **{**SAID, **other})


def test_anybody_may_suggest_also_for_somebody_nobody_has_registered() -> None:
    assert activity.propose(None, propose(OF_HEMGARDEN), NOON) == [proposed(Role.PROVIDER)]


def test_suggesting_the_same_twice_is_suggesting_it_once_and_nobody_rewrites_anothers_suggestion() -> None:
    for story in ([proposed()], [published()], [published(), hidden()]):
        assert activity.propose(known(*story), propose(), NOON) == []
        refused(IsThereAlready, activity.propose, known(*story), propose(title="Gåfotboll"), NOON)
    refused(IsThereAlready, activity.propose, known(published(), withdrawn()), propose(), NOON)


def publish_proposal() -> PublishProposal:
    return PublishProposal(**COORDINATOR, activity=WALK)


def test_a_coordinator_publishes_a_suggestion_as_it_is() -> None:
    facts = activity.publish_proposal(known(proposed()), publish_proposal(), *WHEN, provider_is_known=True)
    assert facts == [published(Role.COORDINATOR)]
    assert (
        activity.publish_proposal(
            known(proposed(), published()), publish_proposal(), *WHEN, provider_is_known=True
        )
        == []
    )


def test_a_suggestion_waits_until_its_provider_is_registered() -> None:
    decide, command = activity.publish_proposal, publish_proposal()
    refused(UnknownProvider, decide, known(proposed()), command, *WHEN, provider_is_known=False)
    refused(UnknownActivity, decide, None, command, *WHEN, provider_is_known=True)
    refused(TakesPlaceNoMore, decide, known(proposed(), withdrawn()), command, *WHEN, provider_is_known=True)


def test_a_registered_provider_publishes_at_once_also_what_somebody_else_suggested_for_it() -> None:
    assert activity.publish(None, publish(), *WHEN, provider_is_known=True) == [published()]
    assert activity.publish(known(proposed()), publish(capacity=5), *WHEN, provider_is_known=True) == [
        published(capacity=5)
    ]


def test_a_suggestion_may_turn_out_to_be_anothers_but_no_provider_takes_it_for_itself() -> None:
    mine = publish(OF_HEMGARDEN, provider=HEMGARDEN)
    refused(AnothersActivity, activity.publish, known(proposed()), mine, *WHEN, provider_is_known=True)
    sorted_out = publish(COORDINATOR, provider=HEMGARDEN)
    assert activity.publish(known(proposed()), sorted_out, *WHEN, provider_is_known=True) == [
        published(Role.COORDINATOR, provider=HEMGARDEN)
    ]


def test_nobody_publishes_verifies_or_withdraws_for_another_provider() -> None:
    there = known(published())
    refused(ForAnotherProvider, activity.publish, there, publish(OF_HEMGARDEN), *WHEN, provider_is_known=True)
    refused(ForAnotherProvider, activity.verify, there, verify(OF_HEMGARDEN), *WHEN)
    refused(ForAnotherProvider, activity.withdraw, there, {}, withdraw(OF_HEMGARDEN), NOON)


def verify(by: Any = ASKED) -> VerifyActivity:
    return VerifyActivity(**by, activity=WALK)


def test_verifying_says_by_whom_and_when_it_is_asked_again() -> None:
    assert activity.verify(known(published(Role.COORDINATOR)), verify(), *WHEN) == [verified()]
    assert activity.verify(known(published()), verify(COORDINATOR), *WHEN) == [verified(Role.COORDINATOR)]


def test_verifying_twice_on_a_day_is_verifying_once_and_publishing_it_is_one_of_them() -> None:
    assert activity.verify(known(published()), verify(), *WHEN) == []
    there = known(published(), verified())
    assert activity.verify(there, verify(), NOON, NEXT_YEAR + timedelta(hours=3)) == []
    assert activity.verify(there, verify(), NOON, NEXT_YEAR + timedelta(days=1)) != []


def test_what_somebody_vouches_for_tells_who_when_and_when_it_is_asked_next() -> None:
    told = [(amended(), KORPEN), (verified(Role.LINK_WORKER), None), (amended(Role.COORDINATOR), None)]
    for last, whose in told:
        there = known(published(), last)
        assert there is not None
        assert there.vouched is not None
        assert (there.vouched.by, there.vouched.provider, there.vouched.at) == (last.by, whose, NOON)  # type: ignore[attr-defined]
        assert there.ask_again == NEXT_YEAR


@pytest.mark.parametrize("answer", [verified(), amended()], ids=["verified", "amended"])
def test_what_somebody_is_asked_about_sinks_until_they_answer(answer: Fact) -> None:
    sunk = known(published(), asked_about())
    assert sunk is not None
    assert sunk.hides == NEXT_YEAR
    assert activity.verify(sunk, verify(), *WHEN) == [verified()]
    assert activity.publish(sunk, publish(), *WHEN, provider_is_known=True) == [amended()]
    answered = known(published(), asked_about(), answer)
    assert answered is not None
    assert answered.hides is None


def test_what_is_hidden_is_shown_again_by_verifying_or_by_saying_it_anew() -> None:
    there = known(published(), verified(), hidden())
    assert activity.verify(there, verify(), *WHEN) == [verified()]
    assert activity.publish(there, publish(), *WHEN, provider_is_known=True) == [amended()]
    for last in (verified(), amended()):
        state = known(published(), hidden(), last)
        assert state is not None
        assert state.status is Status.PUBLISHED


def test_what_is_only_suggested_or_gone_is_not_verified() -> None:
    refused(NotPublished, activity.verify, known(proposed()), verify(), *WHEN)
    refused(TakesPlaceNoMore, activity.verify, known(published(), withdrawn()), verify(), *WHEN)
    refused(UnknownActivity, activity.verify, None, verify(), *WHEN)


def test_whoever_runs_it_is_asked_and_then_it_is_hidden() -> None:
    assert activity.ask_whether_right(known(published()), NEXT_YEAR) == [asked_about()]
    assert activity.expire(known(published(), asked_about())) == [hidden()]


@pytest.mark.parametrize(
    "story", [[], [proposed()], [published(), hidden()], [published(), withdrawn()]], ids=str
)
def test_nobody_is_asked_about_what_is_not_shown(story: list[Fact]) -> None:
    assert activity.ask_whether_right(known(*story), NEXT_YEAR) == []
    assert activity.expire(known(*story)) == []


def withdraw(by: Any = ASKED) -> WithdrawActivity:
    return WithdrawActivity(**by, activity=WALK, why="no_leader")


@pytest.mark.parametrize("story", [[proposed()], [published()], [published(), hidden()]], ids=str)
def test_whatever_is_not_over_may_be_withdrawn_once(story: list[Fact]) -> None:
    assert activity.withdraw(known(*story), {}, withdraw(COORDINATOR), NOON) == [withdrawn()]
    assert activity.withdraw(known(*story, withdrawn()), {}, withdraw(COORDINATOR), NOON) == []


def test_withdrawing_cancels_the_sessions_to_come_and_leaves_those_that_were() -> None:
    sessions = {id: at(id, days) for id, days in (("was", -1), ("second", 9), ("first", 2))}
    sessions["cancelled"] = session.evolve(at("cancelled", 3), cancelled("cancelled"))
    facts = activity.withdraw(known(published()), sessions, withdraw(), NOON)
    gone = [(fact.session_id, fact.why) for fact in facts if isinstance(fact, SessionCancelled)]
    assert gone == [("first", "activity_withdrawn"), ("second", "activity_withdrawn")]


def test_what_is_withdrawn_is_published_anew_under_another_id() -> None:
    there = known(published(), withdrawn())
    refused(TakesPlaceNoMore, activity.publish, there, publish(), *WHEN, provider_is_known=True)
    refused(TakesPlaceNoMore, session.schedule, there, {}, schedule(), "s1")


def scheduled(id: str = "tuesday", days: float = 1) -> Fact:
    return SessionScheduled(session_id=id, activity=WALK, starts=NOON + timedelta(days=days), minutes=90)


def at(id: str = "tuesday", days: float = 1) -> Session:
    return session.evolve(None, scheduled(id, days))


def cancelled(id: str = "tuesday") -> Fact:
    return SessionCancelled(session_id=id, activity=WALK, why="leader_ill")


def moved(days: float, minutes: int = 90) -> Fact:
    starts = NOON + timedelta(days=days)
    told = {"starts": starts, "minutes": minutes, "tells_all": True, "was": NOON + timedelta(days=1)}
    return ActivityRescheduled(session_id="tuesday", activity=WALK, **told)


WALKING = known(published())


def schedule(by: Any = ASKED, days: float = 1) -> ScheduleSession:
    return ScheduleSession(**by, activity=WALK, starts=NOON + timedelta(days=days))


def cancel(by: Any = ASKED, id: str = "tuesday") -> CancelSession:
    return CancelSession(**by, activity=WALK, session_id=id, why="leader_ill")


def reschedule(days: float, minutes: int | None = None, by: Any = ASKED) -> RescheduleSession:
    starts = NOON + timedelta(days=days)
    return RescheduleSession(**by, activity=WALK, session_id="tuesday", starts=starts, minutes=minutes)


def test_a_session_is_cancelled_once() -> None:
    tuesday = at()
    assert session.cancel(WALKING, {"tuesday": tuesday}, cancel(), NOON) == [cancelled()]
    gone = session.evolve(tuesday, cancelled())
    assert session.cancel(WALKING, {"tuesday": gone}, cancel(), NOON) == []


def test_a_session_is_moved_to_a_time_that_is_to_come() -> None:
    tuesday = {"tuesday": at()}
    assert session.reschedule(WALKING, tuesday, reschedule(2), NOON) == [moved(2)]
    assert session.reschedule(WALKING, tuesday, reschedule(1, 60), NOON) == [moved(1, 60)]
    assert session.reschedule(WALKING, tuesday, reschedule(1), NOON) == []
    assert session.evolve(tuesday["tuesday"], moved(2, 60)).ends == NOON + timedelta(days=2, minutes=60)
    refused(TimeHasPassed, session.reschedule, WALKING, tuesday, reschedule(-1), NOON)


def test_a_session_is_moved_to_another_place_and_stays_there() -> None:
    hall, library = Venue(name="Simhallen"), Venue(name="Biblioteket")
    to_the_hall = reschedule(1).model_copy(update={"venue": hall})
    (said,) = session.reschedule(WALKING, {"tuesday": at()}, to_the_hall, NOON)
    assert isinstance(said, ActivityRescheduled)
    assert (said.starts, said.venue, said.elsewhere) == (said.was, hall, True)
    there = {"tuesday": session.evolve(at(), said)}
    assert session.reschedule(WALKING, there, to_the_hall, NOON) == []
    (later,) = session.reschedule(WALKING, there, reschedule(2), NOON)
    assert isinstance(later, ActivityRescheduled)
    assert (later.venue, later.elsewhere) == (hall, False), "another time, the same place"

    new = schedule().model_copy(update={"venue": hall})
    (added,) = session.schedule(WALKING, {}, new, "s2")[1]
    assert isinstance(added, SessionScheduled)
    assert added.venue == hall
    other = schedule().model_copy(update={"venue": library})
    refused(SessionClash, session.schedule, WALKING, there, other, "s2")


def test_what_has_taken_place_is_neither_cancelled_nor_moved() -> None:
    over = {"tuesday": at(days=-1)}
    refused(SessionIsOver, session.cancel, WALKING, over, cancel(), NOON)
    refused(SessionIsOver, session.reschedule, WALKING, over, reschedule(2), NOON)


def test_a_cancelled_session_is_not_moved_and_its_time_is_free_again() -> None:
    gone = {"tuesday": session.evolve(at(), cancelled())}
    refused(SessionIsCancelled, session.reschedule, WALKING, gone, reschedule(2), NOON)
    id, facts = session.schedule(WALKING, gone, schedule(), "new")
    assert (id, len(facts)) == ("new", 1)


def test_two_sessions_are_never_moved_to_the_same_time() -> None:
    both = {"tuesday": at(), "wednesday": at("wednesday", 2)}
    refused(SessionClash, session.reschedule, WALKING, both, reschedule(2), NOON)


def test_sessions_are_run_by_whoever_runs_the_activity() -> None:
    there = {"tuesday": at()}
    refused(ForAnotherProvider, session.schedule, WALKING, there, schedule(OF_HEMGARDEN), "s2")
    refused(ForAnotherProvider, session.cancel, WALKING, there, cancel(OF_HEMGARDEN), NOON)
    refused(ForAnotherProvider, session.reschedule, WALKING, there, reschedule(2, by=OF_HEMGARDEN), NOON)
    assert session.cancel(WALKING, there, cancel(COORDINATOR), NOON) == [cancelled()]


def test_what_is_only_suggested_has_no_sessions_and_unknown_ones_are_named() -> None:
    refused(UnknownActivity, session.schedule, known(proposed()), {}, schedule(COORDINATOR), "s1")
    refused(UnknownActivity, session.cancel, None, {}, cancel(), NOON)
    refused(UnknownSession, session.cancel, WALKING, {"tuesday": at()}, cancel(id="friday"), NOON)


STORIES: dict[Status | None, list[Fact]] = {
    None: [],
    Status.PROPOSED: [proposed()],
    Status.PUBLISHED: [published()],
    Status.HIDDEN: [published(), hidden()],
    Status.WITHDRAWN: [published(), withdrawn()],
}
FACTS = {
    type(fact): fact
    for fact in (
        *(proposed(), published(), amended(), verified(), asked_about(), hidden(), withdrawn()),
        *(reviewed(), contact_given()),
    )
}


@pytest.mark.parametrize("fact", LIFECYCLE.moves)
@pytest.mark.parametrize("before", STORIES)
def test_every_fact_follows_exactly_the_states_of_the_table(before: Status | None, fact: type[Fact]) -> None:
    if LIFECYCLE.allows(before, fact):
        after = activity.evolve(known(*STORIES[before]), FACTS[fact])
        assert after.status == (LIFECYCLE.moves[fact].to or before)
    else:
        with pytest.raises(OutOfOrder):
            activity.evolve(known(*STORIES[before]), FACTS[fact])


def test_of_a_session_nothing_follows_its_cancellation_and_nothing_comes_before_its_schedule() -> None:
    gone = session.evolve(at(), cancelled())
    for fact in (cancelled(), moved(2), scheduled()):
        with pytest.raises(OutOfOrder):
            session.evolve(gone, fact)
    for fact in (cancelled(), moved(2)):
        with pytest.raises(OutOfOrder):
            session.evolve(None, fact)
