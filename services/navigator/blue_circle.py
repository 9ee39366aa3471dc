"""The blue circle: what nothing met is remembered, and whoever waits for it hears when something new does.

A new activity is linked back case by case, each by a due date of its own, since each is another person's.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator.deciding import agenda_of
from services.navigator.registry import CASE, TASK, navigator
from services.navigator.store import unmet
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.activity import ActivityPublished
from sluss_contracts.event import Event
from sluss_contracts.vocabulary import TaskKind

NEW_ACTIVITY = "new_activity"
"""Something is published that may meet a need of this referral that nothing met before."""


async def whoever_waits_for_it(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """Each open case with an unmet need that a new activity is for, in its area, is looked at now."""
    for event in events:
        activity = event.data
        for referral in await unmet.waiting_for(tx, activity.area, activity.needs):
            data = {"activity": activity.activity, "needs": list(activity.needs), "area": activity.area}
            await tx.timers.set(NEW_ACTIVITY, f"{referral}:{activity.activity}", referral, tx.now, **data)


@navigator.timer(NEW_ACTIVITY)
def tell_of_the_new(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """The link worker is asked to tell the person, once for each activity, while the case is open."""
    case, activity = held.one(CASE), timer.data["activity"]
    if case is None or case.closed:
        return []
    if any((task.kind, task.about) == (TaskKind.NEW_ACTIVITY, activity) for task in held.all(TASK).values()):
        return []
    met = [
        each.need.value
        for each in case.unmet
        if each.need in timer.data["needs"] and each.area == timer.data["area"]
    ]
    if not met:
        return []
    agenda = agenda_of(held, case.referral_id, case, ctx)
    agenda.open(TaskKind.NEW_ACTIVITY, met[0], about=activity)
    return agenda.facts
