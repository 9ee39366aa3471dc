"""Follow-ups: some time after the plan somebody asks how it went, as often as the pathway says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from services.runtime.lifecycle import Lifecycle, move
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.event import Fact
from sluss_contracts.followup import (
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpLapsed,
    FollowUpScheduled,
)
from sluss_contracts.pathway import Condition, FollowUpTime
from sluss_contracts.plan import PlanAgreed, PlanRevised

PLAN_REVISED, CASE_CLOSED, GOALS_REACHED = "plan_revised", "case_closed", "goals_reached"


class UnknownFollowUp(Refusal):
    """The referral has no follow-up with that id."""

    code = "unknown_followup"


class FollowUpIsCancelled(Refusal):
    """The follow-up has been cancelled; there is nothing to complete."""

    code = "followup_is_cancelled"


class FollowUpHasLapsed(Refusal):
    """It was due so long ago that it no longer tells how it went then; the next one asks again."""

    code = "followup_has_lapsed"


class Status(StrEnum):
    """Where a follow-up is. All but `SCHEDULED` and `DUE` are its end."""

    SCHEDULED = "scheduled"
    DUE = "due"
    DONE = "done"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


LIFECYCLE = Lifecycle(
    "followup",
    {
        FollowUpScheduled: move(None, Status.SCHEDULED, to=Status.SCHEDULED),
        FollowUpDue: move(Status.SCHEDULED, to=Status.DUE),
        FollowUpDone: move(Status.SCHEDULED, Status.DUE, to=Status.DONE),
        FollowUpLapsed: move(Status.DUE, to=Status.LAPSED),
        FollowUpCancelled: move(Status.SCHEDULED, Status.DUE, to=Status.CANCELLED),
    },
    Status,
)


class FollowUp(BaseModel):
    """State of one follow-up."""

    model_config = ConfigDict(frozen=True)

    followup_id: str
    referral_id: str
    person: str
    plan_version: int
    number: int = 1
    when: Condition = Condition.ALWAYS
    due: datetime
    lapses: datetime | None = None
    status: Status = Status.SCHEDULED


def schedule(
    followups: Mapping[str, FollowUp],
    plan: PlanAgreed | PlanRevised,
    agreed: datetime,
    times: Sequence[FollowUpTime],
    new_id: Callable[[], str],
) -> list[Fact]:
    """A plan schedules the pathway's follow-ups; a newer version moves those that have not come due.

    One that is due already asks about a plan that is no longer the person's: it is cancelled, and the new
    plan gets its own. The same version again changes nothing.
    """
    if any(each.plan_version >= plan.version for each in followups.values()):
        return []
    waiting = {each.number: each for each in followups.values() if each.status is Status.SCHEDULED}
    cancelled = [_cancelled(each, PLAN_REVISED) for each in followups.values() if each.status is Status.DUE]
    scheduled = [
        FollowUpScheduled(
            followup_id=waiting[number].followup_id if number in waiting else new_id(),
            referral_id=plan.referral_id,
            person=plan.person,
            plan_version=plan.version,
            due=agreed + timedelta(days=time.after),
            number=number,
            when=time.when,
            lapses=agreed + timedelta(days=time.after + time.lapses_after),
        )
        for number, time in enumerate(times, start=1)
    ]
    return [*cancelled, *scheduled]


def come_due(
    followup: FollowUp | None,
    now: datetime,
    times: Sequence[FollowUpTime] = (),
    *,
    goals_ahead: bool = True,
    paused_until: datetime | None = None,
) -> list[Fact]:
    """Its time has come. Nothing to say when it was done, moved or cancelled before.

    One that is only for goals ahead is cancelled when none is; nobody is asked during a pause, but after it.
    """
    if followup is None or not LIFECYCLE.allows(followup.status, FollowUpDue) or now < followup.due:
        return []
    if paused_until and paused_until > now:
        return [_moved(followup, paused_until)]
    if followup.when is Condition.GOALS_AHEAD and not goals_ahead:
        return [_cancelled(followup, GOALS_REACHED)]
    time = times[followup.number - 1] if followup.number <= len(times) else FollowUpTime()
    return [
        FollowUpDue(
            followup_id=followup.followup_id,
            referral_id=followup.referral_id,
            person=followup.person,
            number=followup.number,
            minutes=time.minutes,
            modes=time.modes,
            lapses=followup.lapses,
        )
    ]


def lapse(followup: FollowUp | None) -> list[Fact]:
    """It was due and nobody asked for so long that it is too late."""
    if followup is None or not LIFECYCLE.allows(followup.status, FollowUpLapsed):
        return []
    return [FollowUpLapsed(followup_id=followup.followup_id, referral_id=followup.referral_id)]


def complete(followup: FollowUp | None, wanted: CompleteFollowUp) -> list[Fact]:
    """The person was asked, in time or before it. Completing twice is completing once."""
    match followup:
        case None:
            raise UnknownFollowUp(f"the referral has no follow-up {wanted.followup_id}")
        case FollowUp(status=Status.DONE):
            return []
        case FollowUp(status=Status.CANCELLED):
            raise FollowUpIsCancelled(f"{wanted.followup_id} was cancelled; there is nothing to complete")
        case FollowUp(status=Status.LAPSED):
            raise FollowUpHasLapsed(f"{wanted.followup_id} lapsed; tell how it went at the next one")
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
        _cancelled(each, CASE_CLOSED)
        for each in followups
        if LIFECYCLE.allows(each.status, FollowUpCancelled)
    ]


def evolve(state: FollowUp | None, fact: Fact) -> FollowUp:
    """What a fact makes of a follow-up. Scheduling it again moves it."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, FollowUpScheduled):
        return FollowUp(**dict(fact))
    assert state is not None
    return state.model_copy(update={"status": status})


def _moved(followup: FollowUp, to: datetime) -> Fact:
    known = followup.model_dump(exclude={"status"})
    lapses = to + (followup.lapses - followup.due) if followup.lapses else None
    return FollowUpScheduled(**{**known, "due": to, "lapses": lapses})


def _cancelled(followup: FollowUp, why: str) -> Fact:
    return FollowUpCancelled(followup_id=followup.followup_id, referral_id=followup.referral_id, why=why)
