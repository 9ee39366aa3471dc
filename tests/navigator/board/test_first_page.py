"""The first page and a referral's page, as they are sent."""

from __future__ import annotations

import re

import httpx
import pytest
from fastapi import FastAPI

from services.navigator.steps import KEPT, Lane, Mark
from services.navigator.web.pages import water_level
from services.navigator.web.words import CODES, LANES, MARKS, STEPS
from sluss_contracts.organisation import OrganisationRegistered
from sluss_contracts.vocabulary import CaseOutcome, FeedbackPoint, OrganisationKind
from tests.support.pages import Teller, Way, register_everybody, some_way, tell_a_living_network


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_everything_is_said_in_words(browser: httpx.AsyncClient, teller: Teller, language: str) -> None:
    await register_everybody(teller)
    way = some_way(teller, 1)
    await teller.tell(*(fact for facts in way.steps(teller.now) for fact in facts))
    browser.headers["accept-language"] = language
    page = (await browser.get(f"/referrals/{way.referral}")).text
    steps = page[page.index('class="timeline"') :]
    assert "Korpen Norrköping" in steps
    assert "Berit Nord" in steps
    for code in (
        "gangfotboll",
        "berit-nord",
        "team-city",
        "least_load",
        "enrolment.accepted",
        "case.assigned",
        "%(",
    ):
        assert code not in steps, code


def test_there_are_words_for_every_lane_mark_and_step() -> None:
    assert set(LANES) == set(Lane)
    assert set(MARKS) == set(Mark)
    assert set(STEPS) == {f"{fact.NOUN}.{fact.FACT}" for fact in KEPT}


def test_there_are_words_for_every_code_of_outcomes_and_feedback() -> None:
    assert {*CaseOutcome, *FeedbackPoint} <= set(CODES)


async def test_an_empty_network_says_so_and_shows_its_lanes(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/")).text
    assert "Inget har hänt än" in page
    assert page.count("data-count>0<") == len(Lane)


async def test_the_page_counts_what_the_board_holds(browser: httpx.AsyncClient, teller: Teller) -> None:
    ways = await tell_a_living_network(teller, 40)
    page = (await browser.get("/")).text
    counts = [int(count) for count in re.findall(r"data-count>(\d+)<", page)]
    assert sum(counts) == len(ways)
    assert page.count('class="card"') == sum(min(count, 5) for count in counts)


async def test_the_first_page_is_light(app: FastAPI, browser: httpx.AsyncClient, teller: Teller) -> None:
    await tell_a_living_network(teller, 60)
    page = await browser.get("/")
    assets = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert len(assets) == 3
    weight = len(page.content)
    for asset in assets:
        answer = await browser.get(asset)
        weight += int(answer.headers["content-length"])
    assert weight <= 150_000


async def test_a_name_cannot_become_markup(browser: httpx.AsyncClient, teller: Teller) -> None:
    attack = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    await teller.tell(
        OrganisationRegistered(
            organisation="vc-skarptorp", name=attack, kind=OrganisationKind.CLINIC, area="norrkoping"
        )
    )
    way = Way(teller.new_referral(), "vc-skarptorp")
    await teller.tell(*way.steps(teller.now)[0])
    for path in ("/", "/login", f"/referrals/{way.referral}"):
        page = (await browser.get(path)).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "&lt;script&gt;" in page, path


async def test_the_words_of_a_path_cannot_become_markup(browser: httpx.AsyncClient) -> None:
    for path in ("/referrals/<script>alert(1)</script>", '/nothing?"><script>alert(1)</script>'):
        assert "<script>alert" not in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("count", "most", "level"), [(0, 0, 0), (0, 9, 0), (1, 999, 2), (9, 9, 20), (5, 10, 10)]
)
def test_the_water_stands_as_high_as_the_lane_is_full(count: int, most: int, level: int) -> None:
    assert water_level(count, most) == level
