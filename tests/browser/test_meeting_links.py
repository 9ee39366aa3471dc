"""The page behind a link to a meeting in a real Chromium: with axe, 320 px wide, without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import expect

from services.navigator.meeting_links.token import MeetingSigner
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.meetings import BookMeeting, CancelMeeting
from sluss_contracts.commands.staff import SetHours
from sluss_contracts.meeting import MeetingCancelled, MeetingConfirmed, MeetingMoved, MeetingTimeUnsuited
from tests.browser.conftest import Open
from tests.browser.looks import ALL_RULES, OF_COLOUR, SIDEWAYS, found_by_axe
from tests.browser.test_links import TOO_SMALL
from tests.support.casework import ANNA, BERIT, LINK_KEY, MONDAY, Casework, casework_of_its_own
from tests.support.pages import served

LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("light", 320), ("dark", 320))

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@dataclass
class Linked:
    """The network, where its pages are, and the paths of links: with hours known, without, and cancelled."""

    work: Casework
    address: str
    free: str
    by_word: str
    cancelled: str
    who: str


@pytest_asyncio.fixture(scope="module")
async def linked(postgres_server: Postgres) -> AsyncIterator[Linked]:
    async with casework_of_its_own(postgres_server) as work, served(work.app) as address:
        times = [{"weekday": day, "starts": "09:00", "ends": "15:00"} for day in ("tuesday", "friday")]
        await work.do(SetHours, valid_from=MONDAY.date(), times=times, worker=ANNA.actor.id)
        paths, referrals = [], []
        for number, area in enumerate(("hageby", "norrkoping-centrum", "hageby")):
            referral = await work.refer(f"Alva Ek {number}", area=area)
            guide, starts = (BERIT if area != "hageby" else ANNA), MONDAY + timedelta(days=3, hours=number)
            done = await work.do(BookMeeting, guide, referral_id=referral, starts=starts)
            meeting = str(done["meeting_id"])
            paths.append(f"/meeting/{MeetingSigner(LINK_KEY).sign(meeting)}")
            referrals.append(referral)
        about = {"referral_id": referral, "meeting_id": meeting}
        await work.do(CancelMeeting, ANNA, **about, whose="network", why="link_worker_away")
        free, by_word, cancelled = paths
        yield Linked(work, address, free, by_word, cancelled, referrals[0])


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_everybody_can_use_every_page(linked: Linked, open_page: Open, language: str) -> None:
    """Axe finds nothing, nothing scrolls sideways, and all can be hit; with what is missing said, too."""
    ask = {"sv": "Be om en annan tid", "en": "Ask for another time"}[language]
    cancel = {"sv": "Avboka tiden", "en": "Cancel the time"}[language]
    for path, press in (
        (linked.free, None),
        (f"{linked.free}?do=another", ask),
        (f"{linked.by_word}?do=another", None),
        (f"{linked.free}?do=cancel", cancel),
        (f"{linked.free}?done=moved", None),
        (linked.cancelled, None),
        ("/meeting/made-up", None),
        ("/meeting/thanks/cancelled-for-now", None),
    ):
        page = await open_page(linked.address + path, language=language, reduced_motion="reduce")
        if press:
            await page.get_by_role("button", name=press).click()
            await expect(page.get_by_role("alert")).to_be_visible()
        for scheme, width in LOOKS:
            look = f"{path} in {language}, {scheme}, {width} px"
            await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            await page.set_viewport_size({"width": width, "height": 800})
            found = await found_by_axe(page, OF_COLOUR if scheme == "dark" else ALL_RULES)
            assert not found, f"{look}: {found}"
            assert await page.evaluate(SIDEWAYS) <= 0, f"{look} scrolls sideways"
        assert await page.evaluate(TOO_SMALL) == [], path
        await page.context.close()


async def test_whoever_leaves_quickly_finds_no_way_back(linked: Linked, open_page: Open) -> None:
    page = await open_page(linked.address + linked.free)
    await page.get_by_role("link", name="Lämna sidan snabbt").click()
    await page.wait_for_url("**/aktiviteter")
    await page.go_back()
    assert "/meeting/" not in page.url


async def test_a_time_is_confirmed_moved_and_cancelled_without_javascript(
    linked: Linked, open_page: Open
) -> None:
    page = await open_page(linked.address + linked.free, width=320, java_script_enabled=False)
    await page.get_by_role("button", name="Tiden passar mig").click()
    await expect(page.get_by_role("status")).to_contain_text("Vi vet att du kommer")
    await page.get_by_role("link", name="Jag vill ha en annan tid").click()
    await page.get_by_label("fredag 6 mars 12:").check()
    await page.get_by_role("button", name="Boka den här tiden i stället").click()
    await expect(page.get_by_role("main")).to_contain_text("fredag 6 mars")
    await page.get_by_role("link", name="Jag vill ha en annan tid").click()
    await page.get_by_label("Måndagar").check()
    await page.get_by_role("button", name="Be om en annan tid").click()
    await expect(page.get_by_role("status")).to_contain_text("Du blir kontaktad")
    await page.get_by_role("link", name="Jag kan inte komma").click()
    await page.get_by_label("Nej, jag hör av mig själv").check()
    await page.get_by_role("button", name="Avboka tiden").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Tiden är avbokad")
    navigator = linked.work.at["navigator"]
    for fact in (MeetingConfirmed, MeetingMoved, MeetingTimeUnsuited, MeetingCancelled):
        assert len(await navigator.said(fact, linked.who)) == 1, fact
    await page.get_by_role("link", name="Lämna sidan snabbt").click()
    assert "/meeting/" not in page.url
