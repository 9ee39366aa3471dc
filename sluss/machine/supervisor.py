"""Keeps one program running: starts it again when it dies, waiting longer each time it dies young."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.runtime.ending import end
from sluss.machine.child import Child
from sluss.machine.errors import WouldNotStart

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 10.0
_GROWN_UP = 30.0
_TRIES_AT_FIRST = 3


@dataclass
class Program:
    """How a program is started and how it says that it is ready.

    It is ready when it has written `{"pid": …, "http": …}` with its own pid into `ready_file`; without such
    a file, as soon as it runs.
    """

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str]
    log: Path
    ready_file: Path | None = None
    orders: Path | None = None
    """A file that may hold settings to be given besides, in a demonstration: see `sluss.incidents`."""

    def told(self) -> dict[str, str]:
        """What it is told when it is started now."""
        if self.orders is None or not self.orders.exists():
            return dict(self.environment)
        given: dict[str, str] = json.loads(self.orders.read_text())
        return {**self.environment, **given}


@dataclass
class Supervised:
    """One program kept alive. `changed` is called after every start, ready or death."""

    program: Program
    changed: Callable[[], None]
    patience: float = 60.0
    restarts: int = 0
    http: str | None = None
    child: Child | None = None
    _keeper: asyncio.Task[None] | None = field(default=None, repr=False)
    _stopping: bool = False

    @property
    def pid(self) -> int:
        return self.child.pid if self.child else 0

    async def start(self) -> None:
        """Returns when the program is ready. Raises `WouldNotStart` after a few deaths or in silence."""
        for attempt in range(1, _TRIES_AT_FIRST + 1):
            child = await self._spawn()
            if await self._until_ready(child):
                break
            if child.alive:
                await child.kill()
                raise WouldNotStart(
                    f"{self.program.name} was not ready after {self.patience:g} s: {child.last_words(3)}",
                    remedy=f"its log is {self.program.log}",
                )
            if attempt == _TRIES_AT_FIRST:
                raise WouldNotStart(
                    f"{self.program.name} ended before it was ready (exit code {child.exit_code}): "
                    f"{child.last_words(3)}",
                    remedy=f"its log is {self.program.log}",
                )
            await asyncio.sleep(_FIRST_PAUSE * attempt)
        self._keeper = asyncio.create_task(self._keep(), name=f"keep {self.program.name}")

    async def stop(self, patience: float) -> None:
        """SIGTERM, and SIGKILL when `patience` seconds have passed."""
        self._stopping = True
        if self._keeper:
            await end(self._keeper)
        if self.child:
            await self.child.stop(by=signal.SIGTERM, patience=patience)

    async def _keep(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            assert self.child is not None
            born = time.monotonic()
            code = await self.child.wait()
            self.http = None
            self.changed()
            pause = _FIRST_PAUSE if time.monotonic() - born > _GROWN_UP else min(pause * 2, _LONGEST_PAUSE)
            print(f"{self.program.name} ended ({_how(code)}); starting it again", file=sys.stderr, flush=True)
            await asyncio.sleep(pause)
            self.restarts += 1
            # A restarted program that is never ready is not killed: it may be waiting for the database.
            try:
                await self._until_ready(await self._spawn())
            except OSError as failure:  # the machine has no room for another process just now
                print(f"{self.program.name} could not be started: {failure}", file=sys.stderr, flush=True)

    async def _spawn(self) -> Child:
        program = self.program
        if program.ready_file:
            program.ready_file.unlink(missing_ok=True)
        self.child = await Child.spawn(
            program.name, program.command, log=program.log, environment=program.told()
        )
        self.changed()
        return self.child

    async def _until_ready(self, child: Child) -> bool:
        if self.program.ready_file is None:
            return True
        deadline = time.monotonic() + self.patience
        while child.alive and time.monotonic() < deadline:
            if ready := _read_ready(self.program.ready_file, child.pid):
                self.http = ready
                self.changed()
                return True
            await asyncio.sleep(0.03)
        return False


def _read_ready(path: Path, pid: int) -> str | None:
    """The address in a ready file, if it is this process that wrote it."""
    try:
        ready = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return str(ready["http"]) if ready.get("pid") == pid else None


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


async def stop_all(programs: Sequence[Supervised], patience: float) -> None:
    """Stops several at once; the slowest decides how long it takes."""
    stops: list[Awaitable[None]] = [program.stop(patience) for program in programs]
    await asyncio.gather(*stops)
