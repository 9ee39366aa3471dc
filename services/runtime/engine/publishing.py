"""Publishing what is committed, lane by lane, in the order of its numbers, and skipping nothing.

`sent` of a lane only ever moves over what the stream has acknowledged. The network's sixteen lanes share one
stream and go out together; each organisation's lane goes out by itself, so one whose stream is missing or
full holds up nobody else.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from nats.aio.client import Client

from services.runtime.ending import end
from services.runtime.engine import faultpoint
from services.runtime.engine.deciding import told
from services.runtime.engine.prices import Prices
from services.runtime.engine.said import stream_of_lane
from services.runtime.engine.sending import MOST, MOST_BYTES, send
from services.runtime.engine.unit import Numbered
from sluss_contracts.subjects import EVENT_STREAM

_FIRST_DELAY = 0.1
_LONGEST_DELAY = 2.0
_REMEMBERED = 5000
"""Unpublished events kept in memory per lane; beyond that they are read from the table."""

ReadRows = Callable[[str, int, int], Awaitable[list[Numbered]]]
"""Lane, after which number, how many: what is committed and to be published."""


@dataclass(slots=True)
class Lane:
    """Where one lane stands."""

    name: str
    sent: int
    """All up to this number are on the bus."""
    last: int
    """The highest number known to be committed."""
    doubtful: int
    """Up to this number some may be on the bus already: they go out one by one."""
    stream: str
    waiting: deque[Numbered] = field(default_factory=deque)
    """Those directly after `sent`, in memory; empty when they must be read."""

    def add(self, event: Numbered) -> None:
        """One more is committed."""
        end = self.waiting[-1].number if self.waiting else self.sent
        if event.number == end + 1 and len(self.waiting) < _REMEMBERED:
            self.waiting.append(event)
        self.last = max(self.last, event.number)


class Publisher:
    """Publishes for one owner. `adopt` and `drop` lanes as slots come and go; `add` after each commit."""

    def __init__(self, client: Client, read: ReadRows, same: Callable[[str], Awaitable[None]]) -> None:
        """`same` raises unless the stream of this name is the one whose lanes were adopted."""
        self.published = 0
        self.troubles: dict[str, str] = {}
        """Streams that do not take events at present, and why."""
        self._client = client
        self._read = read
        self._same = same
        self._meetings: dict[str, int] = {}
        self._lanes: dict[str, Lane] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self._reached: dict[str, int] = {}
        self._prices: dict[str, Prices] = {}

    @property
    def lanes(self) -> Mapping[str, Lane]:
        """The lanes it is in charge of."""
        return self._lanes

    def adopt(self, name: str, *, sent: int, last: int, doubtful: int) -> None:
        """Take charge of a lane. Up to `doubtful` the owner before may have sent what it says is unsent."""
        self._lanes[name] = Lane(name, sent, last, doubtful, stream_of_lane(name))
        self._work(self._lanes[name].stream)

    def know(self, name: str, last: int) -> None:
        """Somebody else has committed up to this number. Said of what is unsent again and again, it also
        sees to it that somebody is at work on it."""
        if lane := self._lanes.get(name):
            lane.last = max(lane.last, last)
            if lane.last > lane.sent:
                self._work(lane.stream)

    def add(self, events: Iterable[Numbered]) -> None:
        """What was just committed; lanes it is not in charge of are another owner's business."""
        streams = set()
        for event in events:
            if lane := self._lanes.get(event.lane):
                lane.add(event)
                streams.add(lane.stream)
        for stream in streams:
            self._work(stream)

    def reached(self, stream: str) -> int:
        """The highest sequence at which this stream has acknowledged something of ours."""
        return self._reached.get(stream, 0)

    async def drop(self, names: Iterable[str]) -> None:
        """Let go of lanes; what was being sent for them has ended when this returns."""
        gone = [self._lanes[name] for name in names if name in self._lanes]
        for stream in {lane.stream for lane in gone}:
            await self._end(stream)
            self._reached.pop(stream, None)
        for lane in gone:
            del self._lanes[lane.name]
        for stream in {lane.stream for lane in self._lanes.values()}:
            self._work(stream)

    async def close(self) -> None:
        """Stop at once. `sent` stays true."""
        for stream in list(self._tasks):
            await self._end(stream)

    async def settle(self, patience: float) -> None:
        """Wait until everything is out, at most so many seconds, but not for streams in trouble."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while any(
                    lane.last > lane.sent and lane.stream not in self.troubles
                    for lane in self._lanes.values()
                ):
                    await asyncio.sleep(0.02)

    def _work(self, stream: str) -> None:
        bell = self._bells.setdefault(stream, asyncio.Event())
        bell.set()
        task = self._tasks.get(stream)
        if task is None or task.done():
            self._tasks[stream] = asyncio.create_task(self._publish(stream, bell), name=f"publish {stream}")

    async def _end(self, stream: str) -> None:
        if task := self._tasks.pop(stream, None):
            await end(task)

    async def _publish(self, stream: str, bell: asyncio.Event) -> None:
        delay = _FIRST_DELAY
        while True:
            bell.clear()
            try:
                while await self._publish_some(stream):
                    delay = _FIRST_DELAY
                self.troubles.pop(stream, None)
                await bell.wait()
            except Exception as error:
                self.troubles[stream] = told(error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, _LONGEST_DELAY)

    async def _publish_some(self, stream: str) -> bool:
        """Send what is next; False when there is nothing."""
        chosen: list[tuple[Lane, list[Numbered]]] = []
        room, size = MOST, MOST_BYTES
        for lane in self._of(stream):
            if room and lane.last > lane.sent:
                events = await self._next(lane, room)
                size, events = _within(events, size)
                chosen.append((lane, events))
                room = room - len(events) if size else 0
        events = [event for _, some in chosen for event in some]
        if not events:
            return False
        # One event that is on the bus already would make the broker refuse the batch it is in.
        singly = any(some and some[0].number <= lane.doubtful for lane, some in chosen)
        for lane, some in chosen:
            lane.doubtful = max(lane.doubtful, some[-1].number if some else 0)
        await self._be_wary(stream)
        prices = self._prices.setdefault(stream, Prices())
        strictly = stream != EVENT_STREAM
        reached = await send(self._client, stream, events, prices, strictly=strictly, singly=singly)
        faultpoint.reach("published")
        if reached < self.reached(stream):  # acknowledged from further back than before
            self._meetings.pop(stream, None)
            await self._be_wary(stream)
        self._reached[stream] = reached
        for lane, some in chosen:
            if some:
                lane.sent = some[-1].number
                while lane.waiting and lane.waiting[0].number <= lane.sent:
                    lane.waiting.popleft()
        self.published += len(events)
        return True

    async def _be_wary(self, stream: str) -> None:
        """After every interruption: is it still the same stream? An emptied one must be filled from the
        beginning, in order, so nothing may be sent to it before the cursors are rewound."""
        if not self._client.is_connected:
            raise ConnectionError("not connected to the broker")
        meeting = self._client.stats["reconnects"]
        if stream in self.troubles or self._meetings.get(stream) != meeting:
            await self._same(stream)
            self._meetings[stream] = meeting

    async def _next(self, lane: Lane, most: int) -> list[Numbered]:
        if lane.waiting:
            return list(islice(lane.waiting, most))
        return await self._read(lane.name, lane.sent, most)

    def _of(self, stream: str) -> list[Lane]:
        return [lane for lane in self._lanes.values() if lane.stream == stream]


def _within(events: list[Numbered], size: int) -> tuple[int, list[Numbered]]:
    """As many of the first ones as `size` bytes hold, and what is left; a single one always fits."""
    for n, event in enumerate(events):
        if n and len(event.body) > size:
            return 0, events[:n]
        size = max(0, size - len(event.body))
    return size, events


READ_UNSENT = """
select lane, number, id, key, subject, body, coalesce(traceparent, '') as traceparent from event
where lane = $1 and number > $2 order by number limit $3
"""


def numbered(row: Any) -> Numbered:
    """A row of `READ_UNSENT`."""
    return Numbered(**row)
