"""A clock that somebody leads: time goes on by itself as the wall's does, and leaps when it is let.

For simulations. At a fixed speed a busy machine lets people come too late for what they would have done in
time, and the same people live other lives. Whoever leads waits until everybody has done what there was to do,
and then lets time leap to the next moment at which something is.

All processes of a machine share the clock through a small file in memory (mmap). It holds the latest leaps
in a ring, and the number of the latest in its first eight bytes, which are written at once, after the leap
itself: no reader ever sees half a leap.
"""

from __future__ import annotations

import mmap
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.runtime.clock import Clock, NetworkClock

_NUMBER = struct.Struct("<q")
_LEAP = struct.Struct("<dd")
"""The wall clock at a leap and what the network's clock showed then; both in seconds since 1970."""
_KEPT = 64
_SIZE = _NUMBER.size + _KEPT * _LEAP.size
_GLANCE = 0.05
"""Seconds after which whoever waits for a moment looks at the clock again."""


class LedClock:
    """Reads the clock that a `Leader` leads. Raises FileNotFoundError where nobody does."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE, access=mmap.ACCESS_READ)
        self._latest = datetime.min.replace(tzinfo=UTC)
        self._shown = self._latest

    def wall(self) -> datetime:
        """As `Clock` says."""
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    def now(self) -> datetime:
        """As `Clock` says."""
        (number,) = _NUMBER.unpack_from(self._map)
        wall, shown = _LEAP.unpack_from(self._map, _place(number))
        self._shown = max(self._shown, datetime.fromtimestamp(shown + self.wall().timestamp() - wall, UTC))
        return self._shown

    def seconds_until(self, due: datetime) -> float:
        """Not longer than until the next glance, for nobody knows when time will leap."""
        return min(_GLANCE, max(0.0, (due - self.now()).total_seconds()))


class Leader:
    """Lets time leap. One for each clock; `begin` makes it, `Leader` takes it over."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self.clock = LedClock(path)

    @classmethod
    def begin(cls, path: Path, shows: datetime) -> Leader:
        """A new clock that shows this moment now."""
        path.write_bytes(bytes(_SIZE))
        path.chmod(0o600)
        leader = cls(path)
        leader._leap(shows)
        return leader

    def let_pass(self, until: datetime) -> None:
        """From now on it is this moment; one that is past is passed over."""
        if until > self.clock.now():
            self._leap(until)

    def _leap(self, to: datetime) -> None:
        (number,) = _NUMBER.unpack_from(self._map)
        _LEAP.pack_into(
            self._map, _place(number + 1), self.clock.wall().timestamp(), to.astimezone(UTC).timestamp()
        )
        _NUMBER.pack_into(self._map, 0, number + 1)


def next_step(now: datetime, step: timedelta) -> datetime:
    """The first moment after `now` that is a whole number of steps since 1970: the moments that are seen."""
    seconds = step.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // seconds + 1) * seconds, UTC)


def clock_told(origin: datetime | None = None, speed: float = 1.0, file: Path | None = None) -> Clock:
    """The clock of a network that says this of it: one that is led, or one that runs at a speed."""
    return LedClock(file) if file else NetworkClock(origin, speed)


def _place(number: int) -> int:
    return _NUMBER.size + (number % _KEPT) * _LEAP.size
