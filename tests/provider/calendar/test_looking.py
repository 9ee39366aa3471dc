"""The list: everything a wish narrows down, and the address that says it."""

from __future__ import annotations

import re
from collections.abc import Collection

import httpx
import pytest

from services.provider.web.calendar_words import Words
from services.runtime.languages import load_languages
from tests.support.calendar import NOON

LINK = re.compile(r'class="card-link" href="/aktiviteter/([a-z0-9-]+)"')
EVERYTHING = {"gafotboll", "kor", "sprakkafe", "anhorigcirkel", "tradgardsgrupp", "digital-fika"}


async def listed(browser: httpx.AsyncClient, query: str = "") -> list[str]:
    answer = await browser.get(f"/aktiviteter{query}")
    assert answer.status_code == 200
    return LINK.findall(answer.text)


async def test_what_comes_first_stands_first_and_what_has_no_time_last(browser: httpx.AsyncClient) -> None:
    assert await listed(browser) == [
        *("gafotboll", "kor", "sprakkafe", "anhorigcirkel"),
        *("digital-fika", "tradgardsgrupp"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("interest=singing", {"kor"}),
        ("interest=coffee", {"sprakkafe", "digital-fika"}),
        ("category=gardening", {"tradgardsgrupp"}),
        ("area=norrkoping-centrum", {"gafotboll", "kor", "anhorigcirkel"}),
        ("day=2", {"gafotboll"}),
        ("day=2&day=4", {"gafotboll", "sprakkafe"}),
        ("from=2026-03-06&to=2026-03-09", {"anhorigcirkel"}),
        ("to=2026-03-03", {"gafotboll"}),
        ("from=2026-03-04&to=2026-03-04&day=3", {"kor"}),
        ("cost=0", {"kor", "sprakkafe", "digital-fika"}),
        ("cost=50", {"gafotboll", "kor", "sprakkafe", "digital-fika"}),
        ("language=so", {"sprakkafe"}),
        ("mode=digital", {"sprakkafe", "digital-fika"}),
        ("mode=on_site", EVERYTHING - {"digital-fika"}),
        ("age=67", EVERYTHING - {"tradgardsgrupp"}),
        ("age=25", EVERYTHING - {"gafotboll"}),
        ("age=29&interest=nature", {"tradgardsgrupp"}),
        ("age=30&interest=nature", set()),
        ("q=noter", {"kor"}),
        ("q=not", {"kor"}),
        ("q=fotbollen", {"gafotboll"}),
        ("q=musik", {"kor"}),
        ("q=korpen", {"gafotboll", "tradgardsgrupp"}),
        ("q=korpen+parkv%C3%A4gen", {"gafotboll"}),
        ("q=anh%C3%B6riga", {"anhorigcirkel"}),
        ("q=%26%7C%21%27%3A*%28", EVERYTHING),
        ("q=choir", set()),
        ("interest=coffee&cost=0&language=ar&day=4&age=40&mode=on_site&q=spr%C3%A5k", {"sprakkafe"}),
    ],
)
async def test_a_wish_narrows_it_down(browser: httpx.AsyncClient, query: str, found: Collection[str]) -> None:
    assert set(await listed(browser, f"?{query}")) == found


async def test_words_mean_what_they_mean_in_the_readers_language(browser: httpx.AsyncClient) -> None:
    browser.headers["accept-language"] = "en"
    assert await listed(browser, "?q=choir") == ["kor"]


@pytest.mark.parametrize(
    "query",
    [
        "interest=%00",
        "area=%00",
        "q=%00",
        "area=NO%20SUCH",
        "interest=no_such",
        "day=8",
        "day=x",
        "cost=-1",
        "language=klingon",
        "mode=both",
        "page=0",
        "page=-3",
        "page=%D9%A3",
        "nobody=knows",
    ],
)
async def test_what_no_form_of_ours_sends_is_passed_over(browser: httpx.AsyncClient, query: str) -> None:
    assert set(await listed(browser, f"?{query}")) == EVERYTHING


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=yesterday", "from"),
        ("to=2026-02-30", "to"),
        ("from=9999-01-01", "from"),
        ("from=2026-03-09&to=2026-03-01", "to"),
        ("age=old", "age"),
        ("age=121", "age"),
    ],
)
async def test_what_may_be_mistyped_is_told_of_and_left_out(
    browser: httpx.AsyncClient, query: str, field: str
) -> None:
    page = (await browser.get(f"/aktiviteter?{query}")).text
    assert f'<a href="#{field}">' in page
    assert f'aria-invalid="true" aria-describedby="{field}-fault"' in page
    assert 'tabindex="-1" autofocus' in page


async def test_the_address_holds_the_whole_view(browser: httpx.AsyncClient) -> None:
    query = "?q=kaffe&interest=sport&area=norrkoping-centrum&from=2026-03-02&to=2026-03-31&cost=50"
    query += "&language=sv&mode=on_site&age=70&day=2"
    page = (await browser.get(f"/aktiviteter{query}")).text
    assert LINK.findall(page) == ["gafotboll"]
    form = page[page.index('class="search"') : page.index("</form>", page.index('class="search"'))]
    for filled in (
        'value="kaffe"',
        'value="sport" selected',
        'value="norrkoping-centrum" selected',
        'value="2026-03-02"',
        'value="2026-03-31"',
        'value="50" selected',
        'value="sv" selected',
        'value="on_site" selected',
        'value="70"',
        'value="2" checked',
    ):
        assert filled in form, filled
    assert page.count('class="chip"') == 10


async def test_nothing_found_says_what_to_take_away(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/aktiviteter?interest=singing&day=2")).text
    assert "0 aktiviteter" in page
    assert 'href="/aktiviteter?day=2">utan Sång</a>' in page
    assert 'href="/aktiviteter?interest=singing">utan Tisdag</a>' in page


async def test_areas_are_called_as_their_town_is_written(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/aktiviteter")).text
    assert ">Norrköping centrum</option>" in page
    assert ">Hageby</option>" in page


def test_quarters_of_the_compass_are_written_as_swedish_writes_them() -> None:
    words = Words(load_languages([])["sv"], NOON, {"norrkoping-soder": "Norrköping"})
    assert words.area("norrkoping-soder") == "Norrköping söder"
    assert words.area("oster-malma") == "Öster malma"
