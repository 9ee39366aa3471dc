"""Running a service as a process: connect, refuse what is unsafe, serve, stop without leaving halves.

if __name__ == "__main__":
    main(service, background=[tend_ingress], web=pages)
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from typing import Any

import uvloop
from fastapi import FastAPI
from faststream import FastStream

from services.runtime import tracing
from services.runtime.answers import forget_old_answers
from services.runtime.broker import heard
from services.runtime.connecting import ToldToStop, Unreachable, connected
from services.runtime.database import DATABASE_AWAY
from services.runtime.ending import end
from services.runtime.engine.owner import Owner
from services.runtime.health import Front, Health, feel_pulse, serving_http, write_ready_file
from services.runtime.logging import configure_logging, failure, logger
from services.runtime.metrics import Metrics
from services.runtime.migrate import SchemaBehind
from services.runtime.presence import show_presence
from services.runtime.running import Running
from services.runtime.service import Service
from services.runtime.serving import Serving
from services.runtime.settings import MisconfiguredService, Settings, load_settings
from services.runtime.tending.tending import Tending
from services.runtime.timers import Timers
from services.runtime.topology import UnsafeBroker

__all__ = ["Background", "Running", "Web", "main", "run"]

Background = Callable[[Running], Awaitable[None]]
"""A task beside the service's own; it returns soon after `running.stop` is set, or earlier when it is done.
If it raises, the process ends."""
Web = Callable[[Running], FastAPI]
"""Makes the service's pages."""

EXIT_REFUSED = 78
EXIT_CRASHED = 70
_PUBLISHING = 8.0
"""Seconds the owner gets to publish what was committed; what is left goes out at the next start."""
_LEVELS = {
    "database_is_older": "critical",
    "fell_behind": "critical",
    "disk_full_or_broker_ill": "error",
    "stream_lost": "error",
    "probe_failed": "warning",
    "inbox_not_pruned": "warning",
    "owner_starts_over": "warning",
    "reader_reopened": "warning",
}
"""How loud the owner's reports are."""
_HOUR = 3600.0


class EndedEarly(Exception):
    """A part that runs as long as the service has returned."""

    code = "ended_early"


def main(service: Service, *, background: Sequence[Background] = (), web: Web | None = None) -> None:
    """Run a service until it is told to stop. Exits 78 when it refuses to start, 70 when it crashes."""
    try:
        settings = load_settings(service.name, Settings)
        configure_logging(settings.log_level, service.name)
        tracing.begin(service.name, settings)
        # Thousands of short-lived events a second: collecting at the default rate costs more than it frees.
        gc.set_threshold(50_000, 50, 100)
        uvloop.run(run(service, settings, background=background, web=web))
        tracing.end()
    except (MisconfiguredService, SchemaBehind, UnsafeBroker, Unreachable) as refusal:
        print(f"{service.name}: {refusal}", file=sys.stderr)
        sys.exit(EXIT_REFUSED)
    except Exception as crash:
        logger(service.name).critical("crashed", **failure(crash))
        sys.stdout.flush()
        os._exit(EXIT_CRASHED)  # nothing that hangs may keep a broken process alive


async def run(
    service: Service, settings: Settings, *, background: Sequence[Background] = (), web: Web | None = None
) -> None:
    """The same within a running event loop. Returns after a graceful stop, raises what went wrong."""
    stop = asyncio.Event()
    health = Health()
    metrics = Metrics(service.name)
    front = Front(service.name, health, metrics.scrape)
    if settings.ready_file:
        settings.ready_file.unlink(missing_ok=True)  # of a process that was killed
    with _stopped_by_signals(service.name, stop), contextlib.suppress(ToldToStop):
        async with (
            serving_http(front, settings) as address,
            connected(service, settings, health, stop) as running,
            front.carrying(web(running) if web else None),
        ):
            await _Process(running, address, metrics).run(background)


class _Process:
    """What runs side by side in one service process, and the order in which it ends."""

    def __init__(self, running: Running, address: str, metrics: Metrics) -> None:
        self._running = running
        self._address = address
        self._log = logger(running.service.name)
        self._serving = Serving(
            running.service, running.pool, running.clock, running.network, metrics.commands.answered
        )
        self._timers = Timers(running.service, running.pool, running.clock)
        self._said_all = asyncio.Event()
        """Set when nobody here will say anything more; only then the owner may stop publishing."""
        self._owner = Owner(
            running.service,
            database_url=running.settings.database_url.get_secret_value(),
            client=running.nats,
            clock=running.clock,
            report=self._report,
            replicas=running.settings.stream_replicas,
        )
        metrics.expose(owner=self._owner, health=running.health, pool=running.pool, client=running.nats)
        running.broker.include_router(self._serving.router())
        tending = Tending(running.service, running.pool, running.clock, running.network)
        running.broker.include_router(tending.router())
        self._app = FastStream(running.broker, logger=None)

    async def run(self, background: Sequence[Background]) -> None:
        running = self._running
        running.health.watch("timers", self._timers.pulse)
        running.health.watch("owner", self._owner.ailing)
        await self._app.start()
        await heard(running.nats)  # or somebody who reads that we are ready asks before the broker knows it
        owner = self._start("owner", self._owner.run(self._said_all))
        own = [
            owner,
            self._start("timers", self._timers.run(running.stop)),
            self._start("pulse", feel_pulse(running.pool, running.nats, running.health, running.stop)),
            self._start("presence", show_presence(running.pool, running.health, running.stop)),
            self._start("housekeeping", self._keep_house()),
        ]
        beside = [self._start(getattr(task, "__name__", "background"), task(running)) for task in background]
        gc.freeze()  # what was made until now stays: the collector need not look at it again
        self._announce()
        try:
            await self._until_told_or_broken(own, beside)
        finally:
            await self._end(owner, [*own[1:], *beside])

    def _start(self, name: str, work: Awaitable[None]) -> asyncio.Task[None]:
        return asyncio.create_task(_awaited(work), name=name)

    def _report(self, event: str, **ids: Any) -> None:
        level = _LEVELS.get(event, "info")
        getattr(self._log, level)(event, **ids)

    def _announce(self) -> None:
        running = self._running
        running.health.started()
        if path := running.settings.ready_file:
            write_ready_file(path, self._address)
        self._log.info("ready", http=self._address, pid=os.getpid(), speed=running.settings.clock_speed)

    async def _until_told_or_broken(
        self, own: Sequence[asyncio.Task[None]], beside: Sequence[asyncio.Task[None]]
    ) -> None:
        told = asyncio.create_task(self._running.stop.wait())
        watched: set[asyncio.Task[Any]] = {told, *own, *beside}
        try:
            while told in watched:
                done, watched = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
                for task in done - {told}:
                    if error := task.exception():
                        self._log.critical("task_crashed", task=task.get_name(), **failure(error))
                        raise error
                    if task in own and not self._running.stop.is_set():
                        raise EndedEarly(f"{task.get_name()} has returned")
        finally:
            told.cancel()

    async def _end(self, owner: asyncio.Task[None], others: Sequence[asyncio.Task[None]]) -> None:
        """No new work; finish what is started within `stop_seconds`; publish what was said."""
        running = self._running
        running.health.stopping()
        running.stop.set()
        self._log.info("stopping")
        closing = self._start("commands", self._serving.close())
        _, late = await asyncio.wait([closing, *others], timeout=running.settings.stop_seconds)
        self._said_all.set()
        late |= (await asyncio.wait([owner], timeout=_PUBLISHING))[1]
        for task in late:
            self._log.warning("stopped_before_it_was_done", task=task.get_name())
        await end(*late)
        with contextlib.suppress(Exception):  # a broker that is away cannot be taken leave of
            async with asyncio.timeout(5):
                await self._app.stop()
        if path := running.settings.ready_file:
            path.unlink(missing_ok=True)
        self._log.info("stopped")

    async def _keep_house(self) -> None:
        while not self._running.stop.is_set():
            with contextlib.suppress(*DATABASE_AWAY):
                await forget_old_answers(self._running.pool)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._running.stop.wait(), _HOUR)


async def _awaited(work: Awaitable[None] | Coroutine[Any, Any, None]) -> None:
    await work


@contextlib.contextmanager
def _stopped_by_signals(service: str, stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()

    def told(number: signal.Signals) -> None:
        logger(service).info("told_to_stop", signal=number.name)
        stop.set()

    numbers = (signal.SIGTERM, signal.SIGINT)
    for number in numbers:
        loop.add_signal_handler(number, told, number)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
