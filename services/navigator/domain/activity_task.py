"""Tasks about an activity and no referral: the whole team's of its area, ended by what they wait for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.navigator.domain.roles import FOR_OTHERS
from services.navigator.domain.rules import NotThisTeams
from services.navigator.domain.task import NoSuchTask
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.activity import ActivityAmended, ActivityVerified, ActivityWithdrawn, VerificationDue
from sluss_contracts.command import Actor
from sluss_contracts.event import Fact
from sluss_contracts.task import ActivityTaskDone, ActivityTaskOpened
from sluss_contracts.vocabulary import DeadlineKind, TaskKind

ENDS: tuple[type[Fact], ...] = (ActivityVerified, ActivityAmended, ActivityWithdrawn)
"""After these nobody needs to ask whether an activity is still right. Being hidden is no answer: the task
stays, and is late."""


class Status(StrEnum):
    """Whether it still waits."""

    OPEN = "open"
    DONE = "done"


LIFECYCLE = Lifecycle(
    "activity_task",
    {ActivityTaskOpened: born(Status.OPEN), ActivityTaskDone: move(Status.OPEN, to=Status.DONE)},
    Status,
)


class ActivityTask(BaseModel):
    """Something a team must do about an activity by a date."""

    model_config = ConfigDict(frozen=True)

    task_id: str
    activity: str
    kind: TaskKind
    why: str
    team: str
    due: datetime
    status: Status = Status.OPEN
    how: str | None = None


def verification_due(
    tasks: Mapping[str, ActivityTask], fact: VerificationDue, team: str, new_id: str
) -> list[Fact]:
    """Somebody asks whoever runs it, before it is hidden. Asked once while nobody has."""
    if any(each.status is Status.OPEN for each in tasks.values()):
        return []
    return [
        ActivityTaskOpened(
            task_id=new_id,
            activity=fact.activity,
            kind=TaskKind.VERIFY_ACTIVITY,
            why=DeadlineKind.ACTIVITY_VERIFIED.value,
            team=team,
            due=fact.hidden_at,
        )
    ]


def looked_after(tasks: Mapping[str, ActivityTask], fact: Fact) -> list[Fact]:
    """Somebody has said that it is right, put it right, or taken it away."""
    return [
        ActivityTaskDone(task_id=each.task_id, activity=each.activity, how=fact.FACT)
        for each in tasks.values()
        if LIFECYCLE.allows(each.status, ActivityTaskDone)
    ]


def complete(
    tasks: Mapping[str, ActivityTask], task_id: str, how: str, by: Actor, team: str | None
) -> list[Fact]:
    """Somebody of the team, or who acts for everybody, has seen to it in another way. Twice is once.

    Raises `NoSuchTask`, `NotThisTeams`.
    """
    task = tasks.get(task_id)
    if task is None:
        raise NoSuchTask(f"there is no task {task_id} about this activity")
    if by.role not in FOR_OTHERS and team != task.team:
        raise NotThisTeams(f"the task is for {task.team}; {by.id} is of {team or 'no team'}")
    if not LIFECYCLE.allows(task.status, ActivityTaskDone):
        return []
    return [ActivityTaskDone(task_id=task_id, activity=task.activity, how=how)]


def evolve(state: ActivityTask | None, fact: Any) -> ActivityTask:
    """Opened, then done."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    if isinstance(fact, ActivityTaskOpened):
        return ActivityTask(**dict(fact), status=status)
    assert state is not None, "only opening comes first"
    return state.model_copy(update={"status": status, "how": fact.how})
