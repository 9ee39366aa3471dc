"""The network's time, which a demonstration or a simulation may let run faster than the wall clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What time it is. Both answers are timezone-aware, in UTC, and never go backwards in one process."""

    def now(self) -> datetime:
        """The network's time: what events happen at and due dates are compared with."""

    def wall(self) -> datetime:
        """The wall clock: when something was really written down."""

    def seconds_until(self, due: datetime) -> float:
        """How many real seconds remain until the network's clock shows `due`; 0 when it has."""


class NetworkClock:
    """now = origin + (wall - origin) x speed, the same in every process told the same.

    A wall clock set back makes time stand still until it has caught up, rather than run twice.
    """

    def __init__(self, origin: datetime | None = None, speed: float = 1.0) -> None:
        if origin is not None and origin.tzinfo is None:
            raise ValueError("the clock's origin needs a time zone")
        if speed != 1.0 and origin is None:
            raise ValueError("a clock with a speed of its own needs an origin, or processes disagree")
        self._origin = origin.astimezone(UTC) if origin else None
        self._speed = speed
        self._latest = datetime.min.replace(tzinfo=UTC)

    def wall(self) -> datetime:
        self._latest = max(self._latest, datetime.now(UTC))
        return self._latest

    def now(self) -> datetime:
        return self.shown_at(self.wall())

    def shown_at(self, wall: datetime) -> datetime:
        """What this clock shows at a moment of the wall clock."""
        return wall if self._origin is None else self._origin + (wall - self._origin) * self._speed

    @property
    def speed(self) -> float:
        """How many of its seconds pass in one of the wall clock's."""
        return self._speed

    def seconds_until(self, due: datetime) -> float:
        return max(0.0, (due - self.now()).total_seconds() / self._speed)


class SetClock:
    """A clock that stands still until it is moved. For tests of what time does."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def move(self, by: timedelta) -> None:
        """Let time pass. ValueError if it would run backwards."""
        if by < timedelta(0):
            raise ValueError("time does not run backwards")
        self._at += by

    def wall(self) -> datetime:
        return self._at

    def now(self) -> datetime:
        return self._at

    def seconds_until(self, due: datetime) -> float:
        return max(0.0, (due - self._at).total_seconds())
