"""A whole network in a test: real broker, real Postgres, every service a process, and people in it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sluss.invariants import invariants
from sluss.ledger import SERVICES, Ledger
from sluss.machine.network import Network
from sluss.machine.run_file import RunFile, running
from sluss.people.simulation import Outcome, Simulation
from sluss.people.town import referring, settle
from sluss.reach import Reached, reached
from sluss.registries import registries

FAST = 60_000.0
"""A day of the network's time takes 1.4 seconds."""


@dataclass
class Town:
    """The running network, with hands on every process."""

    network: Network
    data: Path
    there: Reached
    plants: Path

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

    async def freeze(self, pid: int, seconds: float) -> None:
        """Stop a process without its noticing, and let it go on later."""
        assert pid in self.run.pids, f"{pid} is not ours"
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(seconds)
        finally:
            os.kill(pid, signal.SIGCONT)

    def plant(self, service: str, points: Sequence[str]) -> None:
        """From now on the service dies at one point after another, at a new one with each start."""
        (self.plants / f"{service}.points").write_text("".join(f"{point}\n" for point in points))
        for pid in self.pids(service):
            self.kill(pid)

    def points_left(self) -> list[str]:
        """Fault points that were planted and not met yet."""
        return [line for path in self.plants.glob("*.points") for line in path.read_text().split()]

    async def refer(
        self, referrals: int, *, seed: int = 1, per_second: float = 10.0, patience: float = 60.0
    ) -> Outcome:
        """Refer people and act until all have arrived. The record is read anew, from its beginning."""
        ledger = Ledger(self.there.ledger.connection)
        async with referring(self.there) as referrers:
            people = Simulation(self.there.network, ledger, self.there.clock, referrers, seed=seed)
            return await people.run(referrals, patience=patience, per_second=per_second)

    async def violations(self, within: float = 60.0) -> dict[str, list[str]]:
        """The invariants that do not hold once the network has had time to heal."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            found = {}
            for invariant in invariants(registries()):
                if rows := await invariant.violations(self.there.ledger.connection):
                    found[invariant.id] = rows
            if twice := sent_twice(self.run.messages):
                found["letterbox"] = twice
            if not found or loop.time() > deadline:
                return found
            await asyncio.sleep(1)


def sent_twice(letterbox: Path) -> list[str]:
    """Messages of which the demonstration's channel holds more than one letter."""
    letters = Counter(path.name.split(".")[0] for path in letterbox.glob("*.txt"))
    return [f"message {message} was sent {count} times" for message, count in letters.items() if count > 1]


@asynccontextmanager
async def town(
    folder: Path,
    *,
    replicas: Mapping[str, int] | None = None,
    bug: str | None = None,
    speed: float = FAST,
) -> AsyncIterator[Town]:
    """Start a network with the demonstration's town settled. `bug` is planted in every service."""
    plants = folder / "plants"
    plants.mkdir()
    if bug:
        for service in SERVICES:
            (plants / f"{service}.bug").write_text(bug)
    starting = {
        service: (sys.executable, "-m", "tests.faults.planted", str(plants), service) for service in SERVICES
    }
    network = Network(folder / "data", replicas=replicas, clock_speed=speed, services=starting)
    await network.start()
    try:
        async with reached(folder / "data") as there:
            await settle(there)
            yield Town(network, folder / "data", there, plants)
    finally:
        await network.stop()
