"""A real nats-server with JetStream on loopback ports, safe against power cuts, gone when we are gone."""

from __future__ import annotations

import asyncio
import json
import secrets
import signal
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import nats

from sluss.machine.child import Child
from sluss.machine.errors import MissingProgram, WouldNotStart
from sluss.machine.nats_configuration import NatsNode, nats_configuration
from sluss.machine.ports import LOOPBACK, is_free
from sluss.machine.staging import Staging
from sluss.partners.authority import Authority

_ANY = -1
"""Asks the operating system for a port."""


class Broker:
    """One nats-server: `start`, `stop`, `restart`, `kill`, all by pid.

    Accounts come from `authority`; JetStream flushes every write to disk before it acknowledges
    (`sync_interval: always`). The port stays the same across `restart`.
    """

    def __init__(
        self,
        folder: Path,
        authority: Authority,
        *,
        port: int | None = None,
        monitor_port: int | None = None,
        log: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.authority = authority
        self.log = log or self.folder.with_name(f"{self.folder.name}.log")
        self.name = f"sluss-{secrets.token_hex(6)}"
        self._port = port
        self._monitor_port = monitor_port
        self._child: Child | None = None
        self._staging = Staging(self.store)

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.alive

    @property
    def child(self) -> Child:
        return self._running

    @property
    def port(self) -> int:
        if self._port is None:
            raise WouldNotStart("the NATS server has not been started yet")
        return self._port

    @property
    def url(self) -> str:
        return f"nats://{LOOPBACK}:{self.port}"

    @property
    def monitor_url(self) -> str:
        """Where `/varz`, `/jsz` and `/connz` answer."""
        if self._monitor_port is None:
            raise WouldNotStart("the NATS server has not been started yet")
        return f"http://{LOOPBACK}:{self._monitor_port}"

    @property
    def store(self) -> Path:
        """Everything JetStream keeps. What is deleted here is rebuilt from the services' event tables."""
        return self.folder / "jetstream"

    async def start(self, *, patience: float = 120.0) -> None:
        """Returns when the server answers under our own name, or raises `WouldNotStart`.

        `patience` (seconds) includes reading a large store.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        await self._staging.begin()
        # The addresses of last time while they are free, so that those who knew them find us again.
        known = (_free(self._port), _free(self._monitor_port))
        try:
            async with asyncio.timeout(patience):
                started = await self._start_on(*known) or await self._start_on(_ANY, _ANY)
        except TimeoutError:
            raise WouldNotStart(
                f"nats-server was not ready after {patience:g} s", remedy=f"its log is {self.log}"
            ) from None
        if not started:
            raise WouldNotStart(f"nats-server ended at once: {self._running.last_words(4)}")

    async def stop(self, *, patience: float = 10.0) -> None:
        if self._child is not None and self._child.alive:
            await self._child.stop(by=signal.SIGTERM, patience=patience)
        await self._staging.end()

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def kill(self) -> None:
        await self._running.kill()
        await self._staging.end()

    async def varz(self) -> dict[str, Any]:
        """The server's own report of its settings and state."""
        async with httpx.AsyncClient(timeout=5) as client:
            answer: dict[str, Any] = (await client.get(f"{self.monitor_url}/varz")).json()
        return answer

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise WouldNotStart("the NATS server has not been started yet")
        return self._child

    async def _start_on(self, port: int, monitor_port: int) -> bool:
        configuration = self.folder / "nats.conf"
        node = NatsNode(
            name=self.name,
            listen=f"{LOOPBACK}:{port}",
            monitor=f"{LOOPBACK}:{monitor_port}",
            folder=self.folder,
            ports_file=True,
        )
        configuration.write_text(nats_configuration(node, self.authority))
        configuration.chmod(0o600)
        for stale in self.folder.glob("*.ports"):
            stale.unlink()
        self._child = child = await Child.spawn(
            "nats-server",
            [_program(), "-c", configuration],
            log=self.log,
            environment={},
            dies_by=signal.SIGTERM,
        )
        while child.alive:
            if found := self._ports_of(child.pid):
                self._port, self._monitor_port = found
                await self._make_sure_it_is_ours()
                return True
            await asyncio.sleep(0.02)
        return False

    def _ports_of(self, pid: int) -> tuple[int, int] | None:
        """nats-server writes the ports it was given into a file named after its pid."""
        for path in self.folder.glob(f"*_{pid}.ports"):
            try:
                ports = json.loads(path.read_text())
                clients, monitor = (urlsplit(ports[kind][0]).port for kind in ("nats", "monitoring"))
                return (clients, monitor) if clients and monitor else None
            except (ValueError, KeyError, IndexError):
                return None
        return None

    async def _make_sure_it_is_ours(self) -> None:
        credentials = str(self.authority.system_credentials())
        client = await nats.connect(self.url, user_credentials=credentials, connect_timeout=5)
        try:
            served = client._server_info.get("server_name")  # nats-py offers no public way to it
        finally:
            await client.close()
        if served != self.name:
            raise WouldNotStart(f"{self.url} is answered by another server, {served}")


def _free(port: int | None) -> int:
    return port if port and is_free(port) else _ANY


def _program() -> Path:
    """The wheel puts nats-server beside this Python."""
    path = Path(sys.prefix) / "bin" / "nats-server"
    if not path.exists():
        raise MissingProgram("nats-server is not in this environment", remedy="run make setup again")
    return path
