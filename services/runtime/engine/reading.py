"""Reading the event stream from a position of our own: an ephemeral consumer without acknowledgements.

The position is kept in the database, in the transaction that holds the effects; the broker is told nothing.
So nothing may be lost between the broker and us unnoticed: the consumer's own numbers must run without a
gap, its heartbeats must come, and whatever is odd makes the reader `broken`, to be opened anew.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from services.runtime.engine.ids import uuid7
from services.runtime.engine.incoming import Delivery
from services.runtime.tracing import TRACEPARENT
from sluss_contracts.subjects import NotASubject, place_of

BATCH = 400
"""Events that one transaction takes at most."""
_AHEAD = 3 * BATCH
"""How many are asked for or wait here at most."""
_HEARTBEAT = 1.0
_SILENCE = 4.0
"""Seconds without message or heartbeat after which the consumer must be gone."""
_EXPIRES = 30.0
_COMPARE_EVERY = 3.0


class Reader:
    """One consumer over a set of subjects. Made anew, never mended: `open`, `take`, `close`."""

    def __init__(self, client: Client, stream: str, filters: Sequence[str], wake: Callable[[], None]) -> None:
        self.broken: str | None = None
        """Why it must be opened anew; None while it works."""
        self._client = client
        self._js = client.jetstream(timeout=3)
        self._stream = stream
        self._filters = list(filters)
        self._wake = wake
        self._name = f"reader-{uuid7().hex}"
        self._buffer: deque[Delivery] = deque()
        self._asked = 0
        self._received = 0
        self._promised = 0
        self._pending = 0
        self._compare_at = 0.0
        self._nothing_more: float | None = None
        self._heard = time.monotonic()
        self._subscription: Subscription | None = None
        self._inbox = client.new_inbox()
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{self._name}"

    async def open(self, start: int) -> None:
        """Begin with stream sequence `start`. Raises what nats-py raises when the broker is away."""
        config = ConsumerConfig(
            name=self._name,
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=max(start, 1),
            ack_policy=AckPolicy.NONE,
            filter_subjects=self._filters,
            inactive_threshold=60.0,
            mem_storage=True,
            num_replicas=1,
        )
        await self._js.add_consumer(self._stream, config)
        self._subscription = await self._client.subscribe(self._inbox, cb=self._hear)
        self._heard = time.monotonic()
        await self._ask()

    async def close(self) -> None:
        """Stop listening; the consumer is removed, at once if the broker is there to be told."""
        self.broken = self.broken or "closed"
        self._buffer.clear()
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            if self._subscription is not None:
                await self._subscription.unsubscribe()
            if self._client.is_connected:
                await self._js.delete_consumer(self._stream, self._name)

    @property
    def up_to_date(self) -> float | None:
        """Seconds since everything that the stream held had come and been taken; None when it had not."""
        if self.broken is not None or self._nothing_more is None or self._buffer:
            return None
        return time.monotonic() - self._nothing_more

    def __len__(self) -> int:
        return len(self._buffer)

    @property
    def waiting(self) -> Sequence[Delivery]:
        """What has come and has not been taken yet, in stream order."""
        return tuple(self._buffer)

    @property
    def pending(self) -> int:
        """Messages for us that are still with the broker, as it last said."""
        return self._pending

    async def take(self, most: int = BATCH) -> list[Delivery]:
        """The next messages in stream order, as many as are here; asks for more when few are left."""
        buffer = self._buffer
        taken = [buffer.popleft() for _ in range(min(len(buffer), most))]
        if self.broken is None:
            await self._ask()
        return taken

    def listen(self) -> None:
        """Find out whether the consumer still speaks; to be called about once a second."""
        if self.broken is None and self._asked and time.monotonic() - self._heard > _SILENCE:
            self._break("no heartbeat")

    async def compare(self) -> None:
        """Ask the broker what it believes to have delivered: a lost last message leaves no gap to see.

        Asks every few seconds at most. What was under way at one asking must have come by the next.
        """
        now = time.monotonic()
        if self.broken is not None or now < self._compare_at:
            return
        self._compare_at = now + _COMPARE_EVERY
        info = await self._js.consumer_info(self._stream, self._name)
        delivered = info.delivered.consumer_seq if info.delivered else 0
        if self._received < self._promised:
            self._break(f"the broker delivered {self._promised} messages, {self._received} came")
        self._promised = delivered
        self._pending = info.num_pending or 0
        all_came = not info.num_pending and self._received >= delivered
        self._nothing_more = now if all_came else None

    async def _ask(self) -> None:
        if (room := _AHEAD - self._asked - len(self._buffer)) >= BATCH:
            self._asked += room
            wish = {"batch": room, "expires": int(_EXPIRES * 1e9), "idle_heartbeat": int(_HEARTBEAT * 1e9)}
            await self._client.publish(self._next, orjson.dumps(wish), reply=self._inbox)

    async def _hear(self, message: Msg) -> None:
        self._heard = time.monotonic()
        if message.reply.startswith("$JS.ACK."):
            self._receive(message)
        else:
            self._be_told(message.headers or {})

    def _receive(self, message: Msg) -> None:
        if self.broken is not None:
            return
        # $JS.ACK.<stream>.<consumer>.<deliveries>.<stream seq>.<consumer seq>.<time>.<pending>, and two more
        # in front of the stream's name where the server has a domain.
        name = message.reply.split(".")
        at = 5 if len(name) == 9 else 7
        sequence, number = int(name[at]), int(name[at + 1])
        if number != self._received + 1:
            self._break(f"message {self._received + 1} of the consumer was lost on the way")
            return
        self._received = number
        self._pending = int(name[at + 3])
        self._asked -= 1
        with contextlib.suppress(NotASubject):
            slot, headers = place_of(message.subject).slot, message.headers or {}
            stored, trace = int(name[at + 2]) / 1e9, headers.get(TRACEPARENT, "")
            self._buffer.append(Delivery(slot, sequence, message.subject, message.data, stored, trace))
            if len(self._buffer) == 1:
                self._wake()

    def _be_told(self, headers: dict[str, Any]) -> None:
        match headers.get("Status"):
            case "100":  # a heartbeat
                return
            case "404" | "408":  # the request has run out
                self._asked = max(0, self._asked - int(headers.get("Nats-Pending-Messages", 0)))
                self._wake()
            case status:
                self._break(f"{status} {headers.get('Description', 'no consumer')}")

    def _break(self, why: str) -> None:
        self.broken = why
        self._wake()
