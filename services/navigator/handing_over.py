"""Who has a case: claimed, handed on, given back, and what happens when a link worker leaves.

A caseload is handed over case by case, each by a durable due date of its own: whatever dies half-way, what is
left is taken up where it stopped, and no case is moved twice.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.navigator.assigning import Assigning, assigning_of
from services.navigator.deciding import CASEWORK, by_whom, step, with_tasks
from services.navigator.domain import holding, worker
from services.navigator.domain.assignment import Nobody
from services.navigator.domain.roles import may_keep_the_registry
from services.navigator.registry import CASE, LINK_WORKER, navigator
from services.navigator.store import line
from services.navigator.store.workers import team_of_each
from services.runtime.decision import Decision
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.commands.navigator import ClaimCase, HandOverCaseload, ReassignCase
from sluss_contracts.event import Event
from sluss_contracts.linkworker import CaseloadHandedOver
from sluss_contracts.referral import ReferralAccepted

HAND_OVER = "hand_over"
"""One case of a link worker who leaves is to go to somebody else."""


@navigator.command(ClaimCase, by=CASEWORK)
def claim(held: Held, command: ClaimCase, ctx: Ctx) -> Decision:
    team = ctx.looked_up.get(command.worker)
    return step(
        held, command.referral_id, ctx, lambda case: holding.claim(case, by_whom(ctx), command.worker, team)
    )


@navigator.command(ReassignCase, by=CASEWORK)
def reassign(held: Held, command: ReassignCase, ctx: Ctx) -> Decision:
    team = ctx.looked_up.get(command.worker) if command.worker else None
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: holding.reassign(case, by_whom(ctx), command.worker, team, command.because),
    )


async def teams_of_receivers(tx: Tx, commands: Sequence[ClaimCase | ReassignCase]) -> dict[str, str]:
    """The team of each link worker who is to have a case."""
    return await team_of_each(tx, [command.worker for command in commands if command.worker])


claim.lookup(teams_of_receivers)
reassign.lookup(teams_of_receivers)


@navigator.command(HandOverCaseload, by=CASEWORK)
def hand_over_caseload(held: Held, command: HandOverCaseload, ctx: Ctx) -> Decision:
    may_keep_the_registry(by_whom(ctx), of=command.worker)
    return worker.hand_over(held.get(LINK_WORKER, command.worker), command.worker, command.because)


async def each_case(tx: Tx, events: Sequence[Event[CaseloadHandedOver]]) -> None:
    """Each open case of whoever leaves is due to be handed over now."""
    for event in events:
        leaving = event.data.worker
        for referral in await line.held_by(tx, leaving):
            data = {"worker": leaving, "because": event.data.because}
            await tx.timers.set(HAND_OVER, f"{referral}:{event.id}", referral, tx.now, **data)


@navigator.timer(HAND_OVER)
def hand_over(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """One case goes to whoever the policy chooses, unless it has gone to somebody already, or is over."""
    case = held.one(CASE)
    leaving, because = timer.data["worker"], timer.data["because"]
    asked: dict[str, ReferralAccepted] = ctx.looked_up[0]
    assigning: Assigning = ctx.looked_up[1]
    if case is None or case.worker != leaving or timer.key not in asked:
        return []
    never = (*case.given_back, leaving)
    choice = assigning.choose(asked[timer.key], never) if not case.protected else Nobody(())
    return with_tasks(held, case, holding.hand_over(case, leaving, choice, because), ctx)


@hand_over.lookup
async def whom_to_hand_them_to(
    tx: Tx, timers: Sequence[Timer]
) -> tuple[dict[str, ReferralAccepted], Assigning]:
    asked: dict[str, ReferralAccepted] = {}
    for leaving in sorted({timer.data["worker"] for timer in timers}):
        referrals = [timer.key for timer in timers if timer.data["worker"] == leaving]
        asked |= await line.asked_of_worker(tx, leaving, referrals)
    return asked, await assigning_of(tx, list(asked.values()))
