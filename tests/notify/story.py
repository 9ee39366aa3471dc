"""What others say about Alva's referral, as the notify service hears it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseQueued,
    ContactAttempted,
    Goal,
    MeetingBooked,
    PlanAgreed,
)
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import CompleteFollowUp
from sluss_contracts.enrolment import (
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
)
from sluss_contracts.linkworker import LinkWorkerRegistered
from sluss_contracts.organisation import OrganisationRegistered
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    FeedbackChannel,
    MeetingKind,
    MeetingMode,
    Need,
    OrganisationKind,
    PrescriptionKind,
    Role,
    Whose,
)

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
