"""One organisation's ingress stream, as this process reads it: a few letters at a time, each kept by the
server until it has been answered and deleted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import orjson
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import NotFoundError, ServerError

from services.referral.intake import Arrival
from services.runtime.engine.canary import takes_writes
from services.runtime.partner_streams import ingress_config
from services.runtime.topology import declare_stream
from sluss_contracts.subjects import EVERY_INGRESS, ingress_stream, submission_subject, submitter_of

CONSUMER = "referral"
"""The durable consumer on every ingress stream; all replicas of the service share it."""
ACK_WAIT = 30.0
"""Seconds after which a letter that was not answered is delivered again."""
_AT_ONCE = 64
_BYTES_AT_ONCE = 4 * 1024 * 1024
_EXPIRES = 30
_HEARTBEAT = 1
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

    def __init__(self, client: Client, organisation: str, arrived: Callable[[], None]) -> None:
        self.organisation = organisation
        self.waiting: deque[Letter] = deque()
        self._client = client
        self._stream = ingress_stream(organisation)
        self._arrived = arrived
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
                filter_subject=submission_subject(self.organisation),  # not our own probes
                num_replicas=replicas,
            ),
        )
        self._inbox = self._client.new_inbox()
        self._subscription = await self._client.subscribe(self._inbox, cb=self._hear)
        self._heard = time.monotonic()
        self._swept = 0
        await self._ask()

    async def close(self) -> None:
        """Ask for nothing more. What is in hand stays until it is taken, or delivered again to another."""
        if self._subscription is not None:
            subscription, self._subscription = self._subscription, None
            if not self._client.is_closed:
                await subscription.unsubscribe()
        self._asked = 0

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
            await self._client.publish(letter.reply, b"+ACK")
            self._answered = max(self._answered, letter.sequence)

    async def sweep(self) -> bool:
        """Erase everything up to the first letter that is not answered; whether that is all we answered.

        What another replica answered goes too, and what one left behind that was killed before it swept.
        One purge costs what one deletion does, and it takes the block files from the disk once nothing is
        left in them. Raises TimeoutError or nats-py's errors, a ServerError when the stream's store is gone.
        """
        js = self._client.jetstream(timeout=5)
        info = await js.consumer_info(self._stream, CONSUMER)
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        if floor > self._swept:
            await js.purge_stream(self._stream, seq=floor + 1)
            self._swept = floor
        return floor >= self._answered

    async def unanswered(self) -> int:
        """How many letters the server still has for us, in hand or not. Raises nats-py's errors."""
        info = await self._client.jetstream(timeout=5).consumer_info(self._stream, CONSUMER)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def make_again(self, *, replicas: int = 1) -> bool:
        """Replace a stream whose store is gone, if nothing is in it that waits for an answer.

        Deleted files show only when a purge wants new ones; from then on the stream takes no more letters,
        though the server answers every question about it as before. On a full disk it is left alone.
        """
        js = self._client.jetstream(timeout=5)
        try:
            await self.sweep()
            return True  # it has been made again by another replica, or has come to itself
        except NotFoundError:
            return True
        except ServerError:
            pass
        info = await js.consumer_info(self._stream, CONSUMER)
        if info.num_pending or info.num_ack_pending:
            return False
        if not await takes_writes(self._client, f"ingress_{self.organisation}", replicas=replicas):
            return False
        await js.delete_stream(self._stream)
        await declare_stream(js, ingress_config(self.organisation, replicas=replicas))
        self._heard = 0.0
        return True

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
            arrival = Arrival(self.organisation, message.data)
            sequence = message.metadata.sequence.stream
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
