"""The work with one person in a real Chromium: usable by everybody, by keyboard, and whatever is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from tests.browser.conftest import Open
from tests.browser.looks import OF_COLOUR, SIDEWAYS, TOO_SMALL, found_by_axe
from tests.support.casework import ANNA, Casework, casework_of_its_own
from tests.support.pages import served
from tests.support.planning import ATTACK, Far, on_the_way, reached

pytestmark = [pytest.mark.browser, pytest.mark.slow(minutes=2)]

PAGES = (
    "mapping",
    "instruments",
    "instruments/ons4?at=baseline",
    "instruments/ucla-3",
    "instruments/goal-attainment",
    "instruments/ons4/paper",
    "matching",
    "matching/promenad",
    "matching/gafotboll",
    "plan",
    "recept",
    "recept/{recept}",
    "help",
    "taking-part",
    "follow-up",
)
OPENED = "() => document.querySelectorAll('details').forEach(one => one.open = true)"


@dataclass
class AtWork:
    """A network whose pages are served, Anna's way into them, and three cases of hers."""

    work: Casework
    address: str
    cookies: list[Any]
    far: Far
    fresh: str
    hostile: Far

    def url(self, path: str, far: Far | None = None) -> str:
        """A page of a case that is well on its way."""
        case = far or self.far
        return f"{self.address}/cases/{case.case}/{path.format(recept=case.recept)}"

    async def as_anna(self, page: Page, path: str) -> None:
        """Sign in, and go there."""
        await page.context.add_cookies(self.cookies)
        await page.goto(path)


@pytest_asyncio.fixture(scope="module")
async def at_work(postgres_server: Postgres) -> AsyncIterator[AtWork]:
    async with casework_of_its_own(postgres_server) as work:
        hostile = await on_the_way(work, "Ture Mört", words=ATTACK)
        far = await on_the_way(work)
        fresh = await reached(work, "Astrid Ek")
        await work.wait(timedelta(days=30))  # a session has been, and a follow-up is due
        async with served(work.app) as address:
            cookie = await work.cookie_of(ANNA)
            cookies = [{"name": name, "value": value, "url": address} for name, value in cookie.items()]
            yield AtWork(work, address, cookies, far, fresh, hostile)


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_every_page_is_usable_by_everybody(at_work: AtWork, open_page: Open, language: str) -> None:
    page = await open_page(f"{at_work.address}/login", language=language, reduced_motion="reduce")
    await page.context.add_cookies(at_work.cookies)
    small: dict[str, list[str]] = {}
    for path in PAGES:
        await page.goto(at_work.url(path))
        await page.evaluate(OPENED)
        if language == "en":
            await page.set_viewport_size({"width": 1280, "height": 800})
            await page.emulate_media(color_scheme="dark", reduced_motion="reduce")
            assert not await found_by_axe(page, OF_COLOUR), path
            continue
        assert not await found_by_axe(page), path
        for width in (360, 320):
            await page.set_viewport_size({"width": width, "height": 800})
            assert await page.evaluate(SIDEWAYS) <= 0, (path, width)
        small[path] = await page.evaluate(TOO_SMALL)
    assert not {path: found for path, found in small.items() if found}


async def test_what_is_wrong_has_the_focus_and_leads_to_its_field(at_work: AtWork, open_page: Open) -> None:
    page = await open_page(f"{at_work.address}/login")
    await at_work.as_anna(page, f"{at_work.address}/cases/{at_work.fresh}/plan")
    await page.get_by_label("Mål 1, med personens egna ord").fill("Gå på konsert")
    await page.get_by_role("button", name="Spara planen").click()
    summary = page.get_by_role("alert")
    await expect(summary).to_be_focused()
    assert not await found_by_axe(page)
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate(SIDEWAYS) <= 0
    await summary.get_by_role("link").click()
    await expect(page.get_by_label("Personen är med på dessa mål")).to_be_focused()
    await expect(page.get_by_label("Mål 1, med personens egna ord")).to_have_value("Gå på konsert")


async def test_a_plan_is_made_and_its_recept_printed_by_keyboard_alone(
    at_work: AtWork, open_page: Open
) -> None:
    page = await open_page(f"{at_work.address}/login")
    await at_work.as_anna(page, f"{at_work.address}/cases/{at_work.fresh}/plan")
    keys = page.keyboard
    await _tab_to(page, "goal-1")
    await keys.type("Spela schack igen")
    await _tab_to(page, "agreed")
    await keys.press("Space")
    await keys.press("Enter")  # saves, although a button for more rows comes before
    await expect(page.locator("p.done")).to_have_text("Planen är sparad.")
    await page.goto(f"{at_work.address}/cases/{at_work.fresh}/recept")
    await _tab_to(page, "trial")
    await keys.press("Space")
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.get_by_role("heading", name="Recept")).to_be_visible()
    link = page.get_by_role("link", name="Skriv ut som PDF: Svenska")
    printed = await page.request.get(at_work.address + str(await link.get_attribute("href")))
    assert (await printed.body()).startswith(b"%PDF-")


async def _tab_to(page: Page, field: str) -> None:
    """Press Tab until a field has the focus."""
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await page.evaluate("() => document.activeElement.id") == field:
            return
    raise AssertionError(f"{field} is not reached by Tab")


async def test_hostile_words_never_run_on_screen_or_in_print(at_work: AtWork, open_page: Open) -> None:
    page = await open_page(f"{at_work.address}/login")
    ran: list[str] = []
    page.on("dialog", lambda dialog: ran.append(dialog.message))
    await page.context.add_cookies(at_work.cookies)
    for path in ("mapping", "plan", "recept", "recept/{recept}", "matching/gafotboll"):
        await page.goto(at_work.url(path, at_work.hostile))
        assert "<script>alert(1)</script>" in await page.locator("body").inner_text() + await page.evaluate(
            "() => [...document.querySelectorAll('textarea, option')].map(one => one.value + one.text).join()"
        )
        assert await page.locator("img[src='x']").count() == 0
    await page.goto(at_work.url("recept/{recept}", at_work.hostile))
    assert (await page.pdf()).startswith(b"%PDF-")
    assert not ran


async def test_in_print_there_is_the_paper_alone(at_work: AtWork, open_page: Open) -> None:
    page = await open_page(f"{at_work.address}/login")
    await page.context.add_cookies(at_work.cookies)
    await page.emulate_media(media="print")
    await page.goto(at_work.url("recept/{recept}"))
    shown = await page.locator("body").inner_text()
    assert "Promenad med fika" in shown
    for name in ("Gunborg Lund", "Vårdcentralen", "Skriv ut som PDF"):
        assert name not in shown
    await page.goto(at_work.url("instruments/ons4/paper"))
    assert await page.locator("button:visible, .notice:visible").count() == 0
    assert await page.locator(".box").count() == 44


async def test_a_session_that_ends_loses_nothing_of_a_mapping(at_work: AtWork, open_page: Open) -> None:
    """With scripts it is kept while it is written; without, it is sent and kept when nobody is signed in."""
    words, at = "#what_matters", f"{at_work.address}/cases/{at_work.fresh}/mapping"
    page = await open_page(f"{at_work.address}/login")
    await at_work.as_anna(page, at)
    await page.locator(words).fill("Hon vill sjunga igen.")
    await expect(page.locator("[data-draft-said]")).to_contain_text("Utkast sparat")
    plain = await open_page(f"{at_work.address}/login", java_script_enabled=False)
    await at_work.as_anna(plain, at)
    await expect(plain.locator(words)).to_have_value("Hon vill sjunga igen.")
    await plain.locator(words).fill("Hon vill sjunga igen, i kyrkan.")
    await plain.context.clear_cookies(name=SESSION_COOKIE)
    await plain.get_by_role("button", name="Spara kartläggningen").click()
    assert "/login" in plain.url
    await at_work.as_anna(plain, at)
    await expect(plain.locator(words)).to_have_value("Hon vill sjunga igen, i kyrkan.")
    await plain.get_by_role("button", name="Släng utkastet").click()
    await expect(plain.locator(".drafted")).to_have_count(0)
