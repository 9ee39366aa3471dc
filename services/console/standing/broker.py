"""How the broker stands: servers by their monitoring, streams and consumers by asking it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import StreamInfo
from nats.js.errors import Error as JetStreamError
from nats.js.errors import NotFoundError

from services.runtime.partner_streams import PARTNER_CONSUMER
from sluss_contracts.subjects import EVENT_STREAM, NotASubject, receiver_of, submitter_of

FULL: Final = 0.9
"""Share of a stream's limits, or of the store's."""
_PATIENCE: Final = 3.0
_READER: Final = "reader-"
AWAY: Final = (NatsError, JetStreamError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the broker; `id` is empty when it does not answer."""

    address: str
    id: str = ""
    version: str = ""
    connections: int = 0
    durable: bool = False
    """Whether it writes through to disk before it acknowledges."""
    up: timedelta = timedelta()
    stored: int = 0
    """Bytes on disk."""
    limit: int = 0
    """Bytes it may store."""

    @property
    def answers(self) -> bool:
        return bool(self.id)


@dataclass(frozen=True, slots=True)
class Consumer:
    """Somebody who reads a stream: an organisation with its durable, or one of our readers."""

    name: str
    pending: int
    unacknowledged: int
    last: timedelta | None
    """Since it was last given something; None when it never was."""


@dataclass(frozen=True, slots=True)
class Stream:
    """One stream."""

    name: str
    messages: int
    bytes: int
    first: int
    last: int
    created: datetime | None
    limit_bytes: int
    limit_messages: int
    refuses_when_full: bool
    replicas: int
    current: int
    """Copies that are up to date, the leader included."""
    consumers: tuple[Consumer, ...]

    @property
    def full(self) -> float:
        """How much of its limits is used, 0 to 1."""
        shares = [0.0]
        if self.limit_bytes > 0:
            shares.append(self.bytes / self.limit_bytes)
        if self.limit_messages > 0:
            shares.append(self.messages / self.limit_messages)
        return max(shares)

    @property
    def organisation(self) -> str:
        """Whose submissions or post it holds; empty for the network's own."""
        for whose in (submitter_of, receiver_of):
            try:
                return whose(self.name)
            except NotASubject:
                continue
        return ""


async def servers_of(monitors: Sequence[str]) -> list[Server]:
    """Each server whose monitoring is named."""
    async with httpx.AsyncClient(timeout=_PATIENCE) as http:
        return list(await asyncio.gather(*(_server(http, address) for address in monitors)))


async def _server(http: httpx.AsyncClient, address: str) -> Server:
    try:
        seen = (await http.get(f"{address}/varz")).raise_for_status().json()
    except (httpx.HTTPError, ValueError):
        return Server(address)
    jetstream = seen.get("jetstream", {})
    config, stats = jetstream.get("config") or {}, jetstream.get("stats") or {}
    started = datetime.fromisoformat(seen["start"]) if seen.get("start") else datetime.now(UTC)
    return Server(
        address,
        id=str(seen.get("server_id", "")),
        version=str(seen.get("version", "")),
        connections=int(seen.get("connections", 0)),
        durable=bool(config.get("sync_always")),
        up=datetime.now(UTC) - started,
        stored=int(stats.get("storage", 0)),
        limit=int(config.get("max_storage", 0)),
    )


async def streams_of(client: Client) -> list[Stream]:
    """Every stream, the network's own first. Raises one of `AWAY`."""
    js = client.jetstream(timeout=_PATIENCE)
    found = [await _stream(js, info) for info in await js.streams_info()]
    return sorted(found, key=lambda stream: (stream.name != EVENT_STREAM, stream.name))


async def _stream(js: Any, info: StreamInfo) -> Stream:
    name, state, config = info.config.name or "", info.state, info.config
    try:
        consumers = await js.consumers_info(name)
    except NotFoundError:
        consumers = []
    copies = info.cluster.replicas or [] if info.cluster else []
    return Stream(
        name,
        state.messages,
        state.bytes,
        state.first_seq,
        state.last_seq,
        info.created,
        config.max_bytes or -1,
        config.max_msgs or -1,
        str(getattr(config.discard, "value", config.discard)) == "new",
        config.num_replicas or 1,
        1 + sum(1 for copy in copies if copy.current),
        tuple(_consumer(each) for each in consumers),
    )


def _consumer(info: Any) -> Consumer:
    active = info.delivered.last_active if info.delivered else None
    return Consumer(
        "one of our readers" if info.name.startswith(_READER) else info.name,
        info.num_pending or 0,
        info.num_ack_pending or 0,
        datetime.now(UTC) - active if active else None,
    )


def unread(stream: Stream) -> int | None:
    """What an organisation has not fetched of its post; None for streams that nobody fetches from."""
    return next((each.pending for each in stream.consumers if each.name == PARTNER_CONSUMER), None)
