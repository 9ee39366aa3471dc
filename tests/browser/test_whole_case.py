"""One person's way in a browser, from the referral to the words for the referrer, with what it takes counted.

`SLUSS_JOURNEY_REPORT=1` writes the table into `docs/link-workers/a-case-in-clicks.md`, which is held to it.
"""

from __future__ import annotations

import os
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from services.provider.links.token import Signer
from services.provider.web import provider_web
from services.referral.app import service as referral_service
from services.referral.vault.safe import vault
from services.referral.web import referral_web
from services.runtime.database import open_engine
from services.runtime.web.sessions import Sessions
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.provider import ReadEnrolmentLink, ScheduleSession
from sluss_contracts.commands.staff import SetHours
from sluss_contracts.linkworker import BookableTime
from sluss_contracts.vocabulary import Weekday
from tests.browser.conftest import Open
from tests.browser.hands import Hands, Spent, table
from tests.support.casework import ANNA, LINK_KEY, Casework, casework_of_its_own
from tests.support.doors import DOCTOR
from tests.support.link_keys import link_keys
from tests.support.pages import SECRET, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGE = Path(__file__).parents[2] / "docs" / "link-workers" / "a-case-in-clicks.md"
GOAL = "Jag vill ha någon att dricka kaffe med på torsdagarna."
REASON = "Har varit mycket ensam sedan i höstas och vill träffa folk."
STORY = "Sedan Bengt gick bort är det tyst. Jag saknar att höra någon i köket."
TOLD = "Hon går på gåfotboll varje vecka och har fått två vänner där. Hon går vidare på egen hand."


async def test_a_case_from_the_referral_to_its_end(postgres_server: Postgres, open_page: Open) -> None:
    async with casework_of_its_own(postgres_server) as work, served(work.app) as address:
        parts, case = await _referred(work, open_page)
        page = await open_page("about:blank")
        token = (await work.cookie_of(ANNA))[SESSION_COOKIE]
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
        await page.goto(f"{address}/today")
        hands = Hands(page, parts)

        hands.begin("Take her from the inbox")
        await hands.go(page.get_by_role("link", name="Teamets inkorg"))
        await hands.go(page.get_by_role("button", name="Jag tar det").first)
        await expect(page.locator("h1")).to_have_text("Vilhelmina Berg")

        hands.begin("Call, and note that you spoke")
        await hands.go(page.locator(".next-step .button"))
        await hands.choose(page.get_by_label("Vi talades vid"))
        await hands.go(page.get_by_role("button", name="Anteckna"))

        hands.begin("Book the first meeting in a free time")
        await hands.go(page.locator(".next-step .button"))
        await hands.choose(page.locator(".free-day input").first)
        await hands.go(page.get_by_role("button", name="Boka", exact=True))
        await expect(page.locator(".done")).to_contain_text("Mötet är bokat.")

        await work.wait(timedelta(days=2, hours=7))
        await page.goto(f"{address}/today")
        hands.begin("Note that you met")
        await hands.go(page.get_by_role("link", name="Säg hur det gick").first)
        await hands.go(page.get_by_role("button", name="Anteckna").first)

        await _mapped(hands)
        await _measured(hands)

        hands.begin("Agree on a plan")
        await hands.go(page.get_by_role("link", name="Plan", exact=True))
        await hands.write(page.locator("#goal-1"), GOAL)
        await hands.choose(page.locator("input[name=agreed]"))
        await hands.go(page.get_by_role("button", name="Spara planen"))
        await expect(page.locator("p.done")).to_have_text("Planen är sparad.")

        await _looked_at(hands)
        await _helped(hands)
        hands.parts += await _welcomed(work, open_page, case)

        await _came(hands, f"{address}/cases/{case}")
        await work.wait(timedelta(days=22))
        await page.goto(f"{address}/cases/{case}")
        await _followed_up(hands)

        hands.begin("Close, and tell the referrer")
        await hands.go(page.get_by_role("link", name="Ärendet", exact=True))
        await hands.go(page.get_by_role("link", name="Avsluta"))
        await hands.write(page.locator("#feedback"), TOLD)
        await hands.go(page.get_by_role("button", name="Avsluta ärendet"))
        await expect(page.locator(".done")).to_contain_text("dina ord är på väg")

        told = table(hands.parts)
        if os.environ.get("SLUSS_JOURNEY_REPORT"):
            before = PAGE.read_text(encoding="utf-8")
            PAGE.write_text(re.sub(r"\| Step \|.*\n\n", told + "\n\n", before, flags=re.DOTALL))
        assert told in PAGE.read_text(encoding="utf-8"), told
        assert hands.parts[0].seconds < 90, "a referral takes at most a minute and a half"
        assert sum(each.seconds for each in hands.parts) < 15 * 60


async def _referred(work: Casework, open_page: Open) -> tuple[list[Spent], str]:
    """The clinic refers her on its own pages; she speaks a language that nobody here does, so she waits."""
    desk = work.at["referral"]
    app = referral_web(desk.pool, work, referral_service, work.clock, vault, secret=SECRET, demo=False)
    async with served(app) as address:
        page = await open_page("about:blank")
        token = await Sessions(desk.pool).open(DOCTOR)
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])
        await page.goto(f"{address}/refer")
        hands = Hands(page)
        hands.begin("Refer her (the clinic)")
        await hands.write(page.locator("#name"), "Vilhelmina Berg")
        await hands.write(page.locator("#phone"), "070-174 06 01")
        await hands.pick(page.locator("#language"), "so")
        await hands.choose(page.locator("[name=consent]").first)
        await hands.go(page.get_by_role("button", name="Gå vidare", exact=True))
        await hands.choose(page.get_by_label("Sällskap, människor att vara med"))
        await hands.write(page.locator("#reason"), REASON)
        await hands.pick(page.locator("#area"), "hageby")
        await hands.go(page.get_by_role("button", name="Gå vidare och kontrollera"))
        await hands.go(page.get_by_role("button", name="Skicka"))
        await expect(page.locator(".code").first).to_be_visible()
    await work.carry()
    case = await work.at["navigator"].pool.fetchval("select referral_id from referral")
    monday = [BookableTime(weekday=Weekday.MONDAY, starts="09:00", ends="16:00")]
    await work.do(SetHours, ANNA, worker=ANNA.actor.id, valid_from=work.clock.now().date(), times=monday)
    return hands.parts, case


async def _mapped(hands: Hands) -> None:
    page = hands.page
    hands.begin("Map what matters")
    await hands.go(page.get_by_role("link", name="Kartläggning"))
    await hands.write(page.locator("#what_matters"), STORY)
    await hands.pick(page.locator("#who-1"), "sister")
    await hands.pick(page.locator("#wish-1"), "resume")
    await hands.choose(page.locator("input[name=needs][value=company]"))
    await hands.choose(page.locator("input[name=barriers][value=going_alone]"))
    await hands.choose(page.locator("input[name=lonely_for][value=years]"))
    await hands.go(page.locator("form.work-form").get_by_role("button", name="Spara kartläggningen").last)
    await expect(page.locator("p.done")).to_be_visible()


async def _measured(hands: Hands) -> None:
    page = hands.page
    hands.begin("Ask how she is, on screen")
    await hands.go(page.get_by_role("link", name="Mätningar"))
    await hands.go(page.locator("a[href*='/instruments/ons4?']").first)
    for question in await page.locator("fieldset.ask-item").all():
        await hands.choose(question.locator("input[type=radio]").nth(5))
    await hands.go(page.get_by_role("button", name="Spara svaren").last)
    await expect(page.locator("p.done")).to_be_visible()


async def _looked_at(hands: Hands) -> None:
    page = hands.page
    hands.begin("Look together, and note what she chose")
    await hands.go(page.get_by_role("link", name="Matchning"))
    await hands.pick(page.locator("select[name=verdict-gafotboll]"), "chosen")
    await hands.go(page.get_by_role("button", name="Skriv ned vad som sades"))
    hands.begin("Ask for a place")
    await hands.go(page.get_by_role("link", name="Gåfotboll").first)
    await hands.go(page.get_by_role("button", name="Fråga om platsen"))
    hands.begin("Write the recept")
    await hands.go(page.get_by_role("link", name="Recept"))
    await hands.pick(page.locator("#activity"), "gafotboll")
    await hands.go(page.get_by_role("button", name="Skriv receptet"))
    await expect(page.locator("article.sheet")).to_be_visible()


async def _helped(hands: Hands) -> None:
    page = hands.page
    hands.begin("Agree to come along the first time")
    await hands.go(page.get_by_role("link", name="Hjälp att komma igång"))
    await hands.choose(page.locator("input[name=kind]").first)
    await hands.go(page.get_by_role("button", name="Kom överens"))
    await expect(page.locator("p.done")).to_be_visible()


async def _came(hands: Hands, case: str) -> None:
    page = hands.page
    await page.goto(case)
    hands.begin("Note that she came")
    await hands.go(page.get_by_role("link", name="Deltagande"))
    times = page.locator("select[name=session]").first
    await hands.pick(times, await times.locator("option").nth(1).get_attribute("value") or "")
    await hands.pick(page.locator("select[name=outcome]").first, "attended")
    await hands.go(page.get_by_role("button", name="Anteckna").first)
    await expect(page.locator("p.done")).to_be_visible()


async def _followed_up(hands: Hands) -> None:
    page = hands.page
    hands.begin("Follow up")
    await hands.go(page.get_by_role("link", name="Uppföljning"))
    await hands.choose(page.locator("input[name=how]").first)
    await hands.go(page.get_by_role("button", name="Spara uppföljningen").first)
    await expect(page.locator("p.done")).to_be_visible()


async def _welcomed(work: Casework, open_page: Open, case: str) -> list[Spent]:
    """The organiser says yes behind the link they have got, and the day comes."""
    state = await work.at["navigator"].pool.fetchval(
        "select state from aggregate where kind = 'case' and key = $1", case
    )
    (enrolment,) = state["enrolments"]
    starts = work.clock.now() + timedelta(days=1)
    await work.do(ScheduleSession, activity="gafotboll", starts=starts, minutes=90)
    with link_keys(provider_link_key=LINK_KEY.decode()):
        told = await work.do(ReadEnrolmentLink, referral_id=case, enrolment_id=enrolment)
    desk = work.at["provider"]
    engine = open_engine(desk.url, "provider")
    app = provider_web(
        desk.pool, engine, work, Signer(LINK_KEY), secret=SECRET, demo=False, now=work.clock.now
    )
    async with served(app) as address:
        page = await open_page(address + urlsplit(told["address"]).path)
        hands = Hands(page)
        hands.begin("Welcome her, behind the link (the organiser)")
        await hands.choose(page.locator("input[name=starts]").first)
        await hands.write(page.locator("#host"), "Mona")
        await hands.go(page.get_by_role("button", name="Hälsa välkommen"))
        await expect(page.locator("h1")).to_have_text("Tack, personen är välkommen")
    await engine.dispose()
    await work.wait(timedelta(days=2))
    return hands.parts
