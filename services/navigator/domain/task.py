"""Tasks: everything that waits for a human, each with an owner and a date."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from services.runtime.lifecycle import Lifecycle, born, move
from sluss_contracts.task import TaskDone, TaskLapsed, TaskOpened, TaskReassigned
from sluss_contracts.vocabulary import TaskKind


class NoSuchTask(Refusal):
    """The referral has no task with this id."""

    code = "no_such_task"


class DoneByItsStep(Refusal):
    """The task waits for a step, and only that step ends it."""

    code = "done_by_its_step"


class Status(StrEnum):
    """Whether something still waits."""

    OPEN = "open"
    DONE = "done"
    LAPSED = "lapsed"
    """Nobody did it, and it no longer makes sense."""


LIFECYCLE = Lifecycle(
    "task",
    {
        TaskOpened: born(Status.OPEN),
        TaskReassigned: move(Status.OPEN),
        TaskDone: move(Status.OPEN, to=Status.DONE),
        TaskLapsed: move(Status.OPEN, to=Status.LAPSED),
    },
    Status,
)
"""What may happen to a task."""


class Task(BaseModel):
    """Something somebody must do by a date. Without a `worker` it is the whole team's."""

    model_config = ConfigDict(frozen=True)

    task_id: str
    kind: TaskKind
    status: Status = Status.OPEN
    why: str
    team: str
    worker: str | None = None
    due: datetime
    about: str | None = None
    how: str | None = None
    """How it was done, or why it lapsed; None while it is open."""

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return self.status is Status.OPEN


def evolve(task: Task | None, fact: Any) -> Task:
    """Opened, perhaps handed over, done or lapsed."""
    status = LIFECYCLE.after(task.status if task else None, type(fact))
    match fact:
        case TaskOpened():
            return Task(**fact.model_dump(exclude={"referral_id"}), status=status)
        case TaskReassigned() if task is not None:
            change: dict[str, Any] = {"team": fact.team, "worker": fact.worker}
        case TaskDone():
            change = {"how": fact.how}
        case TaskLapsed():
            change = {"how": fact.why}
        case _:
            raise TypeError(f"{type(fact).__name__} is nothing that happens to a task")
    assert task is not None, "only opening comes first"
    return task.model_copy(update={"status": status, **change})
