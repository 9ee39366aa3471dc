"""One person's way in a browser, from the inbox to the words for the referrer, with what it takes counted.

`SLUSS_JOURNEY_REPORT=1` writes the table into `docs/link-workers/a-case-in-clicks.md`, which is held to it.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.provider import AcceptEnrolment, RecordAttendance, ScheduleSession
from sluss_contracts.vocabulary import Attendance
from tests.browser.conftest import Open
from tests.browser.hands import Hands, table
from tests.support.casework import ANNA, SIV, Casework, casework_of_its_own
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = Path(__file__).parents[2] / "docs" / "link-workers" / "a-case-in-clicks.md"
GOAL = "Jag vill ha någon att dricka kaffe med på torsdagarna."
TOLD = "Hon går på gåfotboll varje vecka och har fått två vänner där. Hon går vidare på egen hand."


async def test_a_case_from_the_inbox_to_its_end(postgres_server: Postgres, open_page: Open) -> None:
    async with casework_of_its_own(postgres_server) as work, served(work.app) as address:
        case = await work.refer("Vilhelmina Berg", person={"language": "so"})
        page = await open_page("about:blank")
        token = (await work.cookie_of(ANNA))[SESSION_COOKIE]
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
        await page.goto(f"{address}/today")
        hands = Hands(page)

        hands.begin("Take her from the inbox")
        await hands.go(page.get_by_role("link", name="Teamets inkorg"))
        await hands.go(page.get_by_role("button", name="Jag tar det").first)
        await expect(page.locator("h1")).to_have_text("Vilhelmina Berg")

        hands.begin("Call, and note that you spoke")
        await hands.go(page.locator(".next-step .button"))
        await hands.choose(page.get_by_label("Vi talades vid"))
        await hands.go(page.get_by_role("button", name="Anteckna"))

        hands.begin("Book the first meeting")
        await hands.go(page.locator(".next-step .button"))
        await hands.write(page.locator("#day"), "2026-03-04")
        await hands.write(page.locator("#hour"), "14:00")
        await hands.go(page.get_by_role("button", name="Boka", exact=True))

        await work.wait(timedelta(days=2, hours=7))
        await page.goto(f"{address}/today")
        hands.begin("Note that you met")
        await hands.go(page.get_by_role("link", name="Säg hur det gick").first)
        await hands.go(page.get_by_role("button", name="Anteckna").first)

        hands.begin("Agree on a plan")
        await hands.go(page.locator(".next-step .button"))
        await hands.write(page.locator("textarea").first, GOAL)
        await hands.choose(page.locator("input[name=agreed]"))
        await hands.go(page.get_by_role("button", name="Spara planen"))

        hands.begin("Look together, and ask for a place")
        await page.goto(f"{address}/cases/{case}")
        await hands.go(page.locator(".next-step .button"))
        await hands.go(page.get_by_role("link", name="Gåfotboll").first)
        await hands.go(page.get_by_role("button", name="Fråga om platsen"))
        await _welcomed(work, case)

        await work.wait(timedelta(days=22))
        await page.goto(f"{address}/today")
        hands.begin("Close, and tell the referrer")
        await hands.go(page.locator(".row-who a").first)
        await hands.go(page.get_by_role("link", name="Avsluta"))
        await hands.write(page.locator("#feedback"), TOLD)
        await hands.go(page.get_by_role("button", name="Avsluta ärendet"))
        await expect(page.locator(".done")).to_contain_text("dina ord är på väg")

        told = table(hands.parts)
        if os.environ.get("SLUSS_JOURNEY_REPORT"):
            before = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(re.sub(r"\| Step \|.*\n\n", told + "\n\n", before, flags=re.DOTALL))
        assert told in PAGE.read_text(encoding="utf-8"), told
        assert sum(each.seconds for each in hands.parts) < 10 * 60


async def _welcomed(work: Casework, case: str) -> None:
    """The organiser says yes, and she comes."""
    state = await work.at["navigator"].pool.fetchval(
        "select state from aggregate where kind = 'case' and key = $1", case
    )
    (enrolment,) = state["enrolments"]
    about = {"referral_id": case, "enrolment_id": enrolment}
    starts = work.clock.now() + timedelta(days=1)
    session = await work.do(ScheduleSession, activity="gafotboll", starts=starts, minutes=90)
    await work.do(AcceptEnrolment, SIV, **about, provider="korpen", starts=starts)
    await work.wait(timedelta(days=2))
    came = {"session_id": session["session_id"], "outcome": Attendance.ATTENDED}
    await work.do(RecordAttendance, SIV, **about, **came)
