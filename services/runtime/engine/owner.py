"""The owner: reads its slots in order, commits batch by batch, publishes, and starts over when in doubt.

One per process and service. Everything that decides is on one connection, the one whose advisory locks say
that the slots are ours; if the server ends that connection nothing more can be committed, and another
replica's owner goes on at the committed position.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, TypeVar

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.clock import Clock
from services.runtime.engine import slots as sharing
from services.runtime.engine.connection import connect
from services.runtime.engine.cursors import Cursors
from services.runtime.engine.ids import uuid7
from services.runtime.engine.parking import due_keys
from services.runtime.engine.publishing import READ_UNSENT, Publisher, numbered
from services.runtime.engine.reading import Reader
from services.runtime.engine.recovery import DatabaseIsOlder, StreamChanged, said_by
from services.runtime.engine.retention import prune
from services.runtime.engine.said import slot_of_lane
from services.runtime.engine.taking import Taker
from services.runtime.engine.unit import Numbered, channel
from services.runtime.engine.watchdog import Watchdog
from services.runtime.service import Service
from sluss_contracts.event import Fact
from sluss_contracts.subjects import EVENT_STREAM, SLOTS, event_filter, every_slot_filter

_TICK = 0.5
"""Seconds between beats; the server ends the connection after seven of them are missing."""
_STALL = 12.0
"""Seconds without progress after which `ailing` says so; a probe of readiness may come 3 s later."""
_PRUNE_EVERY = 3600.0

T = TypeVar("T")
Report = Callable[..., None]
"""Takes a log event's name and its ids."""


def _silent(event: str, **ids: Any) -> None:
    """Tell nobody."""


class Owner:
    """Delivers events to one service. `run` it until the process ends; ask `ailing` for readiness."""

    def __init__(
        self,
        service: Service,
        *,
        database_url: str,
        client: Client,
        clock: Clock,
        report: Report = _silent,
        says: Iterable[type[Fact]] | None = None,
        replicas: int = 1,
    ) -> None:
        """`says` are the types this service publishes, by default those the contracts give it; `replicas`
        are the copies a stream has when it must be made again."""
        self.member = uuid7()
        self.slots: set[int] = set()
        """Those held at this moment."""
        self._service = service
        self._url = database_url
        self._client = client
        self._report = report
        self._publishes: list[str] = []
        self._taker = Taker(service, clock, self._publishes)
        self._facts = sorted(self._taker.readings.facts, key=lambda fact: fact.TYPE)
        self._wake = asyncio.Event()
        self._tick_at = 0.0
        self._prune_at = time.monotonic() + 60
        self._turned = self._well = time.monotonic()
        self._grave: str | None = None
        self._reader: Reader | None = None
        self._connection: Any = None
        self._side: Any = None
        self._side_lock = asyncio.Lock()
        self._publisher = Publisher(client, self._read_unsent, self._must_be_the_same)
        self._watchdog = Watchdog(
            client,
            service.name,
            database_url,
            organisations=lambda: self._cursors.organisations() if self._cursors else (),
            changed=self._hurry,
            report=report,
            replicas=replicas,
        )
        self._says = list(said_by(service.name) if says is None else says)
        self._cursors: Cursors | None = None

    @property
    def counts(self) -> Any:
        """What became of everything that was read (`taking.Counts`)."""
        return self._taker.counts

    @property
    def published(self) -> int:
        """Events this process has put on the bus."""
        return self._publisher.published

    def ailing(self) -> str | None:
        """Why this service should not be called ready, or None. An owner without slots is a fit standby."""
        now = time.monotonic()
        if self._grave:
            return self._grave
        if now - self._turned > _STALL:
            return f"the owner has not come round for {now - self._turned:.0f} s"
        if now - self._watchdog.probed > _STALL:
            return f"the event stream has taken no write for {now - self._watchdog.probed:.0f} s"
        if now - self._well > _STALL:
            why = self._publisher.troubles.get(EVENT_STREAM) or (self._reader and self._reader.broken)
            return f"no delivery for {now - self._well:.0f} s: {why or 'the reader is not open'}"
        return None

    async def run(self, stop: asyncio.Event) -> None:
        """Hold slots and deliver until `stop` is set; then finish what is begun, publish it, and let go.

        Never gives up: a lost database or broker, or an error of its own, makes it start over.
        """
        watching = asyncio.create_task(self._watchdog.run(), name="watchdog")
        waking = asyncio.create_task(self._wake_on(stop), name="owner stops")
        pause = 0.2
        try:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await self._own(stop)
                except DatabaseIsOlder as grave:
                    self._grave = str(grave)
                    self._report("database_is_older", reason=str(grave))
                    pause = 5.0
                except (Exception, asyncio.CancelledError) as error:
                    if isinstance(error, asyncio.CancelledError) and asyncio.current_task().cancelling():  # type: ignore[union-attr]
                        raise
                    self._report("owner_starts_over", reason=f"{type(error).__name__}: {error}"[:300])
                    pause = 0.2 if time.monotonic() - began > 10 else min(pause * 2, 2.0)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), pause)
        finally:
            for task in (watching, waking):
                task.cancel()
            await asyncio.gather(watching, waking, return_exceptions=True)

    # ------------------------------------------------------------------------------------------ one life

    async def _own(self, stop: asyncio.Event) -> None:
        self._connection = await connect(self._url, self._service.name, owner=True)
        try:
            self._side = await connect(self._url, self._service.name)
            await self._side.add_listener(channel(self._service.name), self._told)
            self._cursors = Cursors(
                self._connection,
                self._client,
                self._publisher,
                self._watchdog,
                self._says,
                self._while_beating,
            )
            self._tick_at = 0.0
            while not stop.is_set():
                self._wake.clear()
                self._turned = time.monotonic()
                if self._turned >= self._tick_at:
                    await self._tick()
                if not await self._deliver():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._wake.wait(), max(0.0, self._tick_at - time.monotonic()))
            await self._let_go()
        finally:
            await self._abandon()

    async def _deliver(self) -> bool:
        """Take the next batch through its transaction; False when there is none."""
        if self._reader is None or self._reader.broken:
            return False
        deliveries = await self._reader.take()
        if not deliveries or self._cursors is None:
            return False
        fresh = self._cursors.not_yet_read(deliveries)
        read = self._taker.readings.read
        incoming = [one for each in fresh if (one := read(each.subject, each.body)) is not None]
        said = await self._taker.take(self._connection, incoming, self._cursors.after(fresh))
        self._cursors.passed(deliveries)
        self._publisher.add(said)
        return True

    async def _tick(self) -> None:
        """Beat, see who should hold what, and look at everything that does not come by itself."""
        cursors, connection = self._cursors, self._connection
        if cursors is None:
            return
        self._tick_at = time.monotonic() + _TICK
        alive = await sharing.beat(connection, self.member)
        await self._share(sharing.fair_share(self.member, alive))
        await cursors.look(self.slots)
        self._publishes[:] = self._publisher.lanes
        if self.slots:
            if cursors.begin_anew:
                await self._close_reader()
                cursors.begin_anew = False
            if cursors.ready:
                await self._see_to_the_reader()
            if keys := await due_keys(connection, sorted(self.slots)):
                self._publisher.add(await self._taker.retry(connection, keys))
                self._tick_at = 0.0 if len(keys) > 1 else self._tick_at
        await cursors.save()
        self._feel()
        if time.monotonic() > self._prune_at:
            self._prune_at = time.monotonic() + _PRUNE_EVERY
            async with self._side_lock:
                await prune(self._side)

    def _feel(self) -> None:
        reading = not self._facts or (self._reader is not None and not self._reader.broken)
        sending = EVENT_STREAM not in self._publisher.troubles
        if not self.slots or (reading and sending):
            self._well = time.monotonic()
            self._grave = None

    async def _share(self, fair: set[int]) -> None:
        cursors = self._cursors
        assert cursors is not None
        if surplus := self.slots - fair:
            await self._close_reader()
            await cursors.save()
            await self._publisher.drop(
                name for name in list(self._publisher.lanes) if slot_of_lane(name) in surplus
            )
            await cursors.save()
            await sharing.release(self._connection, self._service.name, surplus)
            cursors.forget(surplus)
            self.slots -= surplus
            self._report("slots_released", count=len(surplus))
        if taken := await sharing.take(self._connection, self._service.name, fair - self.slots):
            await self._close_reader()
            await cursors.load(taken)
            self.slots |= taken
            self._report("slots_taken", count=len(taken))

    async def _see_to_the_reader(self) -> None:
        if not self._facts:
            return
        reader = self._reader
        if reader is not None:
            reader.listen()
            if reader.broken is None:
                with contextlib.suppress(NatsError, TimeoutError, OSError):
                    await self._while_beating(reader.compare())
            if reader.broken is None:
                return
            self._report("reader_reopened", reason=reader.broken)
            await self._close_reader()
        assert self._cursors is not None
        reader = Reader(self._client, EVENT_STREAM, self._filters(), self._wake.set)
        await self._while_beating(reader.open(self._cursors.start()))
        self._reader = reader

    def _filters(self) -> list[str]:
        if len(self.slots) == SLOTS:
            return [every_slot_filter(fact) for fact in self._facts]
        return [event_filter(fact, slot) for fact in self._facts for slot in sorted(self.slots)]

    # -------------------------------------------------------------------------------------------- ending

    async def _let_go(self) -> None:
        """A graceful end: nothing new, everything committed is published, and the others are told."""
        cursors = self._cursors
        await self._close_reader()
        await self._while_beating(self._publisher.settle(5.0))
        if cursors is not None:
            await cursors.save()
        await sharing.leave(self._connection, self.member)

    async def _abandon(self) -> None:
        """End this life, however it came to it. The locks go with the connection."""
        await self._close_reader()
        await self._publisher.drop(list(self._publisher.lanes))
        self._publishes.clear()
        self._cursors = None
        self.slots = set()
        for connection in (self._connection, self._side):
            if connection is not None:
                connection.terminate()
        self._connection = self._side = None

    async def _close_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(reader.close(), 2)

    # ------------------------------------------------------------------------------------------- signals

    def _told(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        """Somebody else has committed events (NOTIFY)."""
        lane, _, last = payload.rpartition(" ")
        if lane in self._publisher.lanes:
            self._publisher.know(lane, int(last))
        elif slot_of_lane(lane) in self.slots:
            self._hurry()

    def _hurry(self) -> None:
        self._tick_at = 0.0
        self._wake.set()

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._wake.set()

    async def _while_beating(self, work: Coroutine[Any, Any, T]) -> T:
        """Await something that may take seconds without falling silent towards the database."""
        task = asyncio.create_task(work)
        try:
            while not (await asyncio.wait({task}, timeout=_TICK))[0]:
                self._turned = time.monotonic()
                await self._connection.execute("select 1")
            return task.result()
        finally:
            task.cancel()

    # ------------------------------------------------------------------------------------ the publisher's

    async def _read_unsent(self, lane: str, after: int, most: int) -> list[Numbered]:
        async with self._side_lock:
            if self._side is None:
                raise asyncpg.InterfaceError("the owner has let go")
            return [numbered(row) for row in await self._side.fetch(READ_UNSENT, lane, after, most)]

    async def _must_be_the_same(self, stream: str) -> None:
        life = await self._watchdog.see(stream)
        if self._cursors is None or life is None or not self._cursors.fed(stream, life):
            self._hurry()
            raise StreamChanged(stream)
