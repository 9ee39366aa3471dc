"""What sending costs, so that events go the way by which they are through sooner.

The server stages each atomic batch in files of its own, which takes about the same time whatever the batch
holds, less where they are in memory; a single event takes a flush of the disk. Which of the two is cheaper
for a dozen events depends on the disk and on who else is writing to it, by a factor of ten either way, so
both are measured as we go.
"""

from __future__ import annotations

_SINGLE = 0.0003
"""Seconds for a single event among others, and for each round trip, before anything was measured
(nats-server 2.15, a disk that flushes in 0.13 ms)."""
_BATCH = 0.001
"""Seconds for a batch, before anything was measured; 0.0027 where it is staged on the disk."""
GROWS = 70
"""Events with which a batch takes twice as long."""
_WEIGHT = 0.1
"""How much the latest measurement counts."""
_TRY_AFTER = 50
"""Choices after which the other way is tried again, unless far dearer: its price may have changed."""
_FAR = 4.0


class Prices:
    """Of one stream, as one process has met it."""

    def __init__(self, single: float = _SINGLE, batch: float = _BATCH) -> None:
        self.single = single
        """Seconds for each single event and for each wave of them."""
        self.batch = batch
        """Seconds for a batch, but for what its size adds."""
        self._chosen = 0
        """How often in a row the same way has been chosen."""
        self._latest = False

    def prefer_batch(self, events: int, waves: int) -> bool:
        """Whether so many events, which would go in so many waves, are through sooner as one batch."""
        singly, together = self.single * (events + waves), self.batch * (1 + events / GROWS)
        cheaper = together < singly
        dearer = max(singly, together) / min(singly, together)
        choice = not cheaper if self._chosen >= _TRY_AFTER and dearer < _FAR else cheaper
        self._chosen = self._chosen + 1 if choice is self._latest else 0
        self._latest = choice
        return choice

    def singles_took(self, events: int, waves: int, seconds: float) -> None:
        """So many went singly, in so many waves."""
        self.single += _WEIGHT * (seconds / (events + waves) - self.single)

    def batch_took(self, events: int, seconds: float) -> None:
        """So many went as one batch."""
        self.batch += _WEIGHT * (seconds / (1 + events / GROWS) - self.batch)
