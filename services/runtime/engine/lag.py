"""How far a reader is behind: in events, and in seconds that the oldest of them has been on the bus."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.runtime.engine.incoming import Delivery


@dataclass(frozen=True, slots=True)
class Lag:
    """One owner's lag at one moment."""

    seconds: dict[int, float]
    """By slot; 0 where everything there is has been handled."""
    waiting: dict[int, int]
    """By slot, what has been read and not handled; slots with none are absent."""
    events: int
    """What has been read and not handled, and what the broker still has for us."""


def lag_of(
    slots: Collection[int], unhandled: Sequence[Delivery], pending: int, *, now: float, unknown: float | None
) -> Lag:
    """The lag of `slots`, of what is here in stream order and how much the broker has besides.

    `unknown` is since when nobody knows what the broker has for us (seconds), None when that is known. Of a
    slot whose next event is still with the broker we know that it is younger than the last one here.
    """
    oldest: dict[int, float] = {}
    waiting: dict[int, int] = {}
    for each in unhandled:
        oldest.setdefault(each.slot, each.stored)
        waiting[each.slot] = waiting.get(each.slot, 0) + 1
    elsewhere = unknown or 0.0
    if pending and unhandled:
        elsewhere = max(elsewhere, now - unhandled[-1].stored)
    seconds = {slot: max(0.0, now - oldest[slot]) if slot in oldest else elsewhere for slot in slots}
    return Lag(seconds, waiting, len(unhandled) + pending)
