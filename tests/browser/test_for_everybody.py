"""Every page and state is usable by everybody: axe finds nothing, nothing scrolls sideways."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.browser.conftest import LivingNetwork, Open
from tests.browser.looks import SIDEWAYS, TOO_SMALL, usable

pytestmark = [pytest.mark.browser, pytest.mark.slow(minutes=2)]


async def _press(page: Page, name: str) -> None:
    await page.get_by_role("button", name=name).first.click()
    await page.wait_for_load_state()


async def _nothing(page: Page) -> None:
    pass


async def _be_anna(page: Page) -> None:
    await _press(page, "Anna Lind")
    await page.goto(page.url.replace("/today", "/"))


async def _be_the_school(page: Page) -> None:
    await _press(page, "Ebersteinska gymnasiet")


async def _be_olle(page: Page) -> None:
    await _press(page, "Olle Ek")
    await page.goto(page.url.replace("/today", "/"))


async def _be_kim(page: Page) -> None:
    await _press(page, "Kim Sandberg")


async def _be_siv(page: Page) -> None:
    await _press(page, "Siv Ekdahl")


async def _pause(page: Page) -> None:
    await page.locator("[data-pause]").click()


async def _send_an_old_form(page: Page) -> None:
    await page.evaluate(
        "() => document.querySelectorAll('[name=form_token]').forEach(one => one.value = 'old')"
    )
    await _press(page, "Anna Lind")


Act = Callable[[Page], Awaitable[None]]
STATES: dict[str, tuple[str, str, Act]] = {
    "first page": ("living", "/", _nothing),
    "accessibility": ("living", "/tillganglighet", _nothing),
    "first page, paused": ("living", "/", _pause),
    "first page, nothing yet": ("empty", "/", _nothing),
    "first page, not a demonstration": ("in_earnest", "/", _nothing),
    "as a link worker": ("living", "/", _be_anna),
    "as a referrer": ("living", "/", _be_the_school),
    "as a volunteer with nothing": ("living", "/", _be_olle),
    "as a citizen": ("living", "/", _be_kim),
    "as a coordinator": ("living", "/", _be_siv),
    "a referral": ("living", "/referrals/{open}", _nothing),
    "a closed referral": ("living", "/referrals/{closed}", _nothing),
    "who to be": ("living", "/login", _nothing),
    "who to be, nobody yet": ("empty", "/login", _nothing),
    "no way to sign in": ("in_earnest", "/login", _nothing),
    "nothing here": ("living", "/no-such-page", _nothing),
    "an old form": ("living", "/login", _send_an_old_form),
}


@pytest.fixture
def networks(
    living: LivingNetwork, empty: LivingNetwork, in_earnest: LivingNetwork
) -> dict[str, LivingNetwork]:
    return {"living": living, "empty": empty, "in_earnest": in_earnest}


def _url(networks: dict[str, LivingNetwork], state: str) -> str:
    network, path, _ = STATES[state]
    ways = networks["living"].ways
    # A way is told up to step (number * 7) % 9; these two are fixed by that.
    return networks[network].address + path.format(open=ways[4].referral, closed=ways[1].referral)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("language", ["sv", "en"])
async def test_axe_finds_nothing(
    networks: dict[str, LivingNetwork], open_page: Open, language: str, state: str
) -> None:
    page = await open_page(_url(networks, state), language=language, reduced_motion="reduce")
    await STATES[state][2](page)
    await usable(page, f"{state} in {language}")


@pytest.mark.parametrize("state", STATES)
async def test_nothing_scrolls_sideways_at_320_px_and_all_can_be_hit(
    networks: dict[str, LivingNetwork], open_page: Open, state: str
) -> None:
    for language in ("sv", "en"):
        page = await open_page(_url(networks, state), language=language, width=320)
        await STATES[state][2](page)
        assert await page.evaluate(SIDEWAYS) <= 0, language
        assert await page.evaluate(TOO_SMALL) == [], language


@pytest.mark.parametrize("state", ["first page", "a referral", "who to be"])
async def test_all_can_be_reached_by_keyboard_and_seen_to_be(
    networks: dict[str, LivingNetwork], open_page: Open, state: str
) -> None:
    page = await open_page(_url(networks, state))
    if state.startswith("first page"):
        await _pause(page)  # so that nothing moves while we count
        await page.evaluate("() => document.activeElement.blur()")
        await page.evaluate("() => window.getSelection().removeAllRanges()")
        await page.reload()
        await _pause(page)
        await page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    usable = await page.evaluate(
        "() => [...document.querySelectorAll('a, button')].filter(one => one.checkVisibility()).length"
    )
    reached: list[str] = []
    for _ in range(usable):
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => {
                const one = document.activeElement, shown = one.closest(".card") || one;
                window.reached = (window.reached || new Set()).add(one);
                const style = getComputedStyle(shown);
                return [one.innerText, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
            }"""
        )
        assert seen[1], f"no focus to be seen on {seen[0]!r}"
        reached.append(seen[0])
    assert await page.evaluate("() => window.reached.size") == usable, reached


async def test_one_can_skip_to_the_content(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    await page.keyboard.press("Tab")
    assert await page.evaluate("() => document.activeElement.innerText") == "Hoppa till innehållet"
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    assert await page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


async def test_text_may_be_spaced_out_as_far_as_the_guidelines_say(
    living: LivingNetwork, open_page: Open
) -> None:
    page = await open_page(living.address, width=320, bypass_csp=True)
    await page.add_style_tag(
        content="* { line-height: 1.5 !important; letter-spacing: .12em !important; "
        "word-spacing: .16em !important }"
    )
    assert await page.evaluate(SIDEWAYS) <= 0


async def test_nothing_moves_for_those_who_asked_for_stillness(
    living: LivingNetwork, open_page: Open
) -> None:
    page = await open_page(living.address, reduced_motion="reduce")
    assert await page.evaluate("() => document.getAnimations().length") == 0


async def test_printed_there_are_no_buttons(living: LivingNetwork, open_page: Open) -> None:
    page = await open_page(living.address)
    await page.emulate_media(media="print")
    assert await page.locator("button:visible").count() == 0
    assert await page.locator("h1").is_visible()
