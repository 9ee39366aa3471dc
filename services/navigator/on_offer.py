"""What changes in what providers offer, as far as it asks something of somebody here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from services.navigator.assigning import Homes
from services.navigator.deciding import CASEWORK, agenda_of, by_whom
from services.navigator.domain import activity_task
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.registry import ACTIVITY_TASK, CASE, navigator
from services.navigator.store import heard, offers
from services.navigator.store.activity_tasks import ActivityTask, waiting_for
from services.navigator.store.workers import team_of_each, teams_of
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.activity import SessionCancelled, VerificationDue
from sluss_contracts.commands.activity_tasks import CompleteActivityTask, ReadActivityTasks
from sluss_contracts.event import Event
from sluss_contracts.vocabulary import TaskKind

SESSION_OFF = "session_off"
"""Timer of an enrolment, due at once: a session that the person was to come to does not take place."""
LEFT_OUT = "left_out"
"""Timer of a session that the schedule leaves out: whoever was to come is told a week before, and so the link
worker is asked then. A summer of tasks today would be done before anybody thinks of summer."""
A_WEEK_BEFORE = timedelta(days=7)
WITH_ITS_ACTIVITY = "activity_withdrawn"
"""Why a session is cancelled that nobody needs to hear of by itself: the enrolment ends, and that is told."""


@navigator.on(VerificationDue)
def ask_whether_it_is_right(held: Held, event: Event[VerificationDue], ctx: Ctx) -> Decision:
    """The team of the activity's area sees to it that somebody asks."""
    team = ctx.looked_up.get(event.data.activity, NETWORK_TEAM)
    return activity_task.verification_due(held.all(ACTIVITY_TASK), event.data, team, ctx.new_id())


@ask_whether_it_is_right.lookup
async def teams_of_activities(tx: Tx, events: Sequence[Event[VerificationDue]]) -> dict[str, str]:
    areas = await heard.areas_of_activities(tx, {event.data.activity for event in events})
    homes = Homes(await teams_of(tx, set(areas.values())))
    return {activity: homes.of(area) for activity, area in areas.items()}


@navigator.on(*activity_task.ENDS)
def ask_no_more(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
    return activity_task.looked_after(held.all(ACTIVITY_TASK), event.data)


@navigator.command(CompleteActivityTask, by=CASEWORK)
def complete_activity_task(held: Held, command: CompleteActivityTask, ctx: Ctx) -> Decision:
    by = by_whom(ctx)
    tasks, team = held.all(ACTIVITY_TASK), ctx.looked_up.get(by.id)
    return activity_task.complete(tasks, command.task_id, command.how, by, team)


@complete_activity_task.lookup
async def teams_of_actors(tx: Tx, commands: Sequence[CompleteActivityTask]) -> dict[str, str]:
    return await team_of_each(tx, {each.actor.id for each in commands})


@navigator.command(ReadActivityTasks, by=CASEWORK)
def read_activity_tasks(held: Held, question: ReadActivityTasks, ctx: Ctx) -> Decision:
    return Done([], {"tasks": [_told(each) for each in ctx.looked_up]})


@read_activity_tasks.lookup
async def what_waits_for_teams(tx: Tx, questions: Sequence[ReadActivityTasks]) -> list[ActivityTask]:
    (question,) = questions
    return await waiting_for(tx, question.team, question.most)


def _told(task: ActivityTask) -> dict[str, Any]:
    return {**asdict(task), "opened": task.opened.isoformat(), "due": task.due.isoformat()}


async def whoever_was_to_come(tx: Tx, events: Sequence[Event[SessionCancelled]]) -> None:
    """At once; of what the schedule leaves out, a week before."""
    for event in events:
        session = event.data
        if session.why == WITH_ITS_ACTIVITY:
            continue
        starts = await offers.starts_of(tx, session.session_id) if session.by_schedule else None
        if starts is not None and starts - A_WEEK_BEFORE > tx.now:
            due = starts - A_WEEK_BEFORE
            await tx.timers.set(LEFT_OUT, session.session_id, session.activity, due)
        else:
            await _look_at_each(tx, session.activity, session.session_id)


@navigator.timer(LEFT_OUT)
def a_week_without(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """Nothing is said of it; its lookup has seen to whoever was to come."""
    return []


@a_week_without.lookup
async def whoever_would_have_come(tx: Tx, timers: Sequence[Timer]) -> None:
    """Unless it is on again: the schedule left it out for a while only."""
    for timer in timers:
        if not await offers.is_on_again(tx, timer.id):
            await _look_at_each(tx, timer.key, timer.id)


async def _look_at_each(tx: Tx, activity: str, session_id: str) -> None:
    """Each open case of somebody who takes part is looked at by itself, since each is another person's."""
    for enrolment_id, referral_id in await heard.expected_at(tx, activity, session_id):
        name = f"{enrolment_id}:{session_id}"
        await tx.timers.set(SESSION_OFF, name, referral_id, tx.now, enrolment_id=enrolment_id)


@navigator.timer(SESSION_OFF)
def talk_about_another_day(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """The person has been told that it is off; the link worker says what instead."""
    case = held.one(CASE)
    if case is None or case.closed:
        return []
    agenda = agenda_of(held, case.referral_id, case, ctx)
    agenda.open(TaskKind.CONTACT_PERSON, "session_cancelled", about=timer.data["enrolment_id"])
    return agenda.facts
