"""The owner: delivers events to one service in one process, tenure after tenure, and never gives up."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterable, Mapping
from typing import Any

from nats.aio.client import Client

from services.runtime.clock import Clock
from services.runtime.ending import end
from services.runtime.engine.deciding import told
from services.runtime.engine.ids import uuid7
from services.runtime.engine.lag import Lag
from services.runtime.engine.recovery import DatabaseIsOlder, FellBehind, said_by
from services.runtime.engine.retention import prune
from services.runtime.engine.taking import Counts, Taker
from services.runtime.engine.tenure import Report, Tenure
from services.runtime.engine.watchdog import Watchdog
from services.runtime.service import Service
from sluss_contracts.event import Fact
from sluss_contracts.subjects import EVENT_STREAM

_STALL = 12.0
"""Seconds without progress after which `ailing` says so; a probe of readiness may come 3 s later."""
_PRUNE_FIRST, _PRUNE_EVERY = 60.0, 3600.0


def _silent(event: str, **ids: Any) -> None:
    """Tell nobody."""


class Owner:
    """Reads the slots that are its fair share, commits batch by batch, and publishes.

    `run` it until the process ends; ask `ailing` for readiness. One per process.
    """

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
        are the copies a stream has when it must be made again. `report` takes what the log should say."""
        self._report = report
        self._grave: str | None = None
        self._taker = Taker(service, clock)
        self._watchdog = Watchdog(
            client,
            service.name,
            database_url,
            organisations=lambda: self._tenure.organisations,
            troubles=lambda: self._tenure.publisher.troubles,
            changed=lambda: self._tenure.hurry(),
            report=report,
            replicas=replicas,
        )
        self._service, self._url, self._client = service.name, database_url, client
        self._says = tuple(said_by(service.name) if says is None else says)
        self._member = uuid7()
        self._tenure = self._begin()
        self._published = 0
        self._well = time.monotonic()

    @property
    def slots(self) -> set[int]:
        """Those held at this moment."""
        return self._tenure.slots

    @property
    def counts(self) -> Counts:
        """What became of everything that was read."""
        return self._taker.counts

    @property
    def published(self) -> int:
        """Events this process has put on the bus."""
        return self._published + self._tenure.publisher.published

    @property
    def troubles(self) -> Mapping[str, str]:
        """Streams that take nothing at present, and why."""
        return self._tenure.publisher.troubles

    @property
    def probed(self) -> float:
        """When the event stream last took a write (`time.monotonic`)."""
        return self._watchdog.probed

    def lag(self, now: float) -> Lag:
        """How far the slots held are behind at `now`, seconds since 1970."""
        return self._tenure.lag(now)

    def ailing(self) -> str | None:
        """Why this service should not be called ready, or None. An owner without slots is a fit standby."""
        now = time.monotonic()
        if self._grave:
            return self._grave
        if now - self._tenure.turned > _STALL:
            return f"the owner has not come round for {now - self._tenure.turned:.0f} s"
        if now - self._watchdog.probed > _STALL:
            return f"the event stream has taken no write for {now - self._watchdog.probed:.0f} s"
        if now - self._well > _STALL:
            reader = self._tenure.reader
            why = self._tenure.publisher.troubles.get(EVENT_STREAM) or (reader and reader.broken)
            return f"no delivery for {now - self._well:.0f} s: {why or 'the reader is not open'}"
        return None

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then finish what is begun, publish it, and let go.

        A lost database or broker, or an error of its own, makes it start over at the committed position.
        """
        beside = [
            asyncio.create_task(self._watchdog.run(), name="watchdog"),
            asyncio.create_task(self._feel(), name="owner feels"),
            asyncio.create_task(self._prune(), name="inbox pruned"),
            asyncio.create_task(self._wake_on(stop), name="owner stops"),
        ]
        pause = 0.1
        try:
            while not stop.is_set():
                began = time.monotonic()
                try:
                    await self._tenure.serve(stop)
                except (DatabaseIsOlder, FellBehind) as grave:
                    self._grave, pause = str(grave), 5.0
                    self._report(grave.code, reason=str(grave))
                except (Exception, asyncio.CancelledError) as error:
                    if isinstance(error, asyncio.CancelledError) and _told_to_end():
                        raise
                    self._report("owner_starts_over", reason=told(error))
                    pause = 0.2 if time.monotonic() - began > 10 else min(pause * 2, 2.0)
                if not stop.is_set():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), pause)
                    self._published += self._tenure.publisher.published
                    before = self._tenure
                    self._tenure = self._begin()
                    # A new beginning is no progress yet.
                    self._tenure.turned, self._tenure.caught_up = before.turned, before.caught_up
        finally:
            await end(*beside)

    def _begin(self) -> Tenure:
        return Tenure(
            self._service,
            self._member,
            self._url,
            self._client,
            self._taker,
            self._watchdog,
            self._says,
            self._report,
        )

    async def _feel(self) -> None:
        """Remember when deliveries last were as they should be."""
        while True:
            if self._tenure.delivering and self._tenure.slots:
                self._well, self._grave = time.monotonic(), None
            elif self._tenure.delivering and not self._grave:
                self._well = time.monotonic()
            await asyncio.sleep(0.5)

    async def _prune(self) -> None:
        await asyncio.sleep(_PRUNE_FIRST)
        while True:
            try:
                if pruned := await self._tenure.tend(prune):
                    self._report("inbox_pruned", count=pruned)
            except Exception as error:
                self._report("inbox_not_pruned", reason=type(error).__name__)
            await asyncio.sleep(_PRUNE_EVERY)

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._tenure.hurry()


def _told_to_end() -> bool:
    """Whether it is we who are cancelled, rather than something we wait for (a request of a client that
    has just lost its connection)."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
