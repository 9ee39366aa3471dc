"""What an incident is, and which are under way on a network."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sluss.machine.ports import LOOPBACK
from sluss.machine.run_file import RunFile
from sluss.partners.authority import write_secret
from sluss.reach import Failure

Kept = dict[str, Any]
"""What must be known to take an incident back."""


@dataclass(frozen=True)
class Incident:
    """One of them. `begin` makes it happen and says what must be known to end it; `end` takes it back."""

    name: str
    about: str
    begin: Callable[[RunFile], Coroutine[Any, Any, Kept]]
    end: Callable[[RunFile, Kept], Coroutine[Any, Any, None]]


class Underway:
    """The incidents of one data folder, kept in a file beside its run file."""

    def __init__(self, run: RunFile) -> None:
        self._path = run.data / "incidents.json"

    def all(self) -> dict[str, Kept]:
        """Those that have begun and not ended."""
        if not self._path.exists():
            return {}
        kept: dict[str, Kept] = json.loads(self._path.read_text())
        return kept

    def note(self, name: str, kept: Kept) -> None:
        write_secret(self._path, json.dumps(self.all() | {name: kept}))

    def forget(self, name: str) -> None:
        left = {each: kept for each, kept in self.all().items() if each != name}
        if left:
            write_secret(self._path, json.dumps(left))
        else:
            self._path.unlink(missing_ok=True)


def only_a_demonstration(run: RunFile) -> None:
    """Raises `Failure` for a network that is not one, or that is not all on this machine."""
    hosts = {urlsplit(run.nats.url).hostname, urlsplit(run.front).hostname, run.postgres.host}
    if not run.demo or hosts != {LOOPBACK}:
        raise Failure(
            "incidents are made on a demonstration only",
            remedy="start one: sluss up --demo --data-dir FOLDER",
        )
