"""Sessions: the dated occurrences of an activity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from services.provider.domain.acting import acts_for
from services.provider.domain.refusals import (
    SessionClash,
    SessionIsCancelled,
    SessionIsOver,
    TakesPlaceNoMore,
    TimeHasPassed,
    UnknownActivity,
    UnknownSession,
)
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.activity import (
    ActivityRescheduled,
    SessionCancelled,
    SessionReportDue,
    SessionScheduled,
)
from sluss_contracts.commands.provider import CancelSession, RescheduleSession, ScheduleSession
from sluss_contracts.commands.schedule import SetSchedule, TakeBreak
from sluss_contracts.event import Fact
from sluss_contracts.offering import Venue

if TYPE_CHECKING:
    from services.provider.domain.activity import Activity

_Dated = ScheduleSession | CancelSession | RescheduleSession | SetSchedule | TakeBreak


class Status(StrEnum):
    """Where a session is. Whether it has taken place is told by the clock."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


LIFECYCLE: Lifecycle[Status] = Lifecycle(
    "session",
    {
        SessionScheduled: born(Status.SCHEDULED),
        ActivityRescheduled: move(Status.SCHEDULED),
        SessionReportDue: move(Status.SCHEDULED),
        SessionCancelled: move(Status.SCHEDULED, to=Status.CANCELLED),
    },
    Status,
)


class Session(BaseModel):
    """One dated occurrence of an activity."""

    model_config = ConfigDict(frozen=True)

    session_id: str
    activity: str
    starts: datetime
    minutes: int
    status: Status = Status.SCHEDULED
    venue: Venue | None = None
    """Where, when it is elsewhere than the activity."""
    occurrence: datetime | None = None
    """The time in the activity's schedule that it stands for, whenever somebody has moved it to; None for
    what was added by itself."""
    struck: bool = False
    """Cancelled because the schedule leaves it out; it may come back with the schedule."""
    asked: bool = False
    """Whether whoever runs it has been asked who came."""

    @property
    def ends(self) -> datetime:
        """When it is over."""
        return self.starts + timedelta(minutes=self.minutes)


def schedule(
    activity: Activity | None, sessions: Mapping[str, Session], wanted: ScheduleSession, new_id: str
) -> tuple[str, list[Fact]]:
    """The session's id, and what there is to say. Scheduling the same time twice is scheduling once."""
    run_by_actor(activity, wanted)
    there = _at(sessions, wanted.starts)
    if there is None:
        scheduled = SessionScheduled(
            session_id=new_id,
            activity=wanted.activity,
            starts=wanted.starts,
            minutes=wanted.minutes,
            venue=wanted.venue,
        )
        return new_id, [scheduled]
    if there.minutes != wanted.minutes:
        raise SessionClash(f"{wanted.activity} has a session of {there.minutes} minutes at that time already")
    if wanted.venue not in (None, there.venue):
        raise SessionClash(f"{wanted.activity} has a session elsewhere at that time already; move that one")
    return there.session_id, []


def cancel(
    activity: Activity | None, sessions: Mapping[str, Session], wanted: CancelSession, now: datetime
) -> list[Fact]:
    """It does not take place. Cancelling twice is cancelling once; what has taken place has taken place."""
    run_by_actor(activity, wanted)
    session = _known(sessions, wanted.session_id, wanted.activity)
    if session.status is Status.CANCELLED:
        return []
    if session.ends <= now:
        raise SessionIsOver(f"{session.session_id} has taken place; record who came instead")
    return [SessionCancelled(session_id=session.session_id, activity=session.activity, why=wanted.why)]


def reschedule(
    activity: Activity | None, sessions: Mapping[str, Session], wanted: RescheduleSession, now: datetime
) -> list[Fact]:
    """It is moved, to a time to come or to another place. Moving it to where it is changes nothing."""
    run_by_actor(activity, wanted)
    session = _known(sessions, wanted.session_id, wanted.activity)
    minutes, venue = wanted.minutes or session.minutes, wanted.venue or session.venue
    if session.status is Status.CANCELLED:
        raise SessionIsCancelled(f"{session.session_id} is cancelled; schedule a new one")
    if (session.starts, session.minutes, session.venue) == (wanted.starts, minutes, venue):
        return []
    if session.ends <= now:
        raise SessionIsOver(f"{session.session_id} has taken place; schedule a new one")
    if wanted.starts < now:
        raise TimeHasPassed("a session can only be moved to a time that is to come")
    other = _at(sessions, wanted.starts)
    if other and other.session_id != session.session_id:
        raise SessionClash(f"{wanted.activity} has another session at that time; cancel one of them")
    return [
        ActivityRescheduled(
            activity=session.activity,
            session_id=session.session_id,
            starts=wanted.starts,
            minutes=minutes,
            venue=venue,
            was=session.starts,
            elsewhere=venue != session.venue,
            tells_all=True,
        )
    ]


def ask_who_came(session: Session | None, provider: str, *, anybody_expected: bool) -> list[Fact]:
    """It is over, and people were expected at it. Asked once."""
    if session is None or session.status is not Status.SCHEDULED or session.asked or not anybody_expected:
        return []
    return [SessionReportDue(session_id=session.session_id, activity=session.activity, provider=provider)]


def cancelled_with_its_activity(sessions: Iterable[Session], now: datetime) -> list[Fact]:
    """Every session still to come is cancelled, the first one first."""
    coming = [each for each in sessions if each.status is Status.SCHEDULED and each.starts > now]
    return [
        SessionCancelled(session_id=each.session_id, activity=each.activity, why="activity_withdrawn")
        for each in sorted(coming, key=lambda each: (each.starts, each.session_id))
    ]


def evolve(state: Session | None, fact: Any) -> Session:
    """What a fact makes of a session."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    match fact, state:
        case SessionScheduled(), _:
            return Session(
                session_id=fact.session_id,
                activity=fact.activity,
                starts=fact.starts,
                minutes=fact.minutes,
                venue=fact.venue,
                occurrence=fact.starts if fact.by_schedule else None,
            )
        case ActivityRescheduled(), Session():
            moved = {"starts": fact.starts, "minutes": fact.minutes, "venue": fact.venue}
            if fact.by_schedule:
                moved["occurrence"] = fact.starts
            return state.model_copy(update=moved)
        case SessionReportDue(), Session():
            return state.model_copy(update={"asked": True})
        case SessionCancelled(), Session():
            return state.model_copy(update={"status": status, "struck": fact.by_schedule})
        case _:
            raise AssertionError("a session is scheduled before anything else")


def run_by_actor(activity: Activity | None, wanted: _Dated) -> None:
    """When an activity takes place is for whoever runs it. Raises `UnknownActivity`, `ForAnotherProvider`,
    `TakesPlaceNoMore`."""
    if activity is None or activity.status == "proposed":
        raise UnknownActivity(f"no activity {wanted.activity} is published; publish it first")
    acts_for(wanted.actor, activity.provider)
    if activity.status == "withdrawn" and not isinstance(wanted, CancelSession):
        raise TakesPlaceNoMore(f"{wanted.activity} is withdrawn; publish it anew under another id")


def _at(sessions: Mapping[str, Session], starts: datetime) -> Session | None:
    taking_place = (each for each in sessions.values() if each.status is Status.SCHEDULED)
    return next((each for each in taking_place if each.starts == starts), None)


def _known(sessions: Mapping[str, Session], id: str, activity: str) -> Session:
    if id not in sessions:
        raise UnknownSession(f"{activity} has no session {id}; see `sluss attendance sessions {activity}`")
    return sessions[id]
