"""A link worker's desk in a browser: usable by everybody, without a script, by keyboard; nothing is lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, Request, expect

from services.runtime.web import Identity
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.meetings import BookMeeting
from sluss_contracts.commands.navigator import CloseCase, PauseCase, ReassignCase
from sluss_contracts.commands.staff import SetHours
from sluss_contracts.vocabulary import MeetingMode
from tests.browser.conftest import Open
from tests.browser.looks import ALL_RULES, OF_COLOUR, SCHEMES, SIDEWAYS, TOO_SMALL, found_by_axe
from tests.support.casework import ANNA, BERIT, HASSAN, OLLE, SIV, Casework, casework_of_its_own
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


@dataclass
class Desk:
    """A network with cases in many states, and where its pages are."""

    work: Casework
    address: str
    cases: dict[str, str] = field(default_factory=dict)
    meeting: str = ""
    task: str = ""

    async def open(self, open_page: Open, path: str, who: Identity = ANNA, **options: object) -> Page:
        page = await open_page("about:blank", **options)
        token = (await self.work.cookie_of(who))[SESSION_COOKIE]
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": self.address}])
        names = {**self.cases, "meeting": self.meeting, "task": self.task}
        await page.goto(self.address + path.format(**names))
        return page


@pytest_asyncio.fixture(scope="module")
async def desk(postgres_server: Postgres) -> AsyncIterator[Desk]:
    async with casework_of_its_own(postgres_server) as work:
        work.app.state.site.now = work.clock.now
        cases = {
            "new": await work.refer("Vilhelmina Berg"),
            "booked": await work.refer("Astrid Ek"),
            "paused": await work.refer("Bertil Ask"),
            "closed": await work.refer("Cecilia Alm"),
            "held": await work.refer("David Lind", consent="to_be_asked"),
            "waiting": await work.refer("Elsa Hägg", person={"language": "so"}),
            "attack": await work.refer(ATTACK, reason=ATTACK),
            "protected": await work.refer("Lena Hemlig", person={"protection": "confidential"}),
            "volunteer": await work.refer("Fatima Al-Sayed"),
        }
        week = [{"weekday": day, "starts": "08:00", "ends": "16:00"} for day in ("monday", "wednesday")]
        await work.do(SetHours, ANNA, worker=ANNA.actor.id, valid_from="2026-01-01", times=week)
        await work.do(SetHours, ANNA, worker=ANNA.actor.id, valid_from="2099-06-01", times=week[:1])
        meets = {"referral_id": cases["booked"], "starts": work.clock.now() + timedelta(hours=2)}
        told = {"place": ATTACK, "lone_work": ATTACK, "mode": MeetingMode.HOME}
        booked = await work.do(BookMeeting, ANNA, **meets, **told)
        await work.do(PauseCase, ANNA, referral_id=cases["paused"], why="illness", until="2026-04-01")
        await work.do(CloseCase, ANNA, referral_id=cases["closed"], outcome="moved")
        await work.do(ReassignCase, SIV, referral_id=cases["volunteer"], worker="olle-ek")
        task = await work.at["navigator"].pool.fetchval(
            "select task_id from task where kind = 'protected_person' and done is null"
        )
        async with served(work.app) as address:
            yield Desk(work, address, cases, str(booked["meeting_id"]), task)


async def _nothing(page: Page) -> None:
    pass


async def _close_with_nothing(page: Page) -> None:
    await page.locator("#starts input").first.wait_for()
    await page.get_by_role("button", name="Boka").click()
    await page.locator("#refused").wait_for()


async def _overlap(page: Page) -> None:
    await page.locator("#tuesday_0_starts").fill("09:00")
    await page.locator("#tuesday_0_ends").fill("12:00")
    await page.locator("#tuesday_1_starts").fill("11:00")
    await page.locator("#tuesday_1_ends").fill("13:00")
    await page.get_by_role("button", name="Spara tiderna").click()
    await page.locator("#refused").wait_for()


async def _book_at_night(page: Page) -> None:
    await page.locator("details.search-more summary").first.click()
    await page.locator("#day").fill("2026-03-10")
    await page.locator("#hour").fill("22:00")
    await page.get_by_role("button", name="Boka").click()
    await page.locator("#against").wait_for()


async def _find_nobody(page: Page) -> None:
    await page.locator("#wanted").fill("Kanariefågel")
    await page.locator(".find button").click()
    await page.locator("#found-title").wait_for()


async def _find(page: Page) -> None:
    await page.locator("#wanted").fill("Vilhelmina")
    await page.locator(".find button").click()
    await page.locator("#found-title").wait_for()


Act = Callable[[Page], Awaitable[None]]
STATES: dict[str, tuple[str, Identity, Act]] = {
    "today": ("/today", ANNA, _nothing),
    "today, nothing to do": ("/today", BERIT, _nothing),
    "today, a volunteer": ("/today", OLLE, _nothing),
    "the inbox": ("/inbox", HASSAN, _nothing),
    "the inbox, nobody waits": ("/inbox", BERIT, _nothing),
    "the inbox, a coordinator": ("/inbox", SIV, _nothing),
    "search": ("/search", ANNA, _nothing),
    "search, nobody": ("/search", ANNA, _find_nobody),
    "search, found": ("/search", ANNA, _find),
    "own time": ("/my-time", ANNA, _nothing),
    "own hours": ("/my-time/hours", ANNA, _nothing),
    "own hours, none yet": ("/my-time/hours", BERIT, _nothing),
    "hours with faults": ("/coordinator/hours/anna-lind", SIV, _overlap),
    "a caseload to hand over": ("/my-time/hand-over", ANNA, _nothing),
    "who would get what": ("/coordinator/caseloads/anna-lind?to=hassan-amiri", SIV, _nothing),
    "a new case": ("/cases/{new}", ANNA, _nothing),
    "a case with a meeting ahead": ("/cases/{booked}", ANNA, _nothing),
    "a case that rests": ("/cases/{paused}", ANNA, _nothing),
    "a closed case": ("/cases/{closed}", ANNA, _nothing),
    "a case nobody has": ("/cases/{waiting}", HASSAN, _nothing),
    "a referral that is held": ("/cases/{held}", ANNA, _nothing),
    "a colleague's case": ("/cases/{new}", HASSAN, _nothing),
    "a volunteer's case": ("/cases/{volunteer}", OLLE, _nothing),
    "a case of somebody protected": ("/cases/{protected}", ANNA, _nothing),
    "a case of an attacker": ("/cases/{attack}", ANNA, _nothing),
    "a contact": ("/cases/{new}/contact", ANNA, _nothing),
    "a booking": ("/cases/{new}/meetings/book", ANNA, _nothing),
    "a booking with faults": ("/cases/{new}/meetings/book", ANNA, _close_with_nothing),
    "a booking outside the hours": ("/cases/{new}/meetings/book", ANNA, _book_at_night),
    "a meeting": ("/cases/{booked}/meetings/{meeting}", ANNA, _nothing),
    "a rest": ("/cases/{new}/pause", ANNA, _nothing),
    "a rest that goes on": ("/cases/{paused}/pause", ANNA, _nothing),
    "handing on": ("/cases/{new}/hand-on", ANNA, _nothing),
    "a need nothing meets": ("/cases/{new}/unmet", ANNA, _nothing),
    "closing": ("/cases/{new}/close", ANNA, _nothing),
    "consent": ("/cases/{held}/consent", ANNA, _nothing),
    "not just now": ("/cases/{paused}/contact", ANNA, _nothing),
    "a task": ("/cases/{protected}/tasks/{task}", ANNA, _nothing),
}


@pytest.mark.parametrize("state", STATES)
async def test_axe_finds_nothing_nothing_scrolls_sideways_and_all_can_be_hit(
    desk: Desk, open_page: Open, state: str
) -> None:
    path, who, act = STATES[state]
    page = await desk.open(open_page, path, who, reduced_motion="reduce")
    await act(page)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = await found_by_axe(page, OF_COLOUR if scheme == "dark" else ALL_RULES)
        assert not found, f"{state}, {scheme}: {found}"
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate(SIDEWAYS) <= 0
    assert await page.evaluate(TOO_SMALL) == []


@pytest.mark.parametrize("path", ["/today", "/cases/{booked}", "/cases/{new}/meetings/book"])
async def test_all_can_be_reached_by_keyboard_and_seen_to_be(desk: Desk, open_page: Open, path: str) -> None:
    page = await desk.open(open_page, path)
    await page.evaluate("() => { document.body.tabIndex = -1; document.body.focus(); }")
    usable = await page.evaluate(
        """() => {
            const radios = new Set();
            const usable = "a, button, input:not([type=hidden]), select, textarea, summary";
            return [...document.querySelectorAll(usable)]
                .filter(one => one.checkVisibility())
                .filter(one => one.type !== "radio" || (!radios.has(one.name) && radios.add(one.name)))
                .length;
        }"""
    )
    for _ in range(3 * usable):  # a day and an hour have several fields of their own
        await page.keyboard.press("Tab")
        seen = await page.evaluate(
            """() => {
                const one = document.activeElement, shown = one.closest(".pill") || one;
                if (one === document.body) return ["", true];
                window.reached = (window.reached || new Set()).add(one.type === "radio" ? one.name : one);
                const style = getComputedStyle(shown);
                return [one.outerHTML, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
            }"""
        )
        assert seen[1], f"no focus to be seen on {seen[0]!r}"
    assert await page.evaluate("() => window.reached.size") == usable


async def test_a_refused_form_gets_the_focus_and_leads_to_its_field(desk: Desk, open_page: Open) -> None:
    page = await desk.open(open_page, "/cases/{new}/meetings/book")
    await page.locator("#place").fill("Bänken i parken")
    await page.get_by_role("button", name="Boka").click()
    await expect(page.locator("#refused")).to_be_visible()
    await expect(page.locator("#place")).to_have_value("Bänken i parken")
    await page.locator("#refused a").first.click()
    await expect(page.locator("#starts")).to_be_in_viewport()


async def test_what_is_new_is_told_and_nothing_moves(desk: Desk, open_page: Open) -> None:
    page = await desk.open(open_page, "/today")
    rows = await page.locator(".row").count()
    first = page.locator(".row a").first
    await first.focus()
    desk.work.clock.move(timedelta(seconds=5))
    await desk.work.refer("Hjördis Åkerlund")
    await expect(page.locator(".news a")).to_have_text("1 nytt – visa")
    assert await page.locator(".row").count() == rows
    await expect(first).to_be_focused()
    await page.locator(".news a").click()
    await expect(page.get_by_text("Hjördis Åkerlund").first).to_be_visible()


async def test_what_is_written_is_kept_quietly(desk: Desk, open_page: Open) -> None:
    page = await desk.open(open_page, "/cases/{new}/close")
    await page.locator("#feedback").fill("Hon går på kören varje torsdag nu.")
    await expect(page.locator("[data-draft-said]")).to_contain_text("Utkast sparat")
    again = await desk.open(open_page, "/cases/{new}/close")
    await expect(again.locator("#feedback")).to_have_value("Hon går på kören varje torsdag nu.")
    await desk.work.app.state.site.sessions.revoke(ANNA.actor)
    await again.locator("#feedback").fill("Hon går på kören, och dit går hon själv.")
    await expect(again.locator("[data-draft-said]")).to_contain_text("Du är utloggad")
    anew = await desk.open(open_page, "/cases/{new}/close")
    await expect(anew.locator("#feedback")).to_have_value("Hon går på kören, och dit går hon själv.")
    await anew.get_by_role("button", name="Släng utkastet").click()
    await expect(anew.locator("#feedback")).to_have_value("")


async def test_a_meeting_is_booked_and_held_without_a_script(desk: Desk, open_page: Open) -> None:
    case = await desk.work.refer("Göran Öst")
    page = await desk.open(open_page, f"/cases/{case}/meetings/book", java_script_enabled=False)
    await page.get_by_label("på en promenad").check()
    await page.locator("#day").fill("2026-03-05")
    await page.locator("#hour").fill("14:00")
    await page.get_by_role("button", name="Boka").click()
    await expect(page.locator("#against")).to_contain_text("den veckodagen har inga")
    await page.locator(".free-day input").first.check()
    await page.get_by_role("button", name="Boka ändå").click()
    await expect(page.locator(".done")).to_contain_text("Mötet är bokat.")
    await page.locator(".booked a").click()
    await page.get_by_role("button", name="Anteckna").click()
    await expect(page.locator(".next-step h2")).to_have_text("Kom överens om en plan tillsammans")


async def test_printed_there_is_the_case_and_nothing_to_press(desk: Desk, open_page: Open) -> None:
    page = await desk.open(open_page, "/cases/{booked}")
    await page.emulate_media(media="print")
    assert await page.locator("button:visible, .button:visible, nav:visible").count() == 0
    assert await page.locator("h1").is_visible()


async def test_the_first_page_of_the_day_is_light(desk: Desk, open_page: Open) -> None:
    page = await desk.open(open_page, "/today")
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    await page.reload()
    await page.wait_for_timeout(500)
    sizes = [await each.sizes() for each in requests if "stream" not in each.url]
    assert sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes) <= 150_000
