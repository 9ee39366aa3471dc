"""The limit without a database: the six hops over JetStream alone.
`python -m benchmarks.bare_jetstream SERVICE URL CREDENTIALS`.

Durable pull consumers, batches, pipelined publishing; nothing is remembered but by the broker. What was
acknowledged may not have been done, so this loses and doubles when a process dies: a limit, not a peer.
"""

from __future__ import annotations

import asyncio
import sys

import nats
import nats.errors
import orjson
import uvloop
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig

from benchmarks.hops import HOPS

STREAM = "BENCH"
SUBJECT = "bench"
DONE = "done"


async def _hop(js: JetStreamContext, client: Client, read: str, said: str) -> None:
    config = ConsumerConfig(durable_name=read, filter_subject=f"{SUBJECT}.{read}", max_ack_pending=4000)
    consumer = await js.pull_subscribe(f"{SUBJECT}.{read}", durable=read, stream=STREAM, config=config)
    while True:
        try:
            messages = await consumer.fetch(200, timeout=0.5)
        except (nats.errors.TimeoutError, TimeoutError):
            continue
        await asyncio.gather(*(_next(js, client, message, said) for message in messages))
        for message in messages:
            await client.publish(message.reply, b"")


async def _next(js: JetStreamContext, client: Client, message: Msg, said: str) -> None:
    event = orjson.loads(message.data)
    event["step"] = said
    if said == "finished":
        await client.publish(f"{DONE}.{event['referral_id']}", b"")
    else:
        await js.publish(f"{SUBJECT}.{said}", orjson.dumps(event), timeout=30)


async def serve(service: str, url: str, credentials: str) -> None:
    """The hops of one service, for ever."""
    client = await nats.connect(url, user_credentials=credentials, pending_size=64 << 20)
    js = client.jetstream(timeout=30)
    await asyncio.gather(*(_hop(js, client, read, said) for read, owner, said in HOPS if owner == service))


if __name__ == "__main__":
    uvloop.run(serve(*sys.argv[1:4]))
