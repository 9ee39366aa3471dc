"""The case: a link worker's work with one referral. What may happen to it, and what then has happened.

Every function takes the case as it is and gives the facts that follow; an empty list means that it was so
already. A step that the case is not ready for is refused by the rule's name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.navigator.domain.assignment import Chosen, Nobody
from services.navigator.domain.roles import FOR_OTHERS, GUIDES
from services.navigator.domain.rules import (
    AlreadyClaimed,
    AlreadyClosed,
    NotAllowed,
    NotAssigned,
    NotThisTeams,
    NotThisWorkers,
    UnknownCase,
)
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.domain.worker import UnknownWorker
from sluss_contracts.case import (
    CaseAssigned,
    CaseClaimed,
    CaseClosed,
    CaseEnrolmentRequested,
    CaseQueued,
    ContactAttempted,
    MeetingBooked,
    MeetingHeld,
    MeetingMissed,
    PlanAgreed,
)
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    MeetingKind,
    MeetingMode,
)


class Meeting(BaseModel):
    """A meeting with the person, booked and then held or missed."""

    model_config = ConfigDict(frozen=True)

    kind: MeetingKind
    mode: MeetingMode
    starts: datetime
    minutes: int
    held: bool | None = None
    """None until somebody has said."""


class Case(BaseModel):
    """What has been done with one referral so far."""

    model_config = ConfigDict(frozen=True)

    referral_id: str
    person: str
    organisation: str
    team: str
    worker: str | None = None
    """None while it waits in the team's inbox."""
    attempts: int = 0
    unanswered: int = 0
    """Contact attempts in a row that nobody answered."""
    reached: bool = False
    meetings: dict[str, Meeting] = {}
    plan_version: int = 0
    goals: tuple[str, ...] = ()
    enrolments: dict[str, str] = {}
    """Which activity each requested enrolment is for."""
    outcome: CaseOutcome | None = None

    @property
    def closed(self) -> bool:
        """Whether the work is over."""
        return self.outcome is not None

    @property
    def waits(self) -> bool:
        """Whether it is in line, for somebody to claim or be given."""
        return self.worker is None and not self.closed

    @property
    def met(self) -> bool:
        """Whether a meeting has been held."""
        return any(meeting.held for meeting in self.meetings.values())

    @property
    def meeting_ahead(self) -> bool:
        """Whether a meeting is booked that nobody has reported on."""
        return any(meeting.held is None for meeting in self.meetings.values())


def evolve(case: Case | None, fact: Any) -> Case:
    """The case after one more fact."""
    if isinstance(fact, CaseQueued | CaseAssigned) and case is None:
        return Case(
            referral_id=fact.referral_id,
            person=fact.person,
            organisation=fact.organisation,
            team=fact.team,
            worker=getattr(fact, "worker", None),
        )
    if case is None:
        raise TypeError(f"{type(fact).__name__} cannot be the first thing that happens to a case")
    return case.model_copy(update=_change(case, fact))


def _change(case: Case, fact: Fact) -> dict[str, Any]:
    match fact:
        case CaseQueued():
            return {"team": fact.team, "worker": None}
        case CaseAssigned() | CaseClaimed():
            return {"team": fact.team, "worker": fact.worker}
        case ContactAttempted(outcome=ContactOutcome.REACHED):
            return {"attempts": fact.attempt, "unanswered": 0, "reached": True}
        case ContactAttempted(outcome=ContactOutcome.ASKED_TO_CALL_BACK):
            return {"attempts": fact.attempt, "unanswered": 0}
        case ContactAttempted():
            return {"attempts": fact.attempt, "unanswered": case.unanswered + 1}
        case MeetingBooked():
            booked = Meeting(kind=fact.kind, mode=fact.mode, starts=fact.starts, minutes=fact.minutes)
            return {"reached": True, "meetings": {**case.meetings, fact.meeting_id: booked}}
        case MeetingHeld():
            held = {"held": True, "mode": fact.mode, "minutes": fact.minutes}
            return {"meetings": _with(case.meetings, fact.meeting_id, held)}
        case MeetingMissed():
            return {"meetings": _with(case.meetings, fact.meeting_id, {"held": False})}
        case PlanAgreed():
            return {"plan_version": fact.version, "goals": tuple(goal.goal_id for goal in fact.goals)}
        case CaseEnrolmentRequested():
            return {"enrolments": {**case.enrolments, fact.enrolment_id: fact.activity}}
        case CaseClosed():
            return {"outcome": fact.outcome}
        case _:
            raise TypeError(f"{type(fact).__name__} is nothing that happens to a case")


def _with(meetings: dict[str, Meeting], meeting_id: str, change: dict[str, Any]) -> dict[str, Meeting]:
    return {**meetings, meeting_id: meetings[meeting_id].model_copy(update=change)}


def take_on(case: Case | None, referral: ReferralAccepted, choice: Chosen | Nobody, home: str) -> list[Fact]:
    """An accepted referral becomes a case: somebody's, or the home team's until one of them claims it."""
    if case is not None:
        return []
    whose = {
        "referral_id": referral.referral_id,
        "person": referral.person,
        "organisation": referral.organisation,
    }
    match choice:
        case Chosen():
            return [CaseAssigned(**whose, team=choice.team, worker=choice.worker, because=choice.because)]
        case Nobody():
            return [CaseQueued(**whose, team=home, why=choice.why)]


def give_from_the_line(case: Case, choice: Chosen | Nobody) -> list[Fact]:
    """A case in line goes to somebody who has room now; it stays there while nobody has."""
    if isinstance(choice, Nobody) or not case.waits:
        return []
    assigned = CaseAssigned(
        referral_id=case.referral_id,
        person=case.person,
        organisation=case.organisation,
        team=choice.team,
        worker=choice.worker,
        because=choice.because,
    )
    return [assigned]


def known(case: Case | None, referral_id: str) -> Case:
    """The case, or `UnknownCase`."""
    if case is None:
        raise UnknownCase(
            f"there is no case for referral {referral_id}: it may be held until the person consents, "
            "still be on its way, or the id may be wrong"
        )
    return case


def claim(case: Case, by: Actor, worker: str, team: str | None) -> list[Fact]:
    """Take a case from the team's inbox. Exactly one does; to claim one's own again changes nothing.

    `team` is the claimant's, None for somebody who is not registered.

    Capacity is what the network may lay on somebody, not what they may take on: a claim beyond it stands.
    """
    may_act_as(by, worker)
    if case.closed:
        raise AlreadyClosed(f"case {case.referral_id} is closed; nobody can claim it")
    if case.worker == worker:
        return []
    if case.worker is not None:
        raise AlreadyClaimed(f"case {case.referral_id} is already with {case.worker}")
    if team is None:
        raise UnknownWorker(f"no link worker is called {worker!r}")
    if case.team not in (team, NETWORK_TEAM):
        raise NotThisTeams(
            f"case {case.referral_id} waits in the inbox of {case.team}, and {worker} is in {team}"
        )
    return [
        CaseClaimed(
            referral_id=case.referral_id,
            person=case.person,
            organisation=case.organisation,
            team=team,
            worker=worker,
        )
    ]


def close(case: Case, by: Actor, outcome: CaseOutcome, feedback_text: str | None) -> list[Fact]:
    """The work is over. What nobody has claimed yet is closed by a coordinator only."""
    if case.outcome is outcome:
        return []
    if case.closed or case.worker is not None or by.role not in FOR_OTHERS:
        whose_work(case, by)
    return [
        CaseClosed(
            referral_id=case.referral_id,
            person=case.person,
            organisation=case.organisation,
            outcome=outcome,
            feedback_text=feedback_text,
        )
    ]


def may_see_to(case: Case | None, by: Actor) -> None:
    """Refuse whoever has no say over this case's tasks; a closed case may still have one to see to."""
    if by.role in GUIDES and case is not None and case.worker not in (None, by.id):
        raise NotThisWorkers(f"case {case.referral_id} is with {case.worker}, not with {by.id}")
    if by.role not in GUIDES | FOR_OTHERS:
        raise NotAllowed(f"a {by.role.value} has no say over tasks")


def whose_work(case: Case, by: Actor) -> str:
    """The link worker the case is with, if this actor may take a step in it."""
    if case.outcome is not None:
        raise AlreadyClosed(
            f"case {case.referral_id} is closed ({case.outcome.value}); coming back is a new referral"
        )
    if case.worker is None:
        raise NotAssigned(f"case {case.referral_id} waits in the inbox of {case.team}; claim it first")
    may_act_as(by, case.worker, f"case {case.referral_id} is with {case.worker}, not with {by.id}")
    return case.worker


def may_act_as(by: Actor, worker: str, otherwise: str = "") -> None:
    """Refuse whoever is neither this link worker nor somebody who acts for all of them."""
    if by.role in GUIDES and by.id != worker:
        raise NotThisWorkers(otherwise or f"{by.id} cannot take a case for {worker}; a coordinator can")
    if by.role not in GUIDES | FOR_OTHERS:
        raise NotAllowed(f"a {by.role.value} takes no steps in a case")
