"""Messages about schedules: from command or due date to the sessions that come of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from zlib import crc32

from services.provider import tables
from services.provider.domain import schedule
from services.provider.judging import judge
from services.provider.recurrence import between, ends
from services.provider.registry import ACTIVITY, SCHEDULE, SESSION, service
from services.provider.store import still_to_lay_out
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held, Timer
from services.runtime.settings import PlanningSettings
from services.runtime.tx import Tx
from sluss_contracts.activity import (
    ActivityRescheduled,
    ActivityWithdrawn,
    SessionCancelled,
    SessionScheduled,
)
from sluss_contracts.commands.schedule import SetSchedule, TakeBreak
from sluss_contracts.event import Event, Fact
from sluss_contracts.schedule import ActivityScheduleSet, Timetable
from sluss_contracts.vocabulary import Role

LAY_OUT = "lay_out"
"""Timer of an activity, once a week: what has come within sight is laid out."""

_RUN_THEM = {Role.PROVIDER, Role.COORDINATOR, Role.OPERATOR}
_WEEK = timedelta(days=7)
_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)
_TOLD: dict[type[Fact], str] = {
    SessionScheduled: "scheduled",
    ActivityRescheduled: "moved",
    SessionCancelled: "cancelled",
}


@service.command(SetSchedule, by=_RUN_THEM)
def set_schedule(held: Held, command: SetSchedule, ctx: Ctx) -> Decision:
    timetable = Timetable(**{name: getattr(command, name) for name in Timetable.model_fields})
    if command.keeps_start:
        timetable = schedule.going_on(held.one(SCHEDULE), timetable)
    return _set(held, command, timetable, ctx)


@service.command(TakeBreak, by=_RUN_THEM)
def take_break(held: Held, command: TakeBreak, ctx: Ctx) -> Decision:
    return _set(held, command, schedule.with_break(held.one(SCHEDULE), command, ctx.now), ctx)


@service.timer(LAY_OUT)
def lay_out(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    known, sessions = held.one(SCHEDULE), held.all(SESSION)
    plan = between(known, ctx.now, _sight(held, ctx)) if known else schedule.Plan()
    return schedule.extend(held.one(ACTIVITY), known, sessions, plan, ctx.now)


@lay_out.lookup
async def look_again(tx: Tx, timers: Sequence[Timer]) -> None:
    """In a week's time, where there is more to come than can be seen today."""
    for activity in await still_to_lay_out(tx, [each.key for each in timers], tx.now + ahead()):
        await _look(tx, activity)


@service.project(ActivityScheduleSet)
async def follow_schedules(tx: Tx, events: Sequence[Event[ActivityScheduleSet]]) -> None:
    for each in events:
        activity, over = each.data.activity, ends(each.data)
        await tx.execute(tables.WRITE_TIMETABLE, activity=activity, ends=over)
        if over is None or over > tx.now + ahead():
            await _look(tx, activity)


@service.project(ActivityWithdrawn)
async def forget_schedules(tx: Tx, events: Sequence[Event[ActivityWithdrawn]]) -> None:
    for each in events:
        await tx.execute(tables.DROP_TIMETABLE, named=each.data.activity)


@cache
def ahead() -> timedelta:
    """How far ahead sessions are laid out, as the environment says; the process was refused at its start if
    that cannot be read."""
    return timedelta(weeks=PlanningSettings().provider_weeks_ahead)


def next_look(activity: str, now: datetime) -> datetime:
    """When an activity is looked at again: at a moment of the week that is its own, so that a thousand
    activities are not looked at in the same minute."""
    own = _MONDAY + timedelta(seconds=crc32(activity.encode()) % int(_WEEK.total_seconds()))
    return own + ((now - own) // _WEEK + 1) * _WEEK


def _set(held: Held, command: SetSchedule | TakeBreak, timetable: Timetable, ctx: Ctx) -> Decision:
    judge(timetable)
    plan = between(timetable, ctx.now, _sight(held, ctx))
    known, sessions = held.one(SCHEDULE), held.all(SESSION)
    facts = schedule.set_to(held.one(ACTIVITY), known, sessions, command, timetable, plan, ctx.now)
    counted = Counter(_TOLD[type(fact)] for fact in facts if type(fact) in _TOLD)
    return Done(facts, {name: counted[name] for name in _TOLD.values()})


def _sight(held: Held, ctx: Ctx) -> datetime:
    """Until when sessions are laid out: some weeks ahead, and what is laid out further off is looked at too
    (those weeks may have been more, before)."""
    laid_out = schedule.laid_out_until(held.all(SESSION).values())
    return max(ctx.now + ahead(), laid_out or ctx.now)


async def _look(tx: Tx, activity: str) -> None:
    due = next_look(activity, tx.now)
    # Named after the date too: the timer that is just firing is over when it has fired.
    await tx.timers.set(LAY_OUT, f"{activity}/{due:%Y-%m-%d}", activity, due)
