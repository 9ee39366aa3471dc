"""How a case ends: by the link worker, or because the referral is over."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from services.navigator.domain.case import LIFECYCLE, Case
from services.navigator.domain.roles import FOR_OTHERS
from services.navigator.domain.rules import DecidedByTheReferral, UnmetNeedNotRecorded
from services.navigator.domain.standing import of_the_case, whose_work
from sluss_contracts.case import CaseClosed
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Mark, Pathway
from sluss_contracts.vocabulary import CaseOutcome

DECIDED_BY_THE_REFERRAL: Final = {
    CaseOutcome.SCREENED_OUT: "declining the referral",
    CaseOutcome.OUTSIDE_REMIT: "declining the referral",
    CaseOutcome.REDIRECTED: "redirecting the referral",
    CaseOutcome.CANCELLED: "the referrer's cancelling it",
    CaseOutcome.CONSENT_WITHDRAWN: "recording that the person withdrew their consent",
    CaseOutcome.ENTERED_IN_ERROR: "recording that the referral was made in error",
}
"""Outcomes that are not the link worker's to say: the case closes by itself when the referral ends so."""


def close(
    case: Case,
    by: Actor,
    outcome: CaseOutcome,
    feedback_text: str | None,
    *,
    pathway: Pathway,
    taken_up: Collection[str] = (),
) -> list[Fact]:
    """The work is over. What nobody has claimed yet is closed by a coordinator only.

    `taken_up` are the enrolments that a provider has accepted. Where the pathway listens for unmet needs,
    nobody is completed without an activity unless it is recorded which need nothing met.
    """
    if case.outcome is outcome:
        return []
    if step := DECIDED_BY_THE_REFERRAL.get(outcome):
        raise DecidedByTheReferral(f"a case ends as {outcome.value} by {step}, not by closing it")
    if not case.waits or by.role not in FOR_OTHERS:
        whose_work(case, by, CaseClosed)
    if (
        outcome is CaseOutcome.COMPLETED
        and Mark.UNMET_NEEDS in pathway.marks
        and not case.unmet
        and not set(case.enrolments) & set(taken_up)
    ):
        raise UnmetNeedNotRecorded(
            f"case {case.referral_id} led to no activity; record which need nothing met before closing it "
            "as completed"
        )
    return [CaseClosed(**of_the_case(case), outcome=outcome, feedback_text=feedback_text)]


def end(case: Case, outcome: CaseOutcome, *, turn_to: str | None = None) -> list[Fact]:
    """The referral is over, and so is the work with it. What is closed stays as it was closed."""
    if not LIFECYCLE.allows(case.status, CaseClosed):
        return []
    return [CaseClosed(**of_the_case(case), outcome=outcome, turn_to=turn_to)]
