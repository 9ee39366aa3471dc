"""Handing in something as an organisation does, from the command line, without touching its post.

What comes back is read off the organisation's stream by the network's own operator, with a consumer that
acknowledges nothing: the organisation's receipts and feedback stay there for it to fetch.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client
from nats.js.api import ConsumerConfig, DeliverPolicy

from sluss.machine.run_file import RunFile
from sluss.people.referrer import CONNECT_WITHIN, SUBMIT, connected
from sluss.reach import Failure, NoAnswer
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.subjects import outgoing_filter, outgoing_stream

RESEND_AFTER = 10.0
"""Seconds without a receipt before the same bytes are sent again."""


async def hand_in(
    run: RunFile, organisation: str, credentials: Path, raw: bytes, submission_id: str, wait: float
) -> dict[str, Any]:
    """Send the bytes as the organisation until they have a receipt, and return what it says.

    A refusal that could not read whose submission it was names none: the next one is taken for ours. Raises
    `Failure` when no receipt comes within `wait` seconds, or the broker lets nobody in.
    """
    client = await connected(organisation, run.nats.url, credentials, min(wait, CONNECT_WITHIN))
    try:
        watching = await as_operator(run)
        try:
            post = await _post_of(watching, organisation)
            async with asyncio.timeout(wait):
                while True:
                    with suppress(nats.errors.Error, nats.js.errors.Error):
                        await client.request(SUBMIT, raw, timeout=RESEND_AFTER)
                    with suppress(TimeoutError):
                        async with asyncio.timeout(RESEND_AFTER):
                            return await _ours(post, submission_id)
        except TimeoutError:
            raise NoAnswer(
                f"no receipt came within {wait:g} s",
                remedy="submit the same file again: the same id and bytes are taken once; see `sluss doctor`",
            ) from None
        finally:
            await watching.close()
    finally:
        await client.close()


async def as_operator(run: RunFile) -> Client:
    """A client of the network's own operator. Raises `Failure` when the broker does not answer."""
    try:
        return await nats.connect(
            run.nats.url, user_credentials=str(run.nats.creds["operator"]), allow_reconnect=False
        )
    except (nats.errors.Error, OSError, TimeoutError):
        raise NoAnswer("the network's broker does not answer", remedy="see `sluss doctor`") from None


async def _post_of(client: Client, organisation: str) -> Any:
    """The organisation's receipts from now on."""
    try:
        return await client.jetstream().subscribe(
            outgoing_filter(organisation),
            stream=outgoing_stream(organisation),
            ordered_consumer=True,
            config=ConsumerConfig(deliver_policy=DeliverPolicy.NEW),
        )
    except nats.js.errors.NotFoundError:
        raise Failure(
            f"{organisation} has no stream on this network",
            remedy=f"`sluss partner add {organisation}` gives it one",
        ) from None


async def _ours(post: Any, submission_id: str) -> dict[str, Any]:
    while True:
        with suppress(nats.errors.TimeoutError):
            event = json.loads((await post.next_msg(timeout=5)).data)
            said: dict[str, Any] = event["data"]
            if (
                event["type"] == ReceiptIssued.TYPE
                and said.get("submission_id", submission_id) == submission_id
            ):
                return said
