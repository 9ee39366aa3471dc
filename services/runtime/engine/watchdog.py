"""Watching the broker from outside the ordered path: is the stream there, the same, and does it take writes?

Asking is not enough. When the store is deleted under a running server, every question is still answered as
if nothing had happened, while publishing fails for ever. So the watchdog publishes. When only the event
stream fails it is deleted and made again, and the owners fill it from their tables; an ingress stream is
never touched, for it may hold what nobody has read.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Callable, Iterable
from zlib import crc32

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import StorageType, StreamConfig
from nats.js.errors import NotFoundError

from services.runtime.engine.connection import connect
from services.runtime.engine.recovery import Life, life_of
from services.runtime.partner_streams import declare_partner_streams
from services.runtime.topology import declare_stream, event_stream
from sluss_contracts.subjects import EVENT_STREAM, outgoing_stream, probe_subject

_PERIOD = 1.0
_PROBE_EVERY = 2.0
_PROBE_TIMEOUT = 2.0
_MISSING_FOR = 2.0
"""Seconds a stream must be missing before it is made again, so that nothing still in flight lands in it
ahead of what belongs before it."""
_FAILING_FOR = 6.0
"""Seconds that probes must fail before anybody thinks of a lost store."""
_KEEP_PROBES = 50
_CANARY_BYTES = 512 * 1024
_CANARY_MESSAGES = 8
"""Four megabytes: a disk that takes these is not full."""
_LOCK = crc32(b"sluss heal") - (1 << 31)

_TROUBLE = (NatsError, OSError, TimeoutError)


class Watchdog:
    """Watches for one owner. `run` until cancelled; `lives` says what is known."""

    def __init__(
        self,
        client: Client,
        service: str,
        database_url: str,
        *,
        organisations: Callable[[], Iterable[str]],
        changed: Callable[[], None],
        report: Callable[..., None],
        replicas: int = 1,
    ) -> None:
        """`organisations` names the partners whose streams are fed; `changed` is called when a life has
        changed; `report` takes an event's name and ids for the log."""
        self.lives: dict[str, Life] = {}
        """The streams as last seen; those missing or unknown are absent."""
        self.probed = time.monotonic()
        """When the event stream last took a write."""
        self._client = client
        self._service = service
        self._url = database_url
        self._organisations = organisations
        self._changed = changed
        self._report = report
        self._replicas = replicas
        self._missing: dict[str, float] = {}
        self._due = asyncio.Event()
        self._probes = 0
        self._next_probe = 0.0
        self._partners_at = 0.0

    def look(self) -> None:
        """Look at once: something is about to be published to a stream not yet known."""
        self._partners_at = 0.0
        self._due.set()

    async def run(self) -> None:
        """Look every second, probe every other."""
        while True:
            self._due.clear()
            if self._client.is_connected:
                with contextlib.suppress(*_TROUBLE):
                    await self._look()
                await self._probe()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), _PERIOD)

    async def see(self, stream: str) -> Life | None:
        """The stream as it is at this moment, remembered. Raises when the broker is away."""
        life = await life_of(self._client, stream)
        before = self.lives.get(stream)
        if life is None:
            self.lives.pop(stream, None)
        else:
            self.lives[stream] = life
        if before is None or life is None or before.created != life.created or life.last < before.last:
            self._changed()
        return life

    async def _look(self) -> None:
        if await self.see(EVENT_STREAM) is None:
            await self._make_again(EVENT_STREAM, None)
        else:
            self._missing.pop(EVENT_STREAM, None)
        organisations = list(self._organisations())
        unknown = [each for each in organisations if outgoing_stream(each) not in self.lives]
        if time.monotonic() >= self._partners_at:
            self._partners_at = time.monotonic() + 5 * _PERIOD
            unknown = organisations
        for organisation in unknown:
            stream = outgoing_stream(organisation)
            if await self.see(stream) is None:
                await self._make_again(stream, organisation)
            else:
                self._missing.pop(stream, None)

    async def _make_again(self, stream: str, organisation: str | None) -> None:
        since = self._missing.setdefault(stream, time.monotonic())
        if time.monotonic() - since < _MISSING_FOR:
            return
        js = self._client.jetstream(timeout=5)
        if organisation is None:
            await declare_stream(js, event_stream(replicas=self._replicas))
        else:
            await declare_partner_streams(js, organisation, replicas=self._replicas)
        self._report("stream_made_again", stream=stream)
        await self.see(stream)

    async def _probe(self) -> None:
        now = time.monotonic()
        if now < self._next_probe or EVENT_STREAM not in self.lives:
            return
        self._next_probe = now + _PROBE_EVERY
        js = self._client.jetstream(timeout=_PROBE_TIMEOUT)
        subject = probe_subject(self._service)
        try:
            await js.publish(subject, b"", timeout=_PROBE_TIMEOUT, stream=EVENT_STREAM)
        except _TROUBLE as error:
            self._report("probe_failed", reason=type(error).__name__)
            if isinstance(error, TimeoutError) and time.monotonic() - self.probed > _FAILING_FOR:
                with contextlib.suppress(*_TROUBLE):
                    await self._heal()
            return
        self.probed = time.monotonic()
        self._probes += 1
        if self._probes % _KEEP_PROBES == 0:
            with contextlib.suppress(*_TROUBLE):
                await js.purge_stream(EVENT_STREAM, subject=subject, keep=1)

    async def _heal(self) -> None:
        """Make the event stream again, if it alone fails: one service at a time, and never on a full disk."""
        connection = await connect(self._url, self._service)
        try:
            if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                return
            js = self._client.jetstream(timeout=5)
            with contextlib.suppress(TimeoutError):
                subject = probe_subject(self._service)
                await js.publish(subject, b"", timeout=_PROBE_TIMEOUT, stream=EVENT_STREAM)
                return  # somebody else has healed it while we waited for the lock
            if not await self._others_can_be_written():
                self._report("disk_full_or_broker_ill", stream=EVENT_STREAM)
                return
            self._report("event_stream_lost", stream=EVENT_STREAM)
            with contextlib.suppress(NotFoundError):
                await js.delete_stream(EVENT_STREAM)
            await declare_stream(js, event_stream(replicas=self._replicas))
            self._report("stream_made_again", stream=EVENT_STREAM)
            await self.see(EVENT_STREAM)
        finally:
            await connection.close()

    async def _others_can_be_written(self) -> bool:
        """Whether a stream made this moment takes a few megabytes. With a lost store it does; on a full
        disk, or when the whole broker is ill, it does not (both look the same from the event stream)."""
        js = self._client.jetstream(timeout=5)
        name = f"CANARY_{self._service}"
        subject = f"sluss.canary.{self._service}"
        config = StreamConfig(
            name=name, subjects=[subject], storage=StorageType.FILE, num_replicas=self._replicas
        )
        try:
            await declare_stream(js, config)
            for _ in range(_CANARY_MESSAGES):
                await js.publish(subject, os.urandom(_CANARY_BYTES), timeout=5, stream=name)
        except _TROUBLE:
            return False
        finally:
            with contextlib.suppress(*_TROUBLE):
                await js.delete_stream(name)
        return True
