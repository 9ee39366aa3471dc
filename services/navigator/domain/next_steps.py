"""What our own steps ask for next: from consent and assignment to the plan, a pause, and the end."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, datetime, time, timedelta
from typing import Final

from services.navigator.domain.agenda import OUTLIVES_THE_CASE, TO_BE_DECIDED, Agenda
from services.navigator.domain.case import PROTECTED, Case
from sluss_contracts.blue_circle import NeedUnmet, OfferFound
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseEnrolmentRequested,
    CasePaused,
    CaseQueued,
    CaseReassigned,
    CaseResumed,
    CaseUnassigned,
)
from sluss_contracts.event import Fact
from sluss_contracts.mapping import MappingRecorded, MeasureRecorded
from sluss_contracts.meeting import (
    ContactAttempted,
    MeetingBooked,
    MeetingCancelled,
    MeetingConfirmed,
    MeetingHeld,
    MeetingMissed,
    MeetingMoved,
    MeetingTimeUnsuited,
)
from sluss_contracts.pathway import AfterLastAttempt
from sluss_contracts.plan import (
    AlternativesLookedAt,
    GoalProgressed,
    PlanAgreed,
    PlanRevised,
    PrescriptionIssued,
    SpillOverReported,
    SupportAgreed,
    SupportGiven,
)
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import (
    ContactOutcome,
    DeadlineKind,
    GuardianRule,
    MeetingKind,
    SupportKind,
    TaskKind,
)

_BEFORE_THE_PLAN: Final = frozenset({MeetingKind.PLANNING, MeetingKind.MAPPING})
_AFTER_THE_PLAN: Final = frozenset({MeetingKind.STEP_TWO})


def held(_: Case | None, fact: ReferralHeld, agenda: Agenda) -> None:
    """The person must be asked first, or somebody must decide whether a guardian is. Once."""
    if fact.why == TO_BE_DECIDED:
        agenda.open(TaskKind.GUARDIAN, TO_BE_DECIDED)
    else:
        agenda.open(TaskKind.ASK_CONSENT, fact.why)


def accepted(_: Case | None, fact: ReferralAccepted, agenda: Agenda) -> None:
    """What was decided about a minor's guardian is somebody's to do."""
    if fact.guardian_rule in (GuardianRule.CONSENTS, GuardianRule.INFORMED):
        agenda.open(TaskKind.GUARDIAN, f"guardian_{fact.guardian_rule.value}")


def queued(_: Case | None, fact: CaseQueued, agenda: Agenda) -> None:
    """Consent is there, a link worker is not: somebody in the team must take it."""
    _consented(agenda)
    agenda.hand_over(fact.team, None)
    agenda.open(TaskKind.CLAIM_CASE, fact.why[0])
    if PROTECTED in fact.why:
        agenda.open(TaskKind.PROTECTED_PERSON, PROTECTED)


def taken(_: Case | None, fact: CaseAssigned | CaseClaimed, agenda: Agenda) -> None:
    """All that the team had to do about the case is the link worker's from now on. Somebody who was to be
    left alone until a day is contacted then."""
    _consented(agenda)
    how = "claimed" if isinstance(fact, CaseClaimed) else "assigned"
    agenda.close(TaskKind.CLAIM_CASE, how=how)
    caught_up(agenda, DeadlineKind.CASE_CLAIMED)
    agenda.hand_over(fact.team, fact.worker)
    rested = agenda.close(TaskKind.RESUME_CASE, how=how)
    agenda.open(TaskKind.CONTACT_PERSON, how, due=rested[0].due if rested else None)


def unassigned(_: Case | None, __: CaseUnassigned, ___: Agenda) -> None:
    """What happens to the case's tasks follows from what is said next: in line, or somebody else's."""


def reassigned(_: Case | None, fact: CaseReassigned, agenda: Agenda) -> None:
    """Everything that was to be done is somebody else's, by the same dates."""
    agenda.hand_over(fact.team, fact.worker)


def contacted(case: Case | None, fact: ContactAttempted, agenda: Agenda) -> None:
    """Reached: meet, or go on where it stopped. Not reached: try again, as often as the pathway says."""
    assert case is not None
    trying = agenda.close(TaskKind.CONTACT_PERSON, how=fact.outcome.value)
    contact = agenda.pathway.contact
    if fact.outcome is ContactOutcome.REACHED:
        caught_up(agenda, DeadlineKind.PERSON_REACHED)
        if not (case.met or case.meeting_ahead or case.plan_version):
            agenda.open(TaskKind.HOLD_MEETING, "reached")
        elif case.enrolments and not agenda.waits():
            ask_how_it_went(agenda, "reached")
    elif trying and case.unanswered >= contact.attempts:
        if contact.then is AfterLastAttempt.ASK or case.reached:
            agenda.open(TaskKind.CLOSE_CASE, "not_reached")
    elif trying:
        agenda.open(TaskKind.CONTACT_PERSON, fact.outcome.value, about=trying[0].about)


def meeting_booked(_: Case | None, fact: MeetingBooked, agenda: Agenda) -> None:
    """The person has been reached; the meeting is due when it ends."""
    agenda.close(TaskKind.CONTACT_PERSON, how="meeting_booked")
    agenda.close(TaskKind.HOLD_MEETING, about=None, how="meeting_booked")
    caught_up(agenda, DeadlineKind.PERSON_REACHED)
    ends = fact.starts + timedelta(minutes=fact.minutes)
    agenda.open(TaskKind.HOLD_MEETING, "meeting_booked", about=fact.meeting_id, due=ends)


def meeting_held(case: Case | None, fact: MeetingHeld, agenda: Agenda) -> None:
    """They have met; what is agreed is the plan. A step that the pathway has besides is asked for too."""
    assert case is not None
    agenda.close(TaskKind.HOLD_MEETING, about=fact.meeting_id, how="held")
    agenda.close(TaskKind.CONTACT_PERSON, how="met")
    if not case.plan_version:
        agenda.open(TaskKind.AGREE_PLAN, "met")
    _ask_for_step(case, agenda, _AFTER_THE_PLAN if case.plan_version else _BEFORE_THE_PLAN)


def meeting_missed(_: Case | None, fact: MeetingMissed, agenda: Agenda) -> None:
    """Somebody asks how the person is."""
    agenda.close(TaskKind.HOLD_MEETING, about=fact.meeting_id, how="missed")
    agenda.open(TaskKind.CONTACT_PERSON, "meeting_missed")


def meeting_moved(_: Case | None, fact: MeetingMoved, agenda: Agenda) -> None:
    """Due when it ends now."""
    agenda.close(TaskKind.HOLD_MEETING, TaskKind.CONTACT_PERSON, about=fact.meeting_id, how="moved")
    ends = fact.starts + timedelta(minutes=fact.minutes)
    why = "meeting_moved_by_person" if fact.by_person else "meeting_moved"
    agenda.open(TaskKind.HOLD_MEETING, why, about=fact.meeting_id, due=ends)


def meeting_confirmed(_: Case | None, fact: MeetingConfirmed, agenda: Agenda) -> None:
    """Whoever wanted another time does not any more."""
    agenda.close(TaskKind.CONTACT_PERSON, about=fact.meeting_id, how="confirmed")


def meeting_time_unsuited(_: Case | None, fact: MeetingTimeUnsuited, agenda: Agenda) -> None:
    """Somebody finds another time with the person, before the one that does not suit."""
    due = min(fact.starts, agenda.now + timedelta(days=1))
    agenda.open(TaskKind.CONTACT_PERSON, "meeting_time_unsuited", about=fact.meeting_id, due=due)


def meeting_cancelled(case: Case | None, fact: MeetingCancelled, agenda: Agenda) -> None:
    """Somebody asks when they can meet instead, unless they are to meet anyway. Whoever would rather not be
    contacted is not: somebody decides whether the case rests or ends."""
    assert case is not None
    agenda.close(TaskKind.HOLD_MEETING, TaskKind.CONTACT_PERSON, about=fact.meeting_id, how="cancelled")
    if case.meeting_ahead:
        return
    if fact.contact is False:
        agenda.open(TaskKind.CLOSE_CASE, "rather_not_contacted")
    else:
        why = "meeting_called_off" if fact.by_person else "meeting_cancelled"
        agenda.open(TaskKind.CONTACT_PERSON, why)


def plan_agreed(case: Case | None, fact: PlanAgreed | PlanRevised, agenda: Agenda) -> None:
    """A plan wants something to do; so does a revised one."""
    assert case is not None
    agenda.close(TaskKind.AGREE_PLAN, how="agreed")
    agenda.close(TaskKind.CONTACT_PERSON, how="met")
    agenda.close(TaskKind.HOLD_MEETING, about=None, how="agreed")
    agenda.open(TaskKind.FIND_ACTIVITY, "plan_agreed" if fact.version == 1 else "plan_revised")
    _ask_for_step(case, agenda, _AFTER_THE_PLAN)


def enrolment_requested(_: Case | None, fact: CaseEnrolmentRequested, agenda: Agenda) -> None:
    """Now the provider is to answer; several may be asked at once."""
    agenda.close(TaskKind.FIND_ACTIVITY, how="requested")
    agenda.open(TaskKind.AWAIT_PROVIDER, "requested", about=fact.enrolment_id)


def support_agreed(_: Case | None, fact: SupportAgreed, agenda: Agenda) -> None:
    """Somebody comes along, or sees that somebody does; or helps with what stands in the way."""
    helps = fact.kind is SupportKind.BARRIER_HELP
    why = fact.barrier.value if helps and fact.barrier else fact.kind.value
    agenda.open(TaskKind.BARRIER if helps else TaskKind.GO_ALONG, why, about=fact.support_id)


def support_given(_: Case | None, fact: SupportGiven, agenda: Agenda) -> None:
    """It was given."""
    agenda.close(TaskKind.GO_ALONG, TaskKind.BARRIER, about=fact.support_id, how="given")


def offer_found(_: Case | None, fact: OfferFound, agenda: Agenda) -> None:
    """The person is told of it."""
    agenda.open(TaskKind.NEW_ACTIVITY, fact.need.value, about=fact.activity)


def paused(_: Case | None, fact: CasePaused, agenda: Agenda) -> None:
    """Nothing is asked of the person; on the day (at noon, UTC) somebody lets the work go on."""
    agenda.rest()
    agenda.close(TaskKind.RESUME_CASE, how="paused_again")
    noon = datetime.combine(fact.until, time(12), UTC)
    agenda.open(TaskKind.RESUME_CASE, fact.why, due=noon)


def resumed(_: Case | None, __: CaseResumed, agenda: Agenda) -> None:
    """What was to be done when the pause began is to be done now."""
    agenda.close(TaskKind.RESUME_CASE, how="resumed")
    agenda.wake("resumed")


def closed(_: Case | None, fact: CaseClosed, agenda: Agenda) -> None:
    """Nothing is asked of anybody any more, but for what outlives a case."""
    agenda.close(TaskKind.CLOSE_CASE, how="case_closed")
    agenda.lapse(*(kind for kind in TaskKind if kind not in OUTLIVES_THE_CASE), why=fact.outcome.value)


def nothing(_: Case | None, __: Fact, ___: Agenda) -> None:
    """What is found out and written down asks for nothing by itself."""


def caught_up(agenda: Agenda, deadline: DeadlineKind) -> None:
    """What somebody was chasing has happened."""
    agenda.close(TaskKind.CHASE_DEADLINE, why=deadline.value, how="happened")


def ask_how_it_went(agenda: Agenda, why: str) -> None:
    """Follow up, unless somebody is about to or has."""
    if not agenda.waits(TaskKind.FOLLOW_UP) and not agenda.was_ever(TaskKind.FOLLOW_UP, "followed_up"):
        agenda.open(TaskKind.FOLLOW_UP, why)


def _consented(agenda: Agenda) -> None:
    agenda.close(TaskKind.ASK_CONSENT, how="consent_given")
    agenda.close(TaskKind.GUARDIAN, why=TO_BE_DECIDED, how="decided")
    caught_up(agenda, DeadlineKind.CONSENT_ASKED)


def _ask_for_step(case: Case, agenda: Agenda, kinds: Collection[MeetingKind]) -> None:
    """The next meeting of these kinds that the pathway has and the case has not."""
    had = {each.kind for each in case.meetings.values() if each.held or each.ahead}
    for step in agenda.pathway.steps:
        if step.kind in kinds and step.kind not in had and not step.optional:
            agenda.open(TaskKind.HOLD_MEETING, step.kind.value)
            return


RULES: Final[dict[type[Fact], Callable[..., None]]] = {
    ReferralHeld: held,
    ReferralAccepted: accepted,
    CaseQueued: queued,
    CaseAssigned: taken,
    CaseClaimed: taken,
    CaseUnassigned: unassigned,
    CaseReassigned: reassigned,
    ContactAttempted: contacted,
    MeetingBooked: meeting_booked,
    MeetingHeld: meeting_held,
    MeetingMissed: meeting_missed,
    MeetingMoved: meeting_moved,
    MeetingCancelled: meeting_cancelled,
    MeetingConfirmed: meeting_confirmed,
    MeetingTimeUnsuited: meeting_time_unsuited,
    PlanAgreed: plan_agreed,
    PlanRevised: plan_agreed,
    CaseEnrolmentRequested: enrolment_requested,
    SupportAgreed: support_agreed,
    SupportGiven: support_given,
    CasePaused: paused,
    CaseResumed: resumed,
    CaseClosed: closed,
    MappingRecorded: nothing,
    MeasureRecorded: nothing,
    GoalProgressed: nothing,
    PrescriptionIssued: nothing,
    AlternativesLookedAt: nothing,
    SpillOverReported: nothing,
    NeedUnmet: nothing,
    OfferFound: offer_found,
}
