"""The log holds every event of every service once, in one order that no lane contradicts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import pytest

from services.console.log.finding import Wanted, newest, one, since
from services.console.log.gathering import SPEAKERS, Gatherer
from services.console.log.keeping import forget, oldest_kept
from services.console.log.partitions import month_of, months, position_at, there
from services.console.log.tables import metadata
from services.runtime.engine.connection import connect
from sluss.machine.database import CONSOLE
from sluss.machine.postgres import Postgres
from tests.support.console import Record
from tests.support.tables import assert_migrated

MARCH = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)


async def test_a_migrated_schema_has_the_tables_the_code_knows(
    postgres_server: Postgres, tables: Record
) -> None:
    database = urlsplit(tables.url).path.strip("/")
    await assert_migrated(postgres_server.url(database=database), CONSOLE, metadata)


async def test_what_each_service_says_is_in_the_log_once(record: Record) -> None:
    said = [
        await record.say("referral.submitted"),
        await record.say("receipt.issued"),  # for a partner alone: never on the network's bus
        await record.say("case.assigned"),
        await record.say("enrolment.offered"),
        await record.say("message.queued"),
    ]
    await record.gather()
    await record.gather()
    rows = await newest(record.engine, Wanted())
    assert sorted(row.entry.event_id for row in rows) == sorted(said)
    assert {row.entry.service for row in rows} == set(SPEAKERS)


async def test_a_lane_keeps_its_order_whatever_its_transactions_times_say(record: Record) -> None:
    late, early = MARCH, MARCH - timedelta(seconds=5)
    first = await record.say("case.assigned", referral_id="ref-1", recorded=late)
    second = await record.say("contact.attempted", referral_id="ref-1", recorded=early)
    other = await record.say("team.registered", recorded=early)
    await record.gather()
    rows = await since(record.engine, Wanted(), 0)
    order = [row.entry.event_id for row in rows]
    assert order.index(first) < order.index(second)
    assert order.index(other) < order.index(first)
    assert [row.position for row in rows] == sorted({row.position for row in rows})


async def test_an_event_is_in_the_month_it_was_written_down_in(record: Record) -> None:
    await record.say("case.assigned", recorded=MARCH)
    await record.say("case.claimed", recorded=MARCH + timedelta(seconds=2))
    await record.gather()
    april = datetime(2026, 4, 1, tzinfo=UTC)
    assert {datetime(2026, 3, 1, tzinfo=UTC), april} <= set(await there(record.pool))
    found = [
        row.entry.type for row in await newest(record.engine, Wanted(since=april, until=april.replace(day=2)))
    ]
    assert found == ["case.claimed.v1"]


async def test_months_before_those_kept_are_forgotten_and_not_written_again(record: Record) -> None:
    for month in (1, 2, 3):
        await record.say("case.assigned", recorded=datetime(2026, month, 5, tzinfo=UTC))
    await record.gather()
    writing = await connect(record.url, CONSOLE)
    now = datetime(2026, 3, 20, tzinfo=UTC)
    assert oldest_kept(now, 1) == datetime(2026, 2, 1, tzinfo=UTC)
    assert datetime(2026, 1, 1, tzinfo=UTC) in await forget(writing, now, 1)
    await writing.close()
    record.gatherer = Gatherer(record.writing)
    await record.say(
        "case.assigned", recorded=datetime(2026, 1, 6, tzinfo=UTC)
    )  # late, and written all the same
    await record.gather()
    days = [row.entry.recorded.day for row in await newest(record.engine, Wanted())]
    assert days == [6, 5, 5]


async def test_a_log_written_anew_is_the_same(record: Record) -> None:
    for number in range(30):
        await record.say(
            "task.opened" if number % 3 else "case.assigned",
            referral_id=f"ref-{number % 5}",
            recorded=MARCH + timedelta(seconds=number),
        )
        if number % 7 == 0:
            await record.gather()
    await record.gather()
    before = await since(record.engine, Wanted(), 0)
    await record.admin.execute("truncate console.log, console.log_field, console.gathered")
    await record.admin.execute("update console.log_end set position = 0")
    await record.gather()
    assert await since(record.engine, Wanted(), 0) == before


async def test_more_than_a_batch_is_taken_in_order(record: Record, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.console.log.gathering._FROM_A_LANE", 3)
    # One lane with much in a short time, others with little in a long one.
    for number in range(10):
        at = MARCH + timedelta(seconds=number)
        await record.say("case.assigned", referral_id="ref-much", recorded=at)
        if number % 3 == 0:
            await record.say("team.registered", team=f"team-{number}", recorded=at)
    await record.gather()
    rows = await since(record.engine, Wanted(), 0)
    assert [row.entry.recorded for row in rows] == sorted(row.entry.recorded for row in rows)
    assert len(rows) == 14


async def test_numbers_that_are_missing_are_told_and_the_rest_goes_on(record: Record) -> None:
    await record.say("case.assigned", referral_id="ref-1")
    lost = await record.say("case.claimed", referral_id="ref-1")
    await record.say("case.closed", referral_id="ref-1")
    await record.admin.execute("delete from navigator.event where id = $1", lost)
    await record.gather()
    assert len(await newest(record.engine, Wanted())) == 2
    (doubt,) = await record.admin.fetch("select service, what from console.log_doubt")
    assert tuple(doubt) == ("navigator", "lacks 2 to 2")


async def test_a_table_that_is_older_than_the_log_is_told(record: Record) -> None:
    await record.say("case.assigned", referral_id="ref-1")
    await record.say("case.claimed", referral_id="ref-1")
    await record.gather()
    await record.admin.execute("update navigator.head set last = 1")
    await record.gather()
    assert await record.admin.fetchval("select what from console.log_doubt") == "ends at 1, the log at 2"


async def test_only_one_of_several_writes(record: Record) -> None:
    from services.console.log.gathering import _KEY, _LOCK

    first, second = await connect(record.url, CONSOLE), await connect(record.url, CONSOLE)
    assert await first.fetchval(_LOCK, _KEY)
    assert not await second.fetchval(_LOCK, _KEY)
    await first.close()
    assert await second.fetchval(_LOCK, _KEY)
    await second.close()


async def test_the_console_may_read_what_was_said_and_nothing_of_the_vault(record: Record) -> None:
    connection = await connect(record.url, CONSOLE)
    try:
        for service in SPEAKERS:
            await connection.fetch(f"select * from {service}.event limit 1")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"delete from {service}.event")
        vault = await record.admin.fetch(
            "select tablename from pg_tables where schemaname = 'referral' and tablename !~ "
            "'^(event|head|inbox|parked|dead_letter|position|timer|member|process|proposal|operator_action)$'"
        )
        assert len(vault) > 5
        for row in vault:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f'select * from referral."{row["tablename"]}" limit 1')
    finally:
        await connection.close()


async def test_an_event_is_found_by_its_id(record: Record) -> None:
    said = await record.say("case.assigned")
    await record.gather()
    row = await one(record.engine, said)
    assert row is not None
    assert row.entry.event_id == said
    assert await one(record.engine, UUID(int=1)) is None


def test_months_meet_without_a_gap() -> None:
    first, last = (
        position_at(datetime(2026, 11, 30, tzinfo=UTC)),
        position_at(datetime(2027, 2, 1, tzinfo=UTC)),
    )
    assert [f"{month:%Y-%m}" for month in months(first, last)] == ["2026-11", "2026-12", "2027-01", "2027-02"]
    assert month_of(last - 1) == datetime(2027, 1, 1, tzinfo=UTC)


def test_a_gatherer_reads_every_service_that_says_anything() -> None:
    assert set(SPEAKERS) == {"referral", "navigator", "provider", "notify"}
