"""A whole network in a test: real broker, real Postgres, every service a process, and people in it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import asyncpg
import nats
from nats.aio.client import Client

from services.runtime.clock import NetworkClock
from services.runtime.network import NatsNetwork
from sluss.invariants.asking import broken_after, violations
from sluss.ledger import SERVICES, Ledger
from sluss.machine.network import Network
from sluss.machine.run_file import RunFile, running
from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority
from sluss.people.simulation import Outcome, Simulation
from sluss.people.town import ORGANISATIONS, referring
from sluss.reach import Reached
from sluss.registries import registries
from sluss.registry.importing import import_registry

FAST = 300_000.0
"""A day of the network's time takes 0.3 seconds."""
_ACTIVITIES = 10
_LONG_ENOUGH = 180.0
"""Seconds (wall clock) within which two dozen people arrive on the busiest of machines, harm or no harm."""


class TownClock:
    """The network's time, also after it has been stopped and started again, for which it stood still."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self.started()

    def started(self) -> None:
        """The network runs (again): what it says of its clock counts from now on."""
        kept = running(self._data).clock
        self._clock = NetworkClock(kept.origin, kept.speed)

    def now(self) -> datetime:
        return self._clock.now()

    def wall(self) -> datetime:
        return self._clock.wall()

    def seconds_until(self, due: datetime) -> float:
        return self._clock.seconds_until(due)


class Record:
    """The superuser's connection to the tables, made again when Postgres has been away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection | None = None
        self._one_at_a_time = asyncio.Lock()

    async def connection(self) -> asyncpg.Connection:
        """Raises OSError, TimeoutError or asyncpg's errors while Postgres is away."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await asyncpg.connect(self._url, timeout=5, command_timeout=60)
        return self._connection

    async def fetch(self, query: str, *args: Any) -> list[asyncpg.Record]:
        async with self._one_at_a_time:
            connection = await self.connection()
            try:
                rows: list[asyncpg.Record] = await connection.fetch(query, *args)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as lost:
                connection.terminate()
                self._connection = None
                raise asyncpg.InterfaceError(str(lost)) from lost
            return rows

    def close(self) -> None:
        if self._connection:
            self._connection.terminate()


@dataclass
class Town:
    """The running network, with hands on every process."""

    build: Callable[[], Network]
    network: Network
    data: Path
    plants: Path
    there: Reached
    clock: TownClock
    record: Record
    client: Client
    """An operator's."""

    @property
    def run(self) -> RunFile:
        """What runs now; processes change when something has died."""
        return running(self.data)

    def pids(self, service: str) -> list[int]:
        """The processes of a service, by replica."""
        return [s.pid for s in self.run.services if s.service == service and s.pid]

    def restarts(self) -> int:
        """How often services have been started again."""
        return sum(s.restarts for s in self.run.services)

    def kill(self, pid: int) -> None:
        """kill -9, for a process of this network only."""
        assert pid in self.run.pids, f"{pid} is not ours"
        os.kill(pid, signal.SIGKILL)

    async def freeze(self, pids: Sequence[int], seconds: float) -> None:
        """Stop processes without their noticing, and let them go on later."""
        assert set(pids) <= set(self.run.pids), f"{pids} are not all ours"
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    async def stop_and_start(self) -> None:
        """SIGTERM to everything, and a new start on the same data."""
        await self.network.stop()
        self.network = self.build()
        await self.network.start()
        self.clock.started()

    def plant(self, service: str, points: Sequence[str]) -> None:
        """From now on the service dies at one point after another, at a new one with each start."""
        (self.plants / f"{service}.points").write_text("".join(f"{point}\n" for point in points))
        for pid in self.pids(service):
            self.kill(pid)

    def points_left(self) -> list[str]:
        """Fault points that were planted and not met yet."""
        return [line for path in self.plants.glob("*.points") for line in path.read_text().split()]

    async def refer(
        self, referrals: int, *, seed: int = 1, per_second: float = 5.0, patience: float = 60.0
    ) -> Outcome:
        """Refer people and act until all have arrived, or too long has passed for anybody still to come:
        who then stands where is told. The record is read anew, from its beginning."""
        ledger = Ledger(cast("asyncpg.Connection", self.record))
        async with referring(self.there) as referrers:
            people = Simulation(self.there.network, ledger, self.there.clock, referrers, seed=seed)
            return await people.run(referrals, patience=patience, per_second=per_second, at_most=_LONG_ENOUGH)

    async def violations(self, within: float = 60.0) -> dict[str, list[str]]:
        """The invariants that do not hold once the network has had time to heal."""

        async def look() -> dict[str, list[str]]:
            found = await violations(await self.record.connection(), registries())
            if twice := sent_twice(self.run.messages):
                found["letterbox"] = twice
            return found

        return await broken_after(look, within=within)

    async def assert_whole(self, outcome: Outcome) -> None:
        """Every referral has arrived, and every invariant holds."""
        assert outcome.complete, outcome.stuck
        assert await self.violations() == {}


async def under(there: Town, harm: Callable[[], Any], *, referrals: int, after: float = 2.5) -> Outcome:
    """Refer people, and do harm while they are on their way."""

    async def later() -> None:
        await asyncio.sleep(after)
        done = harm()
        if asyncio.iscoroutine(done):
            await done

    harming = asyncio.create_task(later())
    try:
        return await there.refer(referrals, seed=there.restarts() + 1)
    finally:
        await harming


def sent_twice(letterbox: Path) -> list[str]:
    """Messages of which the demonstration's channel holds more than one letter."""
    letters = Counter(path.name.split(".")[0] for path in letterbox.glob("*.txt"))
    return [f"message {message} was sent {count} times" for message, count in letters.items() if count > 1]


async def settle(there: Reached, folder: Path, more: str = "") -> None:
    """The demonstration's town with a few of its activities, which is quicker to register.

    `more` is TOML for whoever else should be there.
    """
    text = files("sluss.registry").joinpath("demo.toml").read_text()
    entries = text.split("\n[[")
    activities = [entry for entry in entries if entry.startswith("activity]]")]
    dropped = set(activities) - set(activities[:: len(activities) // _ACTIVITIES])
    file = folder / "town.toml"
    file.write_text("\n[[".join(entry for entry in entries if entry not in dropped) + more)
    await import_registry(there, file)
    partners = Partners(Authority(there.run.keys), there.run.nats.url)
    for organisation in ORGANISATIONS:
        await partners.add(organisation)


@asynccontextmanager
async def town(
    folder: Path,
    *,
    replicas: Mapping[str, int] | None = None,
    bug: str | None = None,
    speed: float = FAST,
    more: str = "",
) -> AsyncIterator[Town]:
    """Start a network with the demonstration's town settled. `bug` is planted in every service."""
    plants, data = folder / "plants", folder / "data"
    plants.mkdir()
    if bug:
        for service in SERVICES:
            (plants / f"{service}.bug").write_text(bug)
    starting = {
        service: (sys.executable, "-m", "tests.faults.planted", str(plants), service) for service in SERVICES
    }

    def build() -> Network:
        return Network(data, replicas=replicas, clock_speed=speed, services=starting)

    network = build()
    here: Town | None = None
    await network.start()
    try:
        run = running(data)
        client = await nats.connect(
            run.nats.url,
            user_credentials=str(run.nats.creds["operator"]),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
            error_cb=_quiet,
        )
        record = Record(run.postgres.url())
        try:
            clock = TownClock(data)
            ledger = Ledger(await record.connection())
            there = Reached(NatsNetwork(client), ledger, cast("NetworkClock", clock), run)
            await settle(there, folder, more)
            here = Town(build, network, data, plants, there, clock, record, client)
            yield here
        finally:
            record.close()
            await client.close()
    finally:
        await (here.network if here else network).stop()


async def _quiet(error: Exception) -> None:
    """What is killed here is meant to be gone for a while."""
