"""The page behind the link of an evaluation in a real Chromium: with axe, narrow, and without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from sluss.machine.postgres import Postgres
from sluss_contracts.evaluation import EvaluationAnswered
from tests.browser.conftest import Open
from tests.browser.looks import SIDEWAYS, usable
from tests.notify import story
from tests.support.pages import served
from tests.support.questions import Asking, asking, worded

pytestmark = [pytest.mark.browser, pytest.mark.slow]

EVALUATION = story.PATHWAY.evaluation
assert EVALUATION
ASKS = story.changed(
    evaluation=EVALUATION.model_copy(update={"instruments": ("ons-direct", "ons4", "ucla-3")})
)

TOO_SMALL = """() => [...document.querySelectorAll("a, button, select, textarea, input:not([type=hidden])")]
    .filter(one => one.checkVisibility() && !one.classList.contains("skip"))
    .map(one => [one.innerText || one.name, (one.closest(".pill") || one).getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
GO_ON = {"sv": "Gå vidare och se igenom", "en": "Go on and look through it"}


@dataclass
class Linked:
    """A notify service with letters out, and where its pages are."""

    here: Asking
    address: str
    link: str


@pytest_asyncio.fixture
async def linked(postgres_server: Postgres, tmp_path: Path) -> AsyncIterator[Linked]:
    async with asking(postgres_server, tmp_path / "post") as here, served(here.app) as address:
        await here.desk.hear(worded("ucla-3"))
        link = await here.link("alva", pathway=ASKS)
        yield Linked(here, address, address + link)


async def choose_all(page: Page) -> None:
    """The first answer of every question, and of the last one none."""
    questions = page.locator(".ask-item")
    count = await questions.count()
    for number in range(count):
        pills = questions.nth(number).locator("label.pill")
        await (pills.last if number == count - 1 else pills.first).click()


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_everybody_can_use_every_page(linked: Linked, open_page: Open, language: str) -> None:
    """Axe finds nothing, nothing scrolls sideways, and all can be hit."""
    for state in ("questions", "nothing chosen", "check", "thanks", "unknown"):
        url = {
            "thanks": f"{linked.address}/svara/thanks",
            "unknown": f"{linked.address}/svara/made-up",
        }.get(state, linked.link)
        page = await open_page(url, language=language, reduced_motion="reduce")
        if state in ("nothing chosen", "check"):
            if state == "check":
                await choose_all(page)
            await page.get_by_role("button", name=GO_ON[language]).click()
            await page.wait_for_load_state()
        await usable(page, f"{state} in {language}")
        await page.set_viewport_size({"width": 320, "height": 800})
        assert await page.evaluate(SIDEWAYS) <= 0, f"{state} scrolls sideways at 320 px"
        assert await page.evaluate(TOO_SMALL) == [], state
        await page.context.close()
    assert linked.here.doors.asked == []


async def test_questions_are_answered_without_javascript_and_once(linked: Linked, open_page: Open) -> None:
    page = await open_page(linked.link, width=360, java_script_enabled=False)
    await page.get_by_role("button", name=GO_ON["sv"]).click()
    faults = page.get_by_role("alert").get_by_role("link")
    await expect(faults).to_have_count(8)
    await faults.first.click()
    assert page.url.endswith("#item-ons-direct-lonely")
    await choose_all(page)
    await page.get_by_role("button", name=GO_ON["sv"]).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Kontrollera innan du skickar")
    await page.get_by_role("button", name="Ändra något").click()
    await page.get_by_label("Ibland").check()
    await page.get_by_role("button", name=GO_ON["sv"]).click()
    await page.get_by_role("button", name="Skicka").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tack för att du svarade")
    said = {each.instrument: each for each in await linked.here.desk.said(EvaluationAnswered)}
    assert said["ons-direct"].answers == {"lonely": 2}
    assert said["ons4"].scores["satisfied"] == 0
    assert said["ucla-3"].scores == {"total": None}
    await page.goto(linked.link)
    await expect(page.get_by_role("heading", level=1)).to_have_text("Frågorna är besvarade")


@pytest.mark.parametrize("javascript", [True, False])
async def test_what_is_chosen_and_not_sent_survives_a_change_of_language(
    linked: Linked, open_page: Open, javascript: bool
) -> None:
    """Nothing is judged by it, and Enter still goes on rather than change the language."""
    page = await open_page(linked.link, width=360, java_script_enabled=javascript)
    often = page.locator(".ask-item").first.get_by_role("radio").first
    await often.check()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("A few short questions")
    await expect(often).to_be_checked()
    await expect(page.get_by_role("alert")).to_have_count(0)
    await often.press("Enter")
    await expect(page.get_by_role("alert").get_by_role("link")).to_have_count(7)
    await expect(often).to_be_checked()
    await page.get_by_role("button", name="Svenska").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Några korta frågor")
    await expect(often).to_be_checked()
    assert linked.here.doors.asked == []


async def test_whoever_leaves_in_a_hurry_leaves_nothing_on_the_way_back(
    linked: Linked, open_page: Open
) -> None:
    page = await open_page(f"{linked.address}/svara/thanks")
    await page.goto(linked.link)
    await page.get_by_label("Ibland").check()
    await page.get_by_role("link", name="Lämna sidan snabbt").click()
    await page.wait_for_url("**/aktiviteter")
    await page.go_back()
    assert page.url.endswith("/svara/thanks"), "the questions are gone from the way back"
