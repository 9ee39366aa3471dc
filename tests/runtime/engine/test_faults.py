"""Owners killed, frozen and thawed: nothing is lost, doubled, overtaken or half done."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest

from services.runtime.topology import declare_event_stream
from sluss.machine.child import Child
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import writer
from tests.runtime.engine.playing import owning, until
from tests.runtime.engine.process import owner_process, start_owner
from tests.runtime.engine.troubled import (
    STORIES,
    Writing,
    all_read,
    must_hold,
    owner_locks,
    seen_twice_or_out_of_order,
)
from tests.support.servers import BrokerAccess

pytestmark = [pytest.mark.faults, pytest.mark.slow(minutes=1)]


@pytest.mark.parametrize("point", ["received", "in_transaction", "committed", "half_published", "published"])
async def test_killed_at_any_point_nothing_is_half_done(
    point: str, database: str, open_connection: Open, broker: BrokerAccess, tmp_path: Path
) -> None:
    lab, other = await open_connection("lab"), await open_connection("reader")
    place = (database, broker.url, broker.creds, tmp_path / "owner.log")
    async with owning(writer()[0], database, await broker.connect()):
        writing = Writing(lab)
        for n in (2, 1, 3):
            child = await start_owner("reader", *place, SLUSS_FAULT_POINT=f"{point}:{n}")
            await asyncio.wait_for(child.wait(), 30)
            assert child.exit_code == -9
            assert await seen_twice_or_out_of_order(other) == []
        notes = await writing.finish()
        async with owner_process("reader", *place):
            await until(lambda: all_read(other, notes), within=30)
    await must_hold(other)
    assert await other.fetchval("select count(*) from inbox") == notes * len(STORIES)


async def test_order_survives_owners_killed_at_random(
    database: str, open_connection: Open, broker: BrokerAccess, tmp_path: Path
) -> None:
    lab, connections = (
        await open_connection("lab"),
        {s: await open_connection(s) for s in ("reader", "third")},
    )
    dice = random.Random(7)
    await declare_event_stream((await broker.connect()).jetstream())
    children: dict[tuple[str, int], Child] = {}
    place = (database, broker.url, broker.creds, tmp_path / "owners.log")
    try:
        for name in [(s, n) for s in ("lab", "reader", "third") for n in (0, 1)]:
            children[name] = await start_owner(name[0], *place)
        writing = Writing(lab)
        for _ in range(12):
            await asyncio.sleep(dice.uniform(0.2, 1.0))
            name = dice.choice(list(children))
            await children[name].kill()
            children[name] = await start_owner(name[0], *place)
        notes = await writing.finish()
        await until(lambda: all_read(connections["reader"], notes), within=30)
        await until(lambda: all_read(connections["third"], notes, "file"), within=30)
    finally:
        for child in children.values():
            await child.kill()
    for connection in (lab, *connections.values()):
        await must_hold(connection)


async def test_a_frozen_owner_loses_its_slots_within_five_seconds_and_can_commit_nothing_when_thawed(
    database: str, open_connection: Open, broker: BrokerAccess, tmp_path: Path
) -> None:
    lab, other = await open_connection("lab"), await open_connection("reader")
    place = (database, broker.url, broker.creds, tmp_path / "owners.log")
    async with (
        owning(writer()[0], database, await broker.connect()),
        owner_process("reader", *place) as first,
    ):
        writing = Writing(lab)
        await until(lambda: other.fetchval("select count(*) > 200 from event"))
        async with owner_process("reader", *place) as second:
            await asyncio.sleep(2)
            first.freeze()
            frozen = time.monotonic()
            owners = "select count(distinct pid) from pg_locks where locktype = 'advisory' and objsubid = 2"
            mine = " and database = (select oid from pg_database where datname = current_database())"

            async def one_owner_beside_the_lab_s() -> bool:
                return bool(await owner_locks(other) == 32 and await other.fetchval(owners + mine) == 2)

            await until(one_owner_beside_the_lab_s, within=5.0)
            assert time.monotonic() - frozen < 5.0
            await asyncio.sleep(1)
            first.thaw()
            notes = await writing.finish()
            await until(lambda: all_read(other, notes), within=30)
            assert second.alive
    await must_hold(other)


async def test_two_replicas_share_the_slots_and_the_other_takes_over_from_a_killed_one(
    database: str, open_connection: Open, broker: BrokerAccess, tmp_path: Path
) -> None:
    other = await open_connection("reader")
    await declare_event_stream((await broker.connect()).jetstream())
    place = (database, broker.url, broker.creds, tmp_path / "owners.log")
    shares = (
        "select array_agg(n order by n) from (select count(*) n from pg_locks where locktype = 'advisory'"
        " and objsubid = 2 and database = (select oid from pg_database where datname = current_database())"
        " group by pid) s"
    )
    async with owner_process("reader", *place) as first:

        async def share_is(expected: list[int]) -> bool:
            return bool(await other.fetchval(shares) == expected)

        await until(lambda: share_is([16]))
        async with owner_process("reader", *place):
            await until(lambda: share_is([8, 8]))
            await first.kill()
            killed = time.monotonic()
            await until(lambda: share_is([16]), within=5.0)
            assert time.monotonic() - killed < 5.0
