"""From one service's commit to the next one's: in order, once, and nobody holding up anybody else."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from services.runtime.clock import SetClock
from services.runtime.decision import Decision
from services.runtime.engine.reading import Reader
from services.runtime.engine.sending import NUMBER
from services.runtime.engine.tenure import Tenure
from services.runtime.engine.unit import unit_of_work
from services.runtime.engine.watchdog import Watchdog
from services.runtime.partner_streams import declare_partner_streams
from services.runtime.service import Ctx, Held, Service
from services.runtime.topology import declare_event_stream
from services.runtime.tx import Tx
from sluss_contracts.event import Event, read_event
from sluss_contracts.subjects import EVENT_STREAM, slot_of
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import (
    NoteRead,
    NoteWritten,
    SlipPrinted,
    Trail,
    follow,
    reader,
    writer,
)
from tests.runtime.engine.playing import an_event, every, owning, put, trails, until, write_notes
from tests.support.servers import BrokerAccess


async def test_what_one_service_says_the_next_one_reads_in_order(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    stories = [f"story-{n}" for n in range(30)]
    lab, other = await open_connection("lab"), await open_connection("reader")
    async with (
        owning(writer()[0], database, await broker.connect()),
        owning(reader()[0], database, await broker.connect()),
    ):
        for n in range(1, 8):
            for story in stories:
                await write_notes(lab, story, n)

        async def all_read() -> bool:
            return await trails(other) == every(stories, 7)

        await until(all_read)
    assert await lab.fetchval("select sum(last - sent) from head") == 0
    assert await other.fetchval("select sum(last - sent) from head") == 0


async def test_the_bus_holds_every_number_of_a_lane_once_and_in_order(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    lab, client = await open_connection("lab"), await broker.connect()
    async with owning(writer()[0], database, client):
        for n in range(1, 60):
            await write_notes(lab, "s1", n)
        await write_notes(lab, "s1", *range(60, 101))  # in one transaction: an atomic batch

        async def all_sent() -> bool:
            return bool(await lab.fetchval("select sum(sent) = 100 from head"))

        await until(all_sent)
    found = []
    for sequence in range(1, (await client.jetstream().stream_info(EVENT_STREAM)).state.last_seq + 1):
        message = await client.jetstream().get_msg(EVENT_STREAM, sequence)
        if NUMBER in (message.headers or {}):
            found.append(int((message.headers or {})[NUMBER]))
    assert found == list(range(1, 101))


async def test_events_that_come_while_others_are_taken_are_taken_together(
    database: str, open_connection: Open, broker: BrokerAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a steady stream would be a transaction for each event, and the machine busy with nothing else."""
    other, client = await open_connection("reader"), await broker.connect()
    early: list[float] = []
    """By how much each batch was taken before its time; only of those that had to wait for it."""
    deliver, take = Tenure._deliver, Reader.take
    not_before = 0.0

    async def watched(self: Tenure) -> bool:
        nonlocal not_before
        some = self.reader is not None and 0 < len(self.reader) < 50
        not_before = self._next_batch if some else 0.0
        return await deliver(self)

    async def timed(self: Reader) -> Any:
        if not_before:
            early.append(not_before - time.monotonic())
        return await take(self)

    monkeypatch.setattr(Tenure, "_deliver", watched)
    monkeypatch.setattr(Reader, "take", timed)
    stories = [f"story-{n}" for n in range(300)]
    async with owning(reader()[0], database, client):
        for at in range(0, len(stories), 5):  # several at once: some come while others are taken
            few = [an_event(NoteWritten(story=story, n=1)) for story in stories[at : at + 5]]
            await asyncio.gather(*(put(client, each) for each in few))

        async def all_read() -> bool:
            return await trails(other) == every(stories, 1)

        await until(all_read)
    assert early, "no events came while others were taken: the test has seen nothing"
    assert max(early) < 0.002, "taken before its time (a loop's clock counts milliseconds)"


async def test_the_same_event_again_has_no_second_effect(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    events = [an_event(NoteWritten(story="s1", n=n), sequence=n) for n in (1, 2)]
    async with owning(reader()[0], database, client) as owner:
        await put(client, *events, *events, events[0])
        last = an_event(NoteWritten(story="s1", n=3), sequence=3)
        await put(client, last)

        async def read() -> bool:
            return bool(await trails(other) == {"s1": [1, 2, 3]})

        await until(read)
        counts = owner.counts
        assert (counts.received, counts.applied, counts.duplicate) == (6, 3, 3)
    assert await other.fetchval("select count(*) from event") == 3


async def test_a_lookup_is_asked_once_for_a_batch_and_may_count_within_it(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    service = Service("reader")
    service.aggregate("reading", Trail, follow)
    asked: list[int] = []

    @service.on(NoteWritten)
    def read(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        return [NoteRead(story=event.data.story, n=next(ctx.looked_up))]

    @read.lookup
    async def numbers(tx: Tx, events: Any) -> Any:
        asked.append(len(events))
        return iter(range(1, 1000))

    await declare_event_stream(client.jetstream())
    await put(client, *(an_event(NoteWritten(story=f"s{n}", n=0)) for n in range(20)))
    async with owning(service, database, client):

        async def all_read() -> bool:
            return bool(len(await trails(other)) == 20)

        await until(all_read)
    assert sum(asked) == 20
    assert len(asked) < 20


async def test_a_partner_whose_stream_is_missing_or_full_holds_up_nobody_else(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    lab, client = await open_connection("lab"), await broker.connect()
    js = client.jetstream()
    service, _ = writer()
    await declare_partner_streams(js, "full")
    await declare_partner_streams(js, "well")
    full = (await js.stream_info("OUT_full")).config
    full.max_bytes, full.discard = 10, "new"  # type: ignore[assignment]
    await js.update_stream(full)
    async with owning(service, database, client):
        for n in range(1, 4):
            async with unit_of_work(lab, service, SetClock(datetime.now(UTC))) as unit:
                await unit.load(["s1"])
                slips = [
                    SlipPrinted(slip=f"{org}-{n}", story="s1", organisation=org)
                    for org in ("missing", "full", "well")
                ]
                unit.say([NoteWritten(story="s1", n=n), *slips], cause=None)

        async def sent(lane: str, number: int) -> bool:
            return bool(await lab.fetchval("select sent from head where lane = $1", lane) == number)

        await until(lambda: sent(str(slot_of("s1")), 3))
        await until(lambda: sent("out.well", 3))
        assert await sent("out.full", 0)
        full.max_bytes = -1
        await js.update_stream(full)
        await until(lambda: sent("out.full", 3))
        await until(lambda: sent("out.missing", 3))  # the watchdog has made it
    for organisation in ("full", "well", "missing"):
        numbers = [
            int(((await js.get_msg(f"OUT_{organisation}", n)).headers or {})[NUMBER]) for n in range(1, 4)
        ]
        assert numbers == [1, 2, 3]


async def test_state_is_always_the_fold_of_the_events(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    other, client = await open_connection("reader"), await broker.connect()
    lab = await open_connection("lab")
    service, _ = reader()
    async with owning(writer()[0], database, await broker.connect()), owning(service, database, client):
        connections = [await open_connection("lab") for _ in range(8)]
        await asyncio.gather(
            *(write_notes(each, f"s{n}", *range(1, 20)) for n, each in enumerate(connections))
        )

        async def all_read() -> bool:
            return await trails(other) == every([f"s{n}" for n in range(8)], 19)

        await until(all_read)
    folded: dict[tuple[str, str], Trail] = {}
    sequences: dict[tuple[str, str], int] = {}
    for row in await other.fetch("select * from event order by key, kind, aggregate_id, sequence"):
        name = (row["kind"], row["aggregate_id"])
        folded[name] = follow(folded.get(name), read_event(NoteRead, row["body"]).data)
        sequences[name] = sequences.get(name, 0) + 1
        assert sequences[name] == row["sequence"]
    kept = await other.fetch("select kind, id, sequence, state from aggregate")
    assert {(row["kind"], row["id"]): Trail.model_validate(row["state"]) for row in kept} == {
        name: Trail.model_validate(trail.model_dump(mode="json")) for name, trail in folded.items()
    }
    assert {(row["kind"], row["id"]): row["sequence"] for row in kept} == sequences
    assert await lab.fetchval("select count(*) from event") == 8 * 19


async def test_a_reader_that_meets_a_stream_made_anew_begins_at_its_beginning(
    database: str, open_connection: Open, broker: BrokerAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also before the watchdog has seen that it is another: positions in the one say nothing of the other."""

    async def has_not_looked_yet(_: Watchdog) -> None: ...

    other, client = await open_connection("reader"), await broker.connect()
    fillers = [an_event(NoteWritten(story="s2", n=n), sequence=n) for n in range(1, 31)]
    events = [an_event(NoteWritten(story="s1", n=n), sequence=n) for n in range(1, 61)]

    async def read(count: int) -> bool:
        return (await trails(other)).get("s1") == list(range(1, count + 1))

    async with owning(reader()[0], database, client) as owner:
        await put(client, *fillers, *events[:10])
        await until(lambda: read(10))

        async def seen() -> bool:
            life = owner._watchdog.lives.get(EVENT_STREAM)
            return life is not None and life.last >= 80  # what was read, and what was said because of it

        await until(seen)
        monkeypatch.setattr(Watchdog, "_look", has_not_looked_yet)
        js = client.jetstream()
        await js.delete_stream(EVENT_STREAM)
        await declare_event_stream(js)
        await put(client, *events)
        await until(lambda: read(60))
