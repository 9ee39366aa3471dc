"""Pauses: illness, travel. Nothing is asked of the person until a day that is agreed."""

from __future__ import annotations

from datetime import date

from services.navigator.domain.case import Case, Status
from services.navigator.domain.rules import PauseEndsInThePast
from services.navigator.domain.standing import whose_work
from sluss_contracts.case import CasePaused, CaseResumed
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact


def pause(case: Case, by: Actor, why: str, until: date, today: date) -> list[Fact]:
    """Let the case rest; a pause may be made longer or shorter. The same pause again changes nothing."""
    whose_work(case, by, CasePaused)
    if until <= today:
        raise PauseEndsInThePast(f"a pause until {until} is over already, for today is {today}")
    if (case.paused_why, case.paused_until) == (why, until):
        return []
    return [CasePaused(referral_id=case.referral_id, why=why, until=until)]


def resume(case: Case, by: Actor) -> list[Fact]:
    """The work goes on. What is not paused goes on already."""
    if case.status is Status.ASSIGNED:
        whose_work(case, by, CasePaused)
        return []
    whose_work(case, by, CaseResumed)
    return [CaseResumed(referral_id=case.referral_id)]
