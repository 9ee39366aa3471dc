"""What a registered provider says is out at once and looked at afterwards; what others suggest waits."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.provider.domain import activity, reviewing, session
from services.provider.domain.refusals import (
    IsPublished,
    NothingToReview,
    NotPublished,
    UnknownActivity,
)
from services.provider.domain.reviewing import Change
from services.provider.domain.session import Session
from sluss_contracts.activity import ActivityAmended, ActivityWithdrawn, SessionCancelled, SessionScheduled
from sluss_contracts.commands.catalogue import ReviewActivity, SendBackActivity, TurnDownProposal
from sluss_contracts.event import Fact
from sluss_contracts.offering import Cost, Venue
from sluss_contracts.vocabulary import Role
from tests.provider.offers import (
    COORDINATOR,
    NEXT_YEAR,
    SAID,
    WHEN,
    amended,
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
from tests.provider.spec import NOON, WALK

REVIEW = ReviewActivity(**COORDINATOR, activity=WALK)
SEND_BACK = SendBackActivity(**COORDINATOR, activity=WALK, why="wrong_place")
TURN_DOWN = TurnDownProposal(**COORDINATOR, activity=WALK, why="not_open_to_all")
ROOM = Venue(name="Gamla torget", street="Torggatan 1", latitude=58.59, longitude=16.18)


def differences(*story: Fact) -> list[Change]:
    there = known(*story)
    assert there is not None
    assert there.review is not None
    return reviewing.changes(there.review.before, there.offer)


def test_what_a_provider_changes_by_itself_is_shown_field_by_field() -> None:
    story = (published(Role.COORDINATOR), amended(capacity=4, venue=ROOM, cost=Cost(kronor=20)))
    assert differences(*story) == [
        Change("capacity", 8, 4),
        Change("venue.name", None, "Gamla torget"),
        Change("venue.street", None, "Torggatan 1"),
        Change("venue.latitude", None, 58.59),
        Change("venue.longitude", None, 16.18),
        Change("cost.kronor", None, 20),
        Change("cost.per", None, "time"),
    ]


def test_what_is_said_no_more_is_a_change_too() -> None:
    story = (published(Role.COORDINATOR, venue=ROOM), amended(venue=Venue(name="Gamla torget")))
    assert [change.field for change in differences(*story)] == [
        "venue.street",
        "venue.latitude",
        "venue.longitude",
    ]


def test_several_changes_are_looked_at_together_against_what_a_coordinator_last_saw() -> None:
    story = [published(), reviewed(), amended(capacity=6), amended(capacity=4, title="Promenad")]
    assert differences(*story) == [Change("title", "Promenad med fika", "Promenad"), Change("capacity", 8, 4)]


def test_what_is_new_is_looked_at_whole() -> None:
    fields = [change.field for change in differences(published(), amended(capacity=4))]
    assert fields[:3] == ["activity", "provider", "title"]
    assert differences(proposed(), published()) == differences(published()), "a suggestion was never out"


@pytest.mark.parametrize(
    "story",
    [
        [published(Role.COORDINATOR)],
        [published(Role.COORDINATOR), verified()],
        [published(), amended(Role.COORDINATOR)],
        [proposed(), published(Role.COORDINATOR)],
        [published(), reviewed()],
        [published(), withdrawn()],
        [proposed(Role.PROVIDER)],
    ],
    ids=str,
)
def test_what_a_coordinator_said_or_saw_does_not_wait_for_one(story: list[Fact]) -> None:
    there = known(*story)
    assert there is not None
    assert there.review is None


def test_looking_twice_is_looking_once() -> None:
    assert reviewing.review(known(published(), amended(capacity=4)), REVIEW, NOON) == [reviewed()]
    assert reviewing.review(known(published(), reviewed()), REVIEW, NOON) == []


def test_what_is_verified_or_hidden_meanwhile_still_waits_to_be_looked_at() -> None:
    for later in (verified(), hidden(), contact_given()):
        assert reviewing.review(known(published(), later), REVIEW, NOON) == [reviewed()]


def test_what_is_sent_back_is_again_what_it_was_and_says_why() -> None:
    there = known(published(), reviewed(), amended(capacity=6), amended(capacity=4))
    (back,) = reviewing.send_back(there, {}, SEND_BACK, *WHEN)
    assert back == ActivityAmended(
        **SAID, by=Role.COORDINATOR, at=NOON, ask_again=NEXT_YEAR, why="wrong_place"
    )
    after = activity.evolve(there, back)
    assert (after.capacity, after.review) == (8, None)


def test_what_was_new_and_is_sent_back_takes_place_no_more() -> None:
    starts = NOON + timedelta(days=1)
    coming = SessionScheduled(session_id="s1", activity=WALK, starts=starts, minutes=90)
    sessions: dict[str, Session] = {"s1": session.evolve(None, coming)}
    assert reviewing.send_back(known(published()), sessions, SEND_BACK, *WHEN) == [
        ActivityWithdrawn(activity=WALK, why="wrong_place"),
        SessionCancelled(session_id="s1", activity=WALK, why="activity_withdrawn"),
    ]


def test_what_has_been_looked_at_is_not_sent_back() -> None:
    for story in ([published(), reviewed()], [published(Role.COORDINATOR)], [published(), withdrawn()]):
        refused(NothingToReview, reviewing.send_back, known(*story), {}, SEND_BACK, *WHEN)


def test_a_suggestion_is_not_reviewed_but_published_or_turned_down() -> None:
    refused(NotPublished, reviewing.review, known(proposed()), REVIEW, NOON)
    refused(NotPublished, reviewing.send_back, known(proposed()), {}, SEND_BACK, *WHEN)
    refused(UnknownActivity, reviewing.review, None, REVIEW, NOON)


def test_a_suggestion_is_turned_down_once_and_with_a_reason() -> None:
    gone = ActivityWithdrawn(activity=WALK, why="not_open_to_all")
    assert reviewing.turn_down(known(proposed()), TURN_DOWN) == [gone]
    assert reviewing.turn_down(known(proposed(), gone), TURN_DOWN) == []
    refused(UnknownActivity, reviewing.turn_down, None, TURN_DOWN)


def test_nobody_turns_down_what_has_been_published_meanwhile() -> None:
    for story in ([proposed(), published()], [proposed(), published(), hidden()]):
        refused(IsPublished, reviewing.turn_down, known(*story), TURN_DOWN)
