"""The first page in a browser: referrals visibly move, with a script and without."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Request, expect

from services.navigator.web.live_board import PAUSE
from tests.browser.conftest import LivingNetwork, Open
from tests.support.pages import Way, some_way

pytestmark = [pytest.mark.browser, pytest.mark.slow]


async def _submitted(living: LivingNetwork, number: int = 1) -> Way:
    way = some_way(living.teller, number)
    await living.teller.tell(*way.steps(living.teller.now)[0])
    return way


def _card(way: Way, lane: str) -> str:
    return f'[data-lane="{lane}"] [data-referral="{way.referral}"]'


async def test_a_referral_visibly_moves_while_one_watches(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    count = page.locator('[data-lane="received"] [data-count]')
    before = int(await count.inner_text())

    way = await _submitted(living)
    await page.wait_for_selector(_card(way, "received"))
    await expect(count).to_have_text(str(before + 1))

    steps = way.steps(living.teller.now)
    for lane, facts in zip(("assigned", "meeting", "plan", "activity"), steps[1:], strict=False):
        await living.teller.tell(*facts)
        await page.wait_for_selector(_card(way, lane))
        assert await page.locator(f'[data-referral="{way.referral}"]').count() == 1
    await expect(count).to_have_text(str(before))
    newest = page.locator("[data-latest] li").first
    await expect(newest).to_contain_text("Aktivitet")


async def test_a_moving_card_keeps_the_focus(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    way = await _submitted(living)
    await page.wait_for_selector(_card(way, "received"))
    await page.locator(f"{_card(way, 'received')} a").focus()
    await living.teller.tell(*way.steps(living.teller.now)[1])
    await page.wait_for_selector(_card(way, "assigned"))
    assert (
        await page.evaluate("() => document.activeElement.getAttribute('href')")
        == f"/referrals/{way.referral}"
    )


async def test_one_can_pause_and_then_sees_what_was_missed(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    state, pause = page.locator("[data-state]"), page.locator("[data-pause]")
    await expect(state).to_have_text("Direkt")
    await pause.click()
    await expect(state).to_have_text("Pausad")
    way = await _submitted(living)
    await page.wait_for_timeout(2500)
    assert await page.locator(_card(way, "received")).count() == 0
    await pause.click()
    await page.wait_for_selector(_card(way, "received"))
    await expect(state).to_have_text("Direkt")


async def test_a_connection_that_breaks_comes_back_by_itself(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    state = page.locator("[data-state]")
    await expect(state).to_have_text("Direkt")
    await page.route("**/board/stream*", lambda route: route.fulfill(status=503))
    # What is open already is not touched by the route; break it from the page's side.
    await page.locator("[data-pause]").click()
    await page.locator("[data-pause]").click()
    await expect(state).to_have_text("Ansluter igen")
    await expect(page.locator("[data-reload]")).to_be_visible()
    way = await _submitted(living)
    await page.unroute("**/board/stream*")
    await page.wait_for_selector(_card(way, "received"))
    await expect(state).to_have_text("Direkt")
    await expect(page.locator("[data-reload]")).to_be_hidden()


async def test_ages_grow_while_one_watches(living: LivingNetwork, open_page: Open) -> None:
    way = await _submitted(living)
    page = await open_page(living.address)
    since = page.locator(f"{_card(way, 'received')} time").first
    before = await since.inner_text()
    assert before.endswith(" s")
    await page.wait_for_timeout(6000)
    assert await since.inner_text() != before


async def test_the_page_says_the_same_with_and_without_the_script(
    living: LivingNetwork, open_page: Open
) -> None:
    with_script = await open_page(living.address)
    without = await open_page(living.address, java_script_enabled=False)
    for part in (".lane-count", ".card-id", ".card-from", ".card .badge", "[data-latest] a", ".role"):
        texts = [await page.locator(part).all_inner_texts() for page in (with_script, without)]
        assert texts[0] == texts[1]
        assert texts[0], part


async def test_without_a_script_one_reloads(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address, java_script_enabled=False)
    assert not await page.locator("[data-pause]").is_visible()
    way = await _submitted(living)
    await page.wait_for_timeout(1000 * PAUSE + 100)  # a board read within this time is shown again
    await page.get_by_role("link", name="Ladda om").click()
    await expect(page.locator(_card(way, "received"))).to_have_count(1)


async def test_a_whole_visit_without_a_script(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address, java_script_enabled=False)
    await page.get_by_role("button", name="Var Anna Lind").click()
    await expect(page.locator(".who")).to_contain_text("Anna Lind")
    await expect(page.locator("h1")).to_have_text("I dag")
    await page.locator(".brand").click()
    await expect(page.locator("main")).to_contain_text("Du ser ditt teams remisser.")

    await page.locator(".card a").first.click()
    await expect(page.locator("h1")).to_contain_text("Remiss")
    assert await page.locator(".timeline li").count() >= 1

    await page.get_by_role("button", name="English").click()
    await expect(page.locator("h1")).to_contain_text("Referral")
    await page.get_by_role("link", name="To the board").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


async def test_the_first_page_and_all_it_loads_is_light(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page("about:blank")
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    await page.goto(living.address)
    await page.wait_for_timeout(500)
    sizes = [await request.sizes() for request in requests]
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    assert 10_000 < total <= 150_000
    assert all(request.url.startswith(living.address) for request in requests)


async def test_one_goes_from_the_board_to_a_referral_and_back(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    short = await page.locator(".card-id").first.inner_text()
    await page.locator(".card").first.click()
    await expect(page.locator("h1")).to_contain_text(short)
    await expect(page.locator('[aria-current="step"]')).to_have_count(1)
    await page.get_by_role("link", name="Till tavlan").click()
    await expect(page.locator("h1")).to_have_text("Från mottagningen ut i gemenskap")


async def _names(page: Page) -> list[str]:
    return [await one.inner_text() for one in await page.locator(".people button").all()]


async def test_a_page_for_some_leads_through_signing_in(in_earnest: LivingNetwork, open_page: Open) -> None:
    page = await open_page(f"{in_earnest.address}/login?next=https://elsewhere.example")
    assert await _names(page) == []
    await expect(page.locator("h1")).to_have_text("Logga in")
