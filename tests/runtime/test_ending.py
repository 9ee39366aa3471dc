"""A task that is told to end ends, also when it is told at the very moment in which it gets an answer."""

from __future__ import annotations

import asyncio

from services.runtime.ending import end
from services.runtime.engine.publishing import Publisher
from services.runtime.engine.unit import Numbered
from services.runtime.topology import declare_event_stream
from sluss_contracts.event import write_event
from sluss_contracts.subjects import event_subject
from tests.runtime.engine.lab import NoteWritten
from tests.runtime.engine.playing import an_event
from tests.support.servers import BrokerAccess


async def test_a_task_that_is_cancelled_as_its_answer_comes_ends_all_the_same() -> None:
    answers: list[asyncio.Future[None]] = []

    async def ask_and_ask() -> None:
        while True:
            answers.append(asyncio.get_running_loop().create_future())
            await asyncio.wait_for(answers[-1], 60)

    asking = asyncio.create_task(ask_and_ask())
    await asyncio.sleep(0)
    answers[0].set_result(None)
    async with asyncio.timeout(5):
        await end(asking)
    assert asking.cancelled()


async def test_what_a_task_raises_in_the_end_troubles_nobody() -> None:
    async def fail() -> None:
        raise ValueError

    async with asyncio.timeout(5):
        await end(asyncio.create_task(fail()), asyncio.create_task(asyncio.sleep(60)))


async def test_a_lane_can_be_dropped_at_any_moment_of_its_publishing(broker: BrokerAccess) -> None:
    client = await broker.connect()
    await declare_event_stream(client.jetstream())

    async def nothing_in_the_table(lane: str, after: int, most: int) -> list[Numbered]:
        return []

    async def ask_for_the_stream(stream: str) -> None:
        await client.jetstream().stream_info(stream)

    async with asyncio.timeout(20):
        for moment in range(100):
            publisher = Publisher(client, nothing_in_the_table, ask_for_the_stream)
            publisher.adopt("1", sent=0, last=0, doubtful=0)
            events = [an_event(NoteWritten(story=f"story-{n}", n=1)) for n in range(3)]
            publisher.add(
                Numbered("1", n, e.id, e.partitionkey, event_subject(e.data), write_event(e))
                for n, e in enumerate(events, 1)
            )
            await asyncio.sleep(moment % 20 / 5000)
            await publisher.drop(["1"])
            assert publisher.lanes == {}
