"""The calendar in a browser: usable by everybody, without a script, on paper, light."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect

from services.runtime.session_code import code_of
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.activity import ActivityProposed
from sluss_contracts.commands.provider import WithdrawActivity
from sluss_contracts.commands.schedule import SetSchedule
from sluss_contracts.offering import Access, Mode, Venue
from sluss_contracts.person import PersonSignposted
from sluss_contracts.schedule import Recurrence
from tests.browser.conftest import Open
from tests.browser.looks import SIDEWAYS, TOO_SMALL, usable
from tests.support.calendar import Town, tell_a_small_town, town_of_its_own
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow(minutes=2)]


DAY_OUT = "2026-03-07T13:00"
PAGE = "https://www.korpen.example/schack"


@pytest_asyncio.fixture(scope="module")
async def small_town(postgres_server: Postgres) -> AsyncIterator[Town]:
    async with town_of_its_own(postgres_server) as town:
        await tell_a_small_town(town)
        for number in range(40):
            await town.publish(f"grupp-{number:02}", f"Grupp {number}", area="vilbergen")
        park = Venue(name="Folkparken", street="Parkvägen 3", postal_code="602 36", town="Norrköping")
        access = (Access.STEP_FREE, Access.BUS_NEAR)
        await town.publish("vilar", "Schack i parken", venue=park, access=access, mode=Mode.BOTH, page=PAGE)
        await town.publish("slut", "Boule")
        await town.do(WithdrawActivity, activity="slut", why="no_leader")
        # Nobody else is to sink: it alone is hidden, as a year of silence would.
        resting = "update {} set status = 'hidden' where activity = 'vilar'"
        for table in ("activity", "calendar_activity"):
            await town.desk.pool.execute(resting.format(table))
        await town.do(SetSchedule, activity="vilar", recurrences=(Recurrence(starts=DAY_OUT),))
        yield town


@pytest_asyncio.fixture(scope="module")
async def address(small_town: Town) -> AsyncIterator[str]:
    async with served(small_town.app) as address:
        yield address


async def _nothing(page: Page) -> None:
    pass


async def _send_an_empty_tip(page: Page) -> None:
    await page.locator(".tip button").click()
    await page.wait_for_load_state()


async def _open_more(page: Page) -> None:
    await page.locator(".search-more summary").click()


Act = Callable[[Page], Awaitable[None]]
STATES: dict[str, tuple[str, Act]] = {
    "the list": ("/aktiviteter", _nothing),
    "the list, more choices": ("/aktiviteter", _open_more),
    "the list, much wished for": ("/aktiviteter?q=kaffe&interest=sport&age=70&day=2&cost=50", _nothing),
    "the list, nothing found": ("/aktiviteter?interest=singing&day=2&age=9", _nothing),
    "the list, mistyped": ("/aktiviteter?from=2026-03-09&to=2026-03-01&age=old", _nothing),
    "the list, a later page": ("/aktiviteter?area=vilbergen&page=2", _nothing),
    "the list, past its end": ("/aktiviteter?page=9", _nothing),
    "an activity": ("/aktiviteter/gafotboll", _nothing),
    "an activity that is full, a session cancelled": ("/aktiviteter/anhorigcirkel", _nothing),
    "an activity little is known of": ("/aktiviteter/grupp-01", _nothing),
    "a digital activity": ("/aktiviteter/digital-fika", _nothing),
    "an activity, staff": ("/aktiviteter/gafotboll?noted=1", _nothing),
    "a provider": ("/arrangor/hemgarden", _nothing),
    "a provider with nothing": ("/arrangor/tom", _nothing),
    "a tip": ("/tipsa", _nothing),
    "a tip with faults": ("/tipsa", _send_an_empty_tip),
    "a correction": ("/tipsa?om=kor", _nothing),
    "thanks": ("/tipsa/tack", _nothing),
    "no such activity": ("/aktiviteter/no-such", _nothing),
    "an activity that rests": ("/aktiviteter/vilar", _nothing),
    "an activity that has ended": ("/aktiviteter/slut", _nothing),
    "a session": (f"/traff/{code_of('vilar-20260307T1200Z')}", _nothing),
}


@pytest_asyncio.fixture
async def show(small_town: Town, address: str, open_page: Open) -> Callable[..., Awaitable[Page]]:
    """Opens a state; where its name says so, as somebody who has signed in."""

    async def show(state: str, **options: object) -> Page:
        path, act = STATES[state]
        page = await open_page("about:blank", **options)
        if "staff" in state:
            token = (await small_town.signed_in())[SESSION_COOKIE]
            await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
        await page.goto(address + path)
        await act(page)
        return page

    return show


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_axe_finds_nothing(show: Callable[..., Awaitable[Page]], language: str, state: str) -> None:
    page = await show(state, language=language, reduced_motion="reduce")
    await usable(page, f"{state} in {language}")


@pytest.mark.parametrize("state", STATES)
async def test_nothing_scrolls_sideways_at_320_px_and_all_can_be_hit(
    show: Callable[..., Awaitable[Page]], state: str
) -> None:
    for language in ("sv", "en"):
        page = await show(state, language=language, width=320)
        assert await page.evaluate(SIDEWAYS) <= 0, language
        assert await page.evaluate(TOO_SMALL) == [], language


@pytest.mark.parametrize("width", [320, 360, 768, 1087, 1280])
async def test_every_activity_of_a_page_is_seen_on_every_screen(
    address: str, open_page: Open, width: int
) -> None:
    page = await open_page(f"{address}/aktiviteter", width=width)
    shown = await page.locator(".entry").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height > 60)"
    )
    assert shown == [True] * 20


@pytest.mark.parametrize("state", ["the list, more choices", "an activity, staff", "a tip"])
async def test_all_can_be_reached_by_keyboard_and_seen_to_be(
    show: Callable[..., Awaitable[Page]], state: str
) -> None:
    page = await show(state)
    await page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    usable = await page.evaluate(
        """() => [
            ...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary")
        ].filter(one => one.checkVisibility()).length"""
    )
    for _ in range(2 * usable):  # a day has three fields of its own
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => {
                const one = document.activeElement, shown = one.closest(".card, .pill") || one;
                if (one === document.body) return ["", true];
                window.reached = (window.reached || new Set()).add(one);
                const style = getComputedStyle(shown);
                return [one.outerHTML, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
            }"""
        )
        assert seen[1], f"no focus to be seen on {seen[0]!r}"
    assert await page.evaluate("() => window.reached.size") == usable


async def test_one_finds_something_without_a_script(address: str, open_page: Open) -> None:
    page = await open_page(f"{address}/aktiviteter", java_script_enabled=False)
    await page.get_by_label("Intresse").select_option("Sång")
    await page.locator(".search-more summary").click()
    await page.get_by_label("Onsdag").check()
    await page.get_by_role("button", name="Visa").last.click()
    await expect(page.locator(".card-link")).to_have_text(["Kör för alla röster"])
    assert "interest=singing" in page.url
    assert "day=3" in page.url
    await page.get_by_role("link", name="Kör för alla röster").click()
    await expect(page.locator("h1")).to_contain_text("Kör för alla röster")
    await page.get_by_role("link", name="Hemgården").click()
    await expect(page.locator("h1")).to_contain_text("Hemgården")


async def test_a_language_is_chosen_and_the_view_stays(address: str, open_page: Open) -> None:
    page = await open_page(f"{address}/aktiviteter?interest=singing&day=3", java_script_enabled=False)
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("#list-title")).to_have_text("1 activity")
    assert page.url.endswith("/aktiviteter?interest=singing&day=3")


async def test_faults_get_the_focus_and_lead_to_their_field(
    small_town: Town, address: str, open_page: Open
) -> None:
    page = await open_page(f"{address}/tipsa", java_script_enabled=False)
    await page.get_by_label("Vad det heter").fill("Sagostund")
    await page.get_by_role("button", name="Skicka tipset").click()
    await expect(page.locator(".trouble")).to_be_focused()
    await page.get_by_role("link", name="Vem som ordnar det").click()
    await expect(page.locator("#who")).to_be_focused()
    await expect(page.locator("#title")).to_have_value("Sagostund")
    await page.locator("#who").fill("Biblioteket")
    await page.locator("#about").fill("Sagor på lördagar klockan 11.")
    await page.get_by_label("Stadsdel").select_option("Hageby")
    await page.get_by_role("button", name="Skicka tipset").click()
    await expect(page.locator("h1")).to_have_text("Tack för tipset")
    assert [each.title for each in await small_town.desk.said(ActivityProposed) if each.title == "Sagostund"]


async def test_staff_note_that_they_showed_it(small_town: Town, show: Callable[..., Awaitable[Page]]) -> None:
    page = await show("an activity, staff", java_script_enabled=False)
    await page.get_by_label("Vad personen tycker om").select_option("Fiske")
    await page.get_by_label("Ålder").select_option("65 till 79")
    await page.get_by_role("button", name="Anteckna").click()
    await expect(page.locator("#noted")).to_be_visible()
    (said,) = await small_town.network.at["referral"].said(PersonSignposted)
    assert said.age_group == "age_65_79"


@pytest.mark.parametrize("state", ["the list", "an activity", "a provider"])
async def test_printed_there_is_what_one_needs_and_nothing_to_press(
    show: Callable[..., Awaitable[Page]], state: str
) -> None:
    page = await show(state)
    await page.emulate_media(media="print")
    for pressed in ("button:visible", ".button:visible", "select:visible", "nav:visible"):
        assert await page.locator(pressed).count() == 0, pressed
    assert await page.locator("h1").is_visible()


@pytest.mark.parametrize("path", ["/aktiviteter", "/aktiviteter/gafotboll", "/tipsa"])
async def test_a_page_and_all_it_loads_is_light(address: str, open_page: Open, path: str) -> None:
    page = await open_page("about:blank")
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    await page.goto(address + path)
    await page.wait_for_timeout(500)
    sizes = [await request.sizes() for request in requests]
    assert 10_000 < sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes) <= 150_000
    assert all(request.url.startswith(address) for request in requests)
