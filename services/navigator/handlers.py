"""What the navigator hears from the others: referrals that begin and end, answers, due dates, silence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from services.navigator import assigning
from services.navigator.deciding import agenda_of, heard, with_tasks
from services.navigator.domain import ending, holding, journey
from services.navigator.domain.agenda import OUTLIVES_THE_CASE
from services.navigator.domain.case import Case
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.registry import CASE, TASK, navigator
from services.navigator.store.heard import referrals_over
from services.runtime.decision import Decision, Wait
from services.runtime.service import Ctx, Held
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.consent import ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.evaluation import (
    EvaluationAnswered,
    EvaluationCancelled,
    EvaluationDue,
    EvaluationLapsed,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.followup import (
    DeadlinePassed,
    FollowUpCancelled,
    FollowUpDone,
    FollowUpDue,
    FollowUpLapsed,
)
from sluss_contracts.message import FeedbackOverdue, FeedbackSent, MessageFailed
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
)
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, LinkKind, TaskKind

_PATHWAY: Final = Wait("pathway.published")

# --- a referral begins


@navigator.on(ReferralHeld)
def ask_for_consent(held: Held, event: Event[ReferralHeld], ctx: Ctx) -> Decision:
    if held.one(CASE):
        return []
    if not ctx.given.knows(event.data.pathway, event.data.pathway_version):
        return _PATHWAY
    home = ctx.looked_up.of(event.data.area)
    agenda = agenda_of(held, event.data.referral_id, None, ctx, home=home)
    agenda.pathway = ctx.given.of(event.data.pathway, event.data.pathway_version)
    journey.follow(None, event.data, agenda)
    return agenda.facts


ask_for_consent.lookup(assigning.homes_for)


@navigator.on(ReferralAccepted)
def assign(held: Held, event: Event[ReferralAccepted], ctx: Ctx) -> Decision:
    if held.one(CASE):
        return []
    referral, looked_up = event.data, ctx.looked_up
    if not ctx.given.knows(referral.pathway, referral.pathway_version):
        return _PATHWAY
    choice = looked_up.choose(referral)
    facts = holding.take_on(None, referral, choice, looked_up.homes.of(referral.area))
    return with_tasks(held, None, facts, ctx, besides=referral)


assign.lookup(assigning.assigning_for)


@navigator.on(AlarmRaised)
def see_to_the_alarm(held: Held, event: Event[AlarmRaised], ctx: Ctx) -> Decision:
    """Whoever has the case reads it; else the team of the area, whatever else is known of the referral."""
    return heard(held, held.one(CASE), event, ctx, home=ctx.looked_up.of(event.data.area))


see_to_the_alarm.lookup(assigning.homes_for)

# --- a referral ends


@navigator.on(ReferralDeclined)
def end_declined(held: Held, event: Event[ReferralDeclined], ctx: Ctx) -> Decision:
    outcome = CaseOutcome.SCREENED_OUT if event.data.screened_out else CaseOutcome.OUTSIDE_REMIT
    return _end(held, event.data.referral_id, outcome, ctx, turn_to=event.data.turn_to)


@navigator.on(ReferralCancelled)
def end_cancelled(held: Held, event: Event[ReferralCancelled], ctx: Ctx) -> Decision:
    return _end(held, event.data.referral_id, CaseOutcome.CANCELLED, ctx)


@navigator.on(ReferralRedirected)
def end_redirected(held: Held, event: Event[ReferralRedirected], ctx: Ctx) -> Decision:
    return _end(held, event.data.referral_id, CaseOutcome.REDIRECTED, ctx)


@navigator.on(ReferralEnteredInError)
def end_void(held: Held, event: Event[ReferralEnteredInError], ctx: Ctx) -> Decision:
    return _end(held, event.data.referral_id, CaseOutcome.ENTERED_IN_ERROR, ctx)


@navigator.on(ReferralClosed)
def end_closed(held: Held, event: Event[ReferralClosed], ctx: Ctx) -> Decision:
    """Usually it was the case that ended first."""
    return _end(held, event.data.referral_id, event.data.outcome, ctx)


@navigator.on(ReferralLinked)
def end_linked(held: Held, event: Event[ReferralLinked], ctx: Ctx) -> Decision:
    """A duplicate has no case of its own, and nothing is asked about it any more."""
    return [] if event.data.how is LinkKind.REPLACES else _let_go(held, event.data.referral_id, "linked", ctx)


@navigator.on(ConsentWithdrawn)
def end_withdrawn(held: Held, event: Event[ConsentWithdrawn], ctx: Ctx) -> Decision:
    """Without consent to be referred there is no more work; and whoever was told something removes it."""
    case, withdrawn = held.one(CASE), event.data
    said: list[Fact] = []
    if ConsentPurpose.REFERRAL in withdrawn.purposes:
        if case is None:
            return _let_go(held, withdrawn.referral_id, CaseOutcome.CONSENT_WITHDRAWN.value, ctx)
        said += ending.end(case, CaseOutcome.CONSENT_WITHDRAWN)
    if case is None:
        return []
    return with_tasks(held, case, said, ctx, besides=withdrawn)


def _end(
    held: Held, referral_id: str, outcome: CaseOutcome, ctx: Ctx, *, turn_to: str | None = None
) -> Decision:
    case = held.one(CASE)
    if case is None:
        return _let_go(held, referral_id, outcome.value, ctx)
    return with_tasks(held, case, ending.end(case, outcome, turn_to=turn_to), ctx)


def _let_go(held: Held, referral_id: str, why: str, ctx: Ctx) -> Decision:
    """What was asked before there was a case is asked no more."""
    if held.one(CASE) or not held.all(TASK):
        return []
    agenda = agenda_of(held, referral_id, None, ctx)
    agenda.lapse(*(kind for kind in TaskKind if kind not in OUTLIVES_THE_CASE), why=why)
    return agenda.facts


# --- what others say of a case


@navigator.on(
    EnrolmentOffered,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentWaitlisted,
    EnrolmentEnded,
    EnrolmentExpired,
    AnotherTimeSuggested,
    AttendanceRecorded,
    AttendanceMissing,
)
def follow_enrolment(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
    case = held.one(CASE)
    if case is None or event.data.enrolment_id not in case.enrolments:
        return Wait("case.enrolment_requested")
    return heard(held, case, event, ctx)


@navigator.on(
    FollowUpDue,
    FollowUpDone,
    FollowUpCancelled,
    FollowUpLapsed,
    EvaluationDue,
    EvaluationAnswered,
    EvaluationLapsed,
    EvaluationCancelled,
    DeadlinePassed,
    MessageFailed,
    FeedbackSent,
    FeedbackOverdue,
    WithdrawalConfirmed,
)
def follow_up(held: Held, event: Event[Any], ctx: Ctx) -> Decision:
    """Of a referral that ended before it was a case, what is still silent is the network's to see to."""
    case = held.one(CASE)
    if _unknown(held, case) and not _over(event, ctx.looked_up):
        return Wait("referral.accepted")
    return heard(held, case, event, ctx, home=NETWORK_TEAM)


follow_up.lookup(referrals_over)


def _unknown(held: Held, case: Case | None) -> bool:
    return case is None and not held.all(TASK)


def _over(event: Event[Any], over: Collection[str]) -> bool:
    return event.data.referral_id in over
