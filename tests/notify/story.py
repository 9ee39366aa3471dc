"""What others say about Alva's referral, as the notify service hears it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from sluss_contracts.activity import ActivityRescheduled, SessionCancelled, SessionScheduled
from sluss_contracts.case import CaseAssigned, CaseClaimed, CaseClosed, CasePaused, CaseQueued, CaseResumed
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.consent import ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.enrolment import (
    AttendanceMissing,
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
)
from sluss_contracts.event import Fact
from sluss_contracts.linkworker import LinkWorkerRegistered
from sluss_contracts.meeting import ContactAttempted, MeetingBooked
from sluss_contracts.organisation import OrganisationRegistered
from sluss_contracts.pathway import (
    BUILT_IN,
    Bilingual,
    Condition,
    Evaluation,
    FollowUpTime,
    Pathway,
    PathwayPublished,
    Silence,
)
from sluss_contracts.plan import Goal, GoalProgressed, PlanAgreed, PlanRevised
from sluss_contracts.referral import ReferralAccepted, ReferralClosed, ReferralHeld, ReferralLinked
from sluss_contracts.vocabulary import (
    Attendance,
    CaseOutcome,
    ConsentPurpose,
    ContactOutcome,
    ContactWay,
    FeedbackChannel,
    LinkKind,
    MeetingKind,
    MeetingMode,
    Need,
    OrganisationKind,
    PrescriptionKind,
    Role,
    Whose,
)

F = TypeVar("F", bound=Fact)
FOLLOW_UP_AFTER = timedelta(days=BUILT_IN.followups[0].after)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CLINIC, TEAM, KARIN = "clinic", "team-city", "karin"
WORDS = "00000000-0000-4000-8000-000000000001"


def organisation(
    channel: FeedbackChannel = FeedbackChannel.STREAM, id: str = CLINIC
) -> OrganisationRegistered:
    return OrganisationRegistered(
        organisation=id,
        name=f"{id.title()} of Skarptorp",
        kind=OrganisationKind.CLINIC,
        area="hageby",
        feedback_channel=channel,
    )


def karin() -> LinkWorkerRegistered:
    return LinkWorkerRegistered(
        worker=KARIN, name="Karin", team=TEAM, areas=("hageby",), languages=("sv",), capacity=10
    )


def _of(who: str) -> dict[str, Any]:
    return {"referral_id": who, "person": f"p-{who}", "organisation": CLINIC}


def held_back(who: str = "alva") -> ReferralHeld:
    return ReferralHeld(**_of(who), area="hageby", why="consent_to_be_asked")


def accepted(who: str = "alva") -> ReferralAccepted:
    return ReferralAccepted(
        **_of(who), area="hageby", language="sv", needs=(Need.COMPANY,), pathway="open-network"
    )


def queued(who: str = "alva") -> CaseQueued:
    return CaseQueued(**_of(who), team=TEAM, why=("no_capacity",))


def assigned(who: str = "alva") -> CaseAssigned:
    return CaseAssigned(**_of(who), team=TEAM, worker=KARIN, because=("least_load",))


def claimed(who: str = "alva") -> CaseClaimed:
    return CaseClaimed(**_of(who), team=TEAM, worker=KARIN)


def contacted(outcome: ContactOutcome, who: str = "alva") -> ContactAttempted:
    return ContactAttempted(referral_id=who, worker=KARIN, way=ContactWay.PHONE, outcome=outcome, attempt=1)


def booked(who: str = "alva", mode: MeetingMode = MeetingMode.CLINIC) -> MeetingBooked:
    return MeetingBooked(
        referral_id=who,
        person=f"p-{who}",
        meeting_id="m1",
        worker=KARIN,
        kind=MeetingKind.FIRST,
        mode=mode,
        starts=NOON + 3 * DAY,
        minutes=45,
    )


def plan(version: int = 1, who: str = "alva") -> PlanAgreed:
    goal = Goal(goal_id="g1", words=WORDS, kind=PrescriptionKind.SOCIAL)
    return PlanAgreed(**_of(who), version=version, goals=(goal,))


def closed(who: str = "alva", outcome: CaseOutcome = CaseOutcome.COMPLETED) -> CaseClosed:
    return CaseClosed(**_of(who), outcome=outcome, feedback_text=WORDS)


def over(who: str = "alva", outcome: CaseOutcome = CaseOutcome.PERSON_DECLINED) -> ReferralClosed:
    return ReferralClosed(referral_id=who, organisation=CLINIC, outcome=outcome)


def _place(who: str) -> dict[str, Any]:
    return {"enrolment_id": f"{who}-walk", "referral_id": who, "activity": "walk", "provider": "korpen"}


def offered(who: str = "alva", answer_by: datetime = NOON + 7 * DAY) -> EnrolmentOffered:
    return EnrolmentOffered(**_place(who), person=f"p-{who}", alias="Ask Ejder", answer_by=answer_by)


def welcomed(who: str = "alva") -> EnrolmentAccepted:
    return EnrolmentAccepted(**_place(who), person=f"p-{who}", host="Maud", starts=NOON + 5 * DAY)


def declined(who: str = "alva") -> EnrolmentDeclined:
    return EnrolmentDeclined(**_place(who), whose=Whose.PROVIDER, reason="group_is_full")


def ended(who: str = "alva") -> EnrolmentEnded:
    return EnrolmentEnded(**_place(who), whose=Whose.NETWORK, reason="case_closed")


def how_it_went(followup_id: str, who: str = "alva", command: int = 1) -> CompleteFollowUp:
    return CompleteFollowUp(
        command_id=UUID(int=command),
        actor=Actor(id=KARIN, role=Role.LINK_WORKER),
        referral_id=who,
        followup_id=followup_id,
        how_it_went="going_well",
    )


PATHWAY = Pathway(
    pathway="slow-lane",
    name=Bilingual(sv="Långsamma vägen", en="The slow lane"),
    summary=Bilingual(sv="Allt får ta sin tid.", en="Everything may take its time."),
    silence=Silence(
        consent_asked=11,
        case_claimed=12,
        person_reached=13,
        offer_answered=14,
        session_reported=15,
        feedback_sent=16,
        receipt_fetched=17,
        withdrawal_confirmed=18,
        evaluation_answered=19,
    ),
    followups=(
        FollowUpTime(after=20, lapses_after=5),
        FollowUpTime(after=50, when=Condition.GOALS_AHEAD, lapses_after=5, minutes=15),
    ),
    evaluation=Evaluation(after=180, instruments=("ons-direct", "ucla-3"), lapses_after=40),
)
"""A pathway with dates of its own throughout."""


def published(pathway: Pathway = PATHWAY, version: int = 1) -> PathwayPublished:
    return PathwayPublished(pathway=pathway.pathway, version=version, definition=pathway)


def on(fact: F, version: int = 1, pathway: Pathway = PATHWAY) -> F:
    """The same on another pathway."""
    return fact.model_copy(update={"pathway": pathway.pathway, "pathway_version": version})


def changed(**parts: Any) -> Pathway:
    """The pathway with other parts."""
    return PATHWAY.model_copy(update=parts)


def paused(days: int, who: str = "alva") -> CasePaused:
    return CasePaused(referral_id=who, why="illness", until=(NOON + days * DAY).date())


def resumed(who: str = "alva") -> CaseResumed:
    return CaseResumed(referral_id=who)


def revised(version: int = 2, who: str = "alva") -> PlanRevised:
    return PlanRevised(**dict(plan(version, who)))


def reached(how_far: int, goal_id: str = "g1", who: str = "alva") -> GoalProgressed:
    return GoalProgressed(referral_id=who, goal_id=goal_id, how_far=how_far)


def session(id: str = "s1", starts: datetime = NOON + 5 * DAY) -> SessionScheduled:
    return SessionScheduled(session_id=id, activity="walk", starts=starts, minutes=60)


def called_off(id: str = "s1", *, by_schedule: bool = False, why: str = "host_ill") -> SessionCancelled:
    return SessionCancelled(session_id=id, activity="walk", why=why, by_schedule=by_schedule)


def welcomed_to(first: SessionScheduled, who: str = "alva", host: str | None = None) -> EnrolmentAccepted:
    return welcomed(who).model_copy(
        update={"first_session": first.session_id, "starts": first.starts, "host": host}
    )


def came(outcome: Attendance, id: str = "s1", who: str = "alva") -> AttendanceRecorded:
    return AttendanceRecorded(**_place(who), session_id=id, outcome=outcome, by=Role.PROVIDER)


def unreported(id: str = "s1", who: str = "alva") -> AttendanceMissing:
    return AttendanceMissing(**_place(who), session_id=id)


def withdrawn(
    *purposes: ConsentPurpose,
    receivers: tuple[str, ...] = (),
    shared_with: tuple[str, ...] = (),
    who: str = "alva",
) -> ConsentWithdrawn:
    return ConsentWithdrawn(
        referral_id=who,
        person=f"p-{who}",
        purposes=purposes,
        receivers=receivers,
        shared_with=shared_with,
    )


def confirmed(receiver: str, who: str = "alva") -> WithdrawalConfirmed:
    return WithdrawalConfirmed(referral_id=who, receiver=receiver)


def linked(who: str, to: str = "alva", organisation: str = "school") -> ReferralLinked:
    return ReferralLinked(referral_id=who, organisation=organisation, how=LinkKind.DUPLICATE_OF, to=to)


def moved(
    starts: datetime, id: str = "s1", *, by_schedule: bool = False, tells_all: bool = True
) -> ActivityRescheduled:
    said = {"activity": "walk", "session_id": id, "starts": starts, "minutes": 60}
    return ActivityRescheduled(**said, by_schedule=by_schedule, tells_all=tells_all)
