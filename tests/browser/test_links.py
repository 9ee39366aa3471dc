"""The pages behind links in a real Chromium: with axe, 360 px wide, and without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from sluss.machine.postgres import Postgres
from sluss_contracts.activity import ActivityAmended, ActivityVerified
from sluss_contracts.enrolment import AttendanceRecorded, EnrolmentAccepted, EnrolmentDeclined
from sluss_contracts.offering import Access, Cost, Venue
from sluss_contracts.plan import SupportAgreed
from sluss_contracts.vocabulary import Attendance, SupportKind
from tests.browser.conftest import Open
from tests.browser.looks import SIDEWAYS, usable
from tests.support import answering
from tests.support.answering import A_DAY, CAFE, NOON, WALK, House
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow(minutes=2)]

# A choice is as large as its label, which is what is pressed; text fields and links in lists as themselves.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, select, textarea, input:not([type=hidden])")]
    .filter(one => one.checkVisibility() && !one.classList.contains("skip"))
    .map(one => [one.innerText || one.name, (one.closest(".choice") || one).getBoundingClientRect()])
    .filter(([, box]) => box.height < 43.9 || box.width < 43.9)
    .map(([text, box]) => `${text}: ${box.width} x ${box.height}`)"""


@dataclass
class Linked:
    """A provider service with something of each kind to answer, and where its pages are."""

    house: House
    address: str
    links: dict[str, str]


@pytest_asyncio.fixture
async def linked(postgres_server: Postgres) -> AsyncIterator[Linked]:
    async with answering.house(postgres_server) as house, served(house.app) as address:
        await house.publish(
            about="Vi går i lugn takt längs ån.\nEfteråt fikar vi tillsammans.",
            venue=Venue(name="Hageby centrum", street="Idrottsgatan 1", town="Norrköping"),
            cost=Cost(kronor=20, note="Fika ingår"),
            access=(Access.SITTING_DOWN, Access.BUS_NEAR),
            hosted=True,
        )  # fmt: skip
        await house.publish(CAFE, title="Språkkafé")
        session_id = await house.session(NOON + A_DAY)
        for who in ("bo", "disa"):
            await house.welcomed(who)
        house.desk.clock.move(A_DAY + timedelta(hours=2))
        await house.session(NOON + 8 * A_DAY)
        await house.session(NOON + 15 * A_DAY)
        await house.wish("alva")
        await house.wish("alva", CAFE)
        support = {"support_id": "s1", "enrolment_id": f"alva-{WALK}", "kind": SupportKind.HOST}
        await house.desk.hear(SupportAgreed(referral_id="alva", **support))
        links = {
            "offer": await house.offer_link("alva"),
            "offer without sessions": await house.offer_link("alva", CAFE),
            "attendance": await house.activity_link(session_id=session_id),
            "confirmation": await house.activity_link(),
        }
        yield Linked(house, address, links)


async def _nothing(page: Page) -> None:
    pass


def _pressing(name: str) -> Callable[[Page], Awaitable[None]]:
    async def press(page: Page) -> None:
        await page.get_by_role("button", name=name).click()
        await page.wait_for_load_state()

    return press


STATES: dict[str, tuple[str, str, dict[str, str]]] = {
    "an offer": ("offer", "", {}),
    "an offer, no reason chosen": ("offer", "", {"sv": "Tacka nej", "en": "Say no"}),
    "an offer without sessions": ("offer without sessions", "", {}),
    "who came": ("attendance", "", {}),
    "who came, nothing said": ("attendance", "", {"sv": "Skicka", "en": "Send"}),
    "still right": ("confirmation", "", {}),
    "change": ("confirmation", "?do=change", {}),
    "ended": ("confirmation", "?do=end", {}),
    "ended, not sure": ("confirmation", "?do=end", {"sv": "Ta bort den", "en": "Take it away"}),
    "over": ("", "/answer/made-up", {}),
    "thanks": ("", "/answer/thanks/welcome", {}),
}


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_everybody_can_use_every_page(linked: Linked, open_page: Open, language: str) -> None:
    """Axe finds nothing, nothing scrolls sideways, and all can be hit."""
    for state, (link, path, press) in STATES.items():
        url = linked.address + (linked.links[link] if link else "") + path
        page = await open_page(url, language=language, reduced_motion="reduce")
        if press:
            await _pressing(press[language])(page)
        await usable(page, f"{state} in {language}")
        await page.set_viewport_size({"width": 320, "height": 800})
        assert await page.evaluate(SIDEWAYS) <= 0, f"{state} scrolls sideways at 320 px"
        assert await page.evaluate(TOO_SMALL) == [], state
        await page.context.close()


async def open_by_hand(open_page: Open, url: str) -> Any:
    return await open_page(url, width=360, java_script_enabled=False)


async def test_an_offer_is_accepted_without_javascript(linked: Linked, open_page: Open) -> None:
    page = await open_by_hand(open_page, linked.address + linked.links["offer"])
    await expect(page.get_by_role("heading", level=1)).to_have_text("Någon vill gärna komma")
    await page.get_by_label("17 mars 2026 13:00").check()
    await page.get_by_label("Vem tar emot?").fill("Maud")
    await page.get_by_role("button", name="Hälsa välkommen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tack, personen är välkommen")
    said = (await linked.house.desk.said(EnrolmentAccepted, "alva"))[0]
    assert (said.host, said.starts) == ("Maud", NOON + 15 * A_DAY)
    await page.go_back()
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Länken gäller inte längre")


async def test_a_no_needs_a_reason_of_their_own(linked: Linked, open_page: Open) -> None:
    page = await open_by_hand(open_page, linked.address + linked.links["offer"])
    await page.get_by_role("button", name="Tacka nej").click()
    await expect(page.get_by_role("alert")).to_contain_text("Välj varför")
    await page.get_by_label("Gruppen är full just nu").check()
    await page.get_by_role("button", name="Tacka nej").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tack för ditt svar")
    (said,) = await linked.house.desk.said(EnrolmentDeclined)
    assert said.reason == "group_is_full"


async def test_who_came_is_ticked_and_corrected(linked: Linked, open_page: Open) -> None:
    page = await open_by_hand(open_page, linked.address + linked.links["attendance"])
    for outcome in ("Var med", "Var inte med"):
        people = page.get_by_role("group")
        await expect(people).to_have_count(2)
        await people.nth(0).get_by_label("Var med").check()
        await people.nth(1).get_by_label(outcome, exact=True).check()
        await page.get_by_role("button", name="Skicka").click()
        await expect(page.get_by_role("status")).to_contain_text("Tack, det är antecknat")
    said = [each.outcome for each in await linked.house.desk.said(AttendanceRecorded)]
    assert said == [Attendance.ATTENDED, Attendance.ATTENDED, Attendance.ABSENT]


async def test_still_right_is_one_tap_and_a_change_one_form(linked: Linked, open_page: Open) -> None:
    url = linked.address + linked.links["confirmation"]
    page = await open_by_hand(open_page, url)
    await page.get_by_role("button", name="Ja, det stämmer fortfarande").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tack, det får stå som det står")
    assert await linked.house.desk.said(ActivityVerified)
    page = await open_by_hand(open_page, linked.address + await linked.house.activity_link())
    await page.get_by_role("link", name="Ändra något").click()
    await page.get_by_label("Kronor, 0 om det är gratis").fill("0")
    await page.get_by_role("button", name="Publicera ändringen").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tack, det är ändrat")
    (said,) = await linked.house.desk.said(ActivityAmended)
    assert said.cost is not None
    assert said.cost.free
