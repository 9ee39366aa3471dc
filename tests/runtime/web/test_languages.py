"""Every text is there in Swedish and English, and everybody gets the language they asked for."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

import services
from services.runtime.languages import Language, load_languages, preferred
from services.runtime.web.site import ROOM
from tests.runtime.web.conftest import form_token

ROOMS = sorted(path.parent for path in Path(next(iter(services.__path__))).glob("*/*/translations"))
_PLACE = re.compile(r"%\((\w+)\)s")


def _texts_in(room: Path) -> set[str]:
    """Every text a room's templates and code show."""
    found = set()
    for path in room.rglob("*"):
        if path.suffix == ".html":
            options = {"trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
            extracted = extract("jinja2.ext:babel_extract", path.open("rb"), {"_": None}, options=options)
        elif path.suffix == ".py":
            extracted = extract("python", path.open("rb"), {"mark": None})
        else:
            continue
        found |= {str(message) for _, message, _, _ in extracted}
    return found


def _swedish(room: Path) -> dict[str, str]:
    file = room / "translations" / "sv.po"
    if not file.exists():
        return {}
    with file.open("rb") as source:
        return {str(one.id): str(one.string) for one in read_po(source, "sv") if one.id and not one.fuzzy}


def test_there_are_rooms_with_texts() -> None:
    assert ROOM in ROOMS
    assert all(_texts_in(room) for room in ROOMS)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.parent.name)
def test_no_text_lacks_its_swedish(room: Path) -> None:
    translated = _swedish(room) if room == ROOM else _swedish(ROOM) | _swedish(room)
    assert not [text for text in sorted(_texts_in(room)) if not translated.get(text)]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.parent.name)
def test_no_translation_is_left_over(room: Path) -> None:
    assert set(_swedish(room)) <= _texts_in(room)


@pytest.mark.parametrize("service", sorted({room.parent for room in ROOMS}), ids=lambda path: path.name)
def test_the_rooms_of_one_site_say_a_text_in_one_way(service: Path) -> None:
    said: dict[str, set[str]] = defaultdict(set)
    for room in {ROOM, *(each for each in ROOMS if each.parent == service)}:
        for english, swedish in _swedish(room).items():
            said[english].add(swedish)
    assert not {english: ways for english, ways in said.items() if len(ways) > 1}


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.parent.name)
def test_a_translation_fills_in_the_same_places(room: Path) -> None:
    for english, swedish in _swedish(room).items():
        assert sorted(_PLACE.findall(english)) == sorted(_PLACE.findall(swedish)), english


@pytest.mark.parametrize(
    ("cookie", "accept", "spoken"),
    [
        (None, None, "sv"),
        (None, "de-DE,fr;q=0.8", "sv"),
        (None, "en-GB,en;q=0.9,sv;q=0.8", "en"),
        (None, "en;q=0.3,sv-FI;q=0.9", "sv"),
        (None, "sv;q=0,en", "en"),
        (None, "*, ;;q=x, 🙂", "sv"),
        ("en", "sv", "en"),
        ("xx", "en", "en"),
    ],
)
def test_the_chosen_language_comes_before_the_browsers(
    cookie: str | None, accept: str | None, spoken: str
) -> None:
    assert preferred(cookie, accept) == spoken


@pytest.fixture(scope="module")
def spoken() -> dict[str, Language]:
    return load_languages([ROOM])


def test_durations_are_told_in_their_largest_unit(spoken: dict[str, Language]) -> None:
    assert spoken["sv"].lasting(timedelta(minutes=12, seconds=10)) == "12 min"
    assert spoken["en"].lasting(timedelta(days=3, hours=2)) == "3 days"
    assert spoken["sv"].lasting(timedelta(seconds=-5)) == "0 s"


def test_moments_are_told_in_swedish_time(spoken: dict[str, Language]) -> None:
    noon = datetime(2026, 7, 1, 10, 5, tzinfo=UTC)
    assert spoken["sv"].moment(noon) == "1 juli 2026 12:05"
    assert spoken["en"].day(noon) == "1 Jul 2026"


async def test_the_page_says_which_language_it_speaks(browser: httpx.AsyncClient) -> None:
    assert '<html lang="sv">' in (await browser.get("/login")).text
    assert '<html lang="en">' in (await browser.get("/login", headers={"accept-language": "en"})).text


async def test_choosing_a_language_lasts_and_leads_back(browser: httpx.AsyncClient) -> None:
    data = {"code": "en", "back": "/login?next=%2F", "form_token": await form_token(browser)}
    answer = await browser.post("/language", data=data)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2F")
    assert "Who do you want to be?" in (await browser.get("/login")).text


async def test_a_language_nobody_speaks_is_not_there(browser: httpx.AsyncClient) -> None:
    data = {"code": "tlh", "form_token": await form_token(browser)}
    assert (await browser.post("/language", data=data)).status_code == 404
