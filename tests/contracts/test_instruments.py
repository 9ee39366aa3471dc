"""Instruments score exactly as their sources say, and refuse what would mean nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluss_contracts.instruments import (
    Measured,
    NotAnswerable,
    NotComparable,
    Pack,
    UnknownInstrument,
    built_in,
    change,
    measure,
    pack_of,
    score,
)
from sluss_contracts.instruments.format import Wording
from sluss_contracts.instruments.scoring import band, better, in_words

UCLA_3, UCLA_20, DJG = pack_of("ucla-3"), pack_of("ucla-20-v3"), pack_of("djg-6")
ONS, ONS4, GOAL = pack_of("ons-direct"), pack_of("ons4"), pack_of("goal-attainment")
YES, MORE_OR_LESS, NO = 1, 2, 3
EMOTIONAL, SOCIAL = ("emptiness", "miss_people", "rejected"), ("rely_on", "trust", "close_to")


def twenty(answer: int, **other: int | None) -> dict[str, int | None]:
    return {**{f"item_{n}": answer for n in range(1, 21)}, **other}


def six(emotional: int | None, social: int | None, **other: int | None) -> dict[str, int | None]:
    return {**dict.fromkeys(EMOTIONAL, emotional), **dict.fromkeys(SOCIAL, social), **other}


def test_the_six_packs_are_there_and_each_says_where_it_comes_from_and_on_what_terms() -> None:
    assert [pack.instrument for pack in built_in()] == [
        "djg-6", "goal-attainment", "ons-direct", "ons4", "ucla-20-v3", "ucla-3",
    ]  # fmt: skip
    assert all(len(pack.source) > 20 and len(pack.licence) > 20 for pack in built_in())


def test_wording_is_shipped_only_where_it_is_open_and_then_in_both_languages() -> None:
    for pack in built_in():
        if pack.instrument in ("ons-direct", "ons4", "goal-attainment"):
            assert (pack.wording, pack.languages) == (Wording.OPEN, ("sv", "en"))
        else:
            assert pack.wording is Wording.KEYS
            assert not any(item.text for item in pack.items)


def test_the_direct_question_is_a_rank_from_one_to_five() -> None:
    assert [option.key for option in ONS.options] == [
        "often_or_always", "some_of_the_time", "occasionally", "hardly_ever", "never",
    ]  # fmt: skip
    assert score(ONS, {"lonely": 2}) == {"lonely": 2}
    assert score(ONS, {}) == {"lonely": None}


@pytest.mark.parametrize(
    ("answers", "total"), [((1, 1, 1), 3), ((2, 1, 3), 6), ((3, 3, 3), 9), ((3, None, 3), None)]
)
def test_three_items_of_ucla_are_added_and_void_when_one_is_missing(
    answers: tuple[int | None, ...], total: int | None
) -> None:
    named = dict(zip(("lack_companionship", "left_out", "isolated"), answers, strict=True))
    assert score(UCLA_3, named) == {"total": total}


def test_ucla_20_reverses_nine_of_its_items() -> None:
    turned = {int(item.item.removeprefix("item_")) for item in UCLA_20.items if item.reversed}
    assert turned == {1, 5, 6, 9, 10, 15, 16, 19, 20}
    # Never to all: eleven at 1, nine reversed at 4. Always to all: eleven at 4, nine at 1.
    assert score(UCLA_20, twenty(1)) == {"total": 11 * 1 + 9 * 4}
    assert score(UCLA_20, twenty(4)) == {"total": 11 * 4 + 9 * 1}
    least = {f"item_{n}": 4 if n in turned else 1 for n in range(1, 21)}
    most = {f"item_{n}": 1 if n in turned else 4 for n in range(1, 21)}
    assert (score(UCLA_20, least), score(UCLA_20, most)) == ({"total": 20}, {"total": 80})
    assert score(UCLA_20, {**least, "item_1": 3, "item_2": 3}) == {"total": 20 + 1 + 2}


def test_ucla_20_is_void_when_one_item_is_unanswered() -> None:
    assert score(UCLA_20, twenty(2, item_7=None)) == {"total": None}


def test_de_jong_gierveld_counts_more_or_less_as_loneliness_on_both_sides() -> None:
    assert score(DJG, six(NO, YES)) == {"total": 0, "emotional": 0, "social": 0}
    assert score(DJG, six(YES, NO)) == {"total": 6, "emotional": 3, "social": 3}
    assert score(DJG, six(MORE_OR_LESS, MORE_OR_LESS)) == {"total": 6, "emotional": 3, "social": 3}
    assert score(DJG, six(NO, YES, rejected=YES, trust=NO)) == {"total": 2, "emotional": 1, "social": 1}


def test_one_missing_answer_voids_its_own_side_and_two_void_the_total() -> None:
    assert score(DJG, six(YES, NO, trust=None)) == {"total": 5, "emotional": 3, "social": None}
    assert score(DJG, six(YES, NO, rejected=None)) == {"total": 5, "emotional": None, "social": 3}
    assert score(DJG, six(YES, NO, trust=None, rejected=None)) == {
        "total": None, "emotional": None, "social": None,
    }  # fmt: skip
    assert score(DJG, six(YES, NO, trust=None, rely_on=None)) == {
        "total": None, "emotional": 3, "social": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("total", "name"),
    [(0, "not lonely"), (1, "not lonely"), (2, "moderately lonely"), (4, "moderately lonely"),
     (5, "severely lonely"), (6, "severely lonely"), (None, None)],
)  # fmt: skip
def test_de_jong_gierveld_names_its_bands(total: float | None, name: str | None) -> None:
    assert band(DJG.by_scale["total"], total, "en") == name


def test_well_being_is_four_numbers_and_never_one() -> None:
    answers = {"satisfied": 7, "worthwhile": 8, "happy": 6, "anxious": 3}
    assert score(ONS4, answers) == answers
    assert all(scale.rule == "none" and len(scale.items) == 1 for scale in ONS4.scales)
    assert score(ONS4, {**answers, "happy": None}) == {**answers, "happy": None}


def test_anxiety_runs_the_other_way() -> None:
    before = measure(ONS4, {"satisfied": 4, "worthwhile": 5, "happy": 5, "anxious": 8})
    after = measure(ONS4, {"satisfied": 6, "worthwhile": 5, "happy": 4, "anxious": 5})
    moved = change(before, after)
    assert moved == {"satisfied": 2, "worthwhile": 0, "happy": -1, "anxious": -3}
    told = {name: in_words(ONS4.by_scale[name], moved[name], "en") for name in moved}
    assert told == {
        "satisfied": "2 points better", "worthwhile": "unchanged",
        "happy": "1 point worse", "anxious": "3 points better",
    }  # fmt: skip
    assert in_words(ONS4.by_scale["anxious"], 3.0) == "3 poäng sämre"
    assert band(ONS4.by_scale["anxious"], 6, "en") == band(ONS4.by_scale["happy"], 8, "en") == "high"


def test_a_rank_moves_in_steps() -> None:
    lonely = ONS.by_scale["lonely"]
    moved = change(measure(ONS, {"lonely": 1}), measure(ONS, {"lonely": 3}))
    assert in_words(lonely, moved["lonely"], "en") == "2 steps better"
    assert in_words(lonely, -1.0) == "1 steg sämre"


def test_goals_are_compared_each_with_itself() -> None:
    before, after = measure(GOAL, {"how_far": 2}, "g1"), measure(GOAL, {"how_far": 7}, "g1")
    assert change(before, after) == {"how_far": 5}
    with pytest.raises(NotComparable, match="same goal"):
        change(before, measure(GOAL, {"how_far": 7}, "g2"))


def test_instruments_and_versions_are_never_compared_with_each_other() -> None:
    with pytest.raises(NotComparable, match="measure different things"):
        change(measure(UCLA_3, {}), measure(UCLA_20, {}))
    with pytest.raises(NotComparable, match="same version") as refused:
        change(Measured("ucla-3", 1, {"total": 5}), Measured("ucla-3", 2, {"total": 4}))
    assert refused.value.code == "not_comparable"


def test_a_change_from_or_to_a_void_score_is_void() -> None:
    assert change(measure(UCLA_3, {}), Measured("ucla-3", 1, {"total": 4})) == {"total": None}
    assert in_words(UCLA_3.by_scale["total"], None, "en") == "cannot be compared"


def test_an_answer_that_nobody_can_give_is_refused_with_its_place_and_remedy_and_without_its_value() -> None:
    with pytest.raises(NotAnswerable) as refused:
        score(UCLA_3, {"left_out": 77, "isolated": 3})
    (fault,) = refused.value.faults
    assert (fault.path, fault.code) == ("/answers/left_out", "answer_out_of_range")
    assert fault.remedy == "Give a whole number from 1 to 3, or nothing where the person did not answer."
    assert "77" not in f"{refused.value} {fault}"


@pytest.mark.parametrize("answer", [True, 2.0, "2"])
def test_only_whole_numbers_are_answers(answer: object) -> None:
    with pytest.raises(NotAnswerable):
        score(UCLA_3, {"left_out": answer})  # type: ignore[dict-item]


def test_an_item_of_another_instrument_is_refused_without_repeating_what_may_be_somebodys_name() -> None:
    with pytest.raises(NotAnswerable) as refused:
        score(UCLA_3, {"anna": 2})
    (fault,) = refused.value.faults
    assert fault.code == "unknown_item"
    assert "lack_companionship" in fault.remedy
    assert "anna" not in f"{refused.value} {fault}"


def test_what_nobody_has_published_is_named_with_what_there_is() -> None:
    with pytest.raises(UnknownInstrument, match="these are: djg-6, goal-attainment"):
        pack_of("avat")
    with pytest.raises(UnknownInstrument, match="no version 9 of djg-6; these are: 1"):
        pack_of("djg-6", 9)


@st.composite
def answered(draw: st.DrawFn) -> tuple[Pack, dict[str, int | None]]:
    pack = draw(st.sampled_from(built_in()))
    return pack, {item.item: draw(st.none() | st.sampled_from(pack.values_of(item))) for item in pack.items}


@given(answered())
def test_a_score_is_within_its_scale_or_void_and_void_exactly_when_too_much_is_missing(
    asked: tuple[Pack, dict[str, int | None]],
) -> None:
    pack, answers = asked
    for name, value in score(pack, answers).items():
        scale = pack.by_scale[name]
        missing = sum(answers[item] is None for item in scale.items)
        assert (value is None) == (missing > scale.missing_at_most)
        assert value is None or scale.lowest <= value <= scale.highest


@given(answered(), st.data())
def test_one_answer_more_lonely_moves_no_score_the_other_way(
    asked: tuple[Pack, dict[str, int | None]], data: st.DataObject
) -> None:
    """Whatever an item's polarity: moving one answer moves every score that uses it the same way, or not."""
    pack, answers = asked
    item = data.draw(st.sampled_from(pack.items))
    values = pack.values_of(item)
    full = {name: values[0] if name == item.item else (answer or pack.values_of(pack.by_item[name])[0])
            for name, answer in answers.items()}  # fmt: skip
    rising = [score(pack, {**full, item.item: value}) for value in values]
    for name in rising[0]:
        line = [each[name] for each in rising]
        assert line in (sorted(line), sorted(line, reverse=True))  # type: ignore[type-var]


@given(answered(), st.data())
def test_a_change_and_its_reverse_cancel_and_tell_opposite_ways(
    asked: tuple[Pack, dict[str, int | None]], data: st.DataObject
) -> None:
    pack, answers = asked
    other = {item.item: data.draw(st.none() | st.sampled_from(pack.values_of(item))) for item in pack.items}
    one, two = measure(pack, answers), measure(pack, other)
    there, back = change(one, two), change(two, one)
    for name, moved in there.items():
        returned = back[name]
        if moved is None or returned is None:
            assert moved is returned
            continue
        assert moved + returned == 0
        way, opposite = (better(pack.by_scale[name], each) for each in (moved, returned))
        assert way is opposite is None or {way, opposite} == {True, False}
