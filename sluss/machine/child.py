"""A child process that dies with us and whose every line goes to a file of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True, slots=True)
class Account:
    """Who a child runs as. `search` lets it pass through directories closed to that account."""

    uid: int
    gid: int
    search: bool = False


class Child:
    """One running program, addressed by its pid. Made by `Child.spawn`."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, log: Path) -> None:
        self.name = name
        self.log = log
        self._process = process

    @classmethod
    async def spawn(
        cls,
        name: str,
        program: Sequence[str | Path],
        *,
        log: Path,
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        dies_by: signal.Signals = signal.SIGKILL,
        directory: Path | None = None,
    ) -> Child:
        """Starts `program`; its output is appended to `log`.

        `dies_by` is what the kernel sends it when the calling process dies, however that happens. The
        program sees `environment` and nothing else; `None` passes on our own.
        """
        log.parent.mkdir(parents=True, exist_ok=True)
        who = f"{account.uid}:{account.gid}" if account else "-"
        leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(int(dies_by)), who]
        leash += ["1" if account and account.search else "0", "--"]
        with open(log, "ab") as output:
            process = await asyncio.create_subprocess_exec(
                *leash,
                *(str(part) for part in program),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment) if environment is not None else None,
                cwd=directory,
                start_new_session=True,  # Ctrl-C reaches us alone; we stop the children in order
            )
        return cls(name, process, log)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.returncode is None

    @property
    def exit_code(self) -> int | None:
        """What it exited with; negative is the signal that ended it; `None` while it runs."""
        return self._process.returncode

    async def wait(self) -> int:
        return await self._process.wait()

    def send(self, number: signal.Signals) -> None:
        """Sends a signal; a child that is gone already is left in peace."""
        if self.alive:
            self._process.send_signal(number)

    async def stop(self, *, by: signal.Signals = signal.SIGTERM, patience: float = 10.0) -> int:
        """Asks it to go, and after `patience` seconds makes it. Returns the exit code."""
        self.send(by)
        try:
            async with asyncio.timeout(patience):
                return await self.wait()
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """SIGKILL, and waits until it is gone."""
        self.send(signal.SIGKILL)
        return await self.wait()

    def freeze(self) -> None:
        """SIGSTOP: the process holds everything it holds and does nothing."""
        self.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.send(signal.SIGCONT)

    def last_words(self, lines: int = 8) -> str:
        """The end of its log, for messages about why it would not start."""
        try:
            text = self.log.read_bytes()[-8192:].decode(errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])
