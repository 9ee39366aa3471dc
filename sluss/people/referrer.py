"""A simulated organisation: submits referrals, and keeps its receipts and feedback.

It speaks to the network as a stranger would, sharing none of its code but the word for a failed errand, and
follows the one rule partners must: the broker's acknowledgement is not acceptance; the same bytes are sent
again until a receipt has come.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from services.runtime.ending import end
from sluss.reach import Failure

SUBMIT = "referral.submit"
"""Spelled here as docs/partners spells it: a partner has no `sluss_contracts`, only what it was told."""

CONNECT_WITHIN = 5.0
"""Seconds to get through to the broker the first time; afterwards a lost connection is sought for ever."""


@dataclass
class Referrer:
    """One organisation at the network's edge, with what it sent and what it was told."""

    organisation: str
    client: Client
    resend_after: float = 10.0
    """Seconds without a receipt before the same bytes are sent again."""
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Each submission's receipt, by submission id."""
    feedback: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    """What was told about each referral, by referral id and point."""
    fetched: int = 0
    """How many messages have been kept, and their acknowledgement has reached the broker."""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def submit(self, submission_id: str, payload: dict[str, Any], at: datetime) -> dict[str, Any]:
        """Refer somebody, and return the receipt."""
        return await self.send(submission_id, self.envelope(self.organisation, submission_id, payload, at))

    async def take_back(self, submission_id: str, said: dict[str, Any], at: datetime) -> dict[str, Any]:
        """Take back a referral of one's own, and return the receipt."""
        raw = self.envelope(self.organisation, submission_id, said, at, type="sluss.referral.taken_back.v1")
        return await self.send(submission_id, raw)

    async def send(self, submission_id: str, raw: bytes) -> dict[str, Any]:
        """Send these bytes until they have a receipt, and return it."""
        while submission_id not in self.receipts:
            with suppress(nats.errors.Error, nats.js.errors.Error):
                await self.client.request(SUBMIT, raw, timeout=self.resend_after)
            with suppress(TimeoutError):
                async with asyncio.timeout(self.resend_after), self._arrived:
                    await self._arrived.wait_for(lambda: submission_id in self.receipts)
        return self.receipts[submission_id]

    @staticmethod
    def envelope(
        organisation: str,
        submission_id: str,
        payload: dict[str, Any],
        at: datetime | None = None,
        *,
        type: str = "sluss.referral.requested.v1",
    ) -> bytes:
        """The CloudEvent an organisation puts on the wire."""
        document = {
            "specversion": "1.0",
            "id": submission_id,
            "source": f"/org/{organisation}",
            "type": type,
            **({"time": at.isoformat()} if at else {}),
            "datacontenttype": "application/json",
            "data": {"submission_id": submission_id, **payload},
        }
        return json.dumps(document, ensure_ascii=False).encode()

    async def listen(self) -> None:
        """Fetch and acknowledge receipts and feedback, for ever."""
        js = self.client.jetstream()
        consumer = await js.pull_subscribe_bind(consumer="partner", stream=f"OUT_{self.organisation}")
        while True:
            try:
                messages = await consumer.fetch(100, timeout=5)
            except (TimeoutError, nats.errors.Error, nats.js.errors.Error):
                await asyncio.sleep(0.2)
                continue
            for message in messages:
                self._keep(json.loads(message.data))
                with suppress(TimeoutError, nats.errors.Error, nats.js.errors.Error):  # it comes again then
                    await message.ack_sync()
                    self.fetched += 1
            async with self._arrived:
                self._arrived.notify_all()

    def _keep(self, event: dict[str, Any]) -> None:
        said = event["data"]
        if event["type"].startswith("sluss.receipt.issued."):
            self.receipts[said.get("submission_id") or event["id"]] = said
        elif event["type"].startswith("sluss.feedback.issued."):
            self.feedback.setdefault(said["referral_id"], {})[said["point"]] = said


@asynccontextmanager
async def at_the_edge(
    organisation: str, url: str, credentials: Path, *, within: float = CONNECT_WITHIN
) -> AsyncIterator[Referrer]:
    """Connect as the organisation and listen until the block ends.

    Raises `Failure` when the broker lets nobody in within `within` seconds.
    """
    client = await connected(organisation, url, credentials, within)
    referrer = Referrer(organisation, client)
    listening = asyncio.create_task(referrer.listen())
    try:
        yield referrer
    finally:
        await end(listening)
        await client.close()


async def connected(organisation: str, url: str, credentials: Path, within: float) -> Client:
    """A client of the organisation's own account. Raises `Failure` when it is not let in."""
    latest, turned_away = "", False

    async def quiet(error: Exception) -> None:
        """nats-py prints a traceback for each failed attempt otherwise; it goes on trying anyway."""
        nonlocal latest, turned_away
        latest = str(error) or type(error).__name__
        # The server hangs up as it says so: of the next attempts some hear no more than that.
        turned_away = turned_away or "authorization" in latest.lower()

    client = Client()
    try:
        async with asyncio.timeout(within):
            await client.connect(
                url,
                user_credentials=str(credentials),
                inbox_prefix=f"_INBOX.{organisation}".encode(),
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,  # type: ignore[arg-type]  # slept for, so parts of a second will do
                error_cb=quiet,
            )
    except TimeoutError:
        await client.close()
        if turned_away:
            raise Failure(
                f"the broker does not let {organisation} in: its credentials are not, or no longer, valid",
                remedy=f"see `sluss partner list`; `sluss partner add {organisation}` gives access",
            ) from None
        raise Failure(
            f"the broker at {url} does not answer" + (f" ({latest})" if latest else ""),
            remedy="the network starts it again by itself; try once more, or see `sluss doctor`",
        ) from None
    return client
