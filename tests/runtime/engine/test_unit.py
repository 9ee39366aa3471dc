"""A unit of work: what is said, held and remembered in one transaction."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from services.runtime.clock import SetClock
from services.runtime.engine.ids import uuid7
from services.runtime.engine.unit import NotLoaded, Raced, channel, unit_of_work
from services.runtime.service import Service
from services.runtime.tx import Tx
from sluss_contracts.event import Event, Fact, read_event
from sluss_contracts.subjects import slot_of
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import (
    NoteFiled,
    NoteRead,
    NoteSeen,
    NoteWritten,
    SlipPrinted,
    third,
    writer,
)

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
CLOCK = SetClock(NOON)


async def write(connection: Any, service: Service, story: str, *numbers: int) -> None:
    async with unit_of_work(connection, service, CLOCK) as unit:
        await unit.load([story])
        unit.say([NoteWritten(story=story, n=n) for n in numbers], cause="someone")


async def test_state_is_carried_from_one_transaction_to_the_next(lab: Any) -> None:
    service, notes = writer()
    await write(lab, service, "s1", 1, 2)
    async with unit_of_work(lab, service, CLOCK) as unit:
        await unit.load(["s1", "s2"])
        before = unit.held("s1").one(notes)
        unit.say([NoteWritten(story="s1", n=3)], cause=None)
        after = unit.held("s1").one(notes)
        assert unit.sequence("s1", "note", "s1") == 3
        assert unit.held("s2").one(notes) is None
    assert (before and before.seen, after and after.seen) == ((1, 2), (1, 2, 3))


async def test_the_event_says_who_what_when_and_why_and_its_bytes_are_what_a_reader_parses(lab: Any) -> None:
    service, _ = writer()
    cause = str(uuid4())
    async with unit_of_work(lab, service, CLOCK) as unit:
        await unit.load(["s1"])
        [said] = unit.say([NoteWritten(story="s1", n=7)], cause=cause, correlation="the-story")
    row = await lab.fetchrow("select * from event")
    event = read_event(NoteWritten, row["body"])
    assert event.id == said == row["id"]
    assert event.source == "/sluss/lab"
    assert (event.type, event.subject, event.partitionkey) == ("sluss.note.written.v1", "note/s1", "s1")
    assert (event.causationid, event.correlationid, event.sequence) == (cause, "the-story", 1)
    assert event.time == NOON
    assert event.data == NoteWritten(story="s1", n=7)
    assert row["subject"] == f"sluss.evt.{slot_of('s1')}.note.written.v1.s1"
    assert event.id.version == 7


async def test_sequences_run_without_a_gap_and_so_do_the_numbers_of_each_lane(open_connection: Open) -> None:
    service, _ = writer()
    stories = [f"story-{n}" for n in range(40)]

    async def keep_writing(connection: Any, mine: list[str]) -> None:
        for n in range(1, 6):
            for story in mine:
                await write(connection, service, story, n)

    connections = [await open_connection() for _ in range(4)]
    await asyncio.gather(*(keep_writing(mine, stories[n::4]) for n, mine in enumerate(connections)))
    connection = await open_connection()
    gaps = await connection.fetch(
        "select lane from event group by lane having max(number) <> count(*) or min(number) <> 1"
    )
    disagreeing = await connection.fetch(
        "select lane from head where last <> (select count(*) from event e where e.lane = head.lane)"
    )
    broken = await connection.fetch(
        "select aggregate_id from event group by aggregate_id having max(sequence) <> count(*)"
    )
    assert (gaps, disagreeing, broken) == ([], [], [])
    assert await connection.fetchval("select count(*) from event") == 200


async def test_two_who_make_the_same_thing_at_once_do_not_both_succeed(open_connection: Open) -> None:
    service, _ = writer()
    first, second = await open_connection(), await open_connection()
    loaded = asyncio.Barrier(2)

    async def make(connection: Any) -> None:
        async with unit_of_work(connection, service, CLOCK) as unit:
            await unit.load(["s1"])
            await loaded.wait()
            unit.say([NoteWritten(story="s1", n=1)], cause=None)

    outcomes = await asyncio.gather(make(first), make(second), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome] == [Raced]
    assert await first.fetchval("select count(*) from event") == 1


async def test_what_exists_is_locked_so_the_second_decides_on_what_the_first_has_left(
    open_connection: Open,
) -> None:
    service, notes = writer()
    first, second = await open_connection(), await open_connection()
    await write(first, service, "s1", 1)

    async def add_one(connection: Any) -> None:
        async with unit_of_work(connection, service, CLOCK) as unit:
            await unit.load(["s1"])
            trail = unit.held("s1").one(notes)
            assert trail
            await asyncio.sleep(0.05)
            unit.say([NoteWritten(story="s1", n=trail.seen[-1] + 1)], cause=None)

    await asyncio.gather(add_one(first), add_one(second))
    assert await first.fetchval("select state -> 'seen' from aggregate") == [1, 2, 3]


async def test_who_waited_for_a_lock_does_not_overlook_what_was_begun_meanwhile(
    open_connection: Open,
) -> None:
    """A statement that waited sees new versions of the rows there were, and none of the rows that came."""
    service, files = third()
    first, second = await open_connection("third"), await open_connection("third")
    async with unit_of_work(first, service, CLOCK) as unit:
        await unit.load(["s1"])
        unit.say([NoteSeen(story="s1", n=1)], cause=None)
    seen: list[Any] = []

    async def decide_on_what_is_filed() -> None:
        async with unit_of_work(second, service, CLOCK) as unit:
            await unit.load(["s1"])
            seen.append(unit.held("s1").one(files))
            unit.say([NoteSeen(story="s1", n=2)], cause=None)

    async with unit_of_work(first, service, CLOCK) as unit:
        await unit.load(["s1"])
        other = asyncio.create_task(decide_on_what_is_filed())
        await asyncio.sleep(0.2)  # it waits for the lock by now
        unit.say([NoteFiled(story="s1", n=1)], cause=None)
    with pytest.raises(Raced):
        await other
    assert seen == [None]
    await decide_on_what_is_filed()
    assert seen[1] is not None


async def test_of_two_who_begin_different_things_under_one_new_key_one_decides_anew(
    open_connection: Open,
) -> None:
    service, _ = third()
    first, second = await open_connection("third"), await open_connection("third")
    loaded = asyncio.Barrier(2)

    async def begin(connection: Any, fact: Fact) -> None:
        async with unit_of_work(connection, service, CLOCK) as unit:
            await unit.load(["s1"])
            await loaded.wait()
            unit.say([fact], cause=None)

    outcomes = await asyncio.gather(
        begin(first, NoteFiled(story="s1", n=1)),
        begin(second, NoteSeen(story="s1", n=1)),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes if outcome] == [Raced]
    assert await first.fetchval("select count(*) from event") == 1
    assert await first.fetchval("select count(*) from aggregate where opens") == 1


async def test_several_things_may_begin_under_one_new_key_together(open_connection: Open) -> None:
    service, _ = third()
    connection = await open_connection("third")
    async with unit_of_work(connection, service, CLOCK) as unit:
        await unit.load(["s1", "s2"])
        unit.say([NoteFiled(story="s1", n=1), NoteSeen(story="s1", n=1)], cause=None)
        unit.say([NoteSeen(story="s2", n=1)], cause=None)
    async with unit_of_work(connection, service, CLOCK) as unit:
        await unit.load(["s1", "s2"])
        unit.say([NoteSeen(story="s1", n=2), NoteFiled(story="s2", n=1)], cause=None)
    assert await connection.fetchval("select count(*) from aggregate where opens") == 2
    assert await connection.fetchval("select count(*) from aggregate") == 4


async def test_an_error_leaves_nothing_behind(lab: Any) -> None:
    service, _ = writer()

    async def fail_at_the_end() -> None:
        async with unit_of_work(lab, service, CLOCK) as unit:
            await unit.load(["s1"])
            unit.say([NoteWritten(story="s1", n=1)], cause=None)
            await unit.tx.timers.set("wake", "s1", "s1", NOON)
            await unit.finish()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail_at_the_end()
    for table in ("event", "aggregate", "timer"):
        assert await lab.fetchval(f"select count(*) from {table}") == 0
    assert await lab.fetchval("select sum(last) from head") == 0


async def test_facts_are_said_all_or_none(lab: Any) -> None:
    service, notes = writer()
    async with unit_of_work(lab, service, CLOCK) as unit:
        await unit.load(["s1"])
        with pytest.raises(NotLoaded):
            unit.say([NoteWritten(story="s1", n=1), NoteWritten(story="elsewhere", n=1)], cause=None)
        with pytest.raises(TypeError, match="declares no aggregate 'reading'"):
            unit.say([NoteWritten(story="s1", n=1), NoteRead(story="s1", n=1)], cause=None)
        assert unit.held("s1").one(notes) is None
        facts = [NoteWritten(story="elsewhere", n=1)]
        await unit.reach(facts)
        unit.say(facts, cause=None)
    assert await lab.fetchval("select count(*) from event") == 1


async def test_projections_see_the_service_s_own_new_events_once_in_the_same_transaction(lab: Any) -> None:
    service, _ = writer()
    seen: list[Event[Any]] = []

    @service.project(NoteWritten)
    async def list_notes(tx: Tx, events: Any) -> None:
        seen.extend(events)
        await tx.execute("insert into board select unnest($1::int[])", [event.data.n for event in events])

    await lab.execute("create table board (n int)")
    await write(lab, service, "s1", 1, 2)
    assert [(event.data.n, event.sequence, event.partitionkey) for event in seen] == [
        (1, 1, "s1"),
        (2, 2, "s1"),
    ]
    assert await lab.fetchval("select sum(n) from board") == 3
    assert read_event(NoteWritten, await lab.fetchval("select body from event where sequence = 1")) == seen[0]


async def test_the_last_word_about_a_timer_counts(lab: Any) -> None:
    service, _ = writer()
    async with unit_of_work(lab, service, CLOCK) as unit:
        await unit.tx.timers.set("wake", "a", "s1", NOON, cup="tea")
        await unit.tx.timers.set("wake", "b", "s1", NOON)
        await unit.tx.timers.clear("wake", "a")
        await unit.tx.timers.set("wake", "c", "s1", NOON)
    async with unit_of_work(lab, service, CLOCK) as unit:
        await unit.tx.timers.set("wake", "c", "s1", NOON + timedelta(days=1), cup="coffee")
        await unit.tx.timers.clear("wake", "b")
        await unit.tx.timers.clear("wake", "never-set")
    rows = await lab.fetch("select id, due, data from timer")
    assert [tuple(row) for row in rows] == [("c", NOON + timedelta(days=1), {"cup": "coffee"})]


async def test_what_is_for_a_partner_is_numbered_by_that_partner_and_makes_no_gap_elsewhere(lab: Any) -> None:
    service, _ = writer()
    async with unit_of_work(lab, service, CLOCK) as unit:
        await unit.load(["s1"])
        unit.say(
            [
                NoteWritten(story="s1", n=1),
                SlipPrinted(slip="p1", story="s1", organisation="varden"),
                NoteWritten(story="s1", n=2),
                SlipPrinted(slip="p2", story="s1", organisation="varden"),
                SlipPrinted(slip="p3", story="s1", organisation="soc"),
            ],
            cause=None,
        )
    rows = await lab.fetch(
        "select lane, number, type, subject from event where lane like 'out.%' order by lane, number"
    )
    assert [(row["lane"], row["number"]) for row in rows] == [
        ("out.soc", 1),
        ("out.varden", 1),
        ("out.varden", 2),
    ]
    assert rows[0]["subject"] == "sluss.out.soc.slip.printed.v1.s1"
    assert await lab.fetchval("select last from head where lane = $1", str(slot_of("s1"))) == 2
    assert await lab.fetchval("select count(*) from aggregate where kind = 'slip'") == 0


async def test_a_ledger_s_id_has_one_event_only(lab: Any) -> None:
    service, _ = writer()

    async def print_slip() -> None:
        async with unit_of_work(lab, service, CLOCK) as unit:
            await unit.load(["s1"])
            unit.say([SlipPrinted(slip="p1", story="s1", organisation="varden")], cause=None)

    await print_slip()
    with pytest.raises(Raced):
        await print_slip()


async def test_the_owner_is_told_what_it_has_to_publish(open_connection: Open) -> None:
    service, _ = writer()
    listener, connection = await open_connection(), await open_connection()
    told: asyncio.Queue[str] = asyncio.Queue()
    await listener.add_listener(channel("lab"), lambda *note: told.put_nowait(note[3]))
    await write(connection, service, "s1", 1)
    assert await asyncio.wait_for(told.get(), 5) == f"{slot_of('s1')} 1"
    lanes = [str(slot) for slot in range(16)]
    async with unit_of_work(connection, service, CLOCK, publishes=lanes) as unit:
        await unit.load(["s1"])
        unit.say([NoteWritten(story="s1", n=2)], cause=None)
    await asyncio.sleep(0.2)
    assert told.empty()


async def test_the_connection_of_an_owner_that_falls_silent_is_ended_by_the_server(
    open_connection: Open,
) -> None:
    owner = await open_connection(owner=True)
    assert await owner.fetchval("show idle_session_timeout") == "4s"
    await owner.execute("set idle_session_timeout = '200ms'")
    await asyncio.sleep(0.6)
    with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError)):
        await owner.fetchval("select 1")


def test_ids_sort_by_the_millisecond_they_were_made_in() -> None:
    made = []
    for _ in range(3):
        made.append(uuid7())
        time.sleep(0.002)
    assert made == sorted(made)
    assert {id.version for id in made} == {7}
    assert len({uuid7() for _ in range(1000)}) == 1000
