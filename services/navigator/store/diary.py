"""A link worker's diary: their hours, their leave, and what is booked with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Text, bindparam, literal, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.domain.hours import Hours, hours_on
from services.navigator.domain.meeting import Interval
from services.navigator.domain.worker import Leave, LinkWorker
from services.navigator.free_time import Objection, free_slots, objections
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.tables import case_file, meeting
from services.runtime.tables import aggregate

LONGEST = timedelta(hours=8)
"""No meeting that is booked takes longer, so what began before that is over."""

_WORKER = bindparam("worker", type_=Text)
_WHO = select(aggregate.c.sequence, aggregate.c.state).where(
    aggregate.c.key == _WORKER, aggregate.c.kind == literal("linkworker"), aggregate.c.id == _WORKER
)
AHEAD = (
    select(
        meeting.c.meeting_id,
        meeting.c.referral_id,
        meeting.c.starts,
        meeting.c.minutes,
        meeting.c.mode,
        meeting.c.suits,
    )
    .select_from(case_file.join(meeting, meeting.c.referral_id == case_file.c.referral_id))
    .where(
        # A meeting goes along when its case is handed on, and falls away when the case is closed.
        case_file.c.worker == _WORKER,
        case_file.c.closed.is_(None),
        meeting.c.held.is_(None),
        meeting.c.cancelled.is_(False),
    )
    .order_by(meeting.c.starts)
    .limit(1000)
)
"""The meetings of a `worker` of which nobody has said anything yet."""
BOOKED_SINCE = AHEAD.where(meeting.c.starts >= bindparam("since", type_=TIMESTAMP(timezone=True)))


@dataclass(frozen=True, slots=True)
class Booked:
    """A meeting nobody has said anything of yet."""

    meeting_id: str
    referral_id: str
    starts: datetime
    minutes: int
    mode: str
    suits: bool | None
    """Whether the time suits the person, if they have said by themselves."""

    @property
    def interval(self) -> Interval:
        """From its beginning to its end."""
        return self.starts, self.starts + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Diary:
    """What is known of a link worker's time from some moment on."""

    sequence: int
    """At which the link worker was looked at; hours set on another are refused as stale."""
    name: str
    hours: Sequence[Hours]
    leaves: Sequence[Leave]
    booked: Sequence[Booked]

    def has_hours(self, at: datetime) -> bool:
        """Whether hours are said for that day, or for a later one."""
        day = at.astimezone(LOCAL_TIME).date()
        return hours_on(self.hours, day) is not None or any(each.valid_from > day for each in self.hours)

    def free(
        self, since: datetime, until: datetime, length: timedelta, *, moving: str | None = None
    ) -> list[Interval]:
        """The free times for a meeting of that length; the one that is being moved is not in its own way."""
        return free_slots(self.hours, self.leaves, self._spoken_for(moving), since, until, length)

    def against(self, starts: datetime, length: timedelta, *, moving: str | None = None) -> list[Objection]:
        """What speaks against meeting then."""
        return objections(self.hours, self.leaves, self._spoken_for(moving), starts, length)

    def colliding(self, starts: datetime, length: timedelta, *, moving: str | None = None) -> list[Interval]:
        """The meetings that would be at the same time."""
        return [
            (begun, over)
            for begun, over in self._spoken_for(moving)
            if begun < starts + length and starts < over
        ]

    def _spoken_for(self, moving: str | None) -> list[Interval]:
        return [each.interval for each in self.booked if each.meeting_id != moving]


async def diary_of(db: AsyncEngine, worker: str, since: datetime) -> Diary | None:
    """The diary of a link worker, with what is booked from that moment on; None of somebody unknown."""
    async with db.connect() as connection:
        who = (await connection.execute(_WHO, {"worker": worker})).one_or_none()
        if who is None:
            return None
        said = await connection.execute(BOOKED_SINCE, {"worker": worker, "since": since - LONGEST})
        booked = tuple(Booked(**row) for row in said.mappings())
    known = LinkWorker.model_validate(who.state)
    return Diary(who.sequence, known.name, known.hours, known.leaves, booked)
