"""Where the services answer right now."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol


class Backends(Protocol):
    """Where each service answers right now."""

    def of(self, service: str) -> list[str]:
        """Addresses of a service's replicas; empty while it is down."""
        ...

    def services(self) -> Iterable[str]: ...


class FixedBackends:
    """Addresses that are told once, as in a container network where a name stands for all replicas."""

    def __init__(self, addresses: Mapping[str, list[str]]) -> None:
        self._addresses = dict(addresses)

    def of(self, service: str) -> list[str]:
        return self._addresses.get(service, [])

    def services(self) -> Iterable[str]:
        return self._addresses


class RunFileBackends:
    """Addresses from the single machine's `run.json`, read again whenever it changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at = -1
        self._addresses: dict[str, list[str]] = {}

    def of(self, service: str) -> list[str]:
        self._refresh()
        return self._addresses.get(service, [])

    def services(self) -> Iterable[str]:
        self._refresh()
        return self._addresses

    def _refresh(self) -> None:
        try:
            changed = self._path.stat().st_mtime_ns
            if changed == self._read_at:
                return
            run = json.loads(self._path.read_text())
        except (FileNotFoundError, ValueError):
            return
        self._read_at = changed
        self._addresses = {entry["service"]: [] for entry in run["services"]}
        for entry in run["services"]:
            if entry["http"]:
                self._addresses[entry["service"]].append(entry["http"])
