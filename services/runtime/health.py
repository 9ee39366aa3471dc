"""Is this process alive, and is it fit for work? And the HTTP server that says so and carries the pages."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import uvicorn
from fastapi import FastAPI
from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.settings import Settings

Check = Callable[[], str | None]
"""Why it is not fit, or None."""

Scrape = Callable[[], Awaitable[bytes]]
METRICS = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format."""

STALL = 15.0
"""Seconds of silence after which a part counts as stalled."""
_LINGER = 3
"""Seconds that open pages and event streams get when the process ends."""


class Health:
    """Readiness by named checks. Not ready until `started`, and no more once `stopping`."""

    def __init__(self) -> None:
        self._checks: dict[str, Check] = {}
        self._cares: list[tuple[str, Check]] = []
        self._started = False
        self._stopping = False

    def watch(self, name: str, check: Check) -> None:
        """Let readiness depend on a check; it must answer at once, without waiting for anything."""
        self._checks[name] = check

    def care(self, name: str, check: Check) -> None:
        """Let operators be told when a check says so; the process is as fit for work as before. Of several
        checks of one name the first that says anything is told."""
        self._cares.append((name, check))

    def cares(self) -> dict[str, str]:
        """What somebody should see to, though the service is ready; empty when there is nothing."""
        found: dict[str, str] = {}
        for name, check in self._cares:
            if why := check():
                found.setdefault(name, why)
        return found

    def started(self) -> None:
        """Everything runs."""
        self._started = True

    def stopping(self) -> None:
        """No new work, please."""
        self._stopping = True

    def reasons(self) -> dict[str, str]:
        """Why the service is not ready, by check; empty when it is."""
        if self._stopping:
            return {"process": "stopping"}
        found = {} if self._started else {"process": "starting"}
        for name, check in self._checks.items():
            if why := check():
                found[name] = why
        return found


class Pulse:
    """A check that fails when nobody has reported success for a while."""

    def __init__(self, patience: float = STALL) -> None:
        self._patience = patience
        self._last = time.monotonic()

    def beat(self) -> None:
        """It works, as of now."""
        self._last = time.monotonic()

    def __call__(self) -> str | None:
        silence = time.monotonic() - self._last
        return f"silent for {silence:.0f} s" if silence > self._patience else None


async def feel_pulse(pool: asyncpg.Pool, client: Client, health: Health, stop: asyncio.Event) -> None:
    """Ask database and broker every two seconds whether they still answer, until `stop`."""
    database, broker = Pulse(), Pulse()
    health.watch("database", database)
    health.watch("broker", lambda: broker() if client.is_connected else "not connected")
    while not stop.is_set():
        with contextlib.suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            async with asyncio.timeout(10):
                await pool.fetchval("select 1")
            database.beat()
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            if client.is_connected:
                await client.flush(timeout=5)
                broker.beat()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 2)


class Front:
    """The process's only HTTP application: `/livez`, `/readyz`, `/metrics`, and the service's pages.

    What it says of itself is for whoever runs it: the front passes none of it on.
    """

    def __init__(self, service: str, health: Health, scrape: Scrape) -> None:
        self._service = service
        self._health = health
        self._scrape = scrape
        self._pages: FastAPI | None = None

    @asynccontextmanager
    async def carrying(self, pages: FastAPI | None) -> AsyncIterator[None]:
        """Serve the service's pages within this block, and run their lifespan."""
        if pages is None:
            yield
            return
        async with pages.router.lifespan_context(pages):
            self._pages = pages
            try:
                yield
            finally:
                self._pages = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            if self._pages is not None:
                await self._pages(scope, receive, send)
            return
        match scope["path"]:
            case "/livez":
                await _answer(send, 200, {"service": self._service, "status": "alive"})
            case "/readyz":
                reasons = self._health.reasons()
                told: dict[str, Any] = {
                    "service": self._service,
                    "status": "not ready" if reasons else "ready",
                }
                why = {"reasons": reasons, "cares": self._health.cares()}
                told |= {name: each for name, each in why.items() if each}
                await _answer(send, 503 if reasons else 200, told)
            case "/metrics":
                await _send(send, 200, METRICS, await self._scrape())
            case _ if self._pages is not None:
                await self._pages(scope, receive, send)
            case _ if "process" in self._health.reasons():
                await _answer(send, 503, {"service": self._service, "status": "not ready"})
            case _:
                await _answer(send, 404, {"service": self._service, "status": "no such page"})


async def _answer(send: Any, status: int, document: dict[str, Any]) -> None:
    await _send(send, status, "application/json", orjson.dumps(document))


async def _send(send: Any, status: int, kind: str, body: bytes) -> None:
    headers = [(b"content-type", kind.encode()), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Server(uvicorn.Server):
    """Leaves signals to the process, which has more to stop than its pages."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving_http(front: Front, settings: Settings) -> AsyncIterator[str]:
    """Serve HTTP within the block; gives the address, e.g. `http://127.0.0.1:40123`.

    Raises OSError when the address is taken.
    """
    listener = socket.create_server((settings.http_host, settings.http_port), backlog=512)
    host, port = listener.getsockname()[:2]
    server = _Server(
        uvicorn.Config(
            front,
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            # A page that streams live updates never ends by itself.
            timeout_graceful_shutdown=_LINGER,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]), name="http")
    try:
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        await task
        listener.close()


def write_ready_file(path: Path, address: str) -> None:
    """Say where the service answers, whole or not at all."""
    half = path.with_name(f".{path.name}.new")
    half.write_text(json.dumps({"pid": os.getpid(), "http": address}))
    half.replace(path)
