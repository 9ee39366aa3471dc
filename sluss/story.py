"""One referral's story in plain words: what happened, who said it, and how long everybody waited."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sluss.ledger import Entry
from sluss.telling import plain, words

_QUIET = frozenset({"deadline.set", "deadline.met", "feedback.due", "evaluation.scheduled"})
"""Told only on request: bookkeeping nobody waits for."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of a story."""

    at: datetime
    waited: timedelta
    """Since the moment before it in the story, in the network's time."""
    who: str
    """The service that said it."""
    what: str
    detail: str = ""


def tell(entries: Sequence[Entry], *, everything: bool = False) -> Iterator[Moment]:
    """The moments of one story, in the order they happened."""
    before: datetime | None = None
    asked = {e.data["task_id"]: plain(e.data["kind"]) for e in entries if e.name == "task.opened"}
    for entry in sorted(entries, key=lambda e: e.time):
        if entry.name in _QUIET and not everything:
            continue
        what, detail = words(entry.name, entry.data)
        if entry.name in ("task.done", "task.reassigned", "task.lapsed"):
            detail = f"{asked.get(entry.data['task_id'], 'a task')}: {detail}".rstrip(": ")
        yield Moment(entry.time, entry.time - (before or entry.time), entry.service, what, detail)
        before = entry.time


def open_tasks(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """What the referral waits for now: its tasks that are not done, the earliest due first."""
    tasks: dict[str, dict[str, Any]] = {}
    for entry in entries:
        match entry.name:
            case "task.opened":
                tasks[entry.data["task_id"]] = dict(entry.data)
            case "task.reassigned":
                tasks.get(entry.data["task_id"], {}).update(entry.data)
            case "task.done" | "task.lapsed":
                tasks.pop(entry.data["task_id"], None)
    return sorted(tasks.values(), key=lambda task: str(task["due"]))


def waited_text(waited: timedelta) -> str:
    """A wait as a person would say it: `3 d 4 h`, `12 min`; empty under a minute."""
    minutes = int(waited.total_seconds() // 60)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min" if minutes else ""
