"""Referring and asking for help in a real Chromium: with axe, 320 px wide, by keyboard, without script."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.referral import ReferralSubmitted
from tests.browser.conftest import Open
from tests.browser.looks import ALL_RULES, OF_COLOUR, SCHEMES, SIDEWAYS, found_by_axe
from tests.support.doors import DOCTOR, Door, door
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# A choice is as large as its label, which is what is pressed.
TOO_SMALL = """() => [...document.querySelectorAll(
        "a, button, select, textarea, summary, input:not([type=hidden])")]
    .filter(one => one.checkVisibility() && !one.classList.contains("skip"))
    .map(one => [one, one.closest(one.matches(".card-link") ? ".card" : ".choice, .pill") || one])
    .map(([one, hit]) => [one.innerText || one.name, hit.getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""
WIDE = """() => [...document.querySelectorAll("main *")]
    .filter(one => one.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map(one => one.outerHTML.slice(0, 80))"""
LOOKS = os.environ.get("LOOKS")


@dataclass
class Served:
    """The referral service's pages, and where they are."""

    door: Door
    address: str

    async def sign_in(self, page: Page) -> None:
        """As the doctor."""
        await page.context.add_cookies(
            [{"name": SESSION_COOKIE, "value": await self.door.session(DOCTOR), "url": self.address}]
        )


@pytest_asyncio.fixture(scope="module")
async def there(postgres_server: Postgres) -> AsyncIterator[Served]:
    async with door(postgres_server) as here, served(here.app) as address:
        yield Served(here, address)


async def usable(page: Page, state: str) -> None:
    """Axe finds nothing in either colour scheme, wide or narrow, and nothing scrolls sideways."""
    for scheme, width in itertools.product(SCHEMES, (1280, 320)):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await page.set_viewport_size({"width": width, "height": 800})
        found = await found_by_axe(page, OF_COLOUR if scheme == "dark" else ALL_RULES)
        look = f"{state}, {scheme}, {width} px"
        assert not found, f"{look}: {found}"
        assert await page.evaluate(SIDEWAYS) <= 0, f"{look} scrolls sideways: {await page.evaluate(WIDE)}"
    assert await page.evaluate(TOO_SMALL) == [], state
    await page.emulate_media(color_scheme="light")
    for width in (360, 1280):
        await page.set_viewport_size({"width": width, "height": 800})
        if LOOKS:
            await page.screenshot(path=f"{LOOKS}/{state.replace(' ', '-')}-{width}.png", full_page=True)


async def _go_on(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name, exact=True).click()
    await page.wait_for_load_state()


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_professional_refers(there: Served, open_page: Open, language: str) -> None:
    say = _SAID[language]
    page = await open_page(there.address + "/login", language=language)
    await there.sign_in(page)
    await page.goto(there.address + "/refer")
    await page.locator(".more").first.evaluate("one => one.open = true")
    await usable(page, f"who {language}")
    await _go_on(page, say["on"])
    # What is missing has the focus, and leads to its field.
    await expect(page.locator(".trouble")).to_be_focused()
    await usable(page, f"who to mend {language}")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await expect(page.locator("#name")).to_be_focused()
    await page.keyboard.type("Vilhelmina")
    await page.fill("#phone", "070-123 45 67")
    await page.locator("[name=consent]").first.check()
    await _go_on(page, say["on"])
    await usable(page, f"need {language}")
    await page.get_by_label(say["company"]).check()
    await page.fill("#reason", "Hon vill ta livet av sig")
    await page.select_option("#area", "norrkoping-city")
    await _go_on(page, say["check"])
    await usable(page, f"check acute {language}")
    before = len(await there.door.desk.said(ReferralSubmitted))
    await page.get_by_role("button", name=say["send"]).dblclick()
    await expect(page.locator(".code").first).to_be_visible()
    await usable(page, f"receipt {language}")
    await page.go_back()
    await expect(page.locator(".code").first).to_be_visible()
    assert len(await there.door.desk.said(ReferralSubmitted)) == before + 1


_SAID = {
    "sv": {
        "on": "Gå vidare",
        "check": "Gå vidare och kontrollera",
        "send": "Skicka",
        "company": "Sällskap, människor att vara med",
    },
    "en": {
        "on": "Go on",
        "check": "Go on to check",
        "send": "Send",
        "company": "Company, people to be with",
    },
}


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_somebody_asks_for_help(there: Served, open_page: Open, language: str) -> None:
    say = _SAID[language]
    page = await open_page(there.address + "/sok-hjalp", language=language)
    await usable(page, f"ask {language}")
    await page.goto(there.address + "/sok-hjalp/new")
    await _go_on(page, say["on"])
    await usable(page, f"ask who to mend {language}")
    await page.locator("[name=whom]").first.check()
    await page.fill("#name", "Kim")
    await page.fill("#phone", "070-123 45 67")
    await page.fill("#born", "2011")
    await page.locator("[name=agreed]").first.check()
    await _go_on(page, say["on"])
    await page.get_by_label(say["company"]).check()
    await page.select_option("#area", "annan-ort")
    await usable(page, f"ask need {language}")
    await _go_on(page, say["check"])
    await usable(page, f"ask check {language}")
    await _go_on(page, say["send"])
    await usable(page, f"ask receipt {language}")


async def test_leaving_leaves_no_way_back_to_what_was_written(there: Served, open_page: Open) -> None:
    page = await open_page(there.address + "/login")
    await page.goto(there.address + "/sok-hjalp/new")
    form = page.url
    await page.fill("#name", "Kim som ingen får se")
    await _go_on(page, "Gå vidare")
    assert await page.input_value("#name") == "Kim som ingen får se"
    await page.locator("[data-leave]").click()
    await page.wait_for_url("**/aktiviteter")
    await page.go_back()
    assert "Kim som ingen" not in await page.content()
    await page.goto(form)
    assert await page.input_value("#name") == ""


async def test_all_of_it_works_without_javascript(there: Served, open_page: Open) -> None:
    page = await open_page(there.address + "/login", java_script_enabled=False)
    await there.sign_in(page)
    await page.goto(there.address + "/refer")
    await page.fill("#name", "Göran")
    await page.fill("#email", "goran@example.org")
    await page.locator("[name=consent]").nth(1).check()
    await _go_on(page, "Gå vidare")
    await page.get_by_label("Sällskap, människor att vara med").check()
    await page.select_option("#area", "norrkoping-city")
    await _go_on(page, "Gå vidare och kontrollera")
    await _go_on(page, "Skicka remissen")
    await expect(page.locator(".notice")).to_contain_text("tillfrågad")
    await page.goto(there.address + "/sok-hjalp")
    await page.locator("[data-leave]").click()
    assert page.url.endswith("/aktiviteter")
