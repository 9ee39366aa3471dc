"""Follow-ups: some time after the plan somebody asks how it went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from sluss_contracts.case import PlanAgreed
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.event import Fact
from sluss_contracts.followup import FollowUpCancelled, FollowUpDone, FollowUpDue, FollowUpScheduled

FOLLOW_UP_AFTER = timedelta(days=21)
"""From the agreed plan to the question how it went."""


class UnknownFollowUp(Refusal):
    """The referral has no follow-up with that id."""

    code = "unknown_followup"


class FollowUpIsCancelled(Refusal):
    """The follow-up has been cancelled; there is nothing to complete."""

    code = "followup_is_cancelled"


class Status(StrEnum):
    """Where a follow-up is. `DONE` and `CANCELLED` are over."""

    SCHEDULED = "scheduled"
    DUE = "due"
    DONE = "done"
    CANCELLED = "cancelled"


class FollowUp(BaseModel):
    """State of one follow-up."""

    model_config = ConfigDict(frozen=True)

    followup_id: str
    referral_id: str
    person: str
    plan_version: int
    due: datetime
    status: Status = Status.SCHEDULED


def schedule(
    followups: Mapping[str, FollowUp], plan: PlanAgreed, agreed: datetime, new_id: str
) -> list[Fact]:
    """A plan schedules a follow-up; a newer version moves the one that has not come due.

    One that is due already asks about a plan that is no longer the person's: it is cancelled, and the new
    plan gets its own. The same version again changes nothing.
    """
    if any(each.plan_version >= plan.version for each in followups.values()):
        return []
    facts: list[Fact] = []
    followup_id = new_id
    for each in followups.values():
        if each.status is Status.SCHEDULED:
            followup_id = each.followup_id
        elif each.status is Status.DUE:
            facts.append(_cancelled(each, "plan_revised"))
    scheduled = FollowUpScheduled(
        followup_id=followup_id,
        referral_id=plan.referral_id,
        person=plan.person,
        plan_version=plan.version,
        due=agreed + FOLLOW_UP_AFTER,
    )
    return [*facts, scheduled]


def come_due(followup: FollowUp | None) -> list[FollowUpDue]:
    """Its time has come. Nothing to say when it was done or cancelled before."""
    if followup is None or followup.status is not Status.SCHEDULED:
        return []
    return [
        FollowUpDue(
            followup_id=followup.followup_id, referral_id=followup.referral_id, person=followup.person
        )
    ]


def complete(followup: FollowUp | None, wanted: CompleteFollowUp) -> list[Fact]:
    """The person was asked, in time or before it. Completing twice is completing once."""
    match followup:
        case None:
            raise UnknownFollowUp(f"the referral has no follow-up {wanted.followup_id}")
        case FollowUp(status=Status.DONE):
            return []
        case FollowUp(status=Status.CANCELLED):
            raise FollowUpIsCancelled(f"{wanted.followup_id} was cancelled; there is nothing to complete")
        case FollowUp():
            return [
                FollowUpDone(
                    followup_id=followup.followup_id,
                    referral_id=followup.referral_id,
                    how_it_went=wanted.how_it_went,
                )
            ]


def close(followups: Iterable[FollowUp]) -> list[Fact]:
    """The case is over: nobody asks any more."""
    return [
        _cancelled(each, "case_closed") for each in followups if each.status in (Status.SCHEDULED, Status.DUE)
    ]


def evolve(state: FollowUp | None, fact: Fact) -> FollowUp:
    """What a fact makes of a follow-up. Scheduling it again moves it."""
    if isinstance(fact, FollowUpScheduled):
        return FollowUp(**dict(fact))
    assert state is not None, "a follow-up is scheduled before anything else happens to it"
    return state.model_copy(update={"status": _STATUS[type(fact)]})


_STATUS: dict[type[Fact], Status] = {
    FollowUpDue: Status.DUE,
    FollowUpDone: Status.DONE,
    FollowUpCancelled: Status.CANCELLED,
}


def _cancelled(followup: FollowUp, why: str) -> Fact:
    return FollowUpCancelled(followup_id=followup.followup_id, referral_id=followup.referral_id, why=why)
