"""An operator's night, from health to a dead letter that two people have replayed: by the keyboard alone, and
without JavaScript."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import orjson
import pytest
import pytest_asyncio
from nats.aio.msg import Msg
from playwright.async_api import Page, expect

from services.console.web.site import console_web
from services.navigator.app import service as navigator
from services.runtime.clock import NetworkClock
from services.runtime.database import open_pool
from services.runtime.tending.tending import Tending
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer, Command
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import slot_of, tending_subject
from tests.browser.conftest import Open
from tests.support.console import SECRET, Record, record_of_its_own
from tests.support.pages import served
from tests.support.servers import BrokerAccess

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
WHY = "the sender asks what came"
Press = Callable[[Page, str, str], Awaitable[None]]
"""Goes to what has this role and name, and uses it."""


class AccessLog:
    """Whoever keeps who has looked at whom; the true one is in tests/console/test_masking.py."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        return Answer(command_id=command.command_id, result={"noted": True})


@dataclass
class Night:
    """The console over a record with a story and a dead letter, and the service that tends it."""

    address: str
    record: Record


@pytest_asyncio.fixture
async def night(postgres_server: Postgres, broker: BrokerAccess) -> AsyncIterator[Night]:
    async with record_of_its_own(postgres_server) as record:
        submitted = await record.say("referral.submitted", referral_id="ref-1", at=NOON)
        for name in ("referral.accepted", "case.assigned", "contact.attempted"):
            await record.say(name, referral_id="ref-1", at=NOON, cause=str(submitted))
        for number in range(60):
            await record.say("task.done", task_id=f"task-{number}", referral_id=f"other-{number}")
        await record.gather()
        event = example_of("sluss.referral.accepted.v1")
        event["data"] |= {"referral_id": "ref-1", "needs": ["grief"]}
        await record.admin.execute(
            "insert into navigator.dead_letter (event_id, key, subject, body, code, reason) "
            "values ($1, 'ref-1', $2, $3, 'not_known', 'the pathway is not there')",
            *(uuid4(), f"sluss.evt.{slot_of('ref-1')}.referral.accepted.v1.ref-1", orjson.dumps(event)),
        )
        client, pool = await broker.connect(), await open_pool(record.admin_url, "navigator", 2)
        tending = Tending(navigator, pool, NetworkClock(), AccessLog())

        async def tend(message: Msg) -> None:
            await message.respond((await tending.answer(message.data)).model_dump_json().encode())

        await client.subscribe(tending_subject("navigator"), cb=tend)
        app = console_web(record.pool, record.engine, secret=SECRET, demo=True, client=client)
        async with served(app) as address:
            yield Night(address, record)
        pool.terminate()


_FOCUSED = """() => {
    const one = document.activeElement;
    const said = one.labels?.[0] ?? one;
    return said.textContent.replace(/\\s+/g, " ").trim();
}"""


_SEEN = """() => [document.activeElement, document.activeElement.closest(".card")].some(
    (one) => one && getComputedStyle(one).outlineStyle !== "none"
)"""
"""Whether the focus has an outline; that of a row is around all of it."""


async def by_keyboard(page: Page, role: str, name: str) -> None:
    """Tab until it has the focus, which must be seen; Enter, unless it is to be written in."""
    for _ in range(120):
        await page.keyboard.press("Tab")
        if name in await page.evaluate(_FOCUSED) and await page.evaluate(
            "role => document.activeElement.matches("
            "{link: 'a', button: 'button', summary: 'summary', field: 'input, select, textarea'}[role])",
            role,
        ):
            assert await page.evaluate(_SEEN), f"nobody sees that {name} has the focus"
            if role == "summary":
                await page.keyboard.press("Enter")
            elif role != "field":
                async with page.expect_navigation():
                    await page.keyboard.press("Enter")
            return
    raise AssertionError(f"no {role} {name!r} is reached by Tab at {page.url}")


async def by_hand(page: Page, role: str, name: str) -> None:
    """As somebody with a mouse, or a finger."""
    match role:
        case "field":
            await page.get_by_label(name).focus()
        case "summary":
            await page.locator("summary", has_text=name).click()
        case _:
            async with page.expect_navigation():
                await page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]


WAYS: dict[str, tuple[Press, dict[str, Any]]] = {
    "by the keyboard": (by_keyboard, {}),
    "without JavaScript": (by_hand, {"java_script_enabled": False}),
}


@pytest.mark.parametrize("how", WAYS)
async def test_two_operators_find_look_at_and_replay_a_dead_letter(
    night: Night, open_page: Open, how: str
) -> None:
    press, options = WAYS[how]
    page = await open_page(f"{night.address}/login?next=/console", language="en", **options)
    await press(page, "button", "Jo Viklund")

    await press(page, "link", "Health")
    await expect(page.get_by_text("dead letters: not_known (1)")).to_be_visible()
    await press(page, "link", "Streams")
    await expect(page.locator("h1")).to_be_visible()
    await press(page, "link", "Dead letters")
    await press(page, "link", "1 × not_known")
    await press(page, "link", "not_known")
    await expect(page.locator("main")).not_to_contain_text("grief")

    await press(page, "field", "Field")
    await page.keyboard.type("needs")
    await press(page, "field", "What for")
    await page.keyboard.type("An inc")
    await press(page, "field", "Why, without naming anybody")
    await page.keyboard.type(WHY)
    await press(page, "button", "Show for 15 minutes")
    await expect(page.locator(".payload-seen")).to_contain_text("grief")

    await press(page, "field", "Why (goes into the audit log)")
    await page.keyboard.type("a look at what would come of it")
    await press(page, "summary", "Put its data right")
    await press(page, "field", "The event's data, put right")
    await page.keyboard.press("Control+A")
    await page.keyboard.type('{"referral_id": null, "no_such_field": 1}')
    await press(page, "button", "Try the new data")
    await expect(page.get_by_role("alert")).to_contain_text("do not match the contract yet")

    await press(page, "button", "Propose a replay as it came")
    await expect(page.get_by_text("somebody else must approve it")).to_be_visible()
    await press(page, "button", "Sign out")
    await page.goto(f"{night.address}/login?next=/console")
    await press(page, "button", "Nour Haddad")
    await press(page, "link", "Dead letters")
    await press(page, "link", "a replay as it came")
    await press(page, "field", "Why (goes into the audit log)")
    await page.keyboard.type("agreed with Jo")
    await press(page, "button", "Approve: to the handlers")
    await expect(page.get_by_role("status")).to_contain_text("sent to the handlers again")

    await press(page, "link", "Audit log")
    listed = page.locator(".audit-row")
    await expect(listed).to_have_count(3)
    for told in ("agreed with Jo", WHY):
        await expect(page.locator(".audit")).to_contain_text(told)


@pytest.mark.parametrize("how", WAYS)
async def test_a_story_is_found_by_filter_page_and_id(night: Night, open_page: Open, how: str) -> None:
    press, options = WAYS[how]
    page = await open_page(f"{night.address}/login?next=/console", language="en", **options)
    await press(page, "button", "Jo Viklund")
    await press(page, "link", "Older events")
    await press(page, "link", "case.assigned.v1")
    await press(page, "link", "What it means")
    await page.go_back()
    await press(page, "link", "The story it belongs to")
    await expect(page.locator("h1")).to_contain_text("ref-1")
    await expect(page.locator(".story-step")).to_have_count(4)
    await press(page, "link", "Stories")
    await press(page, "field", "Any id")
    await page.keyboard.type("ref-1")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("ref-1")
    await press(page, "link", "Events")
    await press(page, "field", "Type")
    await page.keyboard.type("contact.attempted.v1")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-events] > li")).to_have_count(1)
