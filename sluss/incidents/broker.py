"""The broker started again, its store deleted under it, its disk full."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy

from services.runtime.topology import declare_event_stream, event_stream
from sluss.incidents.incident import Kept
from sluss.machine.run_file import RunFile, running
from sluss.reach import Failure
from sluss.submitting import as_operator
from sluss_contracts.subjects import EVENT_STREAM

_ROOM = 16 * 1024
"""Bytes left to the event stream: a few events."""
_PATIENCE = 60.0


async def restart(run: RunFile) -> Kept:
    """Whoever is connected is cut off; the supervisor starts the server again."""
    os.kill(run.nats.pid, signal.SIGTERM)
    async with asyncio.timeout(_PATIENCE):
        while running(run.data).nats.pid == run.nats.pid:
            await asyncio.sleep(0.1)
    return {}


async def lose_store(run: RunFile) -> Kept:
    """Everything JetStream keeps is deleted while the server is at work."""
    for _ in range(20):
        shutil.rmtree(run.nats.store, ignore_errors=True)
        if not run.nats.store.exists():
            return {}
    raise Failure(f"{run.nats.store} cannot be deleted")


async def fill_up(run: RunFile) -> Kept:
    """The event stream may hold no more than it does, and refuses what is above."""
    async with _jetstream(run) as js:
        info = await js.stream_info(EVENT_STREAM)
        full = replace(
            event_stream(replicas=info.config.num_replicas or 1),
            max_bytes=info.state.bytes + _ROOM,
            discard=DiscardPolicy.NEW,
        )
        await js.update_stream(full)
        return {"replicas": info.config.num_replicas or 1}


async def make_room(run: RunFile, kept: Kept) -> None:
    """The event stream is as it should be again."""
    async with _jetstream(run) as js:
        await declare_event_stream(js, replicas=kept["replicas"])


async def heals_by_itself(run: RunFile, kept: Kept) -> None:
    """Nothing is left to take back."""


@asynccontextmanager
async def _jetstream(run: RunFile) -> AsyncIterator[JetStreamContext]:
    client = await as_operator(run)
    try:
        yield client.jetstream(timeout=5)
    finally:
        await client.close()
