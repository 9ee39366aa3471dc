"""The whole network on one machine: broker, database, services and front, started, watched and stopped."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from nats.errors import Error as NatsError

import sluss
from services.runtime.ending import end
from sluss.machine.broker import Broker
from sluss.machine.database import bring_up_to_date, create_database
from sluss.machine.errors import MachineError, UnusableFolder, WouldNotStart
from sluss.machine.folder import DataFolder, Secrets
from sluss.machine.ports import LOOPBACK, free_port, ports_of_last_time, remember_ports
from sluss.machine.postgres import SUPERUSER, Postgres
from sluss.machine.programs import SERVICES, front_program, people_program, service_programs
from sluss.machine.run_file import NatsRun, PostgresRun, RunFile, ServiceRun
from sluss.machine.settings import DATABASE, ServiceSettings, database_url
from sluss.machine.supervisor import Supervised, stop_all
from sluss.machine.timekeeping import Timekeeping
from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority

DEMO_SPEED = 20_000.0
"""Seconds of the network's time per second in a demonstration: a day takes 4.3 s, a whole case minutes."""

_SERVICE_PATIENCE = 20.0
"""Seconds a service may take to finish started work; more than its own limit (SLUSS_STOP_SECONDS)."""
_LOOK_EVERY = 0.5


class UnknownService(MachineError):
    """`--replicas` names a service the network does not have."""

    code = "unknown_service"


class Network:
    """One network on one data folder: `start`, then `run` until told to stop, then `stop`.

    `replicas` says how many processes of a service run (default 1); `clock_speed` and `led_from` are as
    `Timekeeping` says. Everything that dies while the network runs is started again; the broker and Postgres
    keep their addresses.
    """

    def __init__(
        self,
        data: Path,
        *,
        demo: bool = False,
        replicas: Mapping[str, int] | None = None,
        clock_speed: float | None = None,
        led_from: datetime | None = None,
        services: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self.folder = DataFolder(data)
        self.demo = demo
        self._services = dict(SERVICES if services is None else services)
        self._replicas = dict(replicas or {})
        for name, count in self._replicas.items():
            if name not in self._services or count < 1:
                raise UnknownService(
                    f"--replicas {name}={count}: not a number of processes of a service",
                    remedy=f"services are {', '.join(self._services)}; at least 1 of each",
                )
        self._time = Timekeeping(self.folder, clock_speed, led_from)
        self._authority: Authority | None = None
        self._broker: Broker | None = None
        self._postgres: Postgres | None = None
        self._supervised: list[tuple[str, int, Supervised]] = []
        self._front: Supervised | None = None
        self._people: Supervised | None = None
        self._background: list[asyncio.Task[None]] = []
        self._announced = False
        self._failure: asyncio.Future[None] | None = None
        self._front_address = ""

    @property
    def broker(self) -> Broker:
        assert self._broker is not None, "not started"
        return self._broker

    @property
    def postgres(self) -> Postgres:
        assert self._postgres is not None, "not started"
        return self._postgres

    @property
    def authority(self) -> Authority:
        assert self._authority is not None, "not started"
        return self._authority

    async def start(self) -> RunFile:
        """Brings everything up in order and writes `run.json`. On failure nothing is left running."""
        self.folder.take()
        try:
            return await self._start()
        except BaseExceptionGroup as several:
            await self.stop()
            match _first_of(several):
                case OSError(filename=str()) as error:
                    raise UnusableFolder.because(error, self.folder.path) from None
                case first:
                    raise first from None
        except BaseException:
            await self.stop()
            raise

    async def run(self) -> None:
        """Returns only by an exception: `WouldNotStart` when broker or database cannot be kept alive."""
        assert self._failure is not None
        await self._failure

    async def stop(self) -> None:
        """People, front, services, broker, Postgres, in this order; each within its own limit."""
        await end(*self._background)
        self._background.clear()
        for outermost in (self._people, self._front):
            if outermost:
                await outermost.stop(5)
        await stop_all([supervised for _, _, supervised in self._supervised], _SERVICE_PATIENCE)
        if self._broker:
            await self._broker.stop()
        if self._postgres:
            await self._postgres.stop()
        self._time.note(clean=True)
        if self._announced:
            self.folder.run_file.unlink(missing_ok=True)
        self.folder.leave()

    async def _start(self) -> RunFile:
        folder = self.folder
        folder.run_file.unlink(missing_ok=True)  # what a cut-off run left says nothing about this one
        before = ports_of_last_time(folder.ports_file)
        self._time.begin(DEMO_SPEED if self.demo else 1.0)
        secrets = folder.secrets(tuple(self._services))
        self._authority = Authority(folder.keys)
        self._broker = Broker(
            folder.nats,
            self.authority,
            port=before.get("nats"),
            monitor_port=before.get("monitor"),
            log=folder.logs / "nats.log",
        )
        self._postgres = Postgres(
            folder.postgres, port=before.get("postgres"), log=folder.logs / "postgres.log"
        )
        async with asyncio.TaskGroup() as starting:
            starting.create_task(self.broker.start())
            starting.create_task(self._prepare_database(secrets))
        await Partners(self.authority, self.broker.url).republish()
        self._supervise(secrets, free_port(before.get("front")))
        assert self._front is not None
        async with asyncio.TaskGroup() as starting:
            starting.create_task(self._front.start())
            for _, _, supervised in self._supervised:
                starting.create_task(supervised.start())
        self._failure = asyncio.get_running_loop().create_future()
        self._background = [
            asyncio.create_task(self._keep_servers(), name="keep the servers"),
            asyncio.create_task(self._time.keep(), name="keep the time"),
        ]
        self._announced = True
        self._remember_ports()
        run = self._write_run_file()
        if self._people:
            await self._people.start()
        return run

    async def _prepare_database(self, secrets: Secrets) -> None:
        await self.postgres.start()
        await create_database(self.postgres.url(), DATABASE)
        urls = {name: database_url(self.postgres, name, secrets) for name in self._services}
        await bring_up_to_date(self.postgres.url(database=DATABASE), urls)

    def _supervise(self, secrets: Secrets, front_port: int) -> None:
        folder = self.folder
        self._front_address = f"http://{LOOPBACK}:{front_port}"
        settings = ServiceSettings(
            self.broker,
            self.postgres,
            secrets,
            self._time.told(),
            messages=folder.messages,
            front=self._front_address,
            demo=self.demo,
        )
        for name, replica, program in service_programs(folder, settings, self._services, self._replicas):
            self._supervised.append((name, replica, Supervised(program, self._write_run_file_if_running)))
        self._front = Supervised(front_program(folder, front_port), self._write_run_file_if_running)
        if self.demo:
            self._people = Supervised(people_program(folder), self._write_run_file_if_running)

    async def _keep_servers(self) -> None:
        """Starts a dead broker or Postgres again, at its old address: services reconnect by themselves."""
        assert self._failure is not None
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            for server in (self.broker, self.postgres):
                if server.alive:
                    continue
                address = server.port
                print(f"{server.child.name} ended; starting it again", file=sys.stderr, flush=True)
                try:
                    await server.start()
                    if server.port != address:
                        raise WouldNotStart(f"port {address} was taken by another program meanwhile")
                    if server is self.broker:  # it may have lost its folder, and the accounts with it
                        await Partners(self.authority, self.broker.url).republish()
                except (MachineError, NatsError, TimeoutError, OSError) as failure:
                    self._failure.set_exception(failure)
                    return
                self._write_run_file()

    def _write_run_file_if_running(self) -> None:
        if self._announced:
            self._write_run_file()

    def _write_run_file(self) -> RunFile:
        assert self._front is not None
        users = [*self._services, "operator"]
        creds = {**self.authority.service_credentials(users), "system": self.authority.system_credentials()}
        run = RunFile(
            version=sluss.__version__,
            pid=os.getpid(),
            created=psutil.Process().create_time(),
            data=self.folder.path,
            front=self._front.http or self._front_address,
            front_pid=self._front.pid,
            nats=NatsRun(
                pid=self.broker.pid,
                url=self.broker.url,
                monitor=self.broker.monitor_url,
                creds=creds,
                store=self.broker.store,
            ),
            postgres=PostgresRun(
                pid=self.postgres.pid,
                host=LOOPBACK,
                port=self.postgres.port,
                database=DATABASE,
                user=SUPERUSER,
                password_file=self.postgres.password_file,
            ),
            services=[
                ServiceRun(
                    service=name,
                    replica=replica,
                    pid=supervised.pid,
                    http=supervised.http,
                    restarts=supervised.restarts,
                    log=supervised.program.log,
                )
                for name, replica, supervised in self._supervised
            ],
            clock=self._time.shown(),
            keys=self.folder.keys,
            messages=self.folder.messages,
            demo=self.demo,
            people_pid=self._people.pid if self._people and self._people.pid else None,
        )
        run.write(self.folder.run_file)
        return run

    def _remember_ports(self) -> None:
        """Pages in bookmarks and partners' settings name our ports: take the same ones next time."""
        assert self._front is not None
        ports = {
            "nats": self.broker.port,
            "monitor": urlsplit(self.broker.monitor_url).port,
            "postgres": self.postgres.port,
            "front": urlsplit(self._front.http or self._front_address).port,
        }
        remember_ports(self.folder.ports_file, ports)


def _first_of(several: BaseExceptionGroup[BaseException]) -> BaseException:
    """The cause among failures of things started together; the others were cancelled because of it."""
    first = several.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first
