"""The blue circle: what nothing met is remembered, and whoever waits for it hears when something new does.

A new activity is linked back case by case, each by a due date of its own, since each is another person's. It
is judged as it would be in a list of matches: what a limit rules out is nothing to wait for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from services.navigator.deciding import with_tasks
from services.navigator.domain import plan
from services.navigator.domain.matching import judge
from services.navigator.domain.wishes import Offer
from services.navigator.matching import wishes_of
from services.navigator.registry import CASE, navigator
from services.navigator.store import finding, unmet
from services.navigator.store.asked import Known, around, known_of
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.activity import ActivityPublished
from sluss_contracts.event import Event
from sluss_contracts.offering import Mode

NEW_ACTIVITY = "new_activity"
"""Something is published that may meet a need of this referral that nothing met before."""


async def whoever_waits_for_it(tx: Tx, events: Sequence[Event[ActivityPublished]]) -> None:
    """Each open case with an unmet need that a new activity is for, in its area or around it, is looked at
    now; where one takes part from home, each case anywhere."""
    for event in events:
        activity = event.data
        areas = [activity.area, *await around(tx, activity.area)]
        from_home = activity.mode in (Mode.DIGITAL, Mode.BOTH)
        for referral in await unmet.waiting_for(tx, areas, activity.needs, everywhere=from_home):
            named = f"{referral}:{activity.activity}"
            await tx.timers.set(NEW_ACTIVITY, named, referral, tx.now, activity=activity.activity)


@dataclass(frozen=True, slots=True)
class New:
    """What is new, and what is known of those who may have waited for it."""

    offers: Mapping[str, Offer]
    known: Mapping[str, Known]


@navigator.timer(NEW_ACTIVITY)
def tell_of_the_new(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """The link worker is asked to tell the person, once for each activity, while the case is open."""
    case, looked = held.one(CASE), ctx.looked_up
    offer, known = looked.offers.get(timer.data["activity"]), looked.known.get(timer.key)
    if case is None or offer is None or known is None:
        return []
    for need in case.unmet:
        if need.need not in offer.needs:
            continue
        wishes = replace(wishes_of(known, case=case), needs=(need.need.value,), area=need.area)
        judged = judge(wishes, offer)
        if judged.suits:
            return with_tasks(held, case, plan.offer_found(case, judged, need), ctx)
    return []


@tell_of_the_new.lookup
async def what_is_new(tx: Tx, timers: Sequence[Timer]) -> New:
    offers = await finding.named(tx, {timer.data["activity"] for timer in timers})
    return New(
        {offer.activity: offer for offer in offers}, await known_of(tx, {timer.key for timer in timers})
    )
