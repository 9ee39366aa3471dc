"""Ingress streams whose store is lost while the broker runs on: found by writing, made anew when safe.

When the files of a stream are deleted under a running server, it goes on answering and delivering what it has
in memory, but takes nothing new: an organisation's submissions would time out for ever. An ingress stream may
hold what nobody has read, so it is made anew only when everything readable has been answered, or when nothing
was delivered for a while although something is said to be there. What could not be read any more was never
receipted, and the organisation sends it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Mapping
from zlib import crc32

from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from services.referral.mailbox import Mailbox
from services.runtime.database import DATABASE_AWAY
from services.runtime.engine.canary import takes_writes
from services.runtime.logging import failure, logger
from services.runtime.partner_streams import ingress_config
from services.runtime.running import Running
from services.runtime.topology import declare_stream
from sluss_contracts.subjects import ingress_probe_subject, ingress_stream

_ROUND = 3.0
"""Seconds between two looks at the same stream."""
_PROBE_TIMEOUT = 2.0
_FAILING_FOR = 5.0
"""Seconds that probes must fail before anybody thinks of a lost store."""
_UNREADABLE_AFTER = 15.0
"""Seconds without a delivery after which what the stream still claims to hold cannot be read."""
_LOCK = crc32(b"sluss ingress heal") - (1 << 31)
_BROKER_AWAY = (NatsError, APIError, TimeoutError, OSError)


class IngressWatch:
    """Looks after the streams of these mailboxes, in turn, until cancelled."""

    def __init__(self, running: Running, mailboxes: Mapping[str, Mailbox]) -> None:
        self._running = running
        self._mailboxes = mailboxes
        self._failing: dict[str, float] = {}
        self._log = logger(running.service.name)

    async def run(self) -> None:
        """One organisation after another; a broker that is away altogether is somebody else's business."""
        while True:
            for organisation in list(self._mailboxes):
                with contextlib.suppress(*_BROKER_AWAY, *DATABASE_AWAY):
                    await self._look_at(organisation)
            await asyncio.sleep(_ROUND)

    async def _look_at(self, organisation: str) -> None:
        if await self._takes_writes(organisation):
            self._failing.pop(organisation, None)
            return
        since = self._failing.setdefault(organisation, time.monotonic())
        if time.monotonic() - since > _FAILING_FOR and await self._all_readable_is_answered(organisation):
            await self._make_anew(organisation)

    async def _takes_writes(self, organisation: str) -> bool:
        """Write a probe, which the mailbox gets and sweeps away. Only silence counts as failure: a full
        stream says that it is full."""
        js = self._running.nats.jetstream(timeout=_PROBE_TIMEOUT)
        stream = ingress_stream(organisation)
        try:
            await js.publish(ingress_probe_subject(organisation), b"", timeout=_PROBE_TIMEOUT, stream=stream)
        except TimeoutError:
            return not self._running.nats.is_connected
        except _BROKER_AWAY:
            return True
        return True

    async def _all_readable_is_answered(self, organisation: str) -> bool:
        mailbox = self._mailboxes[organisation]
        if mailbox.waiting:
            return False
        if time.monotonic() - mailbox.delivered > _UNREADABLE_AFTER:
            return True
        return await mailbox.unanswered() == 0

    async def _make_anew(self, organisation: str) -> None:
        """By one replica at a time, and never on a full disk, where the stream will come back by itself."""
        async with self._running.pool.acquire() as connection, connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", _LOCK):
                return
            if await self._takes_writes(organisation):
                return  # somebody else has made it anew while we waited
            replicas = self._running.settings.stream_replicas
            if not await takes_writes(self._running.nats, "ingress", replicas=replicas):
                self._log.error("disk_full_or_broker_ill", organisation=organisation)
                return
            js = self._running.nats.jetstream(timeout=5)
            with contextlib.suppress(NotFoundError):
                await js.delete_stream(ingress_stream(organisation))
            await declare_stream(js, ingress_config(organisation, replicas=replicas))
            self._failing.pop(organisation, None)
            self._log.warning("ingress_stream_made_anew", organisation=organisation)
        try:
            await self._mailboxes[organisation].open(replicas=replicas)
        except _BROKER_AWAY as trouble:
            self._log.warning("mailboxes_unreachable", **failure(trouble))
