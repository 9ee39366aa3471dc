"""Cases in line are looked at again when somebody gets room: a case of theirs is closed, they are
registered or corrected, or they come back from leave. The team may claim them meanwhile all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, time, timedelta

from services.navigator.assigning import Assigning, assigning_of
from services.navigator.deciding import with_tasks
from services.navigator.domain import holding
from services.navigator.registry import CASE, navigator
from services.navigator.store import line
from services.navigator.store.desk import LOCAL_TIME
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.case import CaseClosed, CaseReassigned, CaseUnassigned
from sluss_contracts.event import Event
from sluss_contracts.linkworker import LeaveRecorded, LinkWorkerRegistered
from sluss_contracts.referral import ReferralAccepted

LOOK_AGAIN = "look_again"
"""A referral in line may be given to somebody now."""
BACK_AT_WORK = "back_at_work"
"""A link worker's leave is over."""


@navigator.timer(LOOK_AGAIN)
def assign_from_the_line(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """Give the case to somebody who fits, unless it is taken or still nobody does."""
    case = held.one(CASE)
    asked: dict[str, ReferralAccepted] = ctx.looked_up[0]
    assigning: Assigning = ctx.looked_up[1]
    if case is None or not case.waits or timer.key not in asked:
        return []
    facts = holding.give_from_the_line(case, assigning.choose(asked[timer.key], case.given_back))
    return with_tasks(held, case, facts, ctx)


@assign_from_the_line.lookup
async def whom_to_give_them(tx: Tx, timers: Sequence[Timer]) -> tuple[dict[str, ReferralAccepted], Assigning]:
    asked = await line.asked_of(tx, [timer.key for timer in timers])
    return asked, await assigning_of(tx, list(asked.values()))


@navigator.timer(BACK_AT_WORK)
def come_back_to_work(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """Nothing is said of it; its lookup has seen to the line."""
    return []


@come_back_to_work.lookup
async def see_to_the_line(tx: Tx, timers: Sequence[Timer]) -> None:
    for timer in timers:
        await _look_again(tx, [timer.key], timer.id)


async def after_closing(tx: Tx, events: Sequence[Event[CaseClosed]]) -> None:
    """Whoever had the case has room for another."""
    workers = await line.workers_of(tx, [event.data.referral_id for event in events])
    await _look_again(tx, workers, str(events[0].id))


async def after_giving_up(tx: Tx, events: Sequence[Event[CaseUnassigned | CaseReassigned]]) -> None:
    """So has whoever gave one back or handed one on."""
    gave_up = [
        event.data.before if isinstance(event.data, CaseReassigned) else event.data.worker for event in events
    ]
    await _look_again(tx, gave_up, str(events[0].id))


async def for_whoever_joined(tx: Tx, events: Sequence[Event[LinkWorkerRegistered]]) -> None:
    """They may have room, or speak a language nobody spoke."""
    await _look_again(tx, [event.data.worker for event in events], str(events[0].id))


async def after_leave(tx: Tx, events: Sequence[Event[LeaveRecorded]]) -> None:
    """Look again on the first morning after."""
    for event in events:
        morning = datetime.combine(event.data.ends + timedelta(days=1), time(), LOCAL_TIME)
        await tx.timers.set(BACK_AT_WORK, str(event.id), event.data.worker, morning)


async def _look_again(tx: Tx, workers: Collection[str], cause: str) -> None:
    # Named after the cause too, so that two transactions never wait for each other over one timer.
    for referral in await line.fitting(tx, workers) if workers else ():
        await tx.timers.set(LOOK_AGAIN, f"{referral}:{cause}", referral, tx.now)
