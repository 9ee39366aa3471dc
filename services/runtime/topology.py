"""The streams of the network, declared in one place and brought about before anything reads or writes them.

The event stream is a cache of the services' event tables: it may be deleted and made again. A partner's
ingress stream is not (`partner_streams` declares those), and nothing here ever deletes anything.
"""

from __future__ import annotations

from typing import Any

import httpx
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig, StreamInfo
from nats.js.errors import BadRequestError

from sluss_contracts.subjects import EVENT_STREAM, EVERY_EVENT

MAX_AGE = 7 * 24 * 3600.0
"""Seconds an event stays on the bus. Inboxes are kept longer, or a re-read would act twice."""
DUPLICATE_WINDOW = 120.0
"""Seconds within which the broker itself drops an event id it has seen."""
_EXISTS_DIFFERENTLY = 10058


class UnsafeBroker(Exception):
    """The NATS server would lose acknowledged messages in a power cut, or cannot show that it would not."""

    code = "unsafe_broker"


def event_stream(*, replicas: int = 1) -> StreamConfig:
    """The stream of all the network's events, sixteen ordered lanes in one."""
    return StreamConfig(
        name=EVENT_STREAM,
        description="what the services have said; a cache of their event tables",
        subjects=[EVERY_EVENT],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        max_age=MAX_AGE,
        duplicate_window=DUPLICATE_WINDOW,
        allow_atomic=True,
        # With these headers one message could reach or wipe others.
        allow_rollup_hdrs=False,
        allow_msg_ttl=False,
        allow_msg_schedules=False,
        num_replicas=replicas,
    )


async def declare_stream(js: JetStreamContext, config: StreamConfig) -> StreamInfo:
    """Create a stream, or bring it up to date; running it again changes nothing."""
    try:
        return await js.add_stream(config)
    except BadRequestError as refused:
        if refused.err_code != _EXISTS_DIFFERENTLY:
            raise
        return await js.update_stream(config)


async def declare_event_stream(js: JetStreamContext, *, replicas: int = 1) -> StreamInfo:
    """The event stream, as it should be."""
    return await declare_stream(js, event_stream(replicas=replicas))


async def require_durable_writes(monitors: list[str], server: str) -> None:
    """Refuse a broker that acknowledges what it has not yet flushed to disk.

    Our account cannot see that setting over NATS, so the server's monitoring is asked; `server` is the id of
    the one we are connected to, which must be among those asked. Raises `UnsafeBroker`.
    """
    remedy = "set `sync_interval: always` in the jetstream block of the NATS server's configuration"
    seen = set()
    async with httpx.AsyncClient(timeout=5) as client:
        for monitor in monitors:
            report = await _report(client, monitor)
            seen.add(report.get("server_id"))
            config = (report.get("jetstream") or {}).get("config")
            if not config:
                raise UnsafeBroker(f"the NATS server at {monitor} runs without JetStream")
            if not config.get("sync_always"):
                raise UnsafeBroker(
                    f"the NATS server at {monitor} flushes to disk only now and then: {remedy}"
                )
    if server not in seen:
        raise UnsafeBroker(
            "SLUSS_NATS_MONITOR_URL is the monitoring of another NATS server than SLUSS_NATS_URL leads to; "
            "name every server of the cluster, with commas between"
        )


async def _report(client: httpx.AsyncClient, monitor: str) -> dict[str, Any]:
    try:
        answer = await client.get(f"{monitor}/varz")
        answer.raise_for_status()
        report: dict[str, Any] = answer.json()
    except (httpx.HTTPError, ValueError):
        raise UnsafeBroker(
            f"the NATS server's monitoring at {monitor} does not answer, so whether its writes survive a "
            "power cut cannot be seen: set SLUSS_NATS_MONITOR_URL and `http:` in the server's configuration"
        ) from None
    return report
