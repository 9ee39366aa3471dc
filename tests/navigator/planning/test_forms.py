"""From what somebody filled in to what is recorded: every fault at once, nothing lost, nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter

from services.navigator.domain.case import Case, Status
from services.navigator.planning import instrument_form, mapping_form, match_form, plan_form
from services.navigator.planning.change import rows_of
from services.navigator.planning.filled import Filled, typed
from services.navigator.planning.recept_text import first_time, when, where
from services.navigator.planning.words import ENDS, RELATIONS
from services.runtime.languages import load_languages
from services.runtime.web.sending import NotDone
from sluss_contracts.instruments import asking, built_in, pack_of
from sluss_contracts.mapping import MappingRecorded, MeasureRecorded, Relation
from sluss_contracts.offering import Venue
from sluss_contracts.pathway import BUILT_IN, Measurement
from sluss_contracts.plan import Goal
from sluss_contracts.vocabulary import (
    Code,
    LonelyFor,
    Need,
    PrescriptionKind,
    RelationWish,
    SupportLevel,
    Timepoint,
    Verdict,
)

REF = "0190a224-0000-7000-8000-000000000001"
MAPPED = MappingRecorded(
    referral_id="r1",
    version=2,
    relations=(
        Relation(who="sister", wish=RelationWish.RESUME),
        Relation(who="uncle", wish=RelationWish.KEEP),
    ),
    interests=("coffee", "kite_flying"),
    needs=(Need.COMPANY,),
    lonely_for=LonelyFor.YEARS,
    support_level=SupportLevel.CLOSE,
    what_matters=REF,
)


def case(**said: Any) -> Case:
    usual = {"referral_id": "r1", "person": "p", "organisation": "vc", "status": Status.ASSIGNED, "team": "t"}
    return Case(**{**usual, **said})


def filled(**fields: Any) -> Filled:
    return Filled(
        {
            name.replace("__", "-"): (value,) if isinstance(value, str) else value
            for name, value in fields.items()
        }
    )


def test_a_mapping_that_is_sent_as_it_was_shown_is_the_same_mapping() -> None:
    shown = mapping_form.filled_from(MAPPED, "Kaffe")
    said = mapping_form.recorded_by(Filled(shown), MAPPED)
    assert not shown.faults
    assert said["what_matters"] == "Kaffe"
    again = MappingRecorded(referral_id="r1", version=2, **{**said, "what_matters": REF})
    assert again == MAPPED


def test_a_relation_is_who_and_what_is_wished_and_nothing_that_was_not_offered() -> None:
    form = filled(who__1="sister", wish__1="", who__2="", wish__2="keep", who__3="uncle", wish__3="keep")
    mapping_form.recorded_by(form, None)
    assert set(form.faults) == {"wish-1", "who-2", "who-3"}
    assert mapping_form.rows_of(form) == [("sister", ""), ("", "keep"), ("uncle", "keep"), *[("", "")] * 3]


def test_what_was_not_on_the_page_is_not_recorded() -> None:
    form = filled(needs=("company", "world_domination"), interests=("coffee", "<b>"), lonely_for="weeks")
    said = mapping_form.recorded_by(form, None)
    assert (said["needs"], said["interests"], said["lonely_for"]) == (("company",), ("coffee",), "weeks")


def test_every_fault_is_told_at_once_and_by_the_fields_own_names() -> None:
    form = filled(what_matters="x" * 4001, lonely_for="for_ever", who__1="sister")
    mapping_form.recorded_by(form, None)
    with pytest.raises(NotDone) as no:
        form.must_be_clear()
    assert set(no.value.faults) == {"what_matters", "lonely_for", "wish-1"}
    assert no.value.status == 422
    with pytest.raises(NotDone) as one_of_many:
        form.must_be_clear(of="g1")
    assert "what_matters-g1" in one_of_many.value.faults


def test_a_plan_is_agreed_with_the_person_and_has_a_goal() -> None:
    there = case(goals=(Goal(goal_id="g1", words=REF, kind=PrescriptionKind.SOCIAL),))
    nothing = filled(keep=())
    plan_form.agreed_by(nothing, there)
    assert set(nothing.faults) == {"goal-1", "agreed"}
    some = filled(keep=("g1", "g9"), agreed="yes", goal__2="Sjunga", kind__2="culture")
    said = plan_form.agreed_by(some, there)
    assert not some.faults
    assert said["keep"] == ("g1",)
    assert [(goal.words, goal.kind.value) for goal in said["goals"]] == [("Sjunga", "culture")]
    many = filled(agreed="yes", keep="g1", **{f"goal__{n}": "mål" for n in range(1, 13)})
    plan_form.agreed_by(many, there)
    assert "goal-1" in many.faults


def test_a_no_says_why_and_silence_says_nothing() -> None:
    form = filled(verdict__choir="declined", why__choir="", verdict__walk="", verdict__cafe="later")
    match_form.looked_at(form)
    assert set(form.faults) == {"why-choir"}
    form = filled(
        verdict__choir="declined", why__choir="too_far", fits__choir="near.drop_in.<x>", verdict__walk=""
    )
    (one,) = match_form.looked_at(form)
    assert (one.activity, one.verdict, one.why, one.fits) == (
        "choir",
        Verdict.DECLINED,
        "too_far",
        ("near", "drop_in"),
    )
    assert match_form.looked_at(nothing := filled(verdict__walk="")) == ()
    assert set(nothing.faults) == {"verdict-walk"}


def test_what_is_looked_for_is_what_was_said_and_the_rest_is_asked_of_the_case() -> None:
    said = match_form.looked_for(
        filled(at_most="0", days=("monday", "someday"), also_areas="Vilbergen, <b>, söder")
    )
    assert said["at_most"] == 0
    assert said["days"] == ("monday",)
    assert said["also_areas"] == ("vilbergen", "söder")
    assert "needs" not in said
    assert match_form.looked_for(filled(needs__asked="yes"))["needs"] == ()
    wrong = filled(at_most="mycket", age="200")
    match_form.looked_for(wrong)
    assert set(wrong.faults) == {"at_most", "age"}


def test_of_a_protected_person_nothing_is_asked_but_by_hand() -> None:
    form = filled(goal="g1")
    match_form.asked_for(form, ["g1"], protected=True)
    assert set(form.faults) == {"by_hand"}
    said = match_form.asked_for(filled(goal="g1", by_hand="yes", because="near"), ["g1"], protected=True)
    assert said == {"goal_id": "g1", "because": ("near",), "by_hand": True}


def test_an_item_is_answered_or_said_to_be_unanswered() -> None:
    pack = pack_of("ucla-3")
    form = filled(**{"item-lack_companionship": "3", "item-left_out": "none", "item-isolated": "9"})
    instrument_form.answers_of(form, pack)
    assert set(form.faults) == {"item-isolated"}
    form = filled(**{"item-lack_companionship": "3", "item-left_out": "none", "item-isolated": "1"})
    assert instrument_form.answers_of(form, pack) == {
        "lack_companionship": 3,
        "left_out": None,
        "isolated": 1,
    }
    empty = filled(**{f"item-{item.item}": "none" for item in pack.items})
    instrument_form.answers_of(empty, pack)
    assert set(empty.faults) == {"item-lack_companionship"}


@pytest.mark.parametrize("pack", built_in(), ids=lambda pack: pack.instrument)
def test_every_instrument_can_be_asked_in_both_languages(pack: Any) -> None:
    for language in ("sv", "en"):
        spoken = asking.asked_in(pack, "", language)
        questions = asking.questions_of(pack, spoken)
        assert len(questions) == len(pack.items)
        for question, item in zip(questions, pack.items, strict=True):
            assert question.worded == bool(pack.languages)
            assert [each.value for each in question.answers] == sorted(
                (each.value for each in question.answers),
                reverse=question.answers[0].value != min(pack.values_of(item)),
            )
            assert all(each.text for each in question.answers)


def test_what_comes_next_is_the_beginning_until_all_of_it_is_asked() -> None:
    asks = BUILT_IN.model_copy(
        update={"measures": (Measurement(at=Timepoint.BASELINE, instruments=("ons4",)),)}
    )
    assert instrument_form.time_of(case(plan_version=1), asks) == "baseline"
    had = MeasureRecorded(
        referral_id="r1",
        measure_id="m",
        instrument="ons4",
        version=1,
        at=Timepoint.BASELINE,
        answers={},
        scores={},
    )
    assert instrument_form.time_of(case(plan_version=1, measures={"m": had}), asks) == "follow_up"
    assert instrument_form.time_of(case(), BUILT_IN) == "baseline"


def test_a_change_is_told_within_one_version_and_never_across() -> None:
    pack = pack_of("ons4")
    at = datetime(2026, 3, 2, tzinfo=UTC)

    def measured(version: int, satisfied: float | None) -> tuple[datetime, MeasureRecorded]:
        measure = MeasureRecorded(
            referral_id="r1",
            measure_id=f"m{version}{satisfied}",
            instrument="ons4",
            version=version,
            at=Timepoint.BASELINE,
            answers={},
            scores={"satisfied": satisfied},
        )
        return at, measure

    old, new = rows_of(pack, [measured(9, 1), measured(1, 3), measured(1, None), measured(1, 7)], "sv")
    assert (old.change, [point.said for point in old.points]) == (None, ["1"])
    assert new.change == "4 poäng bättre"
    assert [point.said for point in new.points] == ["3", "–", "7"]
    assert len(new.dots) == 2
    assert all(0 <= x <= 320 and 0 <= y <= 120 for x, y, _ in new.dots)
    (void,) = rows_of(pack, [measured(1, None)], "en")
    assert (void.change, void.dots, void.line) == (None, [], "")


def test_words_lose_only_what_no_keyboard_types() -> None:
    assert typed("Hej\r\nåäö\x00\x07\u202e\u2028!\tså") == "Hej\nåäö!\tså"


def test_the_first_time_is_the_one_that_was_promised() -> None:
    swedish = load_languages([])["sv"]
    moment = datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert first_time({"starts": moment}, [], moment) == (moment, None)
    assert first_time(None, [], moment) is None
    assert when(moment, None, swedish) == "torsdag 5 mars 2026, 09:00"
    venue = Venue(name="Stugan", street="Gamla torget 3", postal_code="602 20", town="Norrköping")
    assert where(venue) == ["Stugan", "Gamla torget 3, 602 20 Norrköping"]
    assert where(Venue(name="Stugan")) == ["Stugan"]


def test_the_words_offered_are_codes_the_network_takes() -> None:
    code = TypeAdapter(Code)
    for word in (*RELATIONS, *ENDS):
        assert code.validate_python(word) == word
