"""Starting each contender on real servers, and handing it referrals."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import nats
import psutil
from nats.aio.client import Client

from benchmarks import bare_jetstream
from benchmarks.chain import STEPS
from benchmarks.hops import SERVICES, payload
from benchmarks.measuring import Figures, Finish, Send, measure
from services.runtime.ending import end
from services.runtime.engine.prices import Prices
from services.runtime.engine.reading import BATCH
from services.runtime.engine.sending import send as publish
from services.runtime.engine.tenure import SPACING
from services.runtime.engine.unit import Numbered
from sluss.machine import broker
from sluss.machine.broker import Broker
from sluss.machine.network import Network
from sluss.machine.postgres import Postgres
from sluss.partners.authority import Authority
from sluss_contracts.event import Event, write_event
from sluss_contracts.subjects import EVENT_STREAM, event_subject


@dataclass(frozen=True)
class Servers:
    """A broker and a database for the contenders that are not ours, with the product's own settings."""

    bus: Broker
    postgres: Postgres
    credentials: Path

    async def connect(self) -> Client:
        """A client of the account that owns the streams."""
        return await nats.connect(self.bus.url, user_credentials=str(self.credentials), pending_size=64 << 20)


@asynccontextmanager
async def servers(folder: Path) -> AsyncIterator[Servers]:
    """Start them, and stop them."""
    authority = Authority(folder / "keys")
    bus, postgres = Broker(folder / "nats", authority), Postgres(folder / "postgres")
    await bus.start()
    await postgres.start()
    try:
        yield Servers(bus, postgres, authority.service_credentials(["bench"])["bench"])
    finally:
        await bus.stop()
        await postgres.stop()


@asynccontextmanager
async def processes(commands: Sequence[Sequence[str]], environment: dict[str, str]) -> AsyncIterator[None]:
    """Run programs for as long as the block lasts, and all that they have started."""
    quiet = asyncio.subprocess.DEVNULL
    running = [
        await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **environment}, stdout=quiet, stderr=quiet
        )
        for command in commands
    ]
    try:
        await asyncio.sleep(3)
        yield
    finally:
        for process in running:
            if process.returncode is None:
                family = psutil.Process(process.pid)
                for one in (*family.children(recursive=True), family):
                    one.kill()
        await asyncio.gather(*(process.wait() for process in running))


async def ours(folder: Path, burst: int, *, unsafe: bool = False) -> Figures:
    """Four service processes on the real runtime; `unsafe` lets the broker flush every two minutes only."""
    async with our_network(folder, unsafe=unsafe) as (_, send, finish):
        return await measure(send, finish, burst, load=None if unsafe else 0.4)


@asynccontextmanager
async def our_network(folder: Path, *, unsafe: bool = False) -> AsyncIterator[tuple[Client, Send, Finish]]:
    """Our four processes at work: an operator's client, how to hand referrals in, and where they come out.

    What runs is in the folder's run file.
    """
    flags = ("--unsafe",) if unsafe else ()
    started = {name: (sys.executable, "-m", "benchmarks.chain", name, *flags) for name in SERVICES}
    network = Network(folder, services=started)
    with _flushing_now_and_then() if unsafe else nullcontext():
        run = await network.start()
    client = await nats.connect(
        run.nats.url, user_credentials=str(run.nats.creds["operator"]), pending_size=64 << 20
    )
    try:
        finish = Finish()

        async def finished(message: Any) -> None:
            finish.crossed(message.subject.rsplit(".", 1)[1])

        await client.subscribe("sluss.evt.*.bench.finished.v1.*", cb=finished)
        async with _entrance(client) as send:
            yield client, send, finish
    finally:
        await client.close()
        await network.stop()


@asynccontextmanager
async def _entrance(client: Client) -> AsyncIterator[Send]:
    """How referrals come to the event stream: as from one more service of ours, whose transactions take in
    what has come meanwhile and whose publisher hands it on. Nothing in the product publishes singly what it
    could publish together."""
    waiting: list[tuple[Numbered, asyncio.Future[None]]] = []
    bell = asyncio.Event()

    async def send(referrals: Sequence[str]) -> None:
        loop = asyncio.get_running_loop()
        mine = [(_requested(referral), loop.create_future()) for referral in referrals]
        waiting.extend(mine)
        bell.set()
        await asyncio.gather(*(handed_on for _, handed_on in mine))

    async def hand_on() -> None:
        prices = Prices()
        while True:
            await bell.wait()
            bell.clear()
            began, some = time.perf_counter(), waiting[:BATCH]
            del waiting[: len(some)]
            events = [event for event, _ in some]
            try:
                await publish(client, EVENT_STREAM, events, prices, strictly=False, singly=False)
            except Exception as error:
                for _, handed_on in some:
                    handed_on.set_exception(error)
                raise
            for _, handed_on in some:
                handed_on.set_result(None)
            if waiting:
                bell.set()
                await asyncio.sleep(max(0.0, began + SPACING - time.perf_counter()))

    at_work = asyncio.create_task(hand_on())
    try:
        yield send
    finally:
        await end(at_work)


@contextmanager
def _flushing_now_and_then() -> Iterator[None]:
    """The broker's own default, which loses acknowledged messages in a power cut."""
    module: Any = broker  # the product offers no such setting on purpose
    safe = module.nats_configuration

    def unsafe(*told: Any) -> str:
        return str(safe(*told)).replace("sync_interval: always", "")

    module.nats_configuration = unsafe
    try:
        yield
    finally:
        module.nats_configuration = safe


def _requested(referral: str) -> Numbered:
    fact, now, id = STEPS["requested"](**payload(referral)), datetime.now(UTC), uuid4()
    event = Event[Any].of(
        fact,
        id=id,
        source="/sluss/bench",
        time=now,
        recordedtime=now,
        correlationid=referral,
        sequence=1,
    )
    return Numbered("driver", 1, id, referral, event_subject(fact), write_event(event))


async def jetstream_alone(there: Servers, burst: int) -> Figures:
    """The limit: no database at all."""
    client = await there.connect()
    js = client.jetstream(timeout=30)
    await js.add_stream(name=bare_jetstream.STREAM, subjects=[f"{bare_jetstream.SUBJECT}.>"])
    commands = [
        (sys.executable, "-m", "benchmarks.bare_jetstream", name, there.bus.url, str(there.credentials))
        for name in SERVICES
    ]
    try:
        async with processes(commands, {}):

            async def send(referrals: Sequence[str]) -> None:
                bodies = [json.dumps(payload(r)).encode() for r in referrals]
                await asyncio.gather(*(js.publish(f"{bare_jetstream.SUBJECT}.requested", b) for b in bodies))

            return await _watched(client, send, burst)
    finally:
        await js.delete_stream(bare_jetstream.STREAM)
        await client.close()


async def taskiq_nats(there: Servers, burst: int) -> Figures:
    """taskiq over JetStream, four workers, a transaction for each task."""
    database = there.postgres.url()
    connection = await asyncpg.connect(database)
    environment = {
        "BENCH_NATS_URL": there.bus.url,
        "BENCH_NATS_CREDS": str(there.credentials),
        "BENCH_DATABASE_URL": database,
    }
    os.environ.update(environment)
    from benchmarks.peer_taskiq import TABLES, hop
    from benchmarks.peer_taskiq import broker as tasks

    await connection.execute(TABLES)
    await connection.execute("truncate inbox, state, event")
    await connection.close()
    client = await there.connect()
    worker = [str(Path(sys.executable).with_name("taskiq")), "worker", "benchmarks.peer_taskiq:broker"]
    await tasks.startup()
    try:
        async with processes([[*worker, "--workers", "4", "--log-level", "ERROR"]], environment):

            async def send(referrals: Sequence[str]) -> None:
                await asyncio.gather(*(hop.kiq(0, str(uuid4()), payload(r)) for r in referrals))

            return await _watched(client, send, burst)
    finally:
        await tasks.shutdown()
        await client.close()


async def eventsourcing(there: Servers, burst: int) -> Figures:
    """The `eventsourcing` library: six applications in one process, each in Postgres."""
    command = ("-m", "benchmarks.peer_eventsourcing", there.postgres.url(), str(burst))
    process = await asyncio.create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    said = json.loads(out)
    return Figures(said["per_second"], said["latencies"])


async def _watched(client: Client, send: Send, burst: int) -> Figures:
    finish = Finish()

    async def finished(message: Any) -> None:
        finish.crossed(message.subject.removeprefix("done."))

    await client.subscribe("done.*", cb=finished)
    await client.flush()
    return await measure(send, finish, burst)
