"""Meetings, sessions and places, as others say them, and the due dates of what reminds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, update

from services.notify.courses import Known, courses_of, known_courses
from services.notify.registry import service
from services.notify.store import meetings, places, sessions
from services.runtime.rows import new_row, upsert
from services.runtime.service import Timer
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import ActivityAmended, ActivityRescheduled, SessionCancelled, SessionScheduled
from sluss_contracts.enrolment import EnrolmentAccepted, EnrolmentDeclined, EnrolmentEnded, EnrolmentExpired
from sluss_contracts.event import Event
from sluss_contracts.meeting import (
    MeetingBooked,
    MeetingCancelled,
    MeetingConfirmed,
    MeetingHeld,
    MeetingMissed,
    MeetingMoved,
    MeetingTimeUnsuited,
)

MEETING_REMINDER = "meeting_reminder"
"""Timer: the day before a meeting."""
SESSION_REMINDER = "session_reminder"
"""Timer: the day before somebody comes for the first time."""
HOST_INTRODUCTION = "host_introduction"
"""Timer: some days before that, where a host is named."""
SESSION_OFF = "session_off"
"""Timer of a session the schedule leaves out: a week before, whoever takes part is told. A summer of them
told all at once would be a summer forgotten."""
WITH_ITS_ACTIVITY = "activity_withdrawn"
"""Why a session is cancelled that goes with all the others of its activity."""
A_WEEK_BEFORE = timedelta(days=7)
THE_DAY_BEFORE = timedelta(days=1)
DAYS_BEFORE = timedelta(days=3)

_MEET = sql(
    new_row(meetings, "meeting_id", "referral_id", "worker", "mode", "starts").on_conflict_do_nothing()
)
_LATER = sql(
    update(meetings)
    .where(meetings.c.meeting_id == bindparam("this", type_=meetings.c.meeting_id.type))
    .values(
        worker=bindparam("worker", type_=meetings.c.worker.type),
        mode=bindparam("mode", type_=meetings.c.mode.type),
        starts=bindparam("starts", type_=meetings.c.starts.type),
    )
)
_MET = sql(
    update(meetings)
    .where(meetings.c.meeting_id == bindparam("this", type_=meetings.c.meeting_id.type))
    .values(over=True)
)
_HOLD = sql(
    upsert(new_row(sessions, "session_id", "activity", "starts", "ends", "venue"), "starts", "ends", "venue")
)
_CALL_OFF = "update session set cancelled = true where session_id = $1"
_place = new_row(
    places,
    "enrolment_id",
    "referral_id",
    "person",
    "activity",
    "provider",
    "host",
    "first_session",
    "starts",
)
_TAKE_PART = sql(upsert(_place, "host", "first_session", "starts"))
_TAKES_PART_NO_MORE = sql(
    update(places)
    .where(places.c.enrolment_id == bindparam("this", type_=places.c.enrolment_id.type))
    .values(over=True)
)
_COMES_LATER = """
update place set starts = $2 where first_session = $1 and not over
returning enrolment_id, referral_id, starts, host
"""
_PLACES = "select * from place where enrolment_id = any($1::text[])"
_PLACES_IN = "select * from place where activity = any($1::text[]) and not over order by enrolment_id"
_MEETINGS = "select * from meeting where meeting_id = any($1::text[])"
_SESSIONS = "select * from session where session_id = any($1::text[])"
_COMING = """
select * from session where activity = any($1::text[]) and starts > $2 and not cancelled
order by starts, session_id
"""
_INSTEAD = """
select o.session_id from session o where o.session_id = any($1::text[]) and exists (
  select 1 from session n where n.activity = o.activity and n.starts = o.starts and not n.cancelled)
"""
"""Of these sessions, those in whose place there is another at the same time."""

Row = Mapping[str, Any]


def one_of_many(off: SessionCancelled) -> bool:
    """Whether a whole term of them may go at once. Of those that go with their activity the link worker tells
    when the enrolment ends: only who still takes part a week before is written to."""
    return off.by_schedule or off.why == WITH_ITS_ACTIVITY


@dataclass(frozen=True, slots=True)
class Appointed:
    """What is to be reminded of, or has changed, with the courses of those it is about."""

    courses: Known
    meetings: Mapping[str, Row]
    places: Mapping[str, Row]
    sessions: Mapping[str, Row]

    def in_activity(self, activity: str) -> list[Row]:
        """Who takes part in it."""
        return [row for row in self.places.values() if row["activity"] == activity]

    def next_for(self, place: Row, now: datetime) -> Row | None:
        """The session they come to next, where the activity is, among those that are known. Where nothing is
        laid out: the time they are welcomed to, or none. None where each of them has a place of its own."""
        begins = place["starts"]
        coming = [
            row
            for row in self.sessions.values()
            if row["activity"] == place["activity"] and (begins is None or row["starts"] >= begins)
        ]
        if not coming:
            welcomed = begins if begins is not None and begins > now else None
            return {"session_id": None, "starts": welcomed, "venue": None}
        return next((row for row in coming if row["venue"] is None), None)

    def called_off(self, place: Row) -> bool:
        """Whether the session the person first comes to does not take place."""
        session = self.sessions.get(place["first_session"] or "")
        return bool(session and session["cancelled"])


async def appointed(tx: Tx, timers: Sequence[Any]) -> Appointed:
    """What due dates are about: a timer's id is the meeting's or the enrolment's."""
    ids = [timer.id for timer in timers]
    found_places = {row["enrolment_id"]: row for row in await tx.fetch(_PLACES, ids)}
    first = [row["first_session"] for row in found_places.values() if row["first_session"]]
    return Appointed(
        courses=await known_courses(tx, timers),
        meetings={row["meeting_id"]: row for row in await tx.fetch(_MEETINGS, ids)},
        places=found_places,
        sessions={row["session_id"]: row for row in await tx.fetch(_SESSIONS, first)},
    )


async def who_takes_part(
    tx: Tx, events: Sequence[Event[SessionCancelled | ActivityRescheduled]]
) -> Appointed:
    """Everybody who takes part in the activities, and when their sessions are."""
    activities = sorted({each.data.activity for each in events})
    taking_part = {row["enrolment_id"]: row for row in await tx.fetch(_PLACES_IN, activities)}
    dated = sorted({each.data.session_id for each in events})
    return Appointed(
        courses=await courses_of(tx, {row["referral_id"] for row in taking_part.values()}),
        meetings={},
        places=taking_part,
        sessions={row["session_id"]: row for row in await tx.fetch(_SESSIONS, dated)},
    )


async def who_goes_elsewhere(tx: Tx, events: Sequence[Event[ActivityAmended]]) -> Appointed:
    """Everybody who takes part in the activities that are elsewhere now, and what is to come of them."""
    moved = sorted({each.data.activity for each in events if each.data.elsewhere})
    taking_part = {row["enrolment_id"]: row for row in await tx.fetch(_PLACES_IN, moved)} if moved else {}
    return Appointed(
        courses=await courses_of(tx, {row["referral_id"] for row in taking_part.values()}),
        meetings={},
        places=taking_part,
        sessions={row["session_id"]: row for row in await tx.fetch(_COMING, moved, tx.now)}
        if taking_part
        else {},
    )


async def who_would_have_come(tx: Tx, timers: Sequence[Timer]) -> Appointed:
    """Everybody who takes part in the activities whose sessions are off, unless they are on again: the
    schedule left them out for a while only."""
    taking_part = {
        row["enrolment_id"]: row for row in await tx.fetch(_PLACES_IN, sorted({each.key for each in timers}))
    }
    ids = sorted({each.id for each in timers})
    on_again = {row["session_id"] for row in await tx.fetch(_INSTEAD, ids)}
    return Appointed(
        courses=await courses_of(tx, {row["referral_id"] for row in taking_part.values()}),
        meetings={},
        places=taking_part,
        sessions={
            row["session_id"]: row
            for row in await tx.fetch(_SESSIONS, ids)
            if row["session_id"] not in on_again
        },
    )


async def sessions_of(tx: Tx, ids: Sequence[str]) -> Mapping[str, Row]:
    """When these sessions are."""
    return {row["session_id"]: row for row in await tx.fetch(_SESSIONS, sorted(ids))}


@service.absorb(MeetingBooked)
async def remind_of_meetings(tx: Tx, events: Sequence[Event[MeetingBooked]]) -> None:
    await tx.execute_many(
        _MEET,
        [
            {
                "meeting_id": each.data.meeting_id,
                "referral_id": each.data.referral_id,
                "worker": each.data.worker,
                "mode": each.data.mode.value,
                "starts": each.data.starts,
            }
            for each in events
        ],
    )
    for each in events:
        await _remind(
            tx, MEETING_REMINDER, each.data.meeting_id, each.data.referral_id, each, each.data.starts
        )


@service.absorb(MeetingMoved)
async def remind_of_moved_meetings(tx: Tx, events: Sequence[Event[MeetingMoved]]) -> None:
    for each in events:
        fact = each.data
        said = {"worker": fact.worker, "mode": fact.mode.value, "starts": fact.starts}
        await tx.execute(_LATER, this=fact.meeting_id, **said)
        await _remind(tx, MEETING_REMINDER, fact.meeting_id, fact.referral_id, each, fact.starts)


@service.absorb(MeetingConfirmed)
async def remind_of_confirmed_meetings(tx: Tx, events: Sequence[Event[MeetingConfirmed]]) -> None:
    """Whoever had said that the time does not suit is reminded after all."""
    for each in events:
        await _remind(
            tx, MEETING_REMINDER, each.data.meeting_id, each.data.referral_id, each, each.data.starts
        )


@service.absorb(MeetingTimeUnsuited)
async def spare_them_the_reminder(tx: Tx, events: Sequence[Event[MeetingTimeUnsuited]]) -> None:
    """Of a time that does not suit nobody is reminded; somebody is finding another with them."""
    for each in events:
        await tx.timers.clear(MEETING_REMINDER, each.data.meeting_id)


@service.absorb(MeetingHeld, MeetingMissed, MeetingCancelled)
async def forget_meetings(
    tx: Tx, events: Sequence[Event[MeetingHeld | MeetingMissed | MeetingCancelled]]
) -> None:
    await tx.execute_many(_MET, [{"this": each.data.meeting_id} for each in events])


@service.absorb(SessionScheduled, ActivityRescheduled, SessionCancelled)
async def know_sessions(
    tx: Tx, events: Sequence[Event[SessionScheduled | ActivityRescheduled | SessionCancelled]]
) -> None:
    for each in events:
        fact = each.data
        if isinstance(fact, SessionCancelled):
            await tx.execute(_CALL_OFF, fact.session_id)
            if one_of_many(fact):
                await _tell_a_week_before(tx, fact)
            continue
        await tx.execute(
            _HOLD,
            session_id=fact.session_id,
            activity=fact.activity,
            starts=fact.starts,
            ends=fact.starts + timedelta(minutes=fact.minutes),
            venue=fact.venue.model_dump(mode="json") if fact.venue else None,
        )
        if isinstance(fact, ActivityRescheduled):
            for row in await tx.fetch(_COMES_LATER, fact.session_id, fact.starts):
                await _remind_of_place(tx, each, row)


@service.absorb(EnrolmentAccepted)
async def know_places(tx: Tx, events: Sequence[Event[EnrolmentAccepted]]) -> None:
    names = tuple(column.name for column in places.columns if column.name != "over")
    rows = [{name: getattr(each.data, name) for name in names} for each in events]
    await tx.execute_many(_TAKE_PART, rows)
    for each, row in zip(events, rows, strict=True):
        await _remind_of_place(tx, each, row)


@service.absorb(EnrolmentDeclined, EnrolmentEnded, EnrolmentExpired)
async def forget_places(
    tx: Tx, events: Sequence[Event[EnrolmentDeclined | EnrolmentEnded | EnrolmentExpired]]
) -> None:
    await tx.execute_many(_TAKES_PART_NO_MORE, [{"this": each.data.enrolment_id} for each in events])


async def _tell_a_week_before(tx: Tx, off: SessionCancelled) -> None:
    for row in await tx.fetch(_SESSIONS, [off.session_id]):
        due: datetime = row["starts"] - A_WEEK_BEFORE
        if due > tx.now:
            await tx.timers.set(SESSION_OFF, off.session_id, off.activity, due)


async def _remind_of_place(tx: Tx, event: Event[Any], place: Row) -> None:
    id, referral_id, starts = place["enrolment_id"], place["referral_id"], place["starts"]
    if starts:
        await _remind(tx, SESSION_REMINDER, id, referral_id, event, starts)
    if place["host"]:
        soon = max(starts - DAYS_BEFORE, event.time) if starts else event.time
        await tx.timers.set(HOST_INTRODUCTION, id, referral_id, soon)


async def _remind(tx: Tx, kind: str, id: str, referral_id: str, event: Event[Any], starts: datetime) -> None:
    """The day before; not where the date itself was told later than that."""
    if starts - THE_DAY_BEFORE > event.time:
        await tx.timers.set(kind, id, referral_id, starts - THE_DAY_BEFORE)
    else:
        await tx.timers.clear(kind, id)
