"""Whole service processes on a real broker and database: they start, talk, stop, refuse."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.runtime.deadletters import open_dead_letters, replay
from services.runtime.decision import Transient
from services.runtime.network import NatsNetwork, NobodyAnswers, reach
from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer
from tests.runtime.conftest import Database, prepare
from tests.runtime.ferries import CAPTAIN, Board, Moor, new
from tests.support.databases import PASSWORD
from tests.support.servers import BrokerAccess

ROOT = Path(__file__).parents[2]
FAST = {"SLUSS_CLOCK_ORIGIN": "2027-01-01T00:00:00Z", "SLUSS_CLOCK_SPEED": "3600"}


class ServiceProcess:
    """`python -m tests.runtime.ferries <service>`, addressed by its pid."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, ready: Path, log: Path) -> None:
        self.name = name
        self.process = process
        self.ready = ready
        self.log = log

    async def address(self) -> str:
        async with asyncio.timeout(30):
            while not self.ready.exists():
                if self.process.returncode is not None:
                    pytest.fail(f"{self.name} ended: {self.log.read_text()}")
                await asyncio.sleep(0.05)
        told: dict[str, Any] = json.loads(self.ready.read_text())
        assert told["pid"] == self.process.pid
        return str(told["http"])

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        if self.process.returncode is None:
            self.process.send_signal(number)
        async with asyncio.timeout(20):
            return await self.process.wait()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]

    def events(self) -> list[str]:
        return [line["event"] for line in self.lines()]


class Yard:
    """Starts service processes of one network."""

    def __init__(self, database: Database, broker: str, creds: Path, monitor: str, folder: Path) -> None:
        self.database = database
        self.environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SLUSS_NATS_URL": broker,
            "SLUSS_NATS_CREDS": str(creds),
            "SLUSS_NATS_MONITOR_URL": monitor,
            "SLUSS_STOP_SECONDS": "10",
        }
        self._folder = folder
        self._processes: list[ServiceProcess] = []

    async def start(self, name: str, *arguments: str, **settings: str) -> ServiceProcess:
        number = len(self._processes)
        ready, log = self._folder / f"{name}-{number}.json", self._folder / f"{name}-{number}.log"
        environment = self.environment | {
            "SLUSS_DATABASE_URL": self.database.url(name),
            "SLUSS_READY_FILE": str(ready),
            **settings,
        }
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.runtime.ferries", name, *arguments),
                env=environment,
                stdout=output,
                stderr=output,
                cwd=ROOT,
            )
        self._processes.append(ServiceProcess(name, process, ready, log))
        return self._processes[-1]

    async def close(self) -> None:
        for each in self._processes:
            await each.end(signal.SIGKILL)


@pytest.fixture
async def yard(
    database: Database, broker: BrokerAccess, nats_server: Broker, tmp_path: Path
) -> AsyncIterator[Yard]:
    opened = Yard(database, broker.url, broker.creds, nats_server.monitor_url, tmp_path)
    yield opened
    await opened.close()


async def rows(database: Database, service: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(database.url(service))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def eventually(met: Callable[[], Awaitable[bool]], seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not await met():
            await asyncio.sleep(0.1)


def moor(ferry: str, **more: Any) -> Moor:
    return Moor(command_id=new(), actor=CAPTAIN, ferry=ferry, **more)


def board(ferry: str, passenger: str = "Anna") -> Board:
    return Board(command_id=new(), actor=CAPTAIN, ferry=ferry, passenger=passenger)


async def test_two_services_speak_through_the_network(yard: Yard, broker: BrokerAccess) -> None:
    ferry, harbour = await yard.start("ferry", **FAST), await yard.start("harbour", **FAST)
    address = await ferry.address()
    await harbour.address()
    network = NatsNetwork(await broker.connect())

    assert (await network.ask(moor("juno", stays=3600))).ok
    assert (await network.ask(board("juno"))).ok

    async def logged() -> bool:
        return bool(await rows(yard.database, "harbour", "select 1 from event where key = 'juno'"))

    async def departed() -> bool:
        kind = "sluss.ferry.departed.v1"
        return bool(await rows(yard.database, "ferry", f"select 1 from event where type = '{kind}'"))

    await eventually(logged)
    await eventually(departed)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{address}/livez")).status_code == 200
        ready = await client.get(f"{address}/readyz")
        assert (ready.status_code, ready.json()) == (200, {"service": "ferry", "status": "ready"})
    present = "select ailing, cares from process"
    assert [tuple(row) for row in await rows(yard.database, "ferry", present)] == [("{}", "{}")]
    assert await ferry.end() == 0
    assert await harbour.end(signal.SIGINT) == 0
    assert await rows(yard.database, "ferry", present) == []  # it has taken leave
    assert ferry.events()[-1] == "stopped"
    assert not ferry.ready.exists()


async def test_a_replayed_dead_letter_passes_through_the_handlers_again(
    yard: Yard, broker: BrokerAccess
) -> None:
    await (await yard.start("ferry")).address()
    await (await yard.start("harbour")).address()
    network = NatsNetwork(await broker.connect())
    await network.ask(moor("juno"))
    await network.ask(board("juno", "a stowaway"))
    connection = await asyncpg.connect(yard.database.url("harbour"))

    async def letters(count: int) -> bool:
        return len(await connection.fetch("select 1 from dead_letter")) == count

    await eventually(lambda: letters(1))
    (first,) = await open_dead_letters(connection)
    assert (first.code, first.key) == ("not_on_the_list", "juno")
    assert await replay(connection, first.number, by="operator-1")
    await eventually(lambda: letters(2))
    (again,) = await open_dead_letters(connection)
    assert (again.event_id, again.body) == (first.event_id, first.body)
    assert not await connection.fetch("select 1 from parked")
    await connection.close()


async def test_told_to_stop_under_load_it_answers_and_publishes_what_it_took_on(
    yard: Yard, broker: BrokerAccess
) -> None:
    ferry = await yard.start("ferry")
    await ferry.address()
    network = NatsNetwork(await broker.connect())
    asked = [asyncio.create_task(network.ask(moor(f"f{n}"), timeout=15)) for n in range(400)]
    await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert await ferry.end() == 0
    answers = await asyncio.gather(*asked, return_exceptions=True)
    done = [answer for answer in answers if isinstance(answer, Answer)]
    assert done
    assert {type(answer) for answer in answers} <= {Answer, NobodyAnswers}
    said = await rows(yard.database, "ferry", "select id from event")
    assert {row["id"] for row in said} == {id for answer in done for id in answer.events}
    unpublished = await rows(yard.database, "ferry", "select lane from head where sent < last")
    assert unpublished == []


async def test_replicas_share_the_work_and_one_may_leave(yard: Yard, broker: BrokerAccess) -> None:
    first, second = await yard.start("ferry"), await yard.start("ferry")
    await first.address()
    await second.address()
    network = NatsNetwork(await broker.connect())
    for n in range(40):
        assert (await network.ask(moor(f"a{n}"))).ok
    assert await first.end() == 0
    for n in range(40):
        assert (await network.ask(moor(f"b{n}"))).ok

    async def all_published() -> bool:
        return not await rows(yard.database, "ferry", "select lane from head where sent < last")

    await eventually(all_published)


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"SLUSS_NATS_MONITOR_URL": "http://127.0.0.1:1"}, "does not answer"),
        ({"SLUSS_COLOUR": "blue"}, "SLUSS_COLOUR is not a setting of Sluss"),
        ({"SLUSS_HTTP_PORT": "eighty"}, "SLUSS_HTTP_PORT"),
    ],
)
async def test_it_refuses_to_start_and_says_why(yard: Yard, settings: dict[str, str], complaint: str) -> None:
    ferry = await yard.start("ferry", **settings)
    assert await asyncio.wait_for(ferry.process.wait(), 30) == 78
    assert complaint in ferry.log.read_text()
    assert "Traceback" not in ferry.log.read_text()
    assert PASSWORD not in ferry.log.read_text()


async def test_it_refuses_a_schema_that_lacks_migrations(yard: Yard) -> None:
    await rows(yard.database, "ferry", "delete from migrated_runtime")
    ferry = await yard.start("ferry")
    assert await asyncio.wait_for(ferry.process.wait(), 30) == 78
    assert "run `python -m services.runtime.migrate ferry`" in ferry.log.read_text()


async def test_a_task_that_fails_ends_the_process_and_tells_no_values(yard: Yard) -> None:
    ferry = await yard.start("ferry", "leaky")
    assert await asyncio.wait_for(ferry.process.wait(), 30) == 70
    assert {"task_crashed", "crashed"} <= set(ferry.events())
    (line,) = (line for line in ferry.lines() if line["event"] == "task_crashed")
    assert (line["task"], line["error"]) == ("spring_a_leak", "builtins.RuntimeError")
    assert "Persson" not in ferry.log.read_text()


async def test_told_to_stop_before_it_has_started_it_goes_quietly(yard: Yard) -> None:
    ferry = await yard.start("ferry", SLUSS_NATS_URL="nats://127.0.0.1:1")

    async def waiting() -> bool:
        return "broker_error" in ferry.events()

    await eventually(waiting)
    assert await ferry.end() == 0


async def test_no_secret_is_seen_from_outside(yard: Yard) -> None:
    ferry = await yard.start("ferry")
    await ferry.address()
    command_line = Path(f"/proc/{ferry.process.pid}/cmdline").read_bytes().decode()
    assert PASSWORD not in command_line
    assert PASSWORD not in ferry.log.read_text()


@pytest.fixture
async def own_yard(
    own_postgres: Postgres, own_broker: Broker, tmp_path: Path
) -> AsyncIterator[tuple[Yard, NatsNetwork]]:
    """With servers of its own, to be maltreated."""
    database = await prepare(own_postgres.url())
    creds = own_broker.authority.service_credentials(["test"])["test"]
    yard = Yard(database, own_broker.url, creds, own_broker.monitor_url, tmp_path)
    async with reach(own_broker.url, creds) as network:
        yield yard, network
    await yard.close()


@pytest.mark.slow
async def test_it_outlives_a_restart_of_its_database_and_of_the_broker(
    own_yard: tuple[Yard, NatsNetwork], own_postgres: Postgres, own_broker: Broker
) -> None:
    yard, network = own_yard
    ferry = await yard.start("ferry")
    await ferry.address()

    async def works() -> bool:
        try:
            return (await network.ask(moor(str(new())), timeout=2)).ok
        except Transient:
            return False

    async def published() -> bool:
        return not await rows(yard.database, "ferry", "select lane from head where sent < last")

    for trouble in (own_postgres.restart, own_broker.restart):
        await eventually(works)
        await trouble()
        await eventually(works, 40)
        await eventually(published, 40)
    assert ferry.process.returncode is None
    assert await ferry.end() == 0


@pytest.mark.slow
async def test_a_broker_that_says_nothing_makes_it_unready_within_15_seconds(
    own_yard: tuple[Yard, NatsNetwork], own_broker: Broker
) -> None:
    yard, _ = own_yard
    ferry = await yard.start("ferry")
    address = await ferry.address()

    async def ready() -> bool:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{address}/readyz")).status_code == 200

    async def unready() -> bool:
        return not await ready()

    await eventually(ready)
    own_broker.child.freeze()
    try:
        await eventually(unready, 16)
    finally:
        own_broker.child.thaw()
    await eventually(ready, 40)
