"""An owner in a process of its own, to be killed, frozen and thawed.

python -m tests.runtime.engine.process <service> <database url> <nats url> <credentials>
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import uvloop

from services.runtime.engine.owner import Owner
from services.runtime.service import Service
from sluss.machine.child import Child
from tests.runtime.engine.lab import reader, third, writer
from tests.runtime.engine.playing import CLOCK, SAYS, report

SERVICES = {"lab": lambda: writer()[0], "reader": lambda: reader()[0], "third": lambda: third()[0]}


@asynccontextmanager
async def owner_process(
    service: str, database: str, nats_url: str, credentials: Path, log: Path, **environment: str
) -> AsyncIterator[Child]:
    """The process, ended hard with the block."""
    child = await start_owner(service, database, nats_url, credentials, log, **environment)
    try:
        yield child
    finally:
        child.thaw()
        await child.kill()


async def start_owner(
    service: str, database: str, nats_url: str, credentials: Path, log: Path, **environment: str
) -> Child:
    program: list[str | Path] = [sys.executable, "-m", "tests.runtime.engine.process"]
    program += [service, database, nats_url, credentials]
    root = Path(__file__).parents[3]
    return await Child.spawn(
        service, program, log=log, directory=root, environment={**os.environ, "LAB_LOUD": "1", **environment}
    )


async def _run(service: Service, database: str, url: str, credentials: str) -> None:
    async def closed() -> None:
        os._exit(70)

    client = await nats.connect(
        url,
        user_credentials=credentials,
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
        closed_cb=closed,
        pending_size=64 << 20,
    )
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    owner = Owner(
        service,
        database_url=database,
        client=client,
        clock=CLOCK,
        says=SAYS[service.name],
        report=report(service.name),
    )
    await owner.run(stop)
    os._exit(0)


if __name__ == "__main__":
    name, *places = sys.argv[1:]
    uvloop.run(_run(SERVICES[name](), *places))
