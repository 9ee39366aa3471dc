"""The same seed makes the same people with the same turns, and each pathway shows its mark early."""

from __future__ import annotations

from collections import Counter

import pytest
from pydantic import TypeAdapter

from sluss.pathways.files import SHIPPED, shipped
from sluss.people.lives import SCRIPTS, Book, Life, Turn
from sluss.people.places import PLACES
from sluss.people.telling import Summary, Way, in_days
from sluss_contracts.request import ReferralRequested
from sluss_contracts.vocabulary import ConsentStatus


def lives(seed: int, referrals: int = 120) -> list[Life]:
    return Book(seed, SHIPPED).write(referrals)


def told(life: Life) -> tuple[object, ...]:
    return life.name, life.turn, life.organisation, life.payload, life.comes, life.elsewhere


def test_the_same_seed_makes_the_same_lives_and_another_others() -> None:
    assert [told(life) for life in lives(7)] == [told(life) for life in lives(7)]
    assert [told(life) for life in lives(7)] != [told(life) for life in lives(8)]
    assert lives(7)[0].submission_id != lives(7)[0].submission_id, "two runs are not the same submissions"


def test_every_life_begins_with_a_submission_the_contract_takes_and_the_pathway_lets_in() -> None:
    reader = TypeAdapter(ReferralRequested)
    known = {pathway.pathway: pathway for pathway in shipped()}
    for life in lives(3, 300):
        request = reader.validate_python({"submission_id": "s", **life.payload}, strict=False)
        assert request.pathway == life.pathway
        entry = known[life.pathway].entry
        assert request.referrer.channel in entry.channels, life.name
        asked = request.consent.status is ConsentStatus.GIVEN
        assert not asked or set(entry.consent) <= set(request.consent.purposes)


def test_nobody_is_referred_twice_but_those_who_are_meant_to_be() -> None:
    made = lives(7, 600)
    numbers = [life.payload["person"]["identity_number"] for life in made if life.after is None]
    assert len(numbers) == len(set(numbers))
    by_submission = {life.submission_id: life for life in made}
    again = [life for life in made if life.after]
    assert {by_submission[life.after].turn for life in again if life.after} == {Turn.TWICE, Turn.COMES_BACK}
    assert all(
        life.payload["person"] == by_submission[life.after].payload["person"] for life in again if life.after
    )


@pytest.mark.parametrize("pathway", SHIPPED)
def test_a_handful_of_people_already_shows_what_is_particular(pathway: str) -> None:
    made = Book(1, (pathway,)).write(len(SCRIPTS[pathway]))
    turns = {life.turn for life in made if life.after is None}
    assert turns == set(SCRIPTS[pathway])
    assert {life.organisation for life in made} <= set(PLACES[pathway].organisations)


def test_few_people_are_never_told_of_by_number() -> None:
    summary = Summary({"open-network": Way()}, Counter({("hageby", "debt"): 7, ("hageby", "work"): 4}), 0)
    assert summary.unmet_shown() == [("hageby", "debt", "7"), ("hageby", "work", "fewer than 5")]


def test_waiting_is_told_by_the_middle_one_and_the_longest() -> None:
    assert in_days([1, 3, 11]) == "3 (at most 11)"
    assert in_days([]) == "–"
