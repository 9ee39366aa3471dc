"""Due dates: each is acted upon once, at its time, and one that fails holds up nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson
import pytest

from services.runtime.clock import SetClock
from services.runtime.deadletters import NotReplayable, UnknownDeadLetter, dismiss, open_dead_letters, replay
from services.runtime.engine.unit import unit_of_work
from services.runtime.service import Service
from services.runtime.timers import BATCH, TRIES, Timers
from tests.runtime.ferries import FerryMoored, PassengerBoarded, ferry_service

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Quay:
    """The ferry service with a clock one can set."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self.pool = pool
        self.service: Service = ferry_service()
        self.clock = SetClock(NOON)
        self.timers = Timers(self.service, pool, self.clock)

    async def moor(self, ferry: str, departs: datetime, mood: str = "fair") -> None:
        async with (
            self.pool.acquire() as connection,
            unit_of_work(connection, self.service, self.clock) as unit,
        ):
            await unit.load([ferry])
            unit.say([FerryMoored(ferry=ferry, departs=departs, mood=mood)], cause="test")

    async def board(self, ferry: str) -> None:
        async with (
            self.pool.acquire() as connection,
            unit_of_work(connection, self.service, self.clock) as unit,
        ):
            await unit.load([ferry])
            unit.say([PassengerBoarded(ferry=ferry, passenger="Anna")], cause="test")

    async def departed(self) -> list[str]:
        rows = await self.pool.fetch(
            "select key from event where type = 'sluss.ferry.departed.v1' order by key"
        )
        return [row["key"] for row in rows]

    async def set(self) -> list[str]:
        return [row["id"] for row in await self.pool.fetch("select id from timer order by id")]

    async def hurry(self) -> None:
        """Let pauses after a failure be over."""
        await self.pool.execute("update timer set not_before = null")


@pytest.fixture
def quay(pool: asyncpg.Pool) -> Quay:
    return Quay(pool)


async def test_nothing_happens_before_its_time(quay: Quay) -> None:
    await quay.moor("juno", NOON + HOUR)
    assert await quay.timers.fire_due() == 0
    quay.clock.move(HOUR)
    assert await quay.timers.fire_due() == 1
    assert await quay.departed() == ["juno"]
    assert await quay.set() == []
    assert await quay.timers.fire_due() == 0


async def test_what_comes_of_it_names_the_timer_as_its_cause(quay: Quay) -> None:
    await quay.moor("juno", NOON)
    await quay.timers.fire_due()
    body = await quay.pool.fetchval("select body from event where type = 'sluss.ferry.departed.v1'")
    assert orjson.loads(body)["causationid"] == "timer/departure/juno/20270301T120000.000000"


async def test_a_date_that_is_moved_counts_from_its_new_time(quay: Quay) -> None:
    await quay.moor("juno", NOON)
    await quay.moor("juno", NOON + HOUR)
    assert await quay.timers.fire_due() == 0
    quay.clock.move(HOUR)
    await quay.timers.fire_due()
    assert await quay.departed() == ["juno"]


async def test_replicas_fire_each_timer_once(quay: Quay) -> None:
    names = [f"f{n:03}" for n in range(BATCH + 50)]
    for name in names:
        await quay.moor(name, NOON)
    others = [Timers(quay.service, quay.pool, quay.clock) for _ in range(4)]
    while await quay.set():
        await asyncio.gather(*(timers.fire_due() for timers in others))
    assert await quay.departed() == names


async def test_one_that_fails_holds_up_nobody_and_is_tried_again_later(quay: Quay) -> None:
    await quay.moor("argo", NOON, mood="stormy")
    await quay.moor("juno", NOON + timedelta(seconds=1))
    quay.clock.move(HOUR)
    await quay.timers.fire_due()
    assert await quay.departed() == ["juno"]
    assert await quay.set() == ["argo"]
    assert await quay.timers.fire_due() == 0, "it pauses before the next try"
    row = await quay.pool.fetchrow("select tries, reason, not_before > now() as pausing from timer")
    assert dict(row) == {"tries": 1, "reason": "RuntimeError", "pausing": True}


async def test_one_that_keeps_failing_becomes_a_dead_letter(quay: Quay) -> None:
    await quay.moor("argo", NOON, mood="stormy")
    for _ in range(TRIES):
        await quay.hurry()
        await quay.timers.fire_due()
    assert await quay.set() == []
    (letter,) = await open_dead_letters(quay.pool)
    assert (letter.subject, letter.key, letter.code) == ("timer.departure", "argo", "failed")


async def test_a_rule_that_refuses_makes_a_dead_letter_at_once(quay: Quay) -> None:
    await quay.moor("argo", NOON, mood="mutinous")
    await quay.timers.fire_due()
    (letter,) = await open_dead_letters(quay.pool)
    assert (letter.code, letter.reason) == ("seat_taken", "the captain's")


async def test_one_that_waits_is_no_failure_however_long(quay: Quay) -> None:
    await quay.moor("argo", NOON, mood="patient")
    for _ in range(TRIES + 5):
        await quay.hurry()
        await quay.timers.fire_due()
    assert await quay.set() == ["argo"]
    await quay.board("argo")
    await quay.hurry()
    await quay.timers.fire_due()
    assert await quay.departed() == ["argo"]


async def test_a_dead_timer_that_is_replayed_passes_through_its_handler(quay: Quay) -> None:
    await quay.moor("argo", NOON, mood="mutinous")
    await quay.timers.fire_due()
    (letter,) = await open_dead_letters(quay.pool)
    async with quay.pool.acquire() as connection:
        assert await replay(connection, letter.number, by="operator-1")
        assert not await replay(connection, letter.number, by="operator-2"), "dealt with already"
    assert await quay.set() == ["argo"]
    await quay.timers.fire_due()
    (again,) = await open_dead_letters(quay.pool)
    assert again.number != letter.number


async def test_a_dead_event_is_queued_for_the_engine_as_it_came(quay: Quay) -> None:
    number = await quay.pool.fetchval(
        "insert into dead_letter (event_id, key, subject, body, code, reason) values (gen_random_uuid(), "
        "'juno', 'sluss.evt.3.ferry.boarded.v1.juno', 'bytes', 'seat_taken', '') returning number"
    )
    async with quay.pool.acquire() as connection:
        assert await replay(connection, number, by="operator-1")
    queued = await quay.pool.fetchrow("select key, subject, body from parked")
    assert dict(queued) == {"key": "juno", "subject": "sluss.evt.3.ferry.boarded.v1.juno", "body": b"bytes"}


async def test_what_cannot_be_read_cannot_be_replayed_but_put_aside(quay: Quay) -> None:
    number = await quay.pool.fetchval(
        "insert into dead_letter (subject, body, code, reason) "
        "values ('sluss.evt.3.ferry.boarded.v1.juno', '{', 'unreadable', '') returning number"
    )
    async with quay.pool.acquire() as connection:
        with pytest.raises(NotReplayable):
            await replay(connection, number, by="operator-1")
        assert await dismiss(connection, number, by="operator-1")
        assert not await dismiss(connection, number, by="operator-1")
        with pytest.raises(UnknownDeadLetter):
            await dismiss(connection, number + 1, by="operator-1")
    assert await open_dead_letters(quay.pool) == []


async def test_the_loop_fires_by_itself_and_ends_when_told(quay: Quay) -> None:
    await quay.moor("juno", NOON + HOUR)
    stop = asyncio.Event()
    loop = asyncio.create_task(quay.timers.run(stop))
    await asyncio.sleep(0.1)
    quay.clock.move(HOUR)
    await _until(lambda: quay.timers.pulse() is None)
    async with asyncio.timeout(5):
        while not await quay.departed():
            await asyncio.sleep(0.05)
        stop.set()
        await loop


async def _until(met: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not met():
            await asyncio.sleep(0.02)
