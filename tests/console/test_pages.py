"""The operators' pages: what they show, what they find, and that nobody else gets in."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.console.log.finding import Wanted, last_position
from services.console.web.following import Follower
from services.console.web.site import console_web
from services.runtime.web import Identity
from services.runtime.web.sessions import Sessions
from sluss_contracts.command import Actor
from sluss_contracts.event import FACTS
from sluss_contracts.vocabulary import Role
from tests.support.console import SECRET, Record, browsing

NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@pytest_asyncio.fixture
async def browser(record: Record) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(record) as client:
        yield client


def types_in(page: str) -> list[str]:
    """The events listed, in the page's order."""
    return re.findall(r'class="card-link event-type" href="/console/events/[^"]+">([^<]+)<', page)


async def test_every_page_is_for_operators_alone(record: Record) -> None:
    app = console_web(record.pool, record.engine, secret=SECRET, demo=True)
    own = [row for row in app.state.site.rows if row.path.startswith("/console")]
    assert len(own) >= 7
    assert {row.roles for row in own} == {frozenset({Role.OPERATOR})}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://sluss.test"
    ) as stranger:
        assert (await stranger.get("/console")).headers["location"].startswith("/login")
        siv = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")
        stranger.cookies.set("sluss_session", await Sessions(record.pool).open(siv))
        for path in (
            "/console",
            "/console/stream",
            "/console/story/x",
            "/console/contracts/case.assigned.v1",
        ):
            assert (await stranger.get(path)).status_code == 403


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["case.closed.v1", "case.assigned.v1", "receipt.issued.v1", "referral.submitted.v1"]),
        ("type=case.assigned.v1", ["case.assigned.v1"]),
        ("type=case.assigned", ["case.assigned.v1"]),
        ("type=sluss.case.assigned.v1&type=case.closed", ["case.closed.v1", "case.assigned.v1"]),
        ("organisation=eken-vardcentral&type=receipt.issued", ["receipt.issued.v1"]),
        ("organisation=nobody", []),
        (
            "referral=ref-1",
            ["case.closed.v1", "case.assigned.v1", "receipt.issued.v1", "referral.submitted.v1"],
        ),
        ("person=pseudonym-1", ["referral.submitted.v1"]),
        ("correlation=ref-1&type=case.closed", ["case.closed.v1"]),
        ("outcome=completed", ["case.closed.v1"]),
        ("field=worker=aida", ["case.assigned.v1"]),
        ("field=worker=aida&field=team=team-centrum", ["case.assigned.v1"]),
        ("field=worker=aida&field=team=another", []),
        ("field=status=accepted", ["receipt.issued.v1"]),
        ("from=2026-03-10T13:00:01&to=2026-03-10T13:00:02", ["case.assigned.v1", "receipt.issued.v1"]),
    ],
)
async def test_a_view_shows_what_is_all_of_that(
    record: Record, browser: httpx.AsyncClient, query: str, found: list[str]
) -> None:
    events: dict[str, dict[str, Any]] = {
        "referral.submitted": {"person": "pseudonym-1"},
        "receipt.issued": {"status": "accepted"},
        "case.assigned": {"worker": "aida", "team": "team-centrum", "person": "pseudonym-2"},
        "case.closed": {"outcome": "completed", "person": "pseudonym-2"},
    }
    for number, (name, data) in enumerate(events.items()):
        await record.say(name, referral_id="ref-1", recorded=NOON + timedelta(seconds=number), **data)
    await record.gather()
    assert types_in((await browser.get(f"/console?{query}")).text) == found


@pytest.mark.parametrize(
    ("query", "fault"),
    [
        ("type=case.closd", "There is no event of this type"),
        ("organisation=<b>", "This is no id or word"),
        ("field=status", "Write a field and its value"),
        ("field=reason=grief", "One cannot look for this field"),
        ("from=yesterday", "This is no time we understand"),
    ],
)
async def test_what_is_not_understood_is_told_and_left_out(
    browser: httpx.AsyncClient, query: str, fault: str
) -> None:
    page = (await browser.get(f"/console?{query}")).text
    assert fault in page
    assert 'role="alert"' in page
    assert (await browser.get(f"/console/stream?{query}")).status_code == 404


async def test_without_a_script_one_turns_pages(record: Record, browser: httpx.AsyncClient) -> None:
    for number in range(120):
        await record.say("task.done", task_id=f"task-{number}", recorded=NOON + timedelta(seconds=number))
    await record.gather()
    seen: list[str] = []
    page = (await browser.get("/console")).text
    while True:
        seen += re.findall(r'href="/console/events/([^"]+)"', page)
        older = re.search(r'href="([^"]+)" rel="next"', page)
        if older is None:
            break
        page = (await browser.get(older[1].replace("&amp;", "&"))).text
    assert len(seen) == len(set(seen)) == 120


async def test_every_type_leads_to_its_contract(browser: httpx.AsyncClient) -> None:
    for name, fact in FACTS.items():
        page = (await browser.get(f"/console/contracts/{name.removeprefix('sluss.')}")).text
        assert fact.DATA_CLASS in page, name
        assert f"/console?type={name.removeprefix('sluss.')}" in page
    assert (await browser.get("/console/contracts/nothing.here.v1")).status_code == 404


async def test_what_comes_is_told_once_and_in_order_however_much_it_is(record: Record) -> None:
    follower = Follower(record.engine, pause=0.01)
    told: list[str] = []

    async def follow(after: int, enough: int) -> int:
        async for reached, rows in follower.follow(Wanted(types=("task.done.v1",)), after):
            told.extend(row.entry.aggregate_id for row in rows)
            after = reached
            if len(told) >= enough:
                break
        return after

    async def say(first: int, last: int) -> None:
        for number in range(first, last):
            await record.say("task.done", task_id=f"task-{number}", referral_id=f"ref-{number % 9}")
            if number % 20 == 0:
                await record.say("case.closed", referral_id="other")  # seen, and not wanted
                await record.gather()
        await record.gather()

    begun = await last_position(record.engine)
    reached, _ = await asyncio.gather(follow(begun, 100), say(0, 300))
    await follow(reached, 300)  # comes back where it was: `Last-Event-ID`
    await follower.close()
    assert len(told) == 300
    by_lane = [
        [int(id.split("-")[1]) for id in told if int(id.split("-")[1]) % 9 == lane] for lane in range(9)
    ]
    assert by_lane == [sorted(numbers) for numbers in by_lane]
    assert sorted(told) == sorted(f"task-{number}" for number in range(300))


async def test_a_stream_ends_so_that_an_ended_session_is_noticed(record: Record) -> None:
    follower = Follower(record.engine, pause=0.01)
    assert [rows async for _, rows in follower.follow(Wanted(), 0, listens_for=0.05)] == []
    await follower.close()


async def test_a_story_is_found_from_any_id(record: Record, browser: httpx.AsyncClient) -> None:
    command = "0193aaaa-0000-7000-8000-000000000001"
    event = await record.say(
        "referral.submitted", referral_id="ref-1", submission_id="our-4711", person="who-1"
    )
    await record.say("case.assigned", referral_id="ref-1", cause=command)
    await record.say("case.assigned", referral_id="ref-2")
    await record.gather()
    for id in ("ref-1", "our-4711", "who-1", str(event), command):
        answer = await browser.get(f"/console/story?id={id}")
        assert (answer.status_code, answer.headers.get("location")) == (303, "/console/story/ref-1"), id
        again = await browser.get(f"/console/story/{id}", follow_redirects=True)
        assert "eken-vardcentral submits a referral" in again.text
    assert "Nothing in the log has this id" in (await browser.get("/console/story?id=unknown")).text
    assert (await browser.get("/console/story/unknown")).status_code == 404


async def test_an_id_of_several_stories_lets_one_choose(record: Record, browser: httpx.AsyncClient) -> None:
    for referral in ("ref-1", "ref-2"):
        await record.say("referral.submitted", referral_id=referral, person="who-1")
    await record.gather()
    page = (await browser.get("/console/story?id=who-1")).text
    assert "/console/story/ref-1" in page
    assert "/console/story/ref-2" in page


async def test_a_story_tells_the_waiting_the_causes_and_why(
    record: Record, browser: httpx.AsyncClient
) -> None:
    first = await record.say("referral.submitted", referral_id="ref-1", at=NOON)
    assigned = await record.say(
        "case.assigned", referral_id="ref-1", at=NOON + timedelta(minutes=1), cause=str(first)
    )
    due = (NOON + timedelta(days=2)).isoformat()
    await record.say(
        "task.opened", referral_id="ref-1", kind="contact_person", at=NOON + timedelta(minutes=1), due=due,
        worker="aida", cause=str(assigned),
    )  # fmt: skip
    held = await record.say("contact.attempted", referral_id="ref-1", at=NOON + timedelta(days=4))
    await record.admin.execute(
        """insert into notify.parked (slot, key, event_id, subject, body, tries, reason)
           values (0, 'ref-1', $1, 's', '', 7, 'the case is not known yet')""",
        held,
    )
    await record.admin.execute(
        """insert into provider.dead_letter (key, subject, body, code, reason)
           values ('ref-1', 's', '', 'not_offered', 'nothing was offered')"""
    )
    await record.gather()
    page = (await browser.get("/console/story/ref-1")).text
    assert "then nothing for 4 days" in page
    assert "notify tries again (7 tries so far): the case is not known yet" in page
    assert "provider has a dead letter" in page
    assert "<strong>aida</strong> contact person" in page
    assert "overdue since" in page
    assert "not on the bus yet" in page
    lanes = re.findall(r'class="lane-name"[^>]*>([^<]+)<', page)
    assert lanes == ["eken-vardcentral", "navigator"]
    assert page.count('class="cause cause-across"') == 1
    assert page.count('class="cause cause-within"') == 1
    listed = re.findall(r'class="depth-(\d+)"[^§]*?">([a-z_.]+)</a>', page)
    assert listed[:3] == [("0", "referral.submitted"), ("1", "case.assigned"), ("2", "task.opened")]


async def test_what_was_known_at_a_time_leaves_out_what_came_later(
    record: Record, browser: httpx.AsyncClient
) -> None:
    await record.say("case.assigned", referral_id="ref-1", at=NOON)
    await record.say("task.opened", referral_id="ref-1", at=NOON, worker="aida", kind="contact_person")
    await record.say("case.closed", referral_id="ref-1", at=NOON + timedelta(days=3))
    await record.gather()
    then = (await browser.get("/console/story/ref-1?known=2026-03-11T12:00")).text
    assert "As it was known at" in then
    assert "<strong>aida</strong> contact person" in then
    assert "The case is closed" not in then
    assert "The case is closed" in (await browser.get("/console/story/ref-1")).text
    before = (await browser.get("/console/story/ref-1?known=2026-03-01T12:00")).text
    assert "The case is closed" not in before


async def test_a_story_is_saved_for_a_report(record: Record, browser: httpx.AsyncClient) -> None:
    said = await record.say("case.need_unmet", referral_id="ref-1", need="grief")
    await record.gather()
    answer = await browser.get("/console/story/ref-1/bundle.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="sluss-story-ref-1.json"'
    (event,) = json.loads(answer.text)["events"]
    assert event["id"] == str(said)
    assert event["data"]["need"] is None
    assert "grief" not in answer.text
