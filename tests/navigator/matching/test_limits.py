"""What rules out, what only makes one think, and what is left to people."""

from __future__ import annotations

from typing import Any

import pytest

from services.navigator.domain.limits import NEAREST_FIRST, Point, broken_by
from services.navigator.domain.matching import judge, rank, said_no, unanswered
from services.navigator.domain.weighing import DEDUCTIONS, PARTS
from services.navigator.domain.wishes import Ages, Offer, Standing, Wishes, a_month, kilometres
from services.navigator.web.match_words import in_words
from services.provider.links.words import REASONS
from sluss_contracts.matching import WHOSE, Fit, Mismatch, Obstacle, Position
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import Verdict
from tests.navigator.matching.judged import offer_told, wishes_told

HERE, SIX_KM_AWAY = Position(latitude=58.59, longitude=16.18), Position(latitude=58.644, longitude=16.18)
MINOR = Ages(0, 17)


def wants(**said: Any) -> Wishes:
    return wishes_told(**{"needs": ["company"], **said})


def codes(wishes: Wishes, offer: Offer) -> list[str]:
    return [point.code for point in broken_by(wishes, offer)]


def in_the_way(wishes: Wishes, offer: Offer) -> list[str]:
    return [point.code for point in judge(wishes, offer).in_the_way]


@pytest.mark.parametrize(
    ("wanted", "offered", "code"),
    [
        ({}, {"standing": "withdrawn"}, Obstacle.WITHDRAWN),
        ({}, {"standing": "expired"}, Obstacle.HIDDEN),
        ({"never": ["korpen"]}, {}, Obstacle.NOT_THIS_PROVIDER),
        ({"asked": frozenset({"choir"})}, {}, Obstacle.ASKED_ALREADY),
        ({"no_more": {"choir": "not_my_kind"}}, {}, Obstacle.SAID_NO),
        ({"age": 15}, {"from_age": 16}, Obstacle.TOO_YOUNG),
        ({"ages": MINOR}, {"from_age": 18}, Obstacle.TOO_YOUNG),
        ({"age": 23}, {"to_age": 22}, Obstacle.TOO_OLD),
        ({"gender": "man"}, {"genders": ["woman"]}, Obstacle.OTHER_GENDER),
        ({"language": "ar", "language_required": True}, {}, Obstacle.OTHER_LANGUAGE),
        ({"at_most": 100}, {"kronor": 60}, Obstacle.TOO_COSTLY),
        ({"mode": "digital"}, {}, Obstacle.OTHER_MODE),
        ({"mode": "on_site"}, {"mode": "digital"}, Obstacle.OTHER_MODE),
        ({}, {"area": "hageby"}, Obstacle.TOO_FAR),
        ({"near": HERE, "within_km": 5}, {"position": SIX_KM_AWAY}, Obstacle.TOO_FAR),
        ({}, {"needs": ["debt"]}, Obstacle.NOTHING_IN_COMMON),
    ],
)
def test_a_hard_limit_is_never_outweighed(
    wanted: dict[str, Any], offered: dict[str, Any], code: Obstacle
) -> None:
    wishes = wants(interests=["singing"], **wanted)
    best = {"kronor": 0, "hosted": True, "interests": ["singing"], **offered}
    if code is Obstacle.NOTHING_IN_COMMON:
        best["interests"] = ["football"]
    offer = offer_told("choir", **best)
    assert codes(wishes, offer) == [code]
    assert rank(wishes, [offer]) == []
    assert code in NEAREST_FIRST


@pytest.mark.parametrize(
    ("wanted", "offered", "code"),
    [
        ({}, {"from_age": 65}, Obstacle.AGE_TO_ASK),
        ({"ages": MINOR}, {"from_age": 16, "to_age": 22}, Obstacle.AGE_TO_ASK),
        ({}, {"genders": ["woman"]}, Obstacle.GENDER_TO_ASK),
        ({}, {"groups": ["anhöriga"]}, Obstacle.GROUP_TO_ASK),
        ({}, {"times": 1}, Obstacle.LIMITED_TIMES),
        ({"language": "ar"}, {}, Obstacle.OTHER_LANGUAGE),
        ({"at_most": 100}, {"kronor": None}, Obstacle.COST_NOT_SAID),
        ({"barriers": ["cost"]}, {"kronor": 60}, Obstacle.COSTS),
        ({"neighbours": ["hageby"]}, {"area": "hageby"}, Obstacle.OTHER_AREA),
        ({}, {"standing": "verification_due"}, Obstacle.NOT_VERIFIED),
        ({}, {"capacity": 2, "taken": 2}, Obstacle.FULL),
        ({"not_now": {"choir": "wrong_time"}}, {}, Obstacle.SAID_NOT_NOW),
        ({"turned_down": {"choir": "offer_expired"}}, {}, Obstacle.PROVIDER_SAID_NO),
        ({"days": (0,)}, {"days": ("friday",)}, Obstacle.OTHER_DAYS),
        ({"days": (0,)}, {}, Obstacle.NOTHING_COMING),
        ({"barriers": ["childcare"]}, {}, Obstacle.BARRIER_STANDS),
    ],
)
def test_what_is_not_known_or_may_pass_is_told_and_rules_nothing_out(
    wanted: dict[str, Any], offered: dict[str, Any], code: Obstacle
) -> None:
    wishes, offer = wants(**wanted), offer_told("choir", **{"kronor": 0, **offered})
    (one,) = rank(wishes, [offer])
    assert code in [point.code for point in one.in_the_way]
    if code in DEDUCTIONS:
        assert one.points < judge(wants(), offer_told("choir", kronor=0)).points


def test_the_machine_does_not_judge_anybodys_health() -> None:
    limited = offer_told("course", health="inte vid pågående svår depression")
    for barriers in ([], ["health"]):
        plain = judge(wants(barriers=barriers), offer_told("course"))
        one = judge(wants(barriers=barriers), limited)
        assert (one.suits, one.points) == (True, plain.points)
        assert Obstacle.JUDGED_TOGETHER in [point.code for point in one.in_the_way]


@pytest.mark.parametrize(
    "better",
    [
        {"standing": Standing.VERIFIED},
        {"hosted": True},
        {"taken": 0},
        {"kronor": 0},
        {"interests": ["singing"]},
        {"languages": ["ar"]},
    ],
)
def test_each_thing_that_is_preferred_lifts(better: dict[str, Any]) -> None:
    wishes = wants(interests=["singing"], language="ar")
    usual: dict[str, Any] = {"taken": 12, "kronor": 80, "interests": ["football"]}
    plain, lifted = offer_told("a-plain-one", **usual), offer_told("the-better", **{**usual, **better})
    assert [one.offer.activity for one in rank(wishes, [plain, lifted])] == ["the-better", "a-plain-one"]


def test_the_best_for_each_need_comes_before_the_second_best_for_one() -> None:
    wishes = wants(needs=["company", "grief"], interests=["singing"])
    offers = [offer_told(name, interests=["singing"]) for name in ("choir", "songs")]
    grief = offer_told("grief", needs=["grief"], interests=["football"])
    assert [one.offer.activity for one in rank(wishes, [*offers, grief])] == ["choir", "grief", "songs"]
    stale = offer_told("stale", needs=["grief"], standing="verification_due")
    assert [one.offer.activity for one in rank(wishes, [*offers, stale])] == ["choir", "songs", "stale"]


def test_equal_ones_are_ordered_by_id() -> None:
    offers = [offer_told(name) for name in ("walk", "choir", "games")]
    assert [one.offer.activity for one in rank(wants(), offers)] == ["choir", "games", "walk"]


def test_the_weights_add_up_and_each_has_its_reason() -> None:
    assert sum(part.weight for part in PARTS) == 100
    assert all(part.why for part in PARTS)
    assert all(why for _, why in DEDUCTIONS.values())


def test_a_row_never_has_more_points_than_its_parts_give() -> None:
    one = judge(wants(), offer_told("choir"))
    assert one.points == sum(one.parts.values())


def test_each_mismatch_has_somebody_whose_it_is() -> None:
    assert set(WHOSE) == set(Mismatch)


def test_the_last_word_on_an_alternative_counts() -> None:
    def looked(verdict: Verdict, why: str | None = None) -> AlternativeLookedAt:
        return AlternativeLookedAt(activity="choir", verdict=verdict, why=why)

    assert said_no([looked(Verdict.DECLINED, "not_my_kind")]) == ({"choir": "not_my_kind"}, {})
    assert said_no([looked(Verdict.DECLINED, "wrong_time")]) == ({}, {"choir": "wrong_time"})
    assert said_no([looked(Verdict.DECLINED, "a_new_word")]) == ({"choir": "a_new_word"}, {})
    assert said_no([looked(Verdict.DECLINED, "not_my_kind"), looked(Verdict.CHOSEN)]) == ({}, {})


@pytest.mark.parametrize(
    ("offers", "why"),
    [
        ([], "nothing_offered"),
        ([{"area": "hageby"}], "too_far"),
        ([{"kronor": 90}, {"kronor": 90, "area": "hageby"}], "too_costly"),
        ([{"languages": ["fi"]}], "language"),
        ([{"from_age": 65}], "not_eligible"),
        ([{"standing": "expired"}], "not_verified"),
        ([{"capacity": 1, "taken": 1}], "full"),
    ],
)
def test_what_nothing_meets_is_proposed_as_unmet_with_the_nearest_miss(
    offers: list[dict[str, Any]], why: str
) -> None:
    wishes = wants(age=40, at_most=100, language_required=True)
    judged = [judge(wishes, offer_told(f"a{n}", **{"kronor": 0, **said})) for n, said in enumerate(offers)]
    assert unanswered(wishes, judged) == {"company": why}


def test_what_has_room_or_is_asked_for_is_answered() -> None:
    there = judge(wants(), offer_told("choir"))
    asked = judge(wants(asked=frozenset({"choir"})), offer_told("choir"))
    assert unanswered(wants(), [there]) == unanswered(wants(), [asked]) == {}


@pytest.mark.parametrize("reason", REASONS)
def test_why_a_provider_said_no_is_told_in_words(reason: str) -> None:
    told = in_words(Point(Obstacle.PROVIDER_SAID_NO, (reason,)))
    assert reason.replace("_", " ") not in told.sv


@pytest.mark.parametrize(
    ("kronor", "per", "monthly"),
    [
        (0, "time", 0),
        (60, "time", 240),
        (100, "month", 100),
        (301, "term", 61),
        (500, "year", 42),
        (80, "whole", 80),
    ],
)
def test_prices_are_compared_by_the_month(kronor: int, per: str, monthly: int) -> None:
    assert a_month(kronor, per) == monthly


def test_distance_is_as_the_crow_flies() -> None:
    assert kilometres(HERE, SIX_KM_AWAY) == 6


@pytest.mark.parametrize("code", [Fit.NEAR, Obstacle.OTHER_AREA])
def test_an_area_is_called_as_on_every_page(code: str) -> None:
    assert "Norrköping söder." in in_words(Point(code, ("norrkoping-soder",))).sv
