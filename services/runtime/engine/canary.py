"""Telling a lost store from a full disk: from a stream that takes no more writes, both look the same."""

from __future__ import annotations

import contextlib
import os

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import StorageType, StreamConfig

from services.runtime.topology import declare_stream
from sluss_contracts.subjects import canary_subject

_BYTES = 512 * 1024
_MESSAGES = 8
"""Four megabytes: a disk that takes these is not full."""

_TROUBLE = (NatsError, OSError, TimeoutError)


async def takes_writes(client: Client, name: str, *, replicas: int = 1) -> bool:
    """Whether a stream made this moment takes a few megabytes.

    With a lost store it does; on a full disk, or when the whole broker is ill, it does not. `name` tells
    apart those who try at the same time.
    """
    js = client.jetstream(timeout=5)
    stream, subject = f"CANARY_{name}", canary_subject(name)
    config = StreamConfig(name=stream, subjects=[subject], storage=StorageType.FILE, num_replicas=replicas)
    try:
        await declare_stream(js, config)
        for _ in range(_MESSAGES):
            await js.publish(subject, os.urandom(_BYTES), timeout=5, stream=stream)
    except _TROUBLE:
        return False
    finally:
        with contextlib.suppress(*_TROUBLE):
            await js.delete_stream(stream)
    return True
