"""Given, when, then: the rules of a case and its tasks, told as stories of facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

import pytest

from services.navigator.domain import case as cases
from services.navigator.domain import ending, work
from services.navigator.domain.agenda import Agenda
from services.navigator.domain.case import Case
from services.navigator.domain.journey import follow, leave_nobody_waiting
from services.navigator.domain.task import Task
from services.navigator.domain.task import evolve as evolve_task
from services.runtime.decision import Refusal
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
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.meeting import ContactAttempted, MeetingBooked, MeetingHeld, MeetingMissed
from sluss_contracts.pathway import BUILT_IN, Pathway
from sluss_contracts.plan import Goal, PlanAgreed, PlanRevised
from sluss_contracts.vocabulary import (
    CaseOutcome,
    ContactOutcome,
    ContactWay,
    MeetingKind,
    MeetingMode,
    PrescriptionKind,
    Role,
)

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
CITY, HARBOUR = "team-city", "team-harbour"
ANNA, BO = "anna", "bo"
FIRST, SECOND = "meeting-1", "meeting-2"
CHOIR, WALK = "enrolment-choir", "enrolment-walk"
ALVA: dict[str, Any] = {"referral_id": "alva", "person": "p-alva", "organisation": "clinic"}
_GOAL = Goal(goal_id="goal-1", words="0" * 36, kind=PrescriptionKind.SOCIAL)


def actor(id: str = ANNA, role: Role = Role.LINK_WORKER) -> Actor:
    return Actor(id=id, role=role)


def queued(*why: str, team: str = CITY) -> Fact:
    return CaseQueued(**ALVA, team=team, why=why or ("no_capacity",))


def assigned(to: str = ANNA) -> Fact:
    return CaseAssigned(**ALVA, team=CITY, worker=to, because=("least_load",))


def claimed(by: str = ANNA) -> Fact:
    return CaseClaimed(**ALVA, team=CITY, worker=by)


def contact(outcome: ContactOutcome, attempt: int = 1) -> Fact:
    way = ContactWay.PHONE
    return ContactAttempted(referral_id="alva", worker=ANNA, way=way, outcome=outcome, attempt=attempt)


def reached(attempt: int = 1) -> Fact:
    return contact(ContactOutcome.REACHED, attempt)


def booked(meeting: str = FIRST, starts: datetime = MONDAY + timedelta(days=2)) -> Fact:
    return MeetingBooked(
        referral_id="alva",
        person="p-alva",
        meeting_id=meeting,
        worker=ANNA,
        kind=MeetingKind.FIRST,
        mode=MeetingMode.CLINIC,
        starts=starts,
        minutes=45,
    )


def met(meeting: str = FIRST) -> Fact:
    kind, mode = MeetingKind.FIRST, MeetingMode.CLINIC
    return MeetingHeld(referral_id="alva", meeting_id=meeting, kind=kind, mode=mode, minutes=50)


def missed(meeting: str = FIRST) -> Fact:
    return MeetingMissed(referral_id="alva", meeting_id=meeting, kind=MeetingKind.FIRST)


def agreed(version: int = 1) -> Fact:
    said = PlanAgreed if version == 1 else PlanRevised
    return said(**ALVA, version=version, goals=(_GOAL,))


def requested(enrolment: str = CHOIR, activity: str = "choir", *, by_hand: bool = False) -> Fact:
    return CaseEnrolmentRequested(
        referral_id="alva", person="p-alva", enrolment_id=enrolment, activity=activity, by_hand=by_hand
    )


def closed(outcome: CaseOutcome = CaseOutcome.COMPLETED) -> Fact:
    return CaseClosed(**ALVA, outcome=outcome)


def unassigned(worker: str = ANNA, because: str = "handed_on") -> Fact:
    return CaseUnassigned(referral_id="alva", team=CITY, worker=worker, because=because)


def reassigned(to: str = BO, before: str = ANNA, because: str = "handed_on", team: str = CITY) -> Fact:
    return CaseReassigned(**ALVA, team=team, worker=to, before=before, because=(because,))


def paused(until: date = date(2026, 4, 1), why: str = "illness") -> Fact:
    return CasePaused(referral_id="alva", why=why, until=until)


def resumed() -> Fact:
    return CaseResumed(referral_id="alva")


def pathway(**said: Any) -> Pathway:
    """A way of working that differs from the built-in one in this."""
    return Pathway.model_validate({**BUILT_IN.model_dump(), "pathway": "local", **said})


PLANNED = (assigned(), reached(), booked(), met(), agreed())
"""A case as far as its plan."""


def try_contact(case: Case, by: Actor, outcome: ContactOutcome, on: Pathway = BUILT_IN) -> list[Fact]:
    return work.record_contact(case, by, ContactWay.PHONE, outcome, on.contact)


def book(
    case: Case,
    by: Actor,
    meeting_id: str = FIRST,
    *,
    kind: MeetingKind = MeetingKind.FIRST,
    mode: MeetingMode | None = None,
    minutes: int | None = None,
    starts: datetime = MONDAY + timedelta(days=2),
    on: Pathway = BUILT_IN,
) -> tuple[str, list[Fact]]:
    return work.book_meeting(case, by, meeting_id, starts, kind=kind, mode=mode, minutes=minutes, pathway=on)


def close(
    case: Case,
    by: Actor,
    outcome: CaseOutcome = CaseOutcome.COMPLETED,
    feedback: str | None = None,
    *,
    on: Pathway = BUILT_IN,
    taken_up: Sequence[str] = (),
) -> list[Fact]:
    return ending.close(case, by, outcome, feedback, pathway=on, taken_up=taken_up)


class _Then:
    def __init__(self, answer: Any, refused: Refusal | None) -> None:
        self.answer, self.refused = answer, refused

    def then(self, *facts: Fact) -> None:
        assert self.refused is None, f"refused with {self.refused!r}"
        said = self.answer[1] if isinstance(self.answer, tuple) else self.answer
        assert list(said) == list(facts)

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, rule: type[Refusal], *, saying: str = "") -> None:
        if self.refused is None:
            pytest.fail(f"not refused; answered {self.answer}")
        assert type(self.refused) is rule
        assert saying in str(self.refused)


class _Given:
    def __init__(self, facts: Iterable[Fact]) -> None:
        self.case: Case | None = None
        for fact in facts:
            self.case = cases.evolve(self.case, fact)

    def when(self, decide: Callable[..., Any], *args: Any, **named: Any) -> _Then:
        try:
            return _Then(decide(self.case, *args, **named), None)
        except Refusal as refused:
            return _Then(None, refused)


def given(*facts: Fact) -> _Given:
    """The story of one case so far."""
    return _Given(facts)


class Journey:
    """One referral's case and tasks, moved by facts: its own and what others say."""

    def __init__(
        self, *facts: Fact, now: datetime = MONDAY, team: str = CITY, on: Pathway = BUILT_IN
    ) -> None:
        self.case: Case | None = None
        self.tasks: dict[str, Task] = {}
        self.now = now
        self._team, self._pathway = team, on
        self._ids = (f"task-{number}" for number in count(1))
        self.hear(*facts)

    def hear(self, *facts: Fact) -> list[Fact]:
        """Let the facts happen one by one; the task facts that followed."""
        followed: list[Fact] = []
        for fact in facts:
            if fact.SAID_BY == "navigator":
                self.case = cases.evolve(self.case, fact)
            agenda = self.agenda()
            follow(self.case, fact, agenda)
            followed += self._settle(agenda)
        return followed

    def complete(self, task_id: str, how: str = "done") -> Sequence[Fact]:
        """Somebody completes a task by hand."""
        agenda = self.agenda()
        agenda.complete(task_id, how)
        leave_nobody_waiting(self.case, agenda)
        return self._settle(agenda)

    def agenda(self) -> Agenda:
        worker = self.case.worker if self.case else None
        team = self.case.team if self.case else self._team
        paused = self.case.paused_until if self.case else None
        return Agenda(
            "alva",
            self.tasks,
            team=team,
            worker=worker,
            now=self.now,
            new_id=lambda: next(self._ids),
            pathway=self._pathway,
            rests_until=datetime.combine(paused, time(12), UTC) if paused else None,
        )

    def _settle(self, agenda: Agenda) -> Sequence[Fact]:
        for fact in agenda.facts:
            self.tasks[fact.aggregate_id] = evolve_task(self.tasks.get(fact.aggregate_id), fact)
        return agenda.facts

    @property
    def open(self) -> list[Task]:
        return [task for task in self.tasks.values() if task.open]

    @property
    def waiting(self) -> list[str]:
        """What waits, as `kind: why`."""
        return [f"{task.kind}: {task.why}" for task in self.open]

    def only(self) -> Task:
        (task,) = self.open
        return task

    def done(self) -> list[str]:
        """What has been done, as `kind: how`."""
        return [f"{task.kind}: {task.how}" for task in self.tasks.values() if not task.open]
