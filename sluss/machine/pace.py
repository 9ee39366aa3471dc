"""The network's clock over several runs: it stands still while nothing runs, and never goes backwards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sluss.machine.errors import MachineError
from sluss.partners.authority import write_secret

_CRASH_ALLOWANCE = timedelta(seconds=10)
"""Wall-clock time that may have passed between the last `save` and a crash."""


class AnotherPace(MachineError):
    """This folder's history was written under another clock speed."""

    code = "another_pace"


@dataclass(frozen=True)
class Pace:
    """now = origin + (wall - origin) x speed; the services are told both numbers."""

    origin: datetime
    speed: float

    def at(self, wall: datetime) -> datetime:
        """What the network's clock shows at a wall-clock moment."""
        return self.origin + (wall - self.origin) * self.speed


def resume(path: Path, speed: float | None, wall: datetime, *, otherwise: float = 1.0) -> Pace:
    """The pace for a run that begins at `wall`: where the last run on this folder left off, at its speed.

    `otherwise` is the speed of a new folder when none is asked for. Raises `AnotherPace` when another speed
    is asked for than the folder's history has.
    """
    if not path.exists():
        return Pace(wall, speed or otherwise)
    kept = json.loads(path.read_text())
    last = Pace(datetime.fromisoformat(kept["origin"]), kept["speed"])
    if speed is not None and speed != last.speed:
        raise AnotherPace(
            f"{path.parent} has been running at clock speed {last.speed:g}, not {speed:g}",
            remedy="leave --clock-speed out, or choose another folder with --data-dir",
        )
    if last.speed == 1.0:
        return last
    stopped = datetime.fromisoformat(kept["seen"]) + (timedelta(0) if kept["clean"] else _CRASH_ALLOWANCE)
    if stopped >= wall:
        return last
    # The origin for which the clock shows now what it showed when the last run stopped.
    shown = last.at(stopped)
    return Pace(wall - (shown - wall) / (last.speed - 1), last.speed)


def save(path: Path, pace: Pace, wall: datetime, *, clean: bool = False) -> None:
    """Remembers that the network was running at `wall`; to be called every few seconds."""
    kept = {"origin": pace.origin.isoformat(), "speed": pace.speed, "seen": wall.isoformat(), "clean": clean}
    write_secret(path, json.dumps(kept))


def wall_clock() -> datetime:
    return datetime.now(UTC)
