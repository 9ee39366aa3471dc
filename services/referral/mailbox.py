"""One organisation's ingress stream, as this process reads it: a few letters at a time, each kept by the
server until it has been answered and deleted.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError

from services.referral.intake import Arrival
from sluss_contracts.subjects import EVERY_INGRESS, ingress_probe_subject, ingress_stream, submitter_of

CONSUMER = "referral"
"""The durable consumer on every ingress stream; all replicas of the service share it."""
ACK_WAIT = 30.0
"""Seconds after which a letter that was not answered is delivered again."""
_AT_ONCE = 64
_BYTES_AT_ONCE = 4 * 1024 * 1024
_EXPIRES = 30
_HEARTBEAT = 1
_LEAVING = 2.0
"""Seconds in which the server must have heard that we end."""
_SILENCE = 5.0
"""Seconds without a word from the server, heartbeats included, after which the consumer is opened anew."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A submission that waits in its stream until it has been answered."""

    arrival: Arrival
    sequence: int
    reply: str


class Mailbox:
    """Holds what has been fetched and not yet taken; fetches more when there is room."""

    def __init__(
        self,
        client: Client,
        organisation: str,
        *,
        arrived: Callable[[], None],
        answered: Callable[[str], None],
    ) -> None:
        """`arrived` is called when there is a letter to take, `answered` when there is one to sweep."""
        self.organisation = organisation
        self.waiting: deque[Letter] = deque()
        self._client = client
        self._stream = ingress_stream(organisation)
        self._arrived = arrived
        self._to_sweep = answered
        self._subscription: Subscription | None = None
        self._inbox = ""
        self._asked = 0
        self._heard = 0.0
        self.delivered = time.monotonic()
        """When a letter last came out of the stream."""
        self._answered = 0
        self._swept = 0

    async def open(self, *, replicas: int = 1) -> None:
        """Bring the durable consumer about and ask for the first letters. Raises nats-py's errors."""
        await self.close()
        await self._client.jetstream(timeout=5).add_consumer(
            self._stream,
            ConsumerConfig(
                durable_name=CONSUMER,
                description="what the referral service has not yet answered",
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT,
                max_deliver=-1,
                max_ack_pending=2000,
                num_replicas=replicas,
            ),
        )
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(self._inbox, cb=self._hear)
        self._heard = time.monotonic()
        self._swept = 0
        self._to_sweep(self.organisation)  # somebody may have been killed between acknowledging and sweeping
        await self._ask()

    async def close(self) -> None:
        """Ask for nothing more. What is in hand stays until it is taken, or delivered again to another."""
        if (subscription := self._let_go()) is not None:
            await subscription.unsubscribe()

    async def leave(self) -> None:
        """End, and give back what was not taken: whoever opens this mailbox next has it at once, and not
        when the server has waited for our answer. Raises nats-py's errors where the broker is away."""
        if (subscription := self._let_go()) is not None:
            async with asyncio.timeout(_LEAVING):
                # What was sent before the server heard of our end has come when this returns.
                await subscription.drain()  # type: ignore[no-untyped-call]
        if self.waiting:
            # The server counts whom it waits for when it is asked, and so drops what we wished for. It would
            # first offer a letter given back to that wish, and then put it behind the others.
            await self._client.jetstream(timeout=_LEAVING).consumer_info(self._stream, CONSUMER)
        while self.waiting:
            await self._client.publish(self.waiting.popleft().reply, b"-NAK")

    def _let_go(self) -> Subscription | None:
        """The subscription that is to be ended, if there is one on a connection that is not closed."""
        subscription, self._subscription = self._subscription, None
        self._asked = 0
        return None if self._client.is_closed else subscription

    @property
    def silent(self) -> bool:
        """Whether the server has fallen silent: the consumer, or the stream, may be gone."""
        return self._subscription is None or time.monotonic() - self._heard > _SILENCE

    async def take(self) -> Letter:
        """The oldest letter in hand; IndexError if there is none."""
        letter = self.waiting.popleft()
        await self._ask()
        return letter

    async def acknowledge(self, letters: Iterable[Letter]) -> None:
        """Tell the server that these are answered. If that is lost they come again, to the same receipt."""
        for letter in letters:
            await self._acknowledge(letter.sequence, letter.reply)

    async def _acknowledge(self, sequence: int, reply: str) -> None:
        await self._client.publish(reply, b"+ACK")
        self._answered = max(self._answered, sequence)
        self._to_sweep(self.organisation)

    async def sweep(self) -> bool:
        """Erase everything up to the first letter that is not answered; whether that is all we answered.

        What another replica answered goes too, and what one left behind that was killed before it swept.
        One purge costs what one deletion does, and it takes the block files from the disk once nothing is
        left in them. Raises TimeoutError or nats-py's errors, a ServerError when the stream's store is gone.
        """
        js = self._client.jetstream(timeout=5)
        try:
            info = await js.consumer_info(self._stream, CONSUMER)
        except NotFoundError:
            self._heard = 0.0  # stream or consumer is gone: there is nothing to sweep, but one to open anew
            return True
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        if floor > self._swept:
            await js.purge_stream(self._stream, seq=floor + 1)
            self._swept = floor
        made_anew = info.delivered is not None and info.delivered.stream_seq < self._answered
        return floor >= self._answered or made_anew

    async def unanswered(self) -> int:
        """How many letters the server still has for us, in hand or not. Raises nats-py's errors."""
        info = await self._client.jetstream(timeout=5).consumer_info(self._stream, CONSUMER)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def _ask(self) -> None:
        if self._subscription is None or self._asked or len(self.waiting) > _AT_ONCE // 2:
            return
        self._asked = _AT_ONCE
        wish = {
            "batch": _AT_ONCE,
            # A request for fewer bytes than one letter has would never be answered.
            "max_bytes": _BYTES_AT_ONCE + self._client.max_payload,
            "expires": _EXPIRES * 1_000_000_000,
            "idle_heartbeat": _HEARTBEAT * 1_000_000_000,
        }
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{CONSUMER}"
        await self._client.publish(subject, orjson.dumps(wish), reply=self._inbox)

    async def _hear(self, message: Msg) -> None:
        self._heard = time.monotonic()
        if message.reply.startswith("$JS.ACK."):
            self._asked = max(0, self._asked - 1)
            self.delivered = self._heard
            sequence = message.metadata.sequence.stream
            if message.subject == ingress_probe_subject(self.organisation):
                await self._acknowledge(sequence, message.reply)  # our own, to be swept away
            else:
                arrival = Arrival(self.organisation, message.data)
                self.waiting.append(Letter(arrival, sequence, message.reply))
                self._arrived()
        else:
            headers = message.headers or {}
            match headers.get("Status"), headers.get("Description", ""):
                case ("100", _):
                    return  # a heartbeat
                case ("404" | "408", _) | ("409", "Message Size Exceeds MaxBytes"):
                    self._asked = 0  # the request is over, by time or by size
                case _:
                    self._heard = 0.0  # the consumer is gone or elsewhere: open it anew
                    return
        await self._ask()


async def organisations_with_stream(client: Client) -> set[str]:
    """The organisations that have an ingress stream. Raises TimeoutError or nats-py's errors."""
    names: set[str] = set()
    while True:
        wish = orjson.dumps({"subject": EVERY_INGRESS, "offset": len(names)})
        page = orjson.loads((await client.request("$JS.API.STREAM.NAMES", wish, timeout=5)).data)
        found = page.get("streams") or []
        names.update(found)
        if not found or len(names) >= page.get("total", 0):
            return {submitter_of(name) for name in names}
