"""The case: a link worker's work with one referral, as it is after everything that has happened to it.

What may be done with it is decided elsewhere, by noun: who has it (`holding`), contact and meetings (`work`),
what is found out (`mapping`), the plan and what comes of it (`plan`), help to get started (`support`), pauses
(`pausing`) and the end (`ending`). All of them ask `standing`, which asks the lifecycle.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from services.navigator.domain.meeting import Meeting, booked
from services.runtime.lifecycle import Lifecycle, move
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
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.plan import (
    AlternativeLookedAt,
    AlternativesLookedAt,
    Goal,
    GoalProgressed,
    PlanAgreed,
    PlanRevised,
    PrescriptionIssued,
    SpillOverReported,
    SupportAgreed,
    SupportGiven,
)
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    SupportKind,
)

PROTECTED = "protected_identity"
"""Why a case waits in line that no policy may give to anybody: the person's identity is protected."""


class Status(StrEnum):
    """Where a case stands."""

    IN_LINE = "in_line"
    """With a team, for somebody to claim or be given."""
    ASSIGNED = "assigned"
    PAUSED = "paused"
    """Somebody has it, and asks nothing of the person for a while."""
    CLOSED = "closed"


_HELD = (Status.ASSIGNED, Status.PAUSED)

LIFECYCLE = Lifecycle(
    "case",
    {
        CaseQueued: move(None, Status.IN_LINE, to=Status.IN_LINE),
        CaseAssigned: move(None, Status.IN_LINE, to=Status.ASSIGNED),
        CaseClaimed: move(Status.IN_LINE, to=Status.ASSIGNED),
        CaseUnassigned: move(*_HELD, to=Status.IN_LINE),
        CaseReassigned: move(*_HELD),
        CasePaused: move(*_HELD, to=Status.PAUSED),
        CaseResumed: move(Status.PAUSED, to=Status.ASSIGNED),
        CaseClosed: move(Status.IN_LINE, *_HELD, to=Status.CLOSED),
        # What asks something of the person is for later while the case is paused.
        ContactAttempted: move(Status.ASSIGNED),
        MeetingBooked: move(Status.ASSIGNED),
        MeetingMoved: move(Status.ASSIGNED),
        MappingRecorded: move(Status.ASSIGNED),
        MeasureRecorded: move(Status.ASSIGNED),
        PlanAgreed: move(Status.ASSIGNED),
        PlanRevised: move(Status.ASSIGNED),
        GoalProgressed: move(Status.ASSIGNED),
        PrescriptionIssued: move(Status.ASSIGNED),
        AlternativesLookedAt: move(Status.ASSIGNED),
        CaseEnrolmentRequested: move(Status.ASSIGNED),
        SupportAgreed: move(Status.ASSIGNED),
        # What has happened may be told at any time.
        MeetingHeld: move(*_HELD),
        MeetingMissed: move(*_HELD),
        MeetingCancelled: move(*_HELD),
        # What the person says by themselves is heard at any time.
        MeetingConfirmed: move(*_HELD),
        MeetingTimeUnsuited: move(*_HELD),
        SpillOverReported: move(*_HELD),
        SupportGiven: move(*_HELD),
        NeedUnmet: move(*_HELD),
        OfferFound: move(Status.IN_LINE, *_HELD),
    },
    Status,
)
"""Which facts may be said of a case in which status."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class LookedAt(_Part):
    """Alternatives that were looked at together."""

    goal_id: str | None
    alternatives: tuple[AlternativeLookedAt, ...]


class Case(_Part):
    """What has been done with one referral so far."""

    referral_id: str
    person: str
    organisation: str
    status: Status
    pathway: str = DEFAULT
    pathway_version: int = 0
    team: str
    worker: str | None = None
    """None while it waits in the team's inbox."""
    given_back: tuple[str, ...] = ()
    """Link workers who had it and gave it up; the policy gives it to none of them."""
    protected: bool = False
    """The person's identity is protected: nothing is done automatically."""
    attempts: int = 0
    unanswered: int = 0
    """Contact attempts in a row that nobody answered."""
    reached: bool = False
    meetings: dict[str, Meeting] = Field(default_factory=dict)
    mapping: MappingRecorded | None = None
    measures: dict[str, MeasureRecorded] = Field(default_factory=dict)
    plan_version: int = 0
    goals: tuple[Goal, ...] = ()
    """Those of the plan as it is now."""
    progress: dict[str, int] = Field(default_factory=dict)
    """How far the person says they have come, by goal."""
    prescriptions: dict[str, PrescriptionIssued] = Field(default_factory=dict)
    looked_at: tuple[LookedAt, ...] = ()
    enrolments: dict[str, str] = Field(default_factory=dict)
    """Which activity each requested enrolment is for."""
    supports: dict[str, SupportAgreed] = Field(default_factory=dict)
    supports_given: tuple[str, ...] = ()
    spill_over: SpillOverReported | None = None
    unmet: tuple[NeedUnmet, ...] = ()
    found: tuple[OfferFound, ...] = ()
    """What may meet one of them since."""
    paused_until: date | None = None
    paused_why: str | None = None
    outcome: CaseOutcome | None = None

    @property
    def closed(self) -> bool:
        """Whether the work is over."""
        return self.status is Status.CLOSED

    @property
    def waits(self) -> bool:
        """Whether it is in line, for somebody to claim or be given."""
        return self.status is Status.IN_LINE

    @property
    def met(self) -> bool:
        """Whether a meeting has been held."""
        return any(meeting.held for meeting in self.meetings.values())

    @property
    def meeting_ahead(self) -> bool:
        """Whether a meeting is booked that nobody has reported on."""
        return any(meeting.ahead for meeting in self.meetings.values())

    @property
    def wants_host(self) -> bool:
        """Whether the person is to be met by a host wherever they go, and has not been yet."""
        return any(
            each.kind is SupportKind.HOST and each.enrolment_id is None and id not in self.supports_given
            for id, each in self.supports.items()
        )

    @property
    def goal_ids(self) -> tuple[str, ...]:
        """The goals of the plan as it is now."""
        return tuple(goal.goal_id for goal in self.goals)


def evolve(case: Case | None, fact: Any) -> Case:
    """The case after one more fact."""
    status = LIFECYCLE.after(case.status if case else None, type(fact))
    if case is None:
        case = Case(
            referral_id=fact.referral_id,
            person=fact.person,
            organisation=fact.organisation,
            team=fact.team,
            status=status,
            pathway=fact.pathway,
            pathway_version=fact.pathway_version,
        )
    return case.model_copy(update={"status": status, **_change(case, fact)})


def _change(case: Case, fact: Fact) -> dict[str, Any]:
    match fact:
        case CaseQueued():
            return {"team": fact.team, "worker": None, "protected": case.protected or PROTECTED in fact.why}
        case CaseAssigned() | CaseClaimed():
            return {"team": fact.team, "worker": fact.worker}
        case CaseReassigned():
            return {
                "team": fact.team,
                "worker": fact.worker,
                "given_back": _more(case.given_back, fact.before),
            }
        case CaseUnassigned():
            back = _more(case.given_back, fact.worker)
            return {"worker": None, "given_back": back, "paused_until": None, "paused_why": None}
        case CasePaused():
            return {"paused_until": fact.until, "paused_why": fact.why}
        case CaseResumed():
            return {"paused_until": None, "paused_why": None}
        case CaseClosed():
            return {"outcome": fact.outcome}
        case _:
            return _worked(case, fact)


def _worked(case: Case, fact: Fact) -> dict[str, Any]:
    match fact:
        case ContactAttempted(outcome=ContactOutcome.REACHED):
            return {"attempts": fact.attempt, "unanswered": 0, "reached": True}
        case ContactAttempted(outcome=ContactOutcome.ASKED_TO_CALL_BACK):
            return {"attempts": fact.attempt, "unanswered": 0}
        case ContactAttempted():
            return {"attempts": fact.attempt, "unanswered": case.unanswered + 1}
        case MeetingBooked():
            return {"reached": True, "meetings": {**case.meetings, fact.meeting_id: booked(fact)}}
        case MeetingMoved():
            return {"meetings": {**case.meetings, fact.meeting_id: booked(fact)}}
        case MeetingConfirmed():
            suits = {"confirmed": True, "unsuited": None}
            return {"meetings": _with(case.meetings, fact.meeting_id, suits)}
        case MeetingTimeUnsuited():
            unsuited = {"confirmed": False, "unsuited": fact}
            return {"meetings": _with(case.meetings, fact.meeting_id, unsuited)}
        case MeetingCancelled():
            return {"meetings": _with(case.meetings, fact.meeting_id, {"cancelled": True})}
        case MeetingHeld():
            held = {"held": True, "mode": fact.mode, "minutes": fact.minutes}
            return {"meetings": _with(case.meetings, fact.meeting_id, held)}
        case MeetingMissed():
            return {"meetings": _with(case.meetings, fact.meeting_id, {"held": False})}
        case MappingRecorded():
            return {"mapping": fact}
        case MeasureRecorded():
            return {"measures": {**case.measures, fact.measure_id: fact}}
        case PlanAgreed() | PlanRevised():
            return {"plan_version": fact.version, "goals": fact.goals}
        case GoalProgressed():
            return {"progress": {**case.progress, fact.goal_id: fact.how_far}}
        case PrescriptionIssued():
            return {"prescriptions": {**case.prescriptions, fact.prescription_id: fact}}
        case AlternativesLookedAt():
            looked_at = LookedAt(goal_id=fact.goal_id, alternatives=fact.alternatives)
            return {"looked_at": (*case.looked_at, looked_at)}
        case CaseEnrolmentRequested():
            return {"enrolments": {**case.enrolments, fact.enrolment_id: fact.activity}}
        case SupportAgreed():
            return {"supports": {**case.supports, fact.support_id: fact}}
        case SupportGiven():
            return {"supports_given": _more(case.supports_given, fact.support_id)}
        case SpillOverReported():
            return {"spill_over": fact}
        case NeedUnmet():
            return {"unmet": (*case.unmet, fact)}
        case OfferFound():
            return {"found": (*case.found, fact)}
        case _:
            raise TypeError(f"{type(fact).__name__} is nothing that happens to a case")


def _with(meetings: dict[str, Meeting], meeting_id: str, change: dict[str, Any]) -> dict[str, Meeting]:
    return {**meetings, meeting_id: meetings[meeting_id].model_copy(update=change)}


def _more(those: tuple[str, ...], one: str) -> tuple[str, ...]:
    return those if one in those else (*those, one)
