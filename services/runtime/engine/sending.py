"""Sending numbered events to one stream, in order: as an atomic batch, or in waves.

A wave holds no two events of one key, so one that fails is never overtaken by its successor. After an
outcome nobody knows (a time-out), single messages in waves follow: the broker's own duplicate window drops
those it has, whereas it refuses a whole batch for one repeated id.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import orjson
from nats.aio.client import Client

from services.runtime.engine import faultpoint
from services.runtime.engine.ids import uuid7
from services.runtime.engine.prices import Prices
from services.runtime.engine.unit import Numbered
from services.runtime.tracing import TRACEPARENT
from sluss_contracts.event import CONTENT_TYPE

NUMBER = "Sluss-Number"
"""Header: the event's number in its lane. Whoever reads a lane whole can see that nothing is missing."""
MOST = 500
"""Events that are sent in one go; the server takes no batch beyond 1,000."""
MOST_BYTES = 2 * 1024 * 1024
"""Bytes that are sent in one go, so that a batch is through long before anybody loses patience."""
_TIMEOUT = 5.0


class NotTaken(Exception):
    """The stream has refused an event or a batch; nothing of it was stored. `code` is the server's."""

    def __init__(self, stream: str, code: int, description: str) -> None:
        super().__init__(f"{stream} refused: {description} ({code})")
        self.code = code


async def send(
    client: Client, stream: str, events: Sequence[Numbered], prices: Prices, *, strictly: bool, singly: bool
) -> int:
    """Publish events of one stream in order, the cheaper way. The stream's sequence of the last one.

    `prices` are what this stream has cost lately, and are told what this costs. `strictly` keeps all of them
    in order instead of those of one key; `singly` because an earlier outcome is unknown. Raises `NotTaken`,
    or what nats-py raises when no answer comes: then any part may be stored.
    """
    cut = waves(events, strictly=strictly)
    began = time.perf_counter()
    if not singly and prices.prefer_batch(len(events), len(cut)):
        last = await _atomically(client, stream, events)
        prices.batch_took(len(events), time.perf_counter() - began)
    else:
        last = await _in_waves(client, stream, cut)
        prices.singles_took(len(events), len(cut), time.perf_counter() - began)
    return last


async def _in_waves(client: Client, stream: str, cut: Sequence[Sequence[Numbered]]) -> int:
    last = 0
    for wave in cut:
        if len(wave) == 1:  # a task of its own would take as long as the answer of a broker at rest
            last = max(last, await _one(client, stream, wave[0]))
            faultpoint.reach("half_published")
            continue
        outcomes = await asyncio.gather(
            *(_one(client, stream, event) for event in wave), return_exceptions=True
        )
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome
            last = max(last, outcome)
        faultpoint.reach("half_published")
    return last


def waves(events: Sequence[Numbered], *, strictly: bool = False) -> list[list[Numbered]]:
    """Cut into groups that may be in flight together: the n-th event of each key is in the n-th wave."""
    if strictly:
        return [[event] for event in events]
    cut: list[list[Numbered]] = []
    seen: dict[str, int] = {}
    for event in events:
        at = seen[event.key] = seen.get(event.key, -1) + 1
        if at == len(cut):
            cut.append([])
        cut[at].append(event)
    return cut


async def _one(client: Client, stream: str, event: Numbered) -> int:
    headers = _headers(stream, event)
    reply = await client.request(event.subject, event.body, timeout=_TIMEOUT, headers=headers)
    return _stored(stream, reply.data)


async def _atomically(client: Client, stream: str, events: Sequence[Numbered]) -> int:
    """All or nothing, in the order given (NATS server 2.12 and later)."""
    batch, last = uuid7().hex, len(events)
    for n, event in enumerate(events[:-1], 1):
        headers = _headers(stream, event)
        headers["Nats-Batch-Id"] = batch
        headers["Nats-Batch-Sequence"] = str(n)
        await client.publish(event.subject, event.body, headers=headers)
        if n == last // 2:
            faultpoint.reach("half_published")
    headers = _headers(stream, events[-1])
    headers |= {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(last), "Nats-Batch-Commit": "1"}
    reply = await client.request(events[-1].subject, events[-1].body, timeout=2 * _TIMEOUT, headers=headers)
    sequence = _stored(stream, reply.data)
    taken = orjson.loads(reply.data).get("count")
    if taken != last:
        raise NotTaken(stream, 0, f"{taken} of {last} events of a batch were counted")
    return sequence


def _headers(stream: str, event: Numbered) -> dict[str, str]:
    headers = {
        "Nats-Msg-Id": str(event.id),
        "Nats-Expected-Stream": stream,
        NUMBER: str(event.number),
        "content-type": CONTENT_TYPE,
    }
    if event.traceparent:
        headers[TRACEPARENT] = event.traceparent
    return headers


def _stored(stream: str, answer: bytes) -> int:
    try:
        told = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise NotTaken(stream, 0, "an answer that is not the broker's") from None
    if error := told.get("error"):
        raise NotTaken(stream, int(error.get("err_code", 0)), str(error.get("description", "")))
    return int(told["seq"])
