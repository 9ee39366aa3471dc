"""The invariants are sharp: each catches the very thing it is there for, planted into a sound record."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from uuid import uuid4

import asyncpg
import pytest
import pytest_asyncio

from sluss.invariants.asking import invariants, lasting_violations
from sluss.invariants.invariant import Invariant
from sluss.ledger import SERVICES
from sluss.machine.postgres import Postgres
from sluss.registries import registries
from tests.support.databases import schemas_of

REFERRAL = "0193-one"


@pytest_asyncio.fixture(scope="module")
async def tables(postgres_server: Postgres) -> AsyncIterator[asyncpg.Connection]:
    """All services' tables, as their owner sees them."""
    async with schemas_of(postgres_server, *SERVICES) as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


@pytest_asyncio.fixture
async def record(tables: asyncpg.Connection) -> asyncpg.Connection:
    """The same, with nothing in them."""
    for service in SERVICES:
        await tables.execute(f"truncate {service}.event, {service}.head")
    return tables


async def say(
    record: asyncpg.Connection,
    service: str,
    of: str,
    name: str,
    *,
    cause: str | None = "timer/x/y/z",
    **data: object,
) -> str:
    """Write one event as the engine would, with its number and head."""
    lane = "0"
    number = await record.fetchval(
        f"insert into {service}.head (lane, last, sent) values ($1, 1, 1) "
        "on conflict (lane) do update set last = head.last + 1, sent = head.sent + 1 returning last",
        lane,
    )
    event_id, aggregate = uuid4(), str(data.get("id", REFERRAL))
    sequence = 1 + await record.fetchval(
        f"select count(*) from {service}.event where kind = $1 and aggregate_id = $2", of, aggregate
    )
    body = json.dumps({"causationid": cause, "data": data}).encode()
    await record.execute(
        f"insert into {service}.event "
        "(lane, number, id, key, kind, aggregate_id, sequence, type, subject, body) "
        "values ($1, $2, $3, $4, $5, $6, $7, $8, 'x', $9)",
        lane, number, event_id, REFERRAL, of, aggregate, sequence, f"sluss.{name}.v1", body,
    )  # fmt: skip
    return str(event_id)


async def broken(record: asyncpg.Connection) -> set[str]:
    """The invariants, of those that look at events alone, that do not hold."""
    asked = [inv for inv in invariants(registries()) if inv.id in {"I2", "I3", "I4", "I5", "I6", "I7"}]
    return {inv.id for inv in asked if await inv.violations(record)}


async def test_an_empty_record_is_sound(record: asyncpg.Connection) -> None:
    assert await broken(record) == set()


@pytest.mark.parametrize("cause", [None, "nobody", "01a203a3-4533-7da2-8022-da3dad9a9e19", "0" * 64])
async def test_an_effect_from_nowhere_is_seen(record: asyncpg.Connection, cause: str | None) -> None:
    await say(record, "notify", "followup", "followup.scheduled", cause=cause, id="f1")
    assert await broken(record) == {"I2"}


async def test_an_effect_of_an_event_or_of_a_submission_is_sound(record: asyncpg.Connection) -> None:
    first = await say(record, "referral", "organisation", "organisation.registered", cause="0" * 64, id="o")
    await say(record, "notify", "followup", "followup.scheduled", cause=first, id="f1")
    assert await broken(record) == set()


async def test_a_case_in_two_hands_is_seen(record: asyncpg.Connection) -> None:
    await say(record, "navigator", "case", "case.assigned")
    await say(record, "navigator", "case", "case.claimed")
    assert "I3" in await broken(record)


@pytest.mark.parametrize(
    "handed_on",
    [
        ("case.assigned", "case.reassigned"),
        ("case.queued", "case.claimed", "case.unassigned", "case.reassigned"),
        ("case.assigned", "case.unassigned", "case.queued", "case.assigned"),
    ],
)
async def test_a_case_handed_on_is_in_one_pair_of_hands(
    record: asyncpg.Connection, handed_on: tuple[str, ...]
) -> None:
    for name in handed_on:
        await say(record, "navigator", "case", name)
    assert await broken(record) == set()


async def test_a_case_taken_back_only_after_it_was_given_to_another_is_seen(
    record: asyncpg.Connection,
) -> None:
    for name in ("case.assigned", "case.claimed", "case.unassigned"):
        await say(record, "navigator", "case", name)
    assert "I3" in await broken(record)


async def test_a_case_nobody_had_cannot_be_handed_on(record: asyncpg.Connection) -> None:
    for name in ("case.queued", "case.reassigned"):
        await say(record, "navigator", "case", name)
    assert "I3" in await broken(record)


async def test_a_message_sent_twice_is_seen(record: asyncpg.Connection) -> None:
    await say(record, "notify", "message", "message.sent", id="m1")
    await say(record, "notify", "message", "message.sent", id="m1")
    assert "I4" in await broken(record)


async def test_a_message_of_unknown_fate_that_nobody_looks_into_is_seen(record: asyncpg.Connection) -> None:
    await say(record, "notify", "message", "message.failed", id="m1", why="outcome_unknown")
    assert await broken(record) == {"I4"}
    await say(
        record,
        "navigator",
        "task",
        "task.opened",
        id="t1",
        kind="check_message",
        team="city",
        due="2027-01-01",
    )
    assert await broken(record) == set()


async def test_a_referral_nobody_has_a_task_for_is_seen(record: asyncpg.Connection) -> None:
    await say(record, "referral", "referral", "referral.accepted")
    assert await broken(record) == {"I5"}
    await say(
        record, "navigator", "task", "task.opened", id="t1", kind="claim_case", team="city", due="2027-01-01"
    )
    assert await broken(record) == set()
    await say(record, "navigator", "task", "task.done", id="t1")
    assert await broken(record) == {"I5"}


@pytest.mark.parametrize("end", ["closed", "declined", "cancelled", "redirected", "entered_in_error"])
async def test_a_referral_that_is_over_needs_no_task(record: asyncpg.Connection, end: str) -> None:
    await say(record, "referral", "referral", "referral.accepted")
    await say(record, "referral", "referral", f"referral.{end}")
    assert "I5" not in await broken(record)


async def test_a_duplicates_work_is_done_under_the_referral_it_is_linked_to(
    record: asyncpg.Connection,
) -> None:
    await say(record, "referral", "referral", "referral.held")
    await say(record, "referral", "referral", "referral.linked", how="replaces", to="0193-before")
    assert await broken(record) == {"I5"}
    await say(record, "referral", "referral", "referral.linked", how="duplicate_of", to="0193-two")
    assert await broken(record) == set()


async def test_what_is_under_way_while_somebody_looks_is_no_violation(record: asyncpg.Connection) -> None:
    looks = iter((["e1 is not read", "e2 is not read"], ["e2 is not read", "e3 is not read"], []))

    async def look(_: asyncpg.Connection) -> list[str]:
        return next(looks)

    read = Invariant("I10", "everything is read", look)
    assert await lasting_violations(record, read, patience=0) == ["e2 is not read"]
    assert await lasting_violations(record, read, patience=0) == []


async def test_a_task_without_a_date_is_no_task(record: asyncpg.Connection) -> None:
    await say(record, "referral", "referral", "referral.accepted")
    await say(record, "navigator", "task", "task.opened", id="t1", kind="claim_case", team="city")
    assert await broken(record) == {"I5"}


@pytest.mark.parametrize("end", ["closed", "declined", "cancelled", "redirected"])
async def test_a_referral_that_is_over_and_whose_sender_was_not_told_is_seen(
    record: asyncpg.Connection, end: str
) -> None:
    await say(record, "referral", "referral", f"referral.{end}")
    assert await broken(record) == {"I6"}
    await say(record, "notify", "feedback_copy", "feedback.issued", id="f1", point="closure")
    assert await broken(record) == set()


async def test_a_number_that_is_missing_is_seen(record: asyncpg.Connection) -> None:
    await say(record, "provider", "activity", "activity.published", id="walk")
    await say(record, "provider", "activity", "activity.amended", id="walk")
    await record.execute("delete from provider.event where number = 1")
    assert "I7" in await broken(record)
