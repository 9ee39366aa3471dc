"""What a link to a meeting leads to, read anew for every page, through connections that cannot write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.engine import RowMapping
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from services.navigator.domain.case import LIFECYCLE, Case
from services.navigator.domain.meeting import Meeting
from services.navigator.domain.worker import LinkWorker
from services.navigator.meeting_links import free
from services.navigator.store.diary import BOOKED_SINCE, LONGEST
from services.navigator.taken_times import intervals
from sluss_contracts.meeting import MeetingConfirmed, MeetingMoved

_CASE = """
select a.state::text as state from meeting m
join aggregate a on a.key = m.referral_id and a.kind = 'case' and a.id = m.referral_id
where m.meeting_id = $1
"""


@dataclass(frozen=True, slots=True)
class MeetingSight:
    """A meeting that is to come, or would have been."""

    referral_id: str
    meeting_id: str
    meeting: Meeting
    another: bool
    """Whether another meeting is booked beside it."""
    free: Sequence[datetime]
    """When it could be instead, as far as that is known."""

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.meeting.starts + timedelta(minutes=self.meeting.minutes)

    @property
    def shown(self) -> str:
        """What an answer must have been given in view of."""
        return self.meeting.starts.isoformat()


async def sight_of(engine: AsyncEngine, meeting_id: str, now: datetime) -> MeetingSight | None:
    """The meeting; None when there is nothing to answer, or somebody does all of it by hand."""
    async with engine.connect() as connection:
        found = await _rows(connection, _CASE, meeting_id)
        if not found:
            return None
        case = Case.model_validate_json(found[0]["state"])
        meeting = case.meetings.get(meeting_id)
        if meeting is None or not _to_be_answered(case, meeting, now):
            return None
        times = await _free(connection, case, meeting_id, meeting, now) if meeting.ahead else []
    another = any(each.ahead for id, each in case.meetings.items() if id != meeting_id)
    return MeetingSight(case.referral_id, meeting_id, meeting, another, times)


def _to_be_answered(case: Case, meeting: Meeting, now: datetime) -> bool:
    return (
        not case.protected
        and case.worker is not None
        and LIFECYCLE.allows(case.status, MeetingConfirmed)
        and meeting.held is None
        and meeting.starts > now
    )


async def _free(
    connection: AsyncConnection, case: Case, meeting_id: str, meeting: Meeting, now: datetime
) -> list[datetime]:
    if not LIFECYCLE.allows(case.status, MeetingMoved):
        return []
    states = await _rows(connection, free.WORKER, case.worker)
    asked = {"worker": case.worker, "since": now - LONGEST}
    booked = [dict(row) for row in (await connection.execute(BOOKED_SINCE, asked)).mappings()]
    worker = LinkWorker.model_validate_json(states[0]["state"]) if states else None
    possible = free.free_for(meeting, worker, intervals(booked, but=meeting_id), now)
    return list(free.offered(possible))


async def _rows(connection: AsyncConnection, statement: str, *args: object) -> Sequence[RowMapping]:
    return (await connection.exec_driver_sql(statement, args)).mappings().all()
