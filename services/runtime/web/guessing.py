"""A limit on guesses: whoever sends many that lead nowhere is told to wait, and that is logged.

Nobody guesses a signature, a state or a code of ours, so a good one is taken whoever else guesses from the
same address: a whole municipality may share one. Counted in this process and by the wall clock; addresses are
forgotten after a while and written nowhere.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable

from services.runtime.logging import logger

GUESSES = 20
"""Tries that lead nowhere, from one address, before it is told to wait."""
WITHIN = 600.0
"""Seconds."""
WAIT = {"Retry-After": str(int(WITHIN))}
"""Headers for whoever is told to wait."""
_REMEMBERED = 10_000
"""Addresses; the one heard of longest ago is forgotten first."""


class Guessing:
    """Who has guessed how often."""

    def __init__(self, said: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._said = said  # the log's word for too many
        self._clock = clock
        self._misses: OrderedDict[str, deque[float]] = OrderedDict()
        self._log = logger("web")

    def missed(self, address: str) -> bool:
        """One more that led nowhere. Whether that is too many."""
        misses = self._misses.setdefault(address, deque(maxlen=GUESSES))
        self._misses.move_to_end(address)
        while len(self._misses) > _REMEMBERED:
            self._misses.popitem(last=False)
        now = self._clock()
        while misses and misses[0] <= now - WITHIN:
            misses.popleft()
        too_many = len(misses) >= GUESSES
        if not too_many:
            misses.append(now)
            if len(misses) == GUESSES:
                self._log.warning(self._said, times=GUESSES)
        return too_many
