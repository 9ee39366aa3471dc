"""Who gets a referral: the policy, rule by rule."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.navigator.domain.assignment import Candidate, Chosen, Nobody, Wanted, choose, misses
from services.navigator.domain.worker import Leave
from services.navigator.store.staff import Staff
from sluss_contracts.vocabulary import Gender, Need

TODAY = date(2026, 7, 1)


def wanted(**said: object) -> Wanted:
    asked = {"area": "centrum", "language": "sv", "needs": (Need.COMPANY,)}
    return Wanted(**{**asked, **said})  # type: ignore[arg-type]


def worker(name: str, **said: object) -> Candidate:
    usual = {"team": "city", "areas": ("centrum",), "languages": ("sv",), "capacity": 10, "load": 0}
    return Candidate(worker=name, **{**usual, **said})  # type: ignore[arg-type]


def who(asked: Wanted, *candidates: Candidate) -> str:
    choice = choose(asked, candidates, TODAY)
    assert isinstance(choice, Chosen), choice
    return choice.worker


def why_nobody(asked: Wanted, *candidates: Candidate, near: tuple[Candidate, ...] = ()) -> tuple[str, ...]:
    choice = choose(asked, candidates, TODAY, near)
    assert isinstance(choice, Nobody), choice
    return choice.why


def test_the_least_loaded_gets_it() -> None:
    assert who(wanted(), worker("anna", load=3), worker("bo", load=2)) == "bo"


def test_load_is_weighed_against_capacity() -> None:
    full_timer, part_timer = worker("anna", load=10, capacity=40), worker("bo", load=4, capacity=5)
    assert who(wanted(), full_timer, part_timer) == "anna"


def test_language_beats_load() -> None:
    speaks, idle = worker("anna", load=9, languages=("sv", "ar")), worker("bo")
    assert who(wanted(language="ar"), speaks, idle) == "anna"


def test_a_gender_asked_for_is_a_hard_limit() -> None:
    man, unsaid = worker("bo", gender=Gender.MAN), worker("kim")
    assert why_nobody(wanted(gender=Gender.WOMAN), man, unsaid) == ("no_requested_gender",)
    assert who(wanted(gender=Gender.WOMAN), man, worker("anna", gender=Gender.WOMAN, load=9)) == "anna"


def test_nobody_on_leave_gets_a_case_on_the_first_or_the_last_day() -> None:
    for first, last in [(TODAY, TODAY), (date(2026, 6, 1), TODAY), (TODAY, date(2026, 8, 1))]:
        away = worker("anna", leaves=(Leave(starts=first, ends=last),))
        assert why_nobody(wanted(), away) == ("on_leave",)


def test_a_leave_that_is_over_or_yet_to_come_is_no_hindrance() -> None:
    past = Leave(starts=date(2026, 6, 1), ends=date(2026, 6, 30))
    coming = Leave(starts=date(2026, 7, 2), ends=date(2026, 7, 9))
    assert who(wanted(), worker("anna", leaves=(past, coming))) == "anna"


def test_nobody_gets_more_than_they_can_take() -> None:
    assert why_nobody(wanted(), worker("anna", load=10)) == ("no_capacity",)
    assert why_nobody(wanted(), worker("bo", capacity=0)) == ("no_capacity",)


def test_whoever_had_this_person_before_comes_first() -> None:
    before = worker("anna", load=9)
    assert who(wanted(before="anna"), before, worker("bo", skills=(Need.COMPANY,))) == "anna"


def test_having_had_the_person_before_breaks_no_limit() -> None:
    moved = worker("anna", areas=("vrinnevi",))
    assert who(wanted(before="anna"), moved, worker("bo")) == "bo"


def test_volunteers_come_after_the_employed() -> None:
    assert who(wanted(), worker("vera", volunteer=True), worker("anna", load=9)) == "anna"
    assert who(wanted(), worker("vera", volunteer=True)) == "vera"


def test_a_volunteer_is_given_only_what_suits_one() -> None:
    vera = worker("vera", volunteer=True)
    assert why_nobody(wanted(needs=(Need.COMPANY, Need.DEBT)), vera) == ("needs_employed",)


def test_whoever_knows_more_of_the_needs_comes_before_the_less_loaded() -> None:
    asked = wanted(needs=(Need.GRIEF, Need.DEBT))
    knows_both = worker("anna", load=8, skills=(Need.GRIEF, Need.DEBT))
    assert who(asked, knows_both, worker("bo", skills=(Need.GRIEF,)), worker("kim")) == "anna"


def test_among_equals_it_is_always_the_same_one() -> None:
    equals = [worker(name) for name in ("cilla", "anna", "bo")]
    assert {who(wanted(), *order) for order in (equals, equals[::-1])} == {"anna"}


def test_it_says_what_decided() -> None:
    asked = wanted(gender=Gender.WOMAN, needs=(Need.DEBT,), before="anna")
    anna = worker("anna", gender=Gender.WOMAN, skills=(Need.DEBT,))
    choice = choose(asked, [anna], TODAY)
    assert choice == Chosen(
        "anna",
        "city",
        (
            "had_this_person_before",
            "requested_gender",
            "speaks_language",
            "knows_the_needs",
            "only_one_who_fits",
        ),
    )
    for others, last in [((worker("bo", load=1),), "least_load"), ((worker("bo"),), "first_in_order")]:
        choice = choose(wanted(), [worker("anna"), *others], TODAY)
        assert isinstance(choice, Chosen)
        assert choice.because == ("speaks_language", last)


def test_it_says_why_nobody_the_nearest_miss_first() -> None:
    asked = wanted(language="ar", gender=Gender.WOMAN)
    far = worker("bo", load=10)  # no capacity, no gender, no language
    near = worker("anna", gender=Gender.WOMAN, languages=("sv",))  # only the language
    assert why_nobody(asked, far, near) == ("no_language", "no_capacity", "no_requested_gender")


def test_those_who_are_only_near_explain_and_are_never_chosen() -> None:
    assert why_nobody(wanted(), near=(worker("anna"), worker("bo", load=10))) == ("no_capacity",)


def test_with_nobody_at_all_it_says_so() -> None:
    assert why_nobody(wanted()) == ("no_worker_in_area",)


codes = st.sampled_from
someone = st.builds(
    Candidate,
    worker=st.text("abcdef", min_size=1, max_size=3),
    team=codes(["city", "harbour"]),
    areas=st.lists(codes(["centrum", "vrinnevi"]), min_size=1, unique=True).map(tuple),
    languages=st.lists(codes(["sv", "ar"]), min_size=1, unique=True).map(tuple),
    capacity=st.integers(0, 4),
    load=st.integers(0, 4),
    skills=st.lists(codes(list(Need)), max_size=3, unique=True).map(tuple),
    gender=st.none() | codes(Gender),
    volunteer=st.booleans(),
    leaves=st.just(()) | st.just((Leave(starts=TODAY, ends=TODAY),)),
)
people = st.lists(someone, max_size=8, unique_by=lambda each: each.worker)
asking = st.builds(
    Wanted,
    area=codes(["centrum", "vrinnevi", "vikbolandet"]),
    language=codes(["sv", "ar", "so"]),
    needs=st.lists(codes(list(Need)), min_size=1, max_size=3, unique=True).map(tuple),
    gender=st.none() | codes(Gender),
    before=st.none() | st.text("abcdef", min_size=1, max_size=3),
)


@given(asking, people, st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_same_question_has_the_same_answer_in_any_order(asked, candidates, chance) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(candidates)
    chance.shuffle(shuffled)
    assert choose(asked, candidates, TODAY) == choose(asked, shuffled, TODAY)


@given(asking, people)
@settings(max_examples=100, deadline=None)
def test_whoever_is_chosen_fits_and_somebody_who_fits_is_chosen(asked, candidates) -> None:  # type: ignore[no-untyped-def]
    choice = choose(asked, candidates, TODAY)
    fitting = {each.worker for each in candidates if not misses(asked, each, TODAY)}
    if isinstance(choice, Chosen):
        assert choice.worker in fitting
        assert choice.because
    else:
        assert not fitting
        assert choice.why


@given(st.lists(asking, max_size=12), people)
@settings(max_examples=100, deadline=None)
def test_a_whole_batch_never_exceeds_anybodys_capacity(batch, candidates) -> None:  # type: ignore[no-untyped-def]
    staff = Staff({each.worker: each for each in candidates}, [])
    before = {each.worker: each.load for each in candidates}
    for asked in batch:
        choice = choose(asked, staff.candidates.values(), TODAY)
        if isinstance(choice, Chosen):
            staff.give(choice.worker)
    for name, each in staff.candidates.items():
        assert each.load <= max(each.capacity, before[name])


@pytest.mark.parametrize(
    "need", [Need.DEBT, Need.HOUSING, Need.SUBSTANCE_USE, Need.MENTAL_WELLBEING, Need.GRIEF]
)
def test_needs_that_tell_too_much_stay_with_the_employed(need: Need) -> None:
    assert why_nobody(wanted(needs=(need,)), worker("vera", volunteer=True)) == ("needs_employed",)
