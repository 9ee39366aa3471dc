"""Does the list put first what a link worker would? Held by judgements made by hand, before the weights."""

from __future__ import annotations

from statistics import mean

import pytest

from services.navigator.domain.limits import broken_by
from services.navigator.domain.matching import rank
from sluss_contracts.matching import Obstacle
from tests.navigator.matching.judged import Person, everything, ndcg

OFFERS, PERSONS = everything()
FLOOR = 0.95
"""Of nDCG@5 over all persons. docs/architecture/matching.md says what was measured, and how."""
WORST = 0.8
"""For any one of them: nobody is given up for the sake of the average."""


def test_there_are_judgements_enough_to_tell() -> None:
    assert sum(len(person.judged) + len(person.never) for person in PERSONS) >= 60
    known = {offer.activity for offer in OFFERS}
    assert all(person.judged.keys() | person.never <= known for person in PERSONS)
    assert not any(person.judged.keys() & person.never for person in PERSONS)


def test_the_first_five_are_what_a_link_worker_would_say() -> None:
    found = {person.name: round(ndcg(person, OFFERS), 3) for person in PERSONS}
    assert mean(found.values()) >= FLOOR, found
    assert min(found.values()) >= WORST, found


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.name)
def test_no_hard_limit_is_broken(person: Person) -> None:
    suggested = {one.offer.activity for one in rank(person.wishes, OFFERS)}
    assert not suggested & person.never
    for offer in OFFERS:
        if offer.activity in person.never:
            codes = {point.code for point in broken_by(person.wishes, offer)}
            assert codes - {Obstacle.NOTHING_IN_COMMON}, f"{offer.activity} is kept away by nothing but taste"


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.name)
def test_what_suits_best_is_never_missing(person: Person) -> None:
    suggested = {one.offer.activity for one in rank(person.wishes, OFFERS)}
    assert {name for name, grade in person.judged.items() if grade == 3} <= suggested


@pytest.mark.parametrize("person", PERSONS, ids=lambda person: person.name)
def test_the_order_in_which_offers_are_found_does_not_matter(person: Person) -> None:
    once = [one.offer.activity for one in rank(person.wishes, OFFERS)]
    assert [one.offer.activity for one in rank(person.wishes, reversed(OFFERS))] == once
