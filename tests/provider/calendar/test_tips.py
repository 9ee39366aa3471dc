"""Tips go into the coordinators' queue; nothing somebody wrote is lost, and no program floods it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio

from sluss_contracts.activity import ActivityProposed
from sluss_contracts.offering import ActivityCategory
from sluss_contracts.vocabulary import Acceptance, Need, PrescriptionKind
from tests.provider.calendar.conftest import OWN
from tests.support.calendar import Town

Suggested = Callable[[], Awaitable[list[ActivityProposed]]]
_addresses = count(1)


@pytest_asyncio.fixture
async def form(quiet_town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """A browser somewhere else than every other."""
    transport, headers = (
        httpx.ASGITransport(quiet_town.app),
        {"x-forwarded-for": f"10.0.0.{next(_addresses)}"},
    )
    async with httpx.AsyncClient(transport=transport, base_url=OWN, headers=headers) as client:
        await client.get("/tipsa")
        yield client


@pytest_asyncio.fixture
async def suggested(quiet_town: Town) -> Suggested:
    """What has been suggested since the test began."""
    before = len(await quiet_town.desk.said(ActivityProposed))

    async def since() -> list[ActivityProposed]:
        return (await quiet_town.desk.said(ActivityProposed))[before:]

    return since


async def hidden(form: httpx.AsyncClient, path: str = "/tipsa") -> dict[str, str]:
    page = (await form.get(path)).text
    page = page[page.index('class="tip"') :]
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))


def tip(**other: str) -> dict[str, str]:
    return {
        "title": "Onsdagskören",
        "who": "Korpen Norrköping",
        "about": "Vi sjunger tillsammans.\r\n\r\nOnsdagar klockan 18.",
        "category": "choir",
        "area": "hageby",
        "place": "Mosaiken",
        "cost": "50",
        "just_come": "yes",
        "language": "fi",
        "page": "www.kor.example/onsdag",
        **other,
    }


async def send(form: httpx.AsyncClient, **other: str) -> httpx.Response:
    return await form.post("/tipsa", data={**await hidden(form), **tip(**other)})


async def test_a_tip_waits_in_the_queue_and_is_thanked_for(
    form: httpx.AsyncClient, suggested: Suggested
) -> None:
    answer = await send(form)
    assert (answer.status_code, answer.headers["location"]) == (303, "/tipsa/tack")
    thanks = (await form.get("/tipsa/tack")).text
    assert "En samordnare läser ditt tips" in thanks
    (said,) = await suggested()
    assert (said.title, said.provider, said.area, said.languages) == (
        "Onsdagskören",
        "korpen",
        "hageby",
        ("fi",),
    )
    assert (said.kind, said.needs) == (PrescriptionKind.CULTURE, (Need.CULTURE,))
    assert said.about == "Vi sjunger tillsammans.\n\nOnsdagar klockan 18."
    assert said.category is ActivityCategory.CHOIR
    assert said.acceptance is Acceptance.DROP_IN
    assert said.cost
    assert said.cost.kronor == 50
    assert said.venue
    assert said.venue.name == "Mosaiken"
    assert said.page == "https://www.kor.example/onsdag"
    assert said.activity.startswith("onsdagskoren-")
    assert "Onsdagskören" not in (await form.get("/aktiviteter")).text


async def test_a_tip_of_somebody_nobody_knows_keeps_their_name(
    form: httpx.AsyncClient, suggested: Suggested
) -> None:
    assert (await send(form, who="Åby bygdegård", area="elsewhere", place="Åby")).status_code == 303
    (said,) = await suggested()
    assert (said.provider, said.area) == ("aby-bygdegard", "aby")
    assert said.about
    assert said.about.endswith("\n\nÅby bygdegård")


async def test_little_is_asked_for(form: httpx.AsyncClient, suggested: Suggested) -> None:
    empty = dict.fromkeys(("category", "place", "cost", "just_come", "language", "page"), "")
    assert (await send(form, **empty)).status_code == 303
    (said,) = await suggested()
    assert (said.cost, said.venue, said.page, said.category) == (None, None, None, None)
    assert (said.acceptance, said.languages) == (Acceptance.REQUIRED, ("sv",))


async def test_the_same_form_sent_twice_is_one_tip(form: httpx.AsyncClient, suggested: Suggested) -> None:
    fields = {**await hidden(form), **tip()}
    for _ in range(2):
        assert (await form.post("/tipsa", data=fields)).status_code == 303
    assert len(await suggested()) == 1


async def test_a_correction_begins_with_what_is_told_now(
    form: httpx.AsyncClient, suggested: Suggested
) -> None:
    page = (await form.get("/tipsa?om=kor")).text
    assert "Föreslå en rättelse" in page
    assert 'value="Kör för alla röster"' in page
    assert "Vi sjunger det vi tycker om." in page
    fields = {**await hidden(form, "/tipsa?om=kor"), **tip(who="Hemgården")}
    assert (await form.post("/tipsa", data=fields)).status_code == 303
    (said,) = await suggested()
    assert said.activity.startswith("kor-")
    assert said.provider == "hemgarden"
    assert (await form.get("/tipsa?om=no-such")).status_code == 404
    assert "Kör för alla röster" in (await form.get("/aktiviteter/kor")).text


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("title", ""),
        ("title", " \u200b\t "),
        ("title", "x" * 201),
        ("who", ""),
        ("about", "\r\n \r\n"),
        ("about", "x" * 3001),
        ("area", ""),
        ("area", "NO SUCH"),
        ("place", "x" * 201),
        ("cost", "a little"),
        ("cost", "-5"),
        ("cost", "1000000"),
        ("page", "javascript:alert(1)"),
        ("page", "no address"),
        ("page", "https://x.example/" + "x" * 500),
    ],
)
async def test_what_is_wrong_is_told_and_nothing_is_lost(
    form: httpx.AsyncClient, suggested: Suggested, field: str, wrong: str
) -> None:
    answer = await send(form, **{field: wrong})
    assert answer.status_code == 400
    page = answer.text
    assert f'<a href="#{field}">' in page
    assert f'id="{field}-fault"' in page
    assert 'class="trouble" tabindex="-1" autofocus' in page
    kept = {"title": 'value="Onsdagskören"', "about": "Onsdagar klockan 18.", "cost": 'value="50"'}
    for name, shown in kept.items():
        assert name == field or shown in page
    assert not await suggested()


async def test_every_fault_is_told_at_once(form: httpx.AsyncClient) -> None:
    page = (await form.post("/tipsa", data=await hidden(form))).text
    summary = page[page.index('class="trouble"') : page.index("</div>", page.index('class="trouble"'))]
    assert re.findall(r'href="#([a-z]+)"', summary) == ["title", "who", "about", "area"]


async def test_a_form_that_was_tampered_with_does_no_harm(
    form: httpx.AsyncClient, suggested: Suggested
) -> None:
    answer = await send(
        form, once="'; drop table", corrects="../..", category="no_such", language="%00", just_come="maybe"
    )
    assert answer.status_code == 303
    (said,) = await suggested()
    assert said.activity.startswith("onsdagskoren-")
    assert (said.category, said.languages) == (None, ("sv",))


async def test_a_file_instead_of_a_text_does_no_harm(form: httpx.AsyncClient) -> None:
    fields = {**await hidden(form), **tip()}
    del fields["title"]
    answer = await form.post("/tipsa", data=fields, files={"title": ("x.txt", b"a title")})
    assert answer.status_code == 400


async def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(
    form: httpx.AsyncClient, suggested: Suggested
) -> None:
    assert (await send(form, website="https://buy.example")).headers["location"] == "/tipsa/tack"
    assert not await suggested()


async def test_too_many_from_one_place_are_asked_to_wait(
    form: httpx.AsyncClient, suggested: Suggested
) -> None:
    form.headers["x-forwarded-for"] = "203.0.113.7"
    for _ in range(10):
        assert (await send(form)).status_code == 303
    answer = await send(form)
    assert answer.status_code == 429
    assert "Det du skrev finns kvar" in answer.text
    assert 'value="Onsdagskören"' in answer.text
    form.headers["x-forwarded-for"] = "198.51.100.9, 203.0.113.7"
    assert (await send(form)).status_code == 429, "whatever a visitor writes before what the front says"
    form.headers["x-forwarded-for"] = "203.0.113.8"
    assert (await send(form)).status_code == 303


async def test_while_nobody_answers_nothing_is_lost(quiet_town: Town, form: httpx.AsyncClient) -> None:
    quiet_town.network.away = True
    answer = await send(form)
    assert answer.status_code == 503
    assert 'value="Onsdagskören"' in answer.text
    quiet_town.network.away = False
    once = re.search(r'name="once" value="([^"]+)"', answer.text)
    assert once
    assert (await send(form, once=once[1])).status_code == 303


async def test_another_sites_form_is_refused(form: httpx.AsyncClient) -> None:
    assert (await form.post("/tipsa", data=tip(once=str(uuid4())))).status_code == 403


async def test_a_tip_shown_again_is_no_markup(form: httpx.AsyncClient) -> None:
    harm = "</textarea><script>alert(1)</script>\"'><img src=x>"
    wrong = dict.fromkeys(("title", "who", "about", "place", "page", "cost"), harm)
    page = (await send(form, **wrong)).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
