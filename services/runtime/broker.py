"""The one way a service's FastStream broker and its NATS connection are made.

FastStream carries commands (request-reply) and the partners' edges; the ordered event path reads and
publishes on the very same connection with nats-py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from faststream import AckPolicy
from faststream.nats import NatsBroker, NatsRouter
from faststream.nats.message import NatsMessage
from faststream.nats.security import NatsCredentials
from nats.aio.client import Client

from services.runtime.logging import failure, logger
from services.runtime.settings import Settings
from sluss_contracts.event import CONTENT_TYPE

_PENDING = 64 * 1024 * 1024
"""Bytes that may wait for the socket: a batch of events must fit while the broker restarts."""
_QUIET = 5.0
"""Seconds between two lines that say the broker is in trouble."""
EXIT_CLOSED = 70
"""The exit code when the connection to the broker is lost for good."""

_JSON = ("application/json", CONTENT_TYPE)


class Broker(NatsBroker):
    """FastStream's broker, which also knows whether it is being closed on purpose."""

    closing = False

    async def stop(self, *args: Any, **kwargs: Any) -> None:
        self.closing = True
        await super().stop(*args, **kwargs)


def make_broker(
    service: str, settings: Settings, *, on_closed: Callable[[], Awaitable[None]] | None = None
) -> Broker:
    """A broker that never gives up reconnecting and ends the process if it is closed all the same.

    Nothing connects here. `on_closed` stands in for the end of the process.
    """
    log = logger(service)

    async def closed() -> None:
        if broker.closing:
            return
        if on_closed is not None:
            await on_closed()
            return
        # A closed client never comes back, and everything here depends on it: let the supervisor start anew.
        log.critical("broker_connection_closed")
        os._exit(EXIT_CLOSED)

    async def disconnected() -> None:
        if not broker.closing:
            log.warning("broker_disconnected")

    async def reconnected() -> None:
        log.info("broker_reconnected")

    last_told = -_QUIET

    async def failed(error: Exception) -> None:
        nonlocal last_told
        if time.monotonic() - last_told >= _QUIET:  # an attempt to connect fails four times a second
            last_told = time.monotonic()
            log.warning("broker_error", **failure(error))

    broker = Broker(
        settings.nats_urls,
        name=f"sluss-{service}",
        security=NatsCredentials(str(settings.nats_creds)) if settings.nats_creds else None,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.25,  # type: ignore[arg-type] # seconds; the library accepts fractions
        ping_interval=5,
        connect_timeout=5,
        pending_size=_PENDING,
        graceful_timeout=settings.stop_seconds,
        ack_policy=AckPolicy.MANUAL,
        decoder=decode,
        # Handlers take the decoded body and nothing else: injection costs a thread's turn for each message.
        apply_types=False,
        closed_cb=closed,
        disconnected_cb=disconnected,
        reconnected_cb=reconnected,
        error_cb=failed,
        logger=None,
    )
    return broker


def make_router(**options: Any) -> NatsRouter:
    """The only way to make a router: a policy set on the broker does not reach an included router.

    Nothing is acknowledged unless the subscriber does it, because FastStream's own default throws a message
    away after one failed call.
    """
    return NatsRouter(ack_policy=AckPolicy.MANUAL, decoder=decode, **options)


async def decode(message: NatsMessage) -> Any:
    """JSON, CloudEvents included, into Python values; anything else as bytes."""
    kind = (message.content_type or "").partition(";")[0].strip()
    return orjson.loads(message.body) if kind in _JSON else message.body


async def heard(client: Client) -> None:
    """Wait until the server has heard everything said so far, subscriptions above all.

    One flush is not enough: nats-py writes its ping past the commands that still wait for its writer.
    """
    await client.flush()
    await client.flush()


def server_id(client: Client) -> str:
    """The id of the server a connection talks to; its monitoring names the same."""
    info: dict[str, Any] = client._server_info  # nats-py offers no public way to it
    return str(info.get("server_id", ""))
