"""Small scenes in which a mistake of the engine shows, and the checks that must see it.

Three services of the engine's laboratory write, read and file notes on a real broker and a real database.
A scene does one thing to them; `findings` then asks the same invariants as after a fault in a whole town.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from services.runtime.decision import Decision, Transient
from services.runtime.engine import faultpoint, watchdog
from services.runtime.engine.prices import Prices
from services.runtime.engine.reading import Reader
from services.runtime.engine.unit import unit_of_work
from services.runtime.service import Ctx, Held, Service
from services.runtime.topology import declare_event_stream
from sluss.invariants.delivery import delivery
from sluss.machine.broker import Broker
from sluss.machine.child import Child
from sluss_contracts.event import Event
from sluss_contracts.subjects import EVENT_STREAM
from tests.faults.bugs import Put
from tests.runtime.engine.lab import NoteRead, NoteWritten, Trail, follow, reader, writer
from tests.runtime.engine.playing import CLOCK, owning, trails
from tests.runtime.engine.troubled import nats_client
from tests.support.servers import BrokerAccess, wipe

STORIES = tuple(f"story-{n}" for n in range(6))
_AT_REST = 2.5
"""Seconds without a new event after which nothing more is expected."""
_LATEST = 25.0
_ROOT = Path(__file__).parents[2]
_PLANTED: tuple[str, ...] = (sys.executable, "-m", "tests.faults.planted_owner")


@dataclass
class Laboratory:
    """Where a scene plays: servers, connections, and what was written so far."""

    database: str
    broker: BrokerAccess
    own_broker: Broker
    lab: Any
    reader: Any
    folder: Path
    put: Put
    bug: str | None = None
    written: dict[str, int] = field(default_factory=dict)

    async def write(self, notes: int, stories: Sequence[str] = STORIES, text: str = "") -> None:
        """The next notes of each story."""
        for story in stories:
            last = self.written.get(story, 0)
            numbers = range(last + 1, last + notes + 1)
            async with unit_of_work(self.lab, writer()[0], CLOCK) as unit:
                await unit.load([story])
                unit.say([NoteWritten(story=story, n=n, text=text) for n in numbers], cause=None)
            self.written[story] = last + notes

    async def published(self) -> None:
        """Wait until all that was written is on the bus."""
        await self._until(lambda: self.lab.fetchval("select sum(last - sent) = 0 from head"))

    async def arrived(self) -> bool:
        """Whether everything written was read, in its order, once."""
        return await trails(self.reader) == {s: list(range(1, n + 1)) for s, n in self.written.items()}

    async def settled(self) -> None:
        """Wait until everything has arrived; with a bug, or until nothing more happens."""
        count, since, began = -1, time.monotonic(), time.monotonic()
        while not await self.arrived() and time.monotonic() - began < _LATEST:
            now = await self.reader.fetchval("select count(*) from event")
            if now != count:
                count, since = now, time.monotonic()
            elif self.bug and time.monotonic() - since > _AT_REST:
                return
            await asyncio.sleep(0.05)

    async def findings(self) -> dict[str, list[str]]:
        """What the checks see, by check; nothing when all is well."""
        services = {"lab": writer()[0], "reader": reader()[0]}
        found = {one.id: await one.violations(self.lab) for one in delivery(services)}
        if not await self.arrived():
            found["arrived"] = [f"read: {await trails(self.reader)}; written: {self.written}"]
        return {check: rows for check, rows in found.items() if rows}

    async def _until(self, condition: Callable[[], Awaitable[Any]]) -> None:
        deadline = time.monotonic() + _LATEST
        while not await condition():
            assert time.monotonic() < deadline, "the scene could not be set"
            await asyncio.sleep(0.03)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """The writer's owner at work."""
        async with owning(writer()[0], self.database, await self.broker.connect()):
            yield

    @asynccontextmanager
    async def reading(self, service: Service | None = None) -> AsyncIterator[None]:
        """A reader's owner at work."""
        async with owning(service or reader()[0], self.database, await self.broker.connect()):
            yield


async def an_ordinary_day(here: Laboratory) -> None:
    """Some notes were written while nobody published, others come while all are at work."""
    await here.write(2)
    async with here.writing(), here.reading():
        await here.write(2)
        await here.settled()


async def a_handler_fails_at_first(here: Laboratory) -> None:
    failed: set[str] = set()
    service = Service("reader")
    service.aggregate("reading", Trail, follow)

    @service.on(NoteWritten)
    def read(held: Held, event: Event[NoteWritten], ctx: Ctx) -> Decision:
        if event.data.n == 1 and event.data.story not in failed:
            failed.add(event.data.story)
            raise Transient("not now")
        return [NoteRead(story=event.data.story, n=event.data.n)]

    await here.write(3)
    async with here.writing(), here.reading(service):
        await here.settled()


async def the_reader_dies_in_its_transaction(here: Laboratory) -> None:
    await here.write(3)
    async with here.writing():
        await here.published()
        here.put(faultpoint, "_point", "in_transaction")
        here.put(faultpoint, "_how", "raise")
        here.put(faultpoint, "_left", 1)
        async with here.reading():
            await here.settled()


async def everything_comes_twice(here: Laboratory) -> None:
    client = await here.broker.connect()
    async with here.writing(), here.reading():
        await here.write(2)
        await here.settled()
        for row in await here.lab.fetch("select subject, body from event order by lane, number"):
            headers = {"Nats-Msg-Id": str(uuid4())}
            await client.jetstream().publish(row["subject"], row["body"], headers=headers)
        await asyncio.sleep(0.5)
        await here.write(1)
        await here.settled()


async def the_stream_is_lost(here: Laboratory) -> None:
    """What was read by then is published again; what was not must be."""
    js = (await here.broker.connect()).jetstream()
    async with here.writing():
        async with here.reading():
            await here.write(2)
            await here.settled()
            await asyncio.sleep(0.8)  # a forgetful inbox forgets
        await here.write(2)
        await here.published()
        await js.delete_stream(EVENT_STREAM)
        await declare_event_stream(js)
        async with here.reading():
            await here.settled()
            await asyncio.sleep(4)  # until everything was published and read again
            await here.settled()


async def a_message_is_lost_on_its_way(here: Laboratory) -> None:
    lost: list[int] = []
    receive = Reader._receive

    def lossy(self: Any, message: Any) -> None:
        sequence = message.metadata.sequence.stream
        if not lost and sequence > 5:
            lost.append(sequence)
        else:
            receive(self, message)

    here.put(Reader, "_receive", lossy)
    async with here.writing(), here.reading():
        await here.write(4)
        await here.settled()
    assert lost


async def two_replicas_read(here: Laboratory) -> None:
    async with here.writing(), here.reading(), here.reading():
        await asyncio.sleep(2)  # until they have shared the slots
        for _ in range(5):
            await here.write(1)
        await here.settled()


async def the_broker_takes_the_second_but_not_the_first(here: Laboratory) -> None:
    client = await here.broker.connect()
    request = client.request
    refused: list[str] = []

    async def unreliable(subject: str, *args: Any, **named: Any) -> Any:
        if ".note.written." in subject and not refused:
            refused.append(subject)
            raise TimeoutError
        return await request(subject, *args, **named)

    here.put(client, "request", unreliable)
    here.put(Prices, "prefer_batch", lambda *_: False)  # a batch goes whole or not at all
    await here.write(4, STORIES[:1])
    async with owning(writer()[0], here.database, client), here.reading():
        await here.settled()
    assert refused


async def an_owner_is_frozen(here: Laboratory) -> None:
    async def start() -> Child:
        place = ("reader", here.database, here.broker.url, str(here.broker.creds))
        program = [*_PLANTED, here.bug or "-", *place]
        return await Child.spawn(
            "owner", program, log=here.folder / "owner.log", directory=_ROOT, environment=os.environ
        )

    frozen = await start()
    children = [frozen]
    try:
        async with here.writing():
            await here.write(1)
            await here._until(here.arrived)
            frozen.freeze()
            children.append(await start())
            await here.write(1)
            began = time.monotonic()
            while not await here.arrived() and time.monotonic() - began < 8:
                await asyncio.sleep(0.1)
    finally:
        for child in children:
            child.thaw()
            await child.kill()


async def the_store_is_deleted_under_the_running_broker(here: Laboratory) -> None:
    here.put(watchdog, "_FAILING_FOR", 1.0)
    clients = [await nats_client(here.own_broker) for _ in range(2)]
    try:
        async with (
            owning(writer()[0], here.database, clients[0]),
            owning(reader()[0], here.database, clients[1]),
        ):
            await here.write(1)
            await here._until(here.arrived)
            wipe(here.own_broker.store)
            # The broker writes on in the deleted file until that is full (8 MB).
            for _ in range(5):
                await here.write(1, text="x" * 400_000)
            began = time.monotonic()
            while not await here.arrived() and time.monotonic() - began < 9:
                await asyncio.sleep(0.1)
    finally:
        for client in clients:
            await client.close()
