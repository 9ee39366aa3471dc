"""The console in a real Chromium: live, paused without loss, by keyboard, and usable by everybody."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from services.console.loops.folding import fold
from services.console.web.site import console_web
from sluss.machine.postgres import Postgres
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import slot_of
from tests.browser.conftest import Open
from tests.browser.looks import ALL_RULES, SCHEMES, SIDEWAYS, TOO_SMALL, found_by_axe
from tests.support.console import SECRET, Record, record_of_its_own
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow(minutes=2)]
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass
class Console:
    """The console's pages over a log with a story in it."""

    address: str
    record: Record
    event: UUID
    letter: int
    proposal: int


@pytest_asyncio.fixture(scope="module")
async def there(postgres_server: Postgres) -> AsyncIterator[Console]:
    async with record_of_its_own(postgres_server) as record:
        submitted = await record.say("referral.submitted", referral_id="ref-1", at=NOON, needs=["grief"])
        accepted = await record.say("referral.accepted", referral_id="ref-1", at=NOON, cause=str(submitted))
        for number, name in enumerate(
            ("case.assigned", "task.opened", "contact.attempted", "message.failed")
        ):
            at = NOON + timedelta(days=number)
            await record.say(name, referral_id="ref-1", at=at, cause=str(accepted))
        await record.say("receipt.issued", referral_id="ref-1", status="refused", code="wrong_value", at=NOON)
        for number in range(60):
            await record.say("task.done", task_id=f"task-{number}", referral_id=f"other-{number}")
        await record.admin.execute(
            "insert into notify.parked (slot, key, event_id, subject, body, tries, reason) "
            "values (0, 'ref-1', $1, 's', '', 7, 'the case is not known yet')",
            accepted,
        )
        await record.admin.execute(
            "insert into console.audit (actor, what, about, purpose, note) "
            "values ('demo-operator', 'unmasked', 'ref-1', 'fault_finding', 'the offer came back')"
        )
        body = example_of("sluss.referral.accepted.v1")
        body["data"]["needs"] = "grief"
        letter = await record.admin.fetchval(
            "insert into navigator.dead_letter (event_id, key, subject, body, code, reason) "
            "values ($1, 'ref-1', $2, $3, 'unreadable', 'it broke') returning number",
            *(uuid4(), f"sluss.evt.{slot_of('ref-1')}.referral.accepted.v1.ref-1", orjson.dumps(body)),
        )
        await record.admin.execute(
            "insert into navigator.operator_action (errand_id, actor, action, letters, reason, outcome) "
            "values ($1, 'demo-operator', 'try', $2, 'a dry run before it is mended', '{}')",
            *(uuid4(), [letter]),
        )
        body["data"]["needs"] = ["loneliness"]
        proposal = await record.admin.fetchval(
            "insert into navigator.proposal (letters, event_id, body, proposed_by, reason) "
            "values ($1, $2, $3, 'demo-operator-2', 'the sender wrote it otherwise') returning number",
            *([letter], uuid4(), orjson.dumps(body)),
        )
        await record.gather()
        async with record.pool.acquire() as connection:
            await fold(connection)
        app = console_web(record.pool, record.engine, secret=SECRET, demo=True)
        async with served(app) as address:
            yield Console(address, record, submitted, letter, proposal)


STATES = {
    "the log": "/console",
    "a view": "/console?type=receipt.issued.v1&outcome=refused&person=nobody",
    "not understood": "/console?type=nothing&field=reason=grief&from=then",
    "an older page": "/console?before=9007199254740991",
    "a story": "/console/story/ref-1",
    "a story as it was known": "/console/story/ref-1?known=2026-03-11T13:00&all=1",
    "find a story": "/console/story?id=nothing-has-this",
    "an event": "/console/events/{event}",
    "a contract": "/console/contracts/plan.agreed.v1",
    "the audit log": "/console/audit",
    "health": "/console/health",
    "streams": "/console/streams",
    "open loops": "/console/loops",
    "dead letters by cause": "/console/deadletters",
    "dead letters of a cause": "/console/deadletters/navigator?code=unreadable",
    "a dead letter": "/console/deadletters/navigator/{letter}",
    "the handbook": "/console/handbook",
    "a runbook": "/console/handbook/incidents/poison-message",
    "what was proposed": "/console/deadletters/navigator/proposals/{proposal}",
}


@pytest.mark.parametrize("state", STATES)
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    there: Console, open_page: Open, state: str
) -> None:
    path = STATES[state].format(event=there.event, letter=there.letter, proposal=there.proposal)
    # Texts differ in length by language, colours by scheme: each is seen at both widths.
    for language, scheme in zip(("sv", "en"), SCHEMES, strict=True):
        page = await open_page(f"{there.address}/login", language=language, reduced_motion="reduce")
        await page.get_by_role("button", name="Jo Viklund").click()
        await page.wait_for_load_state()
        await page.goto(there.address + path)
        for details in await page.locator("details").all():
            await details.evaluate("one => one.open = true")
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        for width in (1280, 360):
            await page.set_viewport_size({"width": width, "height": 800})
            found = await found_by_axe(page, ALL_RULES)
            look = f"{state} in {language}, {scheme}, {width} px"
            assert not found, f"{look}: {found}"
            assert await page.evaluate(SIDEWAYS) <= 0, f"{look} scrolls sideways"
        await page.set_viewport_size({"width": 320, "height": 800})
        assert await page.evaluate(SIDEWAYS) <= 0, f"{state} scrolls sideways at 320 px"
        assert [small for small in await page.evaluate(TOO_SMALL) if not _in_a_sentence(small)] == [], state


def _in_a_sentence(small: str) -> bool:
    """Links within text, which begin small, may be as high as their line (WCAG 2.2, 2.5.8)."""
    return re.match(r"[a-zåäö_.0-9 -]+(\.v\d)?: ", small) is not None


async def _operator(there: Console, open_page: Open, path: str = "/console") -> Page:
    page = await open_page(f"{there.address}/login", language="en")
    await page.get_by_role("button", name="Jo Viklund").click()
    await page.wait_for_load_state()
    await page.goto(there.address + path)
    return page


async def test_every_event_arrives_once_live_paused_and_after_a_break(
    there: Console, open_page: Open
) -> None:
    page = await _operator(there, open_page, "/console?type=case.claimed.v1")
    await expect(page.locator("[data-state]")).to_have_text("Live")
    rows = page.locator("[data-events] > li")
    said: list[UUID] = []

    async def say(count: int) -> None:
        for _ in range(count):
            said.append(await there.record.say("case.claimed", referral_id=f"live-{len(said)}"))
            if len(said) % 10 == 0:
                await there.record.gather()
        await there.record.gather()

    await say(50)
    await expect(rows).to_have_count(50)

    pause = page.locator("[data-pause]")
    await pause.click()
    await say(25)
    await expect(pause).to_have_text("Go on, 25 new")
    await expect(rows).to_have_count(50)
    await pause.click()
    await expect(rows).to_have_count(75)

    await page.context.set_offline(True)
    await say(25)
    await page.context.set_offline(False)
    await expect(rows).to_have_count(100)

    shown = await page.evaluate(
        "() => [...document.querySelectorAll('[data-events] .card-link')]"
        ".map(one => one.href.split('/').at(-1))"
    )
    assert shown == [str(id) for id in reversed(said)]


async def test_the_keyboard_moves_opens_and_steals_no_writing(there: Console, open_page: Open) -> None:
    page = await _operator(there, open_page)
    await page.locator("[data-pause]").click()
    focused = "() => document.activeElement.closest('[data-position]')?.dataset.position"
    await page.keyboard.press("j")
    first = await page.evaluate(focused)
    await page.keyboard.press("j")
    second = await page.evaluate(focused)
    assert first
    assert second
    assert int(first) > int(second)
    await page.keyboard.press("k")
    assert await page.evaluate(focused) == first
    await page.keyboard.press("p")
    await expect(page.locator("[data-state]")).to_have_text("Live")
    await page.keyboard.press("/")
    await page.keyboard.type("jkp/")
    await expect(page.locator("#type")).to_have_value("jkp/")
    await expect(page.locator("[data-state]")).to_have_text("Live")
    await page.keyboard.press("Escape")
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("j")
    await page.keyboard.press("s")
    await page.wait_for_url("**/console/story/**")
    await page.go_back()
    await page.locator(".console-keys summary").click()
    await page.get_by_role("button", name="Switch the keys off").click()
    await page.evaluate("() => document.activeElement.blur()")
    await page.keyboard.press("j")
    assert not await page.evaluate(focused)


async def test_from_an_event_to_its_story_is_two_clicks(there: Console, open_page: Open) -> None:
    page = await _operator(there, open_page, "/console?type=receipt.issued.v1")
    await page.locator("[data-events] .card-link").first.click()
    await page.get_by_role("link", name="The story it belongs to").click()
    await expect(page.locator("h1")).to_contain_text("ref-1")
    async with page.expect_download() as saved:
        await page.get_by_role("link", name="Save for a report").click()
    assert (await saved.value).suggested_filename == "sluss-story-ref-1.json"
