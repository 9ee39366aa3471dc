"""Who has a case: claimed, handed on, given back, and what happens when a link worker leaves.

A caseload is handed over case by case, each by a durable due date of its own: whatever dies half-way, what is
left is taken up where it stopped, and no case is moved twice. Who would get what is asked beforehand, of the
same policy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.navigator.assigning import Assigning, Taken, assigning_of
from services.navigator.deciding import CASEWORK, by_whom, step, with_tasks
from services.navigator.domain import holding, worker
from services.navigator.domain.assignment import Chosen, Nobody
from services.navigator.domain.case import PROTECTED, Case
from services.navigator.domain.roles import may_keep_the_registry
from services.navigator.domain.worker import LinkWorker
from services.navigator.registry import CASE, LINK_WORKER, navigator
from services.navigator.store import line
from services.navigator.store.workers import registered
from services.runtime.decision import Decision, Done
from services.runtime.service import Ctx, Held, Timer
from services.runtime.tx import Tx
from sluss_contracts.commands.navigator import ClaimCase, ReassignCase
from sluss_contracts.commands.staff import HandOverCaseload, ReadHandOver
from sluss_contracts.event import Event
from sluss_contracts.linkworker import CaseloadHandedOver
from sluss_contracts.referral import ReferralAccepted

HAND_OVER = "hand_over"
"""One case of a link worker who leaves is to go to somebody else."""


@navigator.command(ClaimCase, by=CASEWORK)
def claim(held: Held, command: ClaimCase, ctx: Ctx) -> Decision:
    team = _team_of(command.worker, ctx.looked_up)
    return step(
        held, command.referral_id, ctx, lambda case: holding.claim(case, by_whom(ctx), command.worker, team)
    )


@navigator.command(ReassignCase, by=CASEWORK)
def reassign(held: Held, command: ReassignCase, ctx: Ctx) -> Decision:
    team = _team_of(command.worker, ctx.looked_up)
    return step(
        held,
        command.referral_id,
        ctx,
        lambda case: holding.reassign(case, by_whom(ctx), command.worker, team, command.because),
    )


async def receivers(tx: Tx, commands: Sequence[ClaimCase | ReassignCase]) -> dict[str, LinkWorker]:
    """What is known of each link worker who is to have a case."""
    return await registered(tx, {command.worker for command in commands if command.worker})


claim.lookup(receivers)
reassign.lookup(receivers)


def _team_of(receiver: str | None, known: Mapping[str, LinkWorker]) -> str | None:
    """The receiver's team; None for nobody, and for somebody not registered. Refuses whoever has left."""
    if receiver is None or (one := known.get(receiver)) is None:
        return None
    worker.must_not_have_left(one)
    return one.team


@navigator.command(HandOverCaseload, by=CASEWORK)
def hand_over_caseload(held: Held, command: HandOverCaseload, ctx: Ctx) -> Decision:
    may_keep_the_registry(by_whom(ctx), of=command.worker)
    successor = ctx.looked_up.get(command.to)
    return worker.hand_over(
        held.get(LINK_WORKER, command.worker), command.worker, command.because, successor, command.to
    )


@hand_over_caseload.lookup
async def successors_of(tx: Tx, commands: Sequence[HandOverCaseload]) -> dict[str, LinkWorker]:
    """What is known of whoever is named to take over."""
    return await registered(tx, {command.to for command in commands if command.to})


@dataclass(frozen=True, slots=True)
class Caseload:
    """What one question whether to hand a caseload over goes by."""

    cases: Sequence[Case]
    asked: Mapping[str, ReferralAccepted]
    assigning: Assigning
    successors: Mapping[str, LinkWorker]


@navigator.command(ReadHandOver, by=CASEWORK)
def read_hand_over(held: Held, command: ReadHandOver, ctx: Ctx) -> Decision:
    may_keep_the_registry(by_whom(ctx), of=command.worker)
    leaving, there = held.get(LINK_WORKER, command.worker), ctx.looked_up
    if leaving is None:
        raise worker.UnknownWorker(f"no link worker is called {command.worker!r}; correct the name")
    worker.may_take_over(leaving, there.successors.get(command.to), command.to)
    return Done(
        [],
        {"cases": [_told(case, there, command) for case in there.cases if case.referral_id in there.asked]},
    )


@read_hand_over.lookup
async def caseload_of(tx: Tx, questions: Sequence[ReadHandOver]) -> Caseload:
    (question,) = questions
    referrals = await line.held_by(tx, question.worker)
    asked = await line.asked_of_worker(tx, question.worker, referrals)
    successors = await registered(tx, {question.to} if question.to else set())
    cases = [Case.model_validate(row["state"]) for row in await tx.fetch(line.STATES, referrals=referrals)]
    assigning = await assigning_of(tx, list(asked.values()), list(successors))
    return Caseload(cases, asked, assigning, successors)


def _told(case: Case, there: Caseload, question: ReadHandOver) -> dict[str, Any]:
    whose: dict[str, Any]
    taken = _taken(case, there.asked[case.referral_id], there.assigning, question.worker, question.to)
    match taken.choice:
        case Chosen() as chosen:
            whose = {"team": chosen.team, "worker": chosen.worker, "because": list(chosen.because)}
        case Nobody(why):
            whose = {"team": case.team, "worker": None, "because": list(why)}
    return {"referral_id": case.referral_id, **whose, "not_named": list(taken.not_named)}


def _taken(
    case: Case, asked: ReferralAccepted, assigning: Assigning, leaving: str, named: str | None
) -> Taken:
    """Who takes a case over; for somebody whose identity is protected, a human finds them."""
    if case.protected:
        return Taken(Nobody((PROTECTED,)))
    return assigning.succeed(asked, leaving, named, case.given_back)


async def each_case(tx: Tx, events: Sequence[Event[CaseloadHandedOver]]) -> None:
    """Each open case of whoever leaves is due to be handed over now."""
    for event in events:
        leaving = event.data.worker
        for referral in await line.held_by(tx, leaving):
            data = {"worker": leaving, "because": event.data.because, "to": event.data.to}
            await tx.timers.set(HAND_OVER, f"{referral}:{event.id}", referral, tx.now, **data)


@navigator.timer(HAND_OVER)
def hand_over(held: Held, timer: Timer, ctx: Ctx) -> Decision:
    """One case goes to whoever is named or chosen, unless it has gone to somebody already, or is over."""
    case = held.one(CASE)
    leaving, because = timer.data["worker"], timer.data["because"]
    asked: dict[str, ReferralAccepted] = ctx.looked_up[0]
    assigning: Assigning = ctx.looked_up[1]
    if case is None or case.worker != leaving or timer.key not in asked:
        return []
    taken = _taken(case, asked[timer.key], assigning, leaving, timer.data.get("to"))
    return with_tasks(held, case, holding.hand_over(case, leaving, taken.choice, because), ctx)


@hand_over.lookup
async def whom_to_hand_them_to(
    tx: Tx, timers: Sequence[Timer]
) -> tuple[dict[str, ReferralAccepted], Assigning]:
    asked: dict[str, ReferralAccepted] = {}
    for leaving in sorted({timer.data["worker"] for timer in timers}):
        referrals = [timer.key for timer in timers if timer.data["worker"] == leaving]
        asked |= await line.asked_of_worker(tx, leaving, referrals)
    named = {timer.data["to"] for timer in timers if timer.data.get("to")}
    return asked, await assigning_of(tx, list(asked.values()), named)
