"""What it costs a service that its events are written into the log and followed by open tails."""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import time

import asyncpg

from benchmarks.console.synthesis import ONE_RUN
from services.console.log.finding import Wanted, last_position
from services.console.log.gathering import SPEAKERS, Gatherer, connect_to_write
from services.console.web.following import Follower
from services.runtime.database import open_engine
from sluss.machine.database import CONSOLE, bring_up_to_date
from sluss.machine.postgres import Postgres


async def watched(server: Postgres, *, seconds: float = 5.0, rounds: int = 3, watchers: int = 5) -> None:
    """How long a service's transaction takes at fifty a second, alone and while its events are watched."""
    admin = await asyncpg.connect(server.url())
    await admin.execute("drop database if exists tails")
    await admin.execute("create database tails")
    await admin.close()
    urls = {one: server.url(database="tails", role=one, password=ONE_RUN) for one in (*SPEAKERS, CONSOLE)}
    await bring_up_to_date(server.url(database="tails"), urls)
    service = await asyncpg.connect(urls["navigator"], server_settings={"search_path": "navigator"})
    said = _Said()
    alone, beside_it = [], []
    for _ in range(rounds):
        alone += await _transactions(service, said, seconds)
        program = (sys.executable, "-m", "benchmarks.console", "--beside", str(watchers))
        environment = {**os.environ, "BENCH_CONSOLE_URL": urls[CONSOLE]}
        console = await asyncio.create_subprocess_exec(
            *program, env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert console.stdout is not None
        await console.stdout.readline()
        beside_it += await _transactions(service, said, seconds)
        console.terminate()
        await console.wait()
    await service.close()
    for name, took in (("alone", alone), (f"with the log written and {watchers} tails open", beside_it)):
        each = sorted(1000 * one for one in took)
        p50, p95 = statistics.median(each), each[int(len(each) * 0.95)]
        print(f"a transaction {name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms")
    print(f"ratio of p50: {statistics.median(beside_it) / statistics.median(alone):.2f}")


async def beside(url: str, watchers: int) -> None:
    """The console's part, in a process of its own as it always is: writes the log and follows it."""
    gatherer = Gatherer(await connect_to_write(url, owner=False))
    engine = open_engine(url, CONSOLE, watchers + 1)
    follower = Follower(engine)
    while await gatherer.gather():
        pass
    ends = await last_position(engine)
    print("ready", flush=True)
    await asyncio.gather(_gather(gatherer), *(_watch(follower, ends) for _ in range(watchers)))


class _Said:
    """Events as a service writes them, at fifty a second."""

    def __init__(self) -> None:
        self.number = 0

    def next(self) -> tuple[int, bytes]:
        self.number += 1
        body = (
            '{"specversion":"1.0","source":"/sluss/navigator","time":"2026-03-09T14:00:00Z",'
            f'"correlationid":"ref-1","causationid":"c","partitionkey":"ref-1","sequence":{self.number},"data":{{"referral_id":"ref-1",'
            '"worker":"aida","team":"team-1","because":["least_load"]}}'
        )
        return self.number, body.encode()


async def _transactions(service: asyncpg.Connection, said: _Said, seconds: float) -> list[float]:
    """What each transaction of the service took, one every 20 ms, each with an event and its head."""
    took = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        number, body = said.next()
        began = time.perf_counter()
        async with service.transaction():
            await service.execute(
                "insert into event (lane, number, id, key, kind, aggregate_id, sequence, type, subject, "
                "body) values ('0', $1, uuidv7(), 'ref-1', 'case', 'ref-1', $2, 'sluss.case.assigned.v1', "
                "'sluss.evt.0.case.assigned.v1.ref-1', $3)",
                number,
                number,
                body,
            )
            await service.execute(
                "insert into head (lane, last) values ('0', $1) on conflict (lane) do update set last = $1",
                number,
            )
        took.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 0.02 - took[-1]))
    return took


async def _gather(gatherer: Gatherer) -> None:
    while True:
        if not await gatherer.gather():
            await asyncio.sleep(0.2)


async def _watch(follower: Follower, ends: int) -> None:
    async for _ in follower.follow(Wanted(), ends):
        pass
