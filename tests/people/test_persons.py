"""Simulated people look like real submissions and are nobody."""

from __future__ import annotations

from random import Random

from personnummer import personnummer
from pydantic import TypeAdapter

from sluss.people.persons import identity_number, made_up_person, referral_of
from sluss_contracts.request import ReferralRequested, SubmittedPerson
from sluss_contracts.vocabulary import MessageWay


def test_every_identity_number_is_valid_and_from_the_series_kept_for_testing() -> None:
    chance = Random(1)
    for _ in range(500):
        number = identity_number(chance)
        assert personnummer.valid(number), number
        assert 980 <= int(number[9:12]) <= 999


def test_every_made_up_referral_fits_the_contract() -> None:
    chance = Random(2)
    reader = TypeAdapter(ReferralRequested)
    for number in range(300):
        payload = {"submission_id": f"s-{number}", **referral_of(chance, "Enhet 1", "Lena")}
        assert reader.validate_python(payload, strict=False).needs


def test_everybody_made_up_for_a_life_fits_the_contract_and_some_prefer_a_way() -> None:
    chance, known = Random(5), set[str]()
    people = [made_up_person(chance, known, minor=number % 10 == 0) for number in range(200)]
    reader = TypeAdapter(SubmittedPerson)
    read = [reader.validate_python(person, strict=False) for person in people]
    assert {way for person in read for way in person.prefers} == set(MessageWay)
    assert all(person.guardian for person in read[::10]), "somebody answers for a minor"


def test_the_same_seed_makes_the_same_people() -> None:
    assert referral_of(Random(3), "E", "L") == referral_of(Random(3), "E", "L")


def test_some_have_not_been_asked_yet_and_some_ask_for_a_woman() -> None:
    chance = Random(4)
    made = [referral_of(chance, "E", "L") for _ in range(300)]
    assert {m["consent"]["status"] for m in made} == {"given", "to_be_asked"}
    assert any("requested_gender" in m for m in made)
    assert any("requested_gender" not in m for m in made)
