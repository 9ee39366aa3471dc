"""Where each event puts a referral, whatever order the events of four services arrive in."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.navigator.board import NAMING
from services.navigator.steps import KEPT, Card, Lane, Mark, advance, kept, place_in_line
from sluss_contracts.event import Event, Fact
from sluss_contracts.message import FeedbackSent
from sluss_contracts.referral import ReferralLinked
from sluss_contracts.vocabulary import FeedbackPoint, LinkKind
from tests.support.pages import NOON, Teller, Way

WAY = Way("0f0f0f0f-0000-7000-8000-000000000001", "vc-skarptorp")


def _events(*facts: Fact) -> list[Event[Any]]:
    teller = Teller(pool=None)
    return [teller.event(fact, at=NOON.replace(minute=number)) for number, fact in enumerate(facts)]


def _advance(card: Card, event: Event[Any]) -> None:
    advance(card, event, place_in_line(event))


def _after(*facts: Fact) -> Card:
    card = Card(WAY.referral)
    for event in _events(*facts):
        _advance(card, event)
    return card


def _whole_way() -> list[Fact]:
    return [fact for facts in WAY.steps(NOON) for fact in facts]


def _troubled_way() -> list[Fact]:
    whole = _whole_way()
    return [WAY.held(), *whole[:6], WAY.passed(), *whole[6:10], WAY.declined(), *whole[10:], WAY.passed()]


def _steps(upto: int) -> list[Fact]:
    return [fact for facts in WAY.steps(NOON)[:upto] for fact in facts]


@pytest.mark.parametrize(
    ("upto", "lane", "mark"),
    [
        (1, Lane.RECEIVED, None),
        (2, Lane.ASSIGNED, None),
        (3, Lane.MEETING, None),
        (4, Lane.PLAN, None),
        (5, Lane.ACTIVITY, Mark.OFFERED),
        (6, Lane.ACTIVITY, None),
        (7, Lane.FOLLOW_UP, Mark.FOLLOW_UP_DUE),
        (8, Lane.CLOSED, Mark.FEEDBACK_AWAITED),
        (9, Lane.CLOSED, Mark.REFERRER_TOLD),
    ],
)
def test_a_referral_moves_from_lane_to_lane(upto: int, lane: Lane, mark: Mark | None) -> None:
    card = _after(*_steps(upto))
    assert (card.lane, card.mark) == (lane, mark)


@given(st.permutations(range(len(_troubled_way()))))
def test_the_order_of_arrival_changes_nothing(order: list[int]) -> None:
    events = _events(*_troubled_way())
    in_order, shuffled = Card(WAY.referral), Card(WAY.referral)
    for event in events:
        _advance(in_order, event)
    for number in order:
        _advance(shuffled, events[number])
    assert shuffled == in_order


@given(st.integers(1, 8), st.randoms(use_true_random=False))
def test_the_same_events_again_change_nothing(upto: int, rng: random.Random) -> None:
    events = _events(*_steps(upto))
    once, again = Card(WAY.referral), Card(WAY.referral)
    for event in events:
        _advance(once, event)
    for event in events + rng.sample(events, len(events)):
        _advance(again, event)
    assert again == once


def test_a_held_referral_says_what_it_waits_for() -> None:
    assert _after(WAY.submitted(), WAY.held()).mark is Mark.CONSENT_AWAITED


def test_a_referral_in_line_belongs_to_the_team_and_to_nobody_in_it() -> None:
    card = _after(WAY.submitted(), WAY.accepted(), WAY.queued())
    assert (card.lane, card.mark, card.team, card.worker) == (
        Lane.RECEIVED,
        Mark.IN_LINE,
        "team-skarptorp",
        None,
    )


def test_a_deadline_that_passes_marks_the_card_where_it_is() -> None:
    card = _after(*_steps(2), WAY.passed())
    assert (card.lane, card.mark) == (Lane.ASSIGNED, Mark.OVERDUE)


def test_the_next_step_takes_the_mark_away() -> None:
    card = _after(*_steps(2), WAY.passed(), *WAY.steps(NOON)[2])
    assert (card.lane, card.mark) == (Lane.MEETING, None)


def test_what_happens_in_one_moment_keeps_its_order() -> None:
    teller = Teller(pool=None)
    events = [teller.event(fact) for fact in _whole_way() if fact.AGGREGATE == "case"]
    for order in (events, events[::-1]):
        card = Card(WAY.referral)
        for event in order:
            _advance(card, event)
        assert (card.lane, card.step) == (Lane.CLOSED, "case.closed")


def test_closed_is_closed_whatever_is_said_later() -> None:
    card = _after(*_whole_way(), WAY.passed(), WAY.declined())
    assert (card.lane, card.mark) == (Lane.CLOSED, Mark.REFERRER_TOLD)


def test_a_duplicate_is_with_another_until_its_referrer_hears_how_that_ended() -> None:
    linked = ReferralLinked(
        referral_id=WAY.referral, organisation=WAY.organisation, how=LinkKind.DUPLICATE_OF, to="0f0f-other"
    )
    first, *_ = _whole_way()
    told = FeedbackSent(
        feedback_id="f-1",
        referral_id=WAY.referral,
        organisation=WAY.organisation,
        point=FeedbackPoint.CLOSURE,
    )
    before, after = _after(first, linked), _after(first, linked, told)
    assert (before.lane, before.mark) == (Lane.RECEIVED, Mark.TOGETHER)
    assert (after.lane, after.mark) == (Lane.CLOSED, Mark.REFERRER_TOLD)
    replacing = _after(first, linked.model_copy(update={"how": LinkKind.REPLACES}))
    assert (replacing.lane, replacing.mark) == (Lane.RECEIVED, None)


def test_every_followed_fact_is_about_a_referral() -> None:
    assert all("referral_id" in fact.model_fields for fact in KEPT)
    assert not set(KEPT) & set(NAMING)


def test_only_fields_that_exist_are_kept() -> None:
    for fact, fields in KEPT.items():
        assert set(fields) <= set(fact.model_fields), fact.TYPE


def test_nothing_about_the_person_is_kept() -> None:
    told = {name for fields in KEPT.values() for name in fields}
    assert not told & {"person", "needs", "reason_text", "alias", "referrer", "feedback_text", "area"}
    assert not any("a-pseudonym" in str(kept(fact)) for fact in _whole_way())


def test_what_a_plan_says_stays_in_the_vault() -> None:
    plan = next(fact for fact in _whole_way() if fact.TYPE == "sluss.plan.agreed.v1")
    assert kept(plan) == {"version": 1, "goals": 1}
