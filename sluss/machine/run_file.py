"""`run.json`: what runs, where, and with which credentials; for people, the command line and tests."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import psutil
from pydantic import BaseModel, ConfigDict, ValidationError

from services.runtime.clock import Clock
from services.runtime.led_clock import clock_told
from sluss.machine.errors import MachineError
from sluss.partners.authority import write_secret


class NotRunning(MachineError):
    """No network runs on this data folder."""

    code = "not_running"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NatsRun(_Part):
    pid: int
    url: str
    monitor: str
    creds: dict[str, Path]
    """Credentials files by user: each service, `operator` (our own tools), `system` (accounts)."""
    store: Path
    """Where JetStream keeps its streams; all of it can be rebuilt."""


class PostgresRun(_Part):
    pid: int
    host: str
    port: int
    database: str
    user: str
    password_file: Path

    def url(self) -> str:
        """The superuser's URL, password included: never print it."""
        password = quote(self.password_file.read_text().strip(), safe="")
        return f"postgresql://{self.user}:{password}@{self.host}:{self.port}/{self.database}"


class ServiceRun(_Part):
    service: str
    replica: int
    pid: int
    http: str | None
    """Where it answers, once it is ready."""
    restarts: int
    log: Path


class ClockRun(_Part):
    origin: datetime
    speed: float
    file: Path | None = None
    """The clock of a simulation that leads it; the other two then say when it began, and nothing more."""

    def clock(self) -> Clock:
        """The network's clock, for whoever is on the same machine."""
        return clock_told(self.origin, self.speed, self.file)


class RunFile(_Part):
    """The running network of one data folder."""

    version: str
    pid: int
    """The supervisor; SIGTERM to it stops everything."""
    created: float
    """When the supervisor's process began, which tells it from a later process with the same pid."""
    data: Path
    front: str
    front_pid: int
    nats: NatsRun
    postgres: PostgresRun
    services: list[ServiceRun]
    clock: ClockRun
    keys: Path
    messages: Path
    demo: bool
    people_pid: int | None = None
    """The simulated people of a demonstration."""

    def write(self, path: Path) -> None:
        write_secret(path, self.model_dump_json(indent=2) + "\n")

    @property
    def pids(self) -> list[int]:
        """Every process of the network."""
        servers = [self.pid, self.front_pid, self.nats.pid, self.postgres.pid]
        people = [self.people_pid] if self.people_pid else []
        return servers + [service.pid for service in self.services] + people

    @property
    def alive(self) -> bool:
        """False for a file left behind by a supervisor that was killed."""
        try:
            process = psutil.Process(self.pid)
            return process.status() != psutil.STATUS_ZOMBIE and abs(process.create_time() - self.created) < 1
        except psutil.NoSuchProcess:
            return False


def running(data: Path) -> RunFile:
    """The network that runs on a data folder. Raises `NotRunning` if none does, whatever lies there."""
    path = data.absolute() / "run.json"
    start = f"start it with: sluss up --data-dir {data}"
    try:
        run = RunFile.model_validate_json(path.read_text())
    except FileNotFoundError:
        raise NotRunning(f"no network is running on {data}", remedy=start) from None
    except ValidationError:
        raise NotRunning(f"{path} was not written by this version of Sluss", remedy=start) from None
    if not run.alive:
        raise NotRunning(
            f"the network on {data} is no longer running; its run.json is a leftover", remedy=start
        )
    return run
