"""Who keeps the network's time: a pace that goes on from run to run, or somebody who leads the clock."""

from __future__ import annotations

import asyncio
from datetime import datetime

from services.runtime.led_clock import Leader
from sluss.machine.folder import DataFolder
from sluss.machine.pace import Pace, resume, save, wall_clock
from sluss.machine.run_file import ClockRun

_EVERY = 5.0
"""Seconds between two notes of the time, for a run that ends without a word (`pace` allows for it)."""


class Timekeeping:
    """The clock of one run on one folder; `begin` before anything is told the time.

    `speed` is how fast it is asked to run, None for what is usual. `led_from` is the moment with which a
    clock begins that somebody leads (`services.runtime.led_clock`), in a folder without a history.
    """

    def __init__(self, folder: DataFolder, speed: float | None, led_from: datetime | None) -> None:
        self._folder = folder
        self._speed = speed
        self._led_from = led_from
        self._pace: Pace | None = None

    def begin(self, usual: float) -> None:
        """Go on where the last run left off, or begin. Raises `AnotherPace`."""
        if self._led_from is not None:
            Leader.begin(self._folder.led_clock, self._led_from)
            return
        self._pace = resume(self._folder.clock_file, self._speed, wall_clock(), otherwise=usual)
        self.note()

    def note(self, *, clean: bool = False) -> None:
        """Write down what the time is; `clean` when nothing runs any more."""
        if self._pace:
            save(self._folder.clock_file, self._pace, wall_clock(), clean=clean)

    async def keep(self) -> None:
        """Note it for as long as the network runs."""
        while True:
            self.note()
            await asyncio.sleep(_EVERY)

    def told(self) -> dict[str, str]:
        """What each process of the network is told of it."""
        if self._pace is None:
            return {"SLUSS_CLOCK_FILE": str(self._folder.led_clock)}
        return {
            "SLUSS_CLOCK_ORIGIN": self._pace.origin.isoformat(),
            "SLUSS_CLOCK_SPEED": repr(self._pace.speed),
        }

    def shown(self) -> ClockRun:
        """What the run file says of it."""
        if self._pace is None:
            assert self._led_from is not None
            return ClockRun(origin=self._led_from, speed=1.0, file=self._folder.led_clock)
        return ClockRun(origin=self._pace.origin, speed=self._pace.speed)
