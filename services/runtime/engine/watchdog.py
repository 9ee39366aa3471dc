"""Watching the broker from outside the ordered path: is the stream there, the same, and does it take writes?

Asking is not enough. When the store is deleted under a running server, every question is still answered as
if nothing had happened, while publishing fails for ever. So the watchdog publishes. When only the event
stream fails it is deleted and made again, and the owners fill it from their tables; an ingress stream is
never touched, for it may hold what nobody has read.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial
from zlib import crc32

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.errors import NotFoundError

from services.runtime.engine.canary import takes_writes
from services.runtime.engine.connection import connect
from services.runtime.engine.deciding import told
from services.runtime.engine.recovery import Life, life_of
from services.runtime.partner_streams import declare_partner_streams
from services.runtime.topology import declare_stream, event_stream
from sluss_contracts.subjects import EVENT_STREAM, outgoing_stream, probe_subject, receiver_of

_PERIOD = 1.0
_PROBE_EVERY = 2.0
_PROBE_TIMEOUT = 2.0
_MISSING_FOR = 2.0
"""Seconds a stream must be missing before it is made again, so that nothing still in flight lands in it
ahead of what belongs before it."""
_FAILING_FOR = 6.0
"""Seconds that probes must fail before anybody thinks of a lost store."""
_KEEP_PROBES = 50
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
        troubles: Callable[[], Mapping[str, str]],
        changed: Callable[[], None],
        report: Callable[..., None],
        replicas: int = 1,
    ) -> None:
        """`organisations` names the partners whose streams are fed, `troubles` the streams that take
        nothing and why; `changed` is called when a life has changed; `report` takes an event's name and
        ids for the log."""
        self.lives: dict[str, Life] = {}
        """The streams as last seen; those missing or unknown are absent."""
        self.probed = time.monotonic()
        """When the event stream last took a write."""
        self._client = client
        self._service = service
        self._url = database_url
        self._organisations = organisations
        self._troubles = troubles
        self._changed = changed
        self._report = report
        self._replicas = replicas
        self._missing: dict[str, float] = {}
        self._silent: dict[str, float] = {}
        """Since when a partner's stream has not answered what was published to it."""
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
                for duty in (self._look, self._probe, self._mend_outgoing):
                    await self._try(duty)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), _PERIOD)

    async def _try(self, duty: Callable[[], Awaitable[None]]) -> None:
        """One failing now must not keep the others from being tried, nor end the watch."""
        try:
            await duty()
        except _TROUBLE:
            return  # the broker is away; whoever waits for it sees that by `probed` and `lives`
        except Exception as error:
            self._report("watchdog_stumbled", reason=told(error))

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
            await self._make_again(EVENT_STREAM)
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
                await self._make_again(stream)
            else:
                self._missing.pop(stream, None)

    async def _make_again(self, stream: str) -> None:
        since = self._missing.setdefault(stream, time.monotonic())
        if time.monotonic() - since < _MISSING_FOR:
            return
        await self._declare(stream)
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
                    await self._heal(EVENT_STREAM, self._takes_probes)
            return
        self.probed = time.monotonic()
        self._probes += 1
        if self._probes % _KEEP_PROBES == 0:
            with contextlib.suppress(*_TROUBLE):
                await js.purge_stream(EVENT_STREAM, subject=subject, keep=1)

    async def _mend_outgoing(self) -> None:
        silent = {
            stream
            for stream, why in self._troubles().items()
            if stream != EVENT_STREAM and stream in self.lives and why.startswith(TimeoutError.__name__)
        }
        self._silent = {s: at for s, at in self._silent.items() if s in silent}
        for stream in silent:
            since = self._silent.setdefault(stream, time.monotonic())
            if time.monotonic() - since > _FAILING_FOR:
                await self._heal(stream, partial(self._is_another, stream, self.lives[stream]))

    async def _is_another(self, stream: str, before: Life) -> bool:
        life = await life_of(self._client, stream)
        return life is None or life.created != before.created

    async def _takes_probes(self) -> bool:
        js = self._client.jetstream(timeout=5)
        with contextlib.suppress(TimeoutError):
            subject = probe_subject(self._service)
            await js.publish(subject, b"", timeout=_PROBE_TIMEOUT, stream=EVENT_STREAM)
            return True
        return False

    async def _heal(self, stream: str, healed: Callable[[], Awaitable[bool]]) -> None:
        """Make a stream again, if it alone fails: one service at a time, and never on a full disk."""
        connection = await connect(self._url, self._service)
        try:
            if not await connection.fetchval("select pg_try_advisory_lock($1)", _LOCK):
                return
            if await healed():
                return  # by somebody else, while we waited for the lock
            if not await takes_writes(self._client, self._service, replicas=self._replicas):
                self._report("disk_full_or_broker_ill", stream=stream)
                return
            self._report("stream_lost", stream=stream)
            js = self._client.jetstream(timeout=5)
            with contextlib.suppress(NotFoundError):
                await js.delete_stream(stream)
            await self._declare(stream)
            self._report("stream_made_again", stream=stream)
            await self.see(stream)
        finally:
            await connection.close()

    async def _declare(self, stream: str) -> None:
        js = self._client.jetstream(timeout=5)
        if stream == EVENT_STREAM:
            await declare_stream(js, event_stream(replicas=self._replicas))
        else:
            await declare_partner_streams(js, receiver_of(stream), replicas=self._replicas)
