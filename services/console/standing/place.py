"""Where the network runs, and how a command that the handbook or the doctor names is typed there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

LOGS: Final = "tail .sluss/logs/"
"""What a command begins with that shows the log of a process, as it is typed beside the usual data folder:
`tail .sluss/logs/navigator.log`."""
_LOG: Final = re.compile(re.escape(LOGS) + r"([a-z]+)\.log")
_SLUSS: Final = re.compile(r"^sluss(?= |$)")
SEVERAL: Final[Mapping[str, str]] = {"nats": "nats-1 nats-2 nats-3"}
"""What is one process on one machine, and more on containers."""
_STEP: Final = re.compile(r"^\$ (.+)$", re.MULTILINE)


class Place(Protocol):
    """A machine, or containers."""

    def typed(self, command: str) -> str:
        """A command as it is typed here."""


@dataclass(frozen=True, slots=True)
class OneMachine:
    """Everything on one machine: `sluss up`."""

    logs: Path

    def typed(self, command: str) -> str:
        return _LOG.sub(lambda log: f"tail {shlex.quote(str(self.logs / f'{log[1]}.log'))}", command)


@dataclass(frozen=True, slots=True)
class Containers:
    """Each process in a container of its own, as `compose.yaml` has them: no log is a file."""

    def typed(self, command: str) -> str:
        if log := _LOG.fullmatch(command):
            return f"docker compose logs --tail 20 {SEVERAL.get(log[1], log[1])}"
        return _SLUSS.sub("docker compose run --rm operator", command)


def place_of(logs: Path | None) -> Place:
    """Where logs are files in a folder it is one machine, else it is containers."""
    return OneMachine(logs) if logs is not None else Containers()


def steps_at(place: Place, text: str) -> str:
    """A page of the handbook with each step (`$ sluss doctor`) as it is typed there."""
    return _STEP.sub(lambda step: f"$ {place.typed(step[1])}", text)
