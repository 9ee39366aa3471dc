"""What changes in what providers offer, as far as it asks something of somebody here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.navigator.assigning import Homes
from services.navigator.deciding import agenda_of
from services.navigator.domain import activity_task
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.registry import ACTIVITY_TASK, CASE, navigator
from services.navigator.store import heard
from services.navigator.store.workers import teams_of
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.activity import SessionCancelled, VerificationDue
from sluss_contracts.event import Event
from sluss_contracts.vocabulary import TaskKind

SESSION_OFF = "session_off"
"""Timer of an enrolment, due at once: a session that the person was to come to does not take place."""
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


async def whoever_was_to_come(tx: Tx, events: Sequence[Event[SessionCancelled]]) -> None:
    """Each open case of somebody who takes part is looked at by itself, since each is another person's."""
    for event in events:
        session = event.data
        if session.why == WITH_ITS_ACTIVITY:
            continue
        for enrolment_id, referral_id in await heard.expected_at(tx, session.activity, session.session_id):
            name = f"{enrolment_id}:{session.session_id}"
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
