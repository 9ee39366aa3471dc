"""Schedules: when an activity takes place, and what becomes of its sessions when that changes.

What a timetable means on the calendar is worked out elsewhere and handed in as a `Plan`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ConfigDict

from services.provider.domain import activity as activities
from services.provider.domain.activity import Activity
from services.provider.domain.refusals import NoSchedule, TooManyBreaks
from services.provider.domain.session import Session, Status, run_by_actor
from sluss_contracts.activity import ActivityRescheduled, SessionCancelled, SessionScheduled
from sluss_contracts.commands.schedule import SetSchedule, TakeBreak
from sluss_contracts.event import Fact
from sluss_contracts.offering import Venue
from sluss_contracts.schedule import ActivityScheduleSet, Break, Recurrence, Timetable

CHANGED = "schedule_changed"
"""Why a session is cancelled that no break, holiday or exception leaves out."""
_MOST_BREAKS = 50


class Schedule(Timetable):
    """When one activity takes place."""

    model_config = ConfigDict(frozen=True)

    activity: str


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which a timetable says that the activity takes place."""

    starts: datetime
    minutes: int
    venue: Venue | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a timetable says of the time from now until some moment."""

    occurrences: tuple[Occurrence, ...] = ()
    """In the order of time, no two at the same."""
    left_out: Mapping[datetime, str] = field(default_factory=dict)
    """What a rule would give and does not take place, and why."""


def set_to(
    activity: Activity | None,
    known: Schedule | None,
    sessions: Mapping[str, Session],
    wanted: SetSchedule | TakeBreak,
    timetable: Timetable,
    plan: Plan,
    now: datetime,
) -> list[Fact]:
    """It takes place as the timetable says from now on. Saying the same again changes nothing."""
    run_by_actor(activity, wanted)
    said = {name: getattr(timetable, name) for name in Timetable.model_fields}
    decided = ActivityScheduleSet(activity=wanted.activity, **said)
    new = evolve(None, decided)
    return [*([] if known == new else [decided]), *lay_out(new, sessions, plan, now)]


def going_on(known: Schedule | None, wanted: Timetable) -> Timetable:
    """The timetable, its rules starting on the day they already started on where they are set already: first
    those of the same hour, then those that were moved to another hour of the day."""
    before = [each for each in known.recurrences if each.rrule] if known else []
    started: dict[int, str] = {}
    for same_hour in (True, False):
        for number, each in enumerate(wanted.recurrences):
            twin = next((one for one in before if _is_the_same_rule(one, each, same_hour=same_hour)), None)
            if number not in started and twin is not None:
                before.remove(twin)
                started[number] = twin.starts
    recurrences = tuple(
        each.model_copy(update={"starts": f"{started[number][:10]}{each.starts[10:]}"})
        if number in started
        else each
        for number, each in enumerate(wanted.recurrences)
    )
    return Timetable(time_zone=wanted.time_zone, recurrences=recurrences, breaks=wanted.breaks)


def _is_the_same_rule(one: Recurrence, other: Recurrence, *, same_hour: bool) -> bool:
    return one.rrule == other.rrule and (not same_hour or one.starts[10:] == other.starts[10:])


def with_break(known: Schedule | None, wanted: TakeBreak, now: datetime) -> Timetable:
    """The timetable with one more break; those long over are let go. Raises `NoSchedule`, `TooManyBreaks`."""
    if known is None or not known.recurrences:
        raise NoSchedule(f"{wanted.activity} has no schedule; cancel its sessions one by one")
    new = Break(first=wanted.first, last=wanted.last, why=wanted.why)
    kept = [each for each in known.breaks if each.last >= now.date() and each != new]
    if len(kept) >= _MOST_BREAKS:
        raise TooManyBreaks(
            f"{wanted.activity} has {len(kept)} breaks to come; set a schedule with fewer, longer ones"
        )
    breaks = sorted([*kept, new], key=lambda each: (each.first, each.last))
    return Timetable(time_zone=known.time_zone, recurrences=known.recurrences, breaks=tuple(breaks))


def extend(
    activity: Activity | None,
    known: Schedule | None,
    sessions: Mapping[str, Session],
    plan: Plan,
    now: datetime,
) -> list[Fact]:
    """Time has passed: what has come within sight is laid out. Nothing of what takes place no more."""
    if activity is None or known is None or activity.status is activities.Status.WITHDRAWN:
        return []
    return lay_out(known, sessions, plan, now)


def lay_out(schedule: Schedule, sessions: Mapping[str, Session], plan: Plan, now: datetime) -> list[Fact]:
    """What makes the coming sessions as the plan says, and nothing where they are.

    Sessions added one by one, and what somebody cancelled or moved by hand, stay as they are; so does what
    has begun. A time that goes and another that comes in the same week are one session that is moved: whoever
    comes for the first time then is told when, not that they should stay at home.
    """
    wanted = {each.starts: each for each in plan.occurrences}
    met = _met(sessions.values())
    missing = [each for each in plan.occurrences if each.starts > now and each.starts not in met]
    surplus = sorted(
        (each for each in sessions.values() if _goes(each, wanted, now)),
        key=lambda each: (each.starts, each.session_id),
    )
    pairs = _of_one_week(surplus, missing, ZoneInfo(schedule.time_zone))
    moved = {old.session_id for old, _ in pairs}
    placed = {new.starts for _, new in pairs}
    ids = set(sessions)
    pairs += [
        (each, wanted[each.starts])
        for each in sessions.values()
        if each.starts > now and _differs(each, wanted)
    ]
    pairs.sort(key=lambda pair: (pair[1].starts, pair[0].session_id))
    return [
        *(_moved(old, new, first=number == 0) for number, (old, new) in enumerate(pairs)),
        *(_struck(each, plan.left_out) for each in surplus if each.session_id not in moved),
        *(_laid_out(schedule.activity, each, ids) for each in missing if each.starts not in placed),
    ]


def laid_out_until(sessions: Iterable[Session]) -> datetime | None:
    """The latest time that was laid out from a schedule; None where nothing was."""
    return max((each.occurrence for each in sessions if each.occurrence), default=None)


def evolve(_: Schedule | None, fact: Any) -> Schedule:
    """The last one said is all there is."""
    return Schedule(**{name: getattr(fact, name) for name in Schedule.model_fields})


def _met(sessions: Iterable[Session]) -> set[datetime]:
    """The times that need no session: there is one, or somebody decided that there is none."""
    met: set[datetime] = set()
    for each in sessions:
        if each.occurrence and not each.struck:
            met.add(each.occurrence)
        if each.status is Status.SCHEDULED:
            met.add(each.starts)
    return met


def _goes(session: Session, wanted: Collection[datetime], now: datetime) -> bool:
    """Whether the schedule gives this session no more."""
    if session.occurrence is None or session.status is not Status.SCHEDULED:
        return False
    return (
        session.occurrence > now
        and session.starts > now
        and session.occurrence not in wanted
        and session.starts not in wanted
    )


def _differs(session: Session, wanted: Mapping[datetime, Occurrence]) -> bool:
    """Whether the schedule gives it with another length or elsewhere, and nobody has moved it by hand."""
    if session.occurrence != session.starts or session.status is not Status.SCHEDULED:
        return False
    new = wanted.get(session.starts)
    return new is not None and (session.minutes, session.venue) != (new.minutes, new.venue)


def _of_one_week(
    surplus: Iterable[Session], missing: Iterable[Occurrence], zone: ZoneInfo
) -> list[tuple[Session, Occurrence]]:
    """What goes and what comes in the same week, one for one in the order of time."""

    def week(moment: datetime) -> tuple[int, int]:
        said: date = moment.astimezone(zone).date()
        return said.isocalendar()[:2]

    comes: dict[tuple[int, int], list[Occurrence]] = defaultdict(list)
    for new in missing:
        comes[week(new.starts)].append(new)
    return [(old, comes[week(old.starts)].pop(0)) for old in surplus if comes[week(old.starts)]]


def _moved(old: Session, new: Occurrence, *, first: bool) -> Fact:
    return ActivityRescheduled(
        activity=old.activity,
        session_id=old.session_id,
        starts=new.starts,
        minutes=new.minutes,
        venue=new.venue,
        was=old.starts,
        elsewhere=new.venue != old.venue,
        by_schedule=True,
        tells_all=first,
    )


def _struck(session: Session, left_out: Mapping[datetime, str]) -> Fact:
    assert session.occurrence is not None, "only what was laid out is struck"
    why = left_out.get(session.occurrence, CHANGED)
    return SessionCancelled(
        session_id=session.session_id, activity=session.activity, why=why, by_schedule=True
    )


def _laid_out(activity: str, new: Occurrence, ids: set[str]) -> Fact:
    """Named after the activity and the time, so that laying it out again is no other session. What the
    schedule had left out and now has again is the next of that name: what is cancelled stays cancelled."""
    name = f"{activity}-{new.starts:%Y%m%dT%H%MZ}"
    free = (f"{name}-{number}" if number > 1 else name for number in range(1, len(ids) + 2))
    session_id = next(each for each in free if each not in ids)
    ids.add(session_id)
    return SessionScheduled(
        session_id=session_id,
        activity=activity,
        starts=new.starts,
        minutes=new.minutes,
        venue=new.venue,
        by_schedule=True,
    )
