"""When the person could meet their link worker instead: the free times that are offered to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from services.navigator.domain.meeting import Interval, Meeting
from services.navigator.domain.worker import LinkWorker
from services.navigator.free_time import free_slots
from services.navigator.store.desk import LOCAL_TIME

NOTICE = timedelta(hours=20)
"""Nobody is moved to a time that their link worker would not see before they are at work again."""
AHEAD = timedelta(weeks=3)
"""How far beyond the meeting's own time."""
OFFERED = 8
_NOON = 12

WORKER = "select state::text as state from aggregate where key = $1 and kind = 'linkworker' and id = $1"


def free_for(
    meeting: Meeting, worker: LinkWorker | None, booked: list[Interval], now: datetime
) -> list[datetime]:
    """The times at which this meeting could begin instead; none where nothing is known of their hours."""
    if worker is None or worker.left:
        return []
    since, until = now + NOTICE, max(meeting.starts, now) + AHEAD
    length = timedelta(minutes=meeting.minutes)
    found = free_slots(worker.hours, worker.leaves, booked, since, until, length)
    return [starts for starts, _ in found if starts != meeting.starts]


def offered(free: Iterable[datetime]) -> Iterator[datetime]:
    """The first few: of each day the first before noon and the first after it, so that there is a choice."""
    given: set[tuple[date, bool]] = set()
    for starts in free:
        local = starts.astimezone(LOCAL_TIME)
        half = local.date(), local.hour >= _NOON
        if half not in given and len(given) < OFFERED:
            given.add(half)
            yield starts
