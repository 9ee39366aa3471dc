"""Loopback ports, taken from the operating system."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether nobody listens on this loopback port right now."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port(preferred: int | None = None) -> int:
    """The preferred port if it is free (clients of last time find us again), otherwise any.

    Between this answer and the bind somebody else may take the port: whoever uses it must notice that
    its own server did not start, and must never talk to the one that did.
    """
    if preferred and is_free(preferred):
        return preferred
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def ports_of_last_time(path: Path) -> dict[str, int]:
    """Which server listened where; nothing when this is the first time or the file was cut off."""
    try:
        ports: dict[str, int] = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return ports


def remember_ports(path: Path, ports: Mapping[str, int | None]) -> None:
    """For `ports_of_last_time`."""
    path.write_text(json.dumps(ports))
