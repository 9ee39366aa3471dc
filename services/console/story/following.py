"""Reading a story: how long everybody waited, what led to what, and what it waits for now."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from services.console.log.entry import Entry
from services.console.log.finding import Row
from services.console.story.collecting import Story, Trouble

QUIET: Final = frozenset({"deadline.set", "deadline.met", "feedback.due", "evaluation.scheduled"})
"""Told only on request: bookkeeping nobody waits for."""
WORTH_TELLING: Final = timedelta(hours=1)
"""A wait shorter than this is nobody's."""
WIDEST: Final = 20


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a story, and the time since the one before it, by the network's clock."""

    row: Row
    waited: timedelta
    troubles: tuple[Trouble, ...] = ()
    """What some service could not make of this event."""
    unsent: bool = False

    @property
    def entry(self) -> Entry:
        """What the log keeps of it."""
        return self.row.entry

    @property
    def wait(self) -> int:
        """How wide the wait is drawn, 0 (none worth telling) to `WIDEST`: each step twice the time."""
        if self.waited < WORTH_TELLING:
            return 0
        return min(WIDEST, 1 + round(2 * math.log2(self.waited / WORTH_TELLING)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something somebody has to do now."""

    kind: str
    owner: str
    due: datetime
    overdue: bool


@dataclass
class Cause:
    """An event and what it led to; the first of a chain was caused by no event of the story."""

    entry: Entry
    led_to: list[Cause] = field(default_factory=list)


def name_of(entry: Entry) -> str:
    """The type without its version: `case.assigned`."""
    return entry.type.rpartition(".")[0]


def steps(story: Story, *, everything: bool = False) -> list[Step]:
    """The events in the order in which they happened."""
    by_event: dict[UUID, list[Trouble]] = {}
    for trouble in story.troubles:
        if trouble.event_id:
            by_event.setdefault(trouble.event_id, []).append(trouble)
    told: list[Step] = []
    before: datetime | None = None
    for row in sorted(story.rows, key=lambda row: (row.entry.time, row.position)):
        entry = row.entry
        troubles = tuple(by_event.get(entry.event_id, ()))
        if name_of(entry) in QUIET and not (everything or troubles):
            continue
        waited = entry.time - (before or entry.time)
        told.append(Step(row, waited, troubles, entry.event_id in story.unsent))
        before = entry.time
    return told


def elsewhere(story: Story) -> list[Trouble]:
    """What could not be handled and is no event of the story: timers, events that cannot be read."""
    known = {row.entry.event_id for row in story.rows}
    return [trouble for trouble in story.troubles if trouble.event_id not in known]


def waits_for(rows: Sequence[Row], now: datetime) -> list[Waiting]:
    """The tasks that are open, the earliest due first."""
    tasks: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry = row.entry
        match name_of(entry):
            case "task.opened":
                tasks[entry.aggregate_id] = dict(entry.shown)
            case "task.reassigned" if entry.aggregate_id in tasks:
                tasks[entry.aggregate_id] |= entry.shown
            case "task.done" | "task.lapsed":
                tasks.pop(entry.aggregate_id, None)
    found = [
        Waiting(
            str(task.get("kind", "")),
            str(task.get("worker") or task.get("team") or ""),
            due := datetime.fromisoformat(task["due"]),
            due < now,
        )
        for task in tasks.values()
        if task.get("due")
    ]
    return sorted(found, key=lambda one: one.due)


def causes(entries: Sequence[Entry]) -> list[Cause]:
    """What led to what, as trees: the roots are what came from outside, from a command or from a date."""
    known = {str(entry.event_id): Cause(entry) for entry in entries}
    roots: list[Cause] = []
    for cause in known.values():
        led = known.get(cause.entry.causation or "")
        (led.led_to if led is not None and led is not cause else roots).append(cause)
    return roots


def walked(roots: Sequence[Cause], depth: int = 0) -> Iterator[tuple[int, Cause]]:
    """Every event with its depth, each before what it led to."""
    for root in roots:
        yield depth, root
        yield from walked(root.led_to, depth + 1)
