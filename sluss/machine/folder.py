"""The data folder of one network: where everything is, and that only one supervisor uses it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sluss.machine.errors import DataInUse, UnusableFolder
from sluss.partners.authority import write_secret

DEFAULT = Path(".sluss")


@dataclass(frozen=True)
class Secrets:
    """What one network keeps to itself. Made once; losing the master key loses every person's data."""

    web: str
    referral_master: str
    referral_identity: str
    provider_links: str
    meeting_links: str
    database: dict[str, str]

    def __repr__(self) -> str:
        return "Secrets(…)"


class DataFolder:
    """Paths below one folder, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None

    @property
    def run_file(self) -> Path:
        return self.path / "run.json"

    @property
    def clock_file(self) -> Path:
        return self.path / "clock.json"

    @property
    def led_clock(self) -> Path:
        """The clock of a network whose time somebody leads."""
        return self.path / "led.clock"

    @property
    def ports_file(self) -> Path:
        return self.path / "ports.json"

    @property
    def keys(self) -> Path:
        return self.path / "keys"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def nats(self) -> Path:
        return self.path / "nats"

    @property
    def logs(self) -> Path:
        return self.path / "logs"

    @property
    def messages(self) -> Path:
        """The demonstration channel: every message to a person as a readable file."""
        return self.path / "messages"

    @property
    def ready(self) -> Path:
        return self.path / "ready"

    def orders(self, label: str) -> Path:
        """Settings that one process of a demonstration is given besides its own, if the file is there."""
        return self.path / "orders" / f"{label}.json"

    def undo_incidents(self) -> None:
        """What incidents of a run before have left: they end with the network they were made on."""
        for orders in (self.path / "orders").glob("*.json"):
            orders.unlink()
        (self.path / "incidents.json").unlink(missing_ok=True)
        away = self.messages.with_name(f"{self.messages.name}.away")
        if away.exists() and self.messages.is_file():
            self.messages.unlink()
            away.rename(self.messages)

    def take(self) -> None:
        """Makes the folder and holds it until this process ends. Raises `DataInUse`, `UnusableFolder`."""
        try:
            self._take()
        except OSError as error:
            raise UnusableFolder.because(error, self.path) from None

    def _take(self) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o711 if os.geteuid() == 0 else 0o700)  # Postgres runs as another account than root
        lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(lock, 32).decode().strip() or "unknown"
            os.close(lock)
            raise DataInUse(
                f"another network is running on {self.path} (process {holder})",
                remedy="stop it with Ctrl-C or SIGTERM, or choose another folder with --data-dir",
            ) from None
        os.truncate(lock, 0)
        os.write(lock, f"{os.getpid()}\n".encode())
        self._lock = lock
        self.undo_incidents()
        for part in (self.keys, self.logs, self.messages, self.ready):
            part.mkdir(mode=0o700, exist_ok=True)

    def leave(self) -> None:
        """Lets the next supervisor in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def secrets(self, services: tuple[str, ...]) -> Secrets:
        """The network's secrets, made on first use; a service that is new gets its password."""
        return load_secrets(self.keys / "secrets.json", services)


def load_secrets(path: Path, services: Sequence[str]) -> Secrets:
    """Reads them, and makes and keeps what is missing. Raises `UnusableFolder` where they are damaged."""
    try:
        kept = json.loads(path.read_text()) if path.exists() else {}
    except ValueError:
        raise UnusableFolder(
            f"{path} is damaged",
            remedy="put it back from a backup: without it no person's data can be read",
        ) from None
    fresh = {
        "web": secrets.token_urlsafe(48),
        "referral_master": b64encode(os.urandom(32)).decode(),
        "referral_identity": b64encode(os.urandom(32)).decode(),
        "provider_links": secrets.token_urlsafe(48),
        "meeting_links": secrets.token_urlsafe(48),
        "database": {},
    }
    complete = Secrets(**{**fresh, **kept})
    for name in services:
        complete.database.setdefault(name, secrets.token_urlsafe(24))
    write_secret(path, json.dumps(asdict(complete)))
    return complete
