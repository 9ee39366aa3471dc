"""One tenure of an owner: from opening its connection to losing it or letting go.

Everything that decides happens here, one thing at a time, on the one connection whose advisory locks say
that the slots are ours.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.engine import slots as sharing
from services.runtime.engine.ahead import BegunAhead
from services.runtime.engine.connection import connect
from services.runtime.engine.cursors import Cursors
from services.runtime.engine.incoming import Delivery
from services.runtime.engine.lag import Lag, lag_of
from services.runtime.engine.parking import due_keys
from services.runtime.engine.publishing import READ_UNSENT, Publisher, numbered
from services.runtime.engine.reading import Reader
from services.runtime.engine.recovery import StreamChanged
from services.runtime.engine.said import slot_of_lane
from services.runtime.engine.taking import Taker
from services.runtime.engine.unit import Numbered, channel
from services.runtime.engine.watchdog import Watchdog
from sluss_contracts.event import Fact
from sluss_contracts.subjects import EVENT_STREAM, SLOTS, event_filter, every_slot_filter

_TICK = 0.5
"""Seconds between beats; the server ends the connection when seven of them are missing."""
_SETTLE = 5.0
"""Seconds that publishing the rest may take at a graceful end."""

SPACING = 0.02
"""Seconds from the beginning of a batch to that of the next, when events came meanwhile. A transaction costs
the same for one event as for ten: taking each as it comes would use up the machine on transactions."""
_ENOUGH = 50
"""Events that are worth a transaction of their own at once."""

T = TypeVar("T")
Report = Callable[..., None]
"""Takes a log event's name and its ids."""


class Tenure:
    """Made by `Owner` for each life; `serve` returns after a graceful end and raises when it is over."""

    def __init__(
        self,
        service: str,
        member: UUID,
        url: str,
        client: Client,
        taker: Taker,
        watchdog: Watchdog,
        says: Sequence[type[Fact]],
        report: Report,
    ) -> None:
        self.slots: set[int] = set()
        """Those held at this moment."""
        self.turned = time.monotonic()
        """When the loop last came round."""
        self.caught_up = time.monotonic()
        """When everything there was for us had last been handled."""
        self.publisher = Publisher(client, self._read_unsent, self._must_be_the_same)
        self.reader: Reader | None = None
        self._service, self._member, self._url = service, member, url
        self._client = client
        self._taker = taker
        self._facts = sorted(taker.readings.facts, key=lambda fact: fact.TYPE)
        self._watchdog = watchdog
        self._says = says
        self._report = report
        self._wake = asyncio.Event()
        self._tick_at = 0.0
        self._next_batch = 0.0
        self._side_lock = asyncio.Lock()
        self._in_hand: Sequence[Delivery] = ()
        self._connection: Any
        self._side: Any = None
        self._cursors: Cursors

    @property
    def delivering(self) -> bool:
        """Whether what should be read is being read and what should be published is taken."""
        reading = not self._facts or (self.reader is not None and not self.reader.broken)
        return not self.slots or (reading and EVENT_STREAM not in self.publisher.troubles)

    @property
    def organisations(self) -> list[str]:
        """The partners whose streams are ours to feed."""
        return self._cursors.organisations() if self._side else []

    def lag(self, now: float) -> Lag:
        """How far it is behind at `now`, seconds since 1970."""
        reader = self.reader if self.reader is not None and not self.reader.broken else None
        unknown = time.monotonic() - self.caught_up if reader is None and self._facts else None
        unhandled = (*self._in_hand, *(reader.waiting if reader else ()))
        return lag_of(self.slots, unhandled, reader.pending if reader else 0, now=now, unknown=unknown)

    def hurry(self) -> None:
        """Something has changed: look at everything now."""
        self._tick_at = 0.0
        self._wake.set()

    async def serve(self, stop: asyncio.Event) -> None:
        """Hold slots and deliver until `stop`; then finish what is begun, publish it, and let go.

        Raises whatever ends the tenure: the connection was lost, the broker is in no fit state, or
        `DatabaseIsOlder`. Nothing is half done then; the next tenure goes on at the committed position.
        """
        self._connection = BegunAhead(await connect(self._url, self._service, owner=True))
        try:
            side = await connect(self._url, self._service)
            await side.add_listener(channel(self._service), self._told)
            self._cursors = Cursors(
                self._connection,
                self._client,
                self.publisher,
                self._watchdog,
                self._says,
                self._while_beating,
            )
            self._side = side
            while not stop.is_set():
                self._wake.clear()
                self.turned = time.monotonic()
                if self.turned >= self._tick_at:
                    await self._tick()
                if not await self._deliver():
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(max(0.0, self._tick_at - time.monotonic())):
                            await self._wake.wait()
            await self._let_go()
        finally:
            await self._abandon()

    async def tend(self, work: Callable[[Any], Coroutine[Any, Any, T]]) -> T | None:
        """Do something on the side connection, between the publisher's reads."""
        async with self._side_lock:
            return await work(self._side) if self._side else None

    # ---------------------------------------------------------------------------------------- delivering

    async def _deliver(self) -> bool:
        """Take the next batch through its transaction; False when there is none."""
        if self.reader is None or self.reader.broken:
            return False
        if 0 < len(self.reader) < _ENOUGH and (pause := self._next_batch - time.monotonic()) > 0:
            await asyncio.sleep(pause)
        began = time.monotonic()
        deliveries = await self.reader.take()
        if not deliveries:
            return False
        self._in_hand = deliveries
        fresh = self._cursors.not_yet_read(deliveries)
        read = self._taker.readings.read
        incoming = [
            one for each in fresh if (one := read(each.subject, each.body, each.traceparent)) is not None
        ]
        said = await self._taker.take(self._connection, incoming, self._cursors.after(fresh))
        self._cursors.passed(deliveries)
        self._in_hand = ()
        self.publisher.add(said)
        self._next_batch = began + SPACING if len(self.reader) else 0.0
        return True

    async def _tick(self) -> None:
        """Beat, see who should hold what, and look at everything that does not come by itself."""
        cursors = self._cursors
        self._tick_at = time.monotonic() + _TICK
        alive = await sharing.beat(self._connection, self._member)
        await self._share(sharing.fair_share(self._member, alive))
        await cursors.look(self.slots)
        self._taker.publishes[:] = self.publisher.lanes
        if self.slots:
            if cursors.begin_anew:
                await self._close_reader()
                cursors.begin_anew = False
            if cursors.ready:
                await self._see_to_the_reader()
            if keys := await due_keys(self._connection, sorted(self.slots)):
                self.publisher.add(await self._taker.retry(self._connection, keys))
                self._tick_at = time.monotonic() + _TICK / 5
        await cursors.save()
        up_to_date = self._up_to_date()
        if up_to_date is not None:
            self.caught_up = time.monotonic() - up_to_date
        await cursors.note(up_to_date)

    def _up_to_date(self) -> float | None:
        """Seconds since everything there was for us had been read; None when that cannot be said."""
        if not self._facts:
            return 0.0
        return self.reader.up_to_date if self.reader is not None else None

    async def _share(self, fair: set[int]) -> None:
        if surplus := self.slots - fair:
            await self._close_reader()
            await self.publisher.drop(
                name for name in list(self.publisher.lanes) if slot_of_lane(name) in surplus
            )
            await self._cursors.save()
            await sharing.release(self._connection, self._service, surplus)
            self._cursors.forget(surplus)
            self.slots -= surplus
            self._report("slots_released", count=len(surplus))
        if taken := await sharing.take(self._connection, self._service, fair - self.slots):
            await self._close_reader()
            await self._cursors.load(taken)
            self.slots |= taken
            self._report("slots_taken", count=len(taken))

    async def _see_to_the_reader(self) -> None:
        if not self._facts:
            return
        if (reader := self.reader) is not None:
            reader.listen()
            if reader.broken is None:
                with contextlib.suppress(NatsError, TimeoutError, OSError):
                    await self._while_beating(reader.compare())
            if reader.broken is None:
                return
            self._report("reader_reopened", reason=reader.broken)
            await self._close_reader()
        reader = Reader(self._client, EVENT_STREAM, self._filters(), self._wake.set)
        await self._while_beating(reader.open(self._cursors.start()))
        # Asked once the consumer is there: a stream made anew since the positions were compared with it is
        # being filled from its beginning, and what comes after them now is late in every story.
        life = await self._while_beating(self._watchdog.see(EVENT_STREAM))
        if life is None or not self._cursors.belong_to(life):
            await self._while_beating(reader.close())
            self.hurry()
            return
        self.reader = reader

    def _filters(self) -> list[str]:
        if len(self.slots) == SLOTS:
            return [every_slot_filter(fact) for fact in self._facts]
        return [event_filter(fact, slot) for fact in self._facts for slot in sorted(self.slots)]

    # -------------------------------------------------------------------------------------------- ending

    async def _let_go(self) -> None:
        """A graceful end: nothing new, everything committed is published, and the others are told."""
        await self._close_reader()
        await self._while_beating(self.publisher.settle(_SETTLE))
        await self._cursors.save()
        await sharing.leave(self._connection, self._member)

    async def _abandon(self) -> None:
        """End, however it came to it. The locks go with the connection."""
        await self._close_reader()
        await self.publisher.drop(list(self.publisher.lanes))
        self._taker.publishes.clear()
        self.slots = set()
        side, self._side = self._side, None
        for connection in (self._connection, side):
            if connection is not None:
                connection.terminate()

    async def _close_reader(self) -> None:
        reader, self.reader = self.reader, None
        if reader is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.close(), 2)

    # --------------------------------------------------------------------------- called from other tasks

    def _told(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        """Somebody else has committed events (NOTIFY)."""
        lane, _, last = payload.rpartition(" ")
        if lane in self.publisher.lanes:
            self.publisher.know(lane, int(last))
        elif slot_of_lane(lane) in self.slots:
            self.hurry()

    async def _while_beating(self, work: Coroutine[Any, Any, T]) -> T:
        """Await something that may take seconds without falling silent towards the database. The work
        itself must leave the connection alone."""
        task = asyncio.create_task(work)
        try:
            while not (await asyncio.wait({task}, timeout=_TICK))[0]:
                self.turned = time.monotonic()
                await self._connection.execute("select 1")
            return task.result()
        finally:
            task.cancel()

    async def _read_unsent(self, lane: str, after: int, most: int) -> list[Numbered]:
        async with self._side_lock:
            if self._side is None:
                raise asyncpg.InterfaceError("the owner has let go")
            return [numbered(row) for row in await self._side.fetch(READ_UNSENT, lane, after, most)]

    async def _must_be_the_same(self, stream: str) -> None:
        life = await self._watchdog.see(stream)
        if life is None or not self._cursors.fed(stream, life):
            self.hurry()
            raise StreamChanged(stream)
