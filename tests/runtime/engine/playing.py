"""Owners that run inside the test, and the questions tests ask about what came of it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client

from services.runtime.clock import NetworkClock
from services.runtime.engine.ids import uuid7
from services.runtime.engine.owner import Owner
from services.runtime.engine.unit import unit_of_work
from services.runtime.service import Service
from services.runtime.topology import declare_event_stream
from sluss_contracts.event import Event, Fact, write_event
from sluss_contracts.subjects import EVENT_STREAM, event_subject
from tests.runtime.engine.lab import NoteFiled, NoteRead, NoteSeen, NoteWritten, writer

SAYS: dict[str, list[type[Fact]]] = {
    "lab": [NoteWritten],
    "reader": [NoteRead],
    "third": [NoteFiled, NoteSeen],
}
CLOCK = NetworkClock()


def report(service: str) -> Callable[..., None]:
    def tell(event: str, **ids: Any) -> None:
        if os.environ.get("LAB_LOUD"):
            print(f"{time.monotonic():.2f} {service} {event} {ids}", flush=True)

    return tell


@asynccontextmanager
async def owning(service: Service, database: str, client: Client) -> AsyncIterator[Owner]:
    """An owner that runs as long as the block, and ends gracefully."""
    await declare_event_stream(client.jetstream())
    owner = Owner(
        service,
        database_url=database,
        client=client,
        clock=CLOCK,
        says=SAYS[service.name],
        report=report(service.name),
    )
    stop = asyncio.Event()
    task = asyncio.create_task(owner.run(stop))
    try:
        yield owner
    finally:
        stop.set()
        await asyncio.wait_for(task, 20)


async def write_notes(connection: Any, story: str, *numbers: int, text: str = "") -> None:
    """What a person's command does: say something, and leave the publishing to the owner."""
    service, _ = writer()
    async with unit_of_work(connection, service, CLOCK) as unit:
        await unit.load([story])
        unit.say([NoteWritten(story=story, n=n, text=text) for n in numbers], cause="test")


async def trails(connection: Any, kind: str = "reading") -> dict[str, list[int]]:
    """What was seen of each story, in the order in which it was."""
    rows = await connection.fetch("select id, state -> 'seen' as seen from aggregate where kind = $1", kind)
    return {row["id"]: row["seen"] for row in rows}


async def until(
    condition: Callable[[], Awaitable[Any]], *, within: float = 15.0, why: str = "it did not happen"
) -> Any:
    """The first true answer; AssertionError when there is none in time."""
    deadline = time.monotonic() + within
    while True:
        if answer := await condition():
            return answer
        assert time.monotonic() < deadline, f"{why} within {within} s"
        await asyncio.sleep(0.03)


def an_event(fact: Fact, *, source: str = "/sluss/lab", sequence: int = 1) -> Event[Any]:
    now = datetime.now(UTC)
    return Event.of(
        fact, id=uuid7(), source=source, time=now, recordedtime=now, correlationid="c", sequence=sequence
    )


async def put(client: Client, *events: Event[Any], body: bytes | None = None) -> None:
    """On the bus, past any engine."""
    for event in events:
        await client.jetstream().publish(
            event_subject(event.data), write_event(event) if body is None else body, stream=EVENT_STREAM
        )


def every(stories: Iterable[str], numbers: int) -> dict[str, list[int]]:
    return {story: list(range(1, numbers + 1)) for story in stories}
