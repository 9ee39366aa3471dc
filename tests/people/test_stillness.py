"""A network is still when everything said has been heard, known from its record and not from silence."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import asyncpg
import pytest_asyncio

from services.notify.app import service as notify
from sluss.ledger import Entry
from sluss.machine.postgres import Postgres
from sluss.people.referrer import Referrer
from sluss.people.stillness import Stillness, Work
from tests.support.databases import make_schemas

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NIGHT = NOON + timedelta(hours=12)
STILL = Work(0, 0, None)


@pytest_asyncio.fixture
async def record(postgres: str, postgres_server: Postgres) -> AsyncIterator[asyncpg.Connection]:
    await make_schemas(postgres, [notify.name])
    connection = await asyncpg.connect(postgres)
    yield connection
    await connection.close()


def said(lane: str = "3", type: str = "sluss.case.closed.v1") -> Entry:
    return Entry("navigator", lane, 1, type, "r1", NOON, {})


def watching(record: asyncpg.Connection, *referrers: Referrer) -> Stillness:
    return Stillness(record, {"notify": notify}, referrers)


async def takes_in(record: asyncpg.Connection) -> None:
    await record.execute("insert into notify.inbox (event_id) values ($1)", uuid.uuid4())


async def letter(record: asyncpg.Connection, send_after: datetime | None = None) -> None:
    id = uuid.uuid4()
    await record.execute(
        """insert into notify.message
             (message_id, referral_id, event_id, person, cause, template, about, send_after)
           values ($1, 'r1', $2, 'p1', $1, 'welcome', '{}', $3)""",
        str(id),
        id,
        send_after,
    )


async def test_what_a_service_reads_is_left_until_its_inbox_has_it(record: asyncpg.Connection) -> None:
    stillness = watching(record)
    assert await stillness.work(NOON) == STILL
    stillness.said([said()])
    assert (await stillness.work(NOON)).left == 1
    await takes_in(record)
    assert await stillness.work(NOON) == STILL


async def test_what_nobody_reads_is_not_waited_for(record: asyncpg.Connection) -> None:
    stillness = watching(record)
    stillness.said([said(type="sluss.unheard.of.v1")])
    assert await stillness.work(NOON) == STILL


async def test_whoever_has_heard_more_than_we_is_ahead_of_us(record: asyncpg.Connection) -> None:
    stillness = watching(record)
    await takes_in(record)
    assert (await stillness.work(NOON)).left == 1
    stillness.said([said()])
    assert await stillness.work(NOON) == STILL


async def test_a_partner_has_to_fetch_what_it_is_told_since_people_act(record: asyncpg.Connection) -> None:
    clinic = Referrer("clinic", cast(Any, None))
    stillness = watching(record, clinic)
    stillness.said([said("out.clinic"), said("out.another")])
    stillness.begin()
    stillness.said([said("out.clinic"), said("out.another")])
    assert (await stillness.work(NOON)).left == 1
    clinic.fetched += 1
    assert await stillness.work(NOON) == STILL


async def test_letters_go_by_day_and_wait_for_the_morning_by_night(record: asyncpg.Connection) -> None:
    stillness = watching(record)
    await letter(record)
    assert await stillness.work(NOON) == Work(0, 1, None)
    morning = await stillness.work(NIGHT)
    assert (morning.left, morning.letters) == (0, 0)
    assert morning.next is not None
    assert NIGHT < morning.next < NIGHT + timedelta(hours=12)


async def test_a_letter_for_an_hour_is_no_work_before_it(record: asyncpg.Connection) -> None:
    stillness = watching(record)
    await letter(record, NOON + timedelta(hours=2))
    assert await stillness.work(NOON) == Work(0, 0, NOON + timedelta(hours=2))
    assert (await stillness.work(NOON + timedelta(hours=2))).letters == 1


async def test_a_due_date_is_work_once_it_has_come(record: asyncpg.Connection) -> None:
    stillness = watching(record)
    due = NOON + timedelta(days=1)
    await record.execute(
        "insert into notify.timer (key, kind, id, due) values ('r1', 'followup_due', 'f1', $1)", due
    )
    assert await stillness.work(NOON) == Work(0, 0, due)
    assert (await stillness.work(due)).left == 1
