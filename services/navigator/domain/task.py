"""Tasks: everything that waits for a human, each with an owner and a date."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from sluss_contracts.event import Fact
from sluss_contracts.task import TaskDone, TaskOpened, TaskReassigned
from sluss_contracts.vocabulary import TaskKind

DAYS_TO: Final[Mapping[TaskKind, int]] = {
    TaskKind.CLAIM_CASE: 2,
    TaskKind.CONTACT_PERSON: 3,
    TaskKind.HOLD_MEETING: 14,
    TaskKind.AGREE_PLAN: 7,
    TaskKind.FIND_ACTIVITY: 7,
    TaskKind.AWAIT_PROVIDER: 7,
    TaskKind.AWAIT_ATTENDANCE: 21,
    TaskKind.FOLLOW_UP: 28,
    TaskKind.CLOSE_CASE: 7,
    TaskKind.ASK_CONSENT: 7,
    TaskKind.CHECK_MESSAGE: 1,
    TaskKind.CHASE_DEADLINE: 2,
}
"""Days until each kind of task is due, where the step itself names no date."""

ENDED_BY: Final[Mapping[TaskKind, str]] = {
    TaskKind.ASK_CONSENT: "recording the person's consent",
    TaskKind.CLAIM_CASE: "claiming the case",
    TaskKind.CONTACT_PERSON: "recording the contact",
    TaskKind.HOLD_MEETING: "booking the meeting, and then recording whether it was held",
    TaskKind.AGREE_PLAN: "agreeing the plan",
    TaskKind.CLOSE_CASE: "closing the case",
}
"""Tasks that only their own step ends; the others may be completed by other means as well."""

WHILE_WORK_GOES_ON: Final = frozenset(
    {
        TaskKind.CONTACT_PERSON,
        TaskKind.HOLD_MEETING,
        TaskKind.AGREE_PLAN,
        TaskKind.FIND_ACTIVITY,
        TaskKind.AWAIT_PROVIDER,
        TaskKind.AWAIT_ATTENDANCE,
        TaskKind.FOLLOW_UP,
    }
)
"""Steps of the work itself: while one of them waits, it is too early to close the case."""


class NoSuchTask(Refusal):
    """The referral has no task with this id."""

    code = "no_such_task"


class DoneByItsStep(Refusal):
    """The task waits for a step, and only that step ends it."""

    code = "done_by_its_step"


class Task(BaseModel):
    """Something somebody must do by a date. Without a `worker` it is the whole team's."""

    model_config = ConfigDict(frozen=True)

    task_id: str
    kind: TaskKind
    why: str
    team: str
    worker: str | None = None
    due: datetime
    about: str | None = None
    how: str | None = None
    """How it was done; None while it is open."""

    @property
    def open(self) -> bool:
        """Whether it still waits."""
        return self.how is None


def evolve(task: Task | None, fact: Any) -> Task:
    """Opened, perhaps handed over, done."""
    match fact:
        case TaskOpened():
            return Task(**fact.model_dump(exclude={"referral_id"}))
        case TaskReassigned() if task is not None:
            return task.model_copy(update={"team": fact.team, "worker": fact.worker})
        case TaskDone() if task is not None:
            return task.model_copy(update={"how": fact.how})
        case _:
            raise TypeError(f"{type(fact).__name__} is nothing that happens to a task")


_ANYTHING: Final = object()


class Agenda:
    """The open tasks of one referral while something is decided about it; `facts` is what changed.

    The owner (`team`, `worker`) is whoever new tasks go to. `new_id` hands out ids.
    """

    def __init__(
        self,
        referral_id: str,
        tasks: Mapping[str, Task],
        *,
        team: str,
        worker: str | None,
        now: datetime,
        new_id: Callable[[], str],
    ) -> None:
        self.referral_id = referral_id
        self.team, self.worker = team, worker
        self.facts: list[Fact] = []
        self._tasks = dict(tasks)
        self.now, self._new_id = now, new_id

    def waiting(self, *kinds: TaskKind, about: Any = _ANYTHING, why: str | None = None) -> Iterator[Task]:
        """The open tasks of these kinds (of any, if none is named)."""
        for task in list(self._tasks.values()):
            if (
                task.open
                and (not kinds or task.kind in kinds)
                and (about is _ANYTHING or task.about == about)
                and why in (None, task.why)
            ):
                yield task

    def waits(self, *kinds: TaskKind, about: Any = _ANYTHING, why: str | None = None) -> bool:
        """Whether there is such an open task."""
        return any(self.waiting(*kinds, about=about, why=why))

    def was_ever(self, kind: TaskKind, how: str) -> bool:
        """Whether a task of this kind has been done in this way."""
        return any(task.kind is kind and task.how == how for task in self._tasks.values())

    def open(
        self, kind: TaskKind, why: str, *, about: str | None = None, due: datetime | None = None
    ) -> None:
        """Ask for something, unless the same is asked for already."""
        if self.waits(kind, about=about):
            return
        if kind in WHILE_WORK_GOES_ON:
            self.close(TaskKind.CLOSE_CASE, how="work_goes_on")
        self._say(
            TaskOpened(
                task_id=self._new_id(),
                referral_id=self.referral_id,
                kind=kind,
                why=why,
                team=self.team,
                worker=self.worker,
                due=due or self.now + timedelta(days=DAYS_TO[kind]),
                about=about,
            )
        )

    def close(self, *kinds: TaskKind, how: str, about: Any = _ANYTHING, why: str | None = None) -> list[Task]:
        """End the open tasks of these kinds (all, if none is named), and say which there were."""
        ending = list(self.waiting(*kinds, about=about, why=why))
        for task in ending:
            self._say(TaskDone(task_id=task.task_id, referral_id=self.referral_id, how=how))
        return ending

    def hand_over(self, team: str, worker: str | None) -> None:
        """Give everything that is open, and what will be, to somebody else."""
        self.team, self.worker = team, worker
        for task in self.waiting():
            if (task.team, task.worker) != (team, worker):
                self._say(
                    TaskReassigned(
                        task_id=task.task_id, referral_id=self.referral_id, team=team, worker=worker
                    )
                )

    def complete(self, task_id: str, how: str) -> None:
        """End one task by other means than its step. Twice is once."""
        task = self._tasks.get(task_id)
        if task is None:
            raise NoSuchTask(f"referral {self.referral_id} has no task {task_id}")
        if not task.open:
            return
        if step := ENDED_BY.get(task.kind):
            raise DoneByItsStep(f"the task {task.kind.value} is ended by {step}, not by hand")
        self._say(TaskDone(task_id=task_id, referral_id=self.referral_id, how=how))

    def _say(self, fact: TaskOpened | TaskReassigned | TaskDone) -> None:
        self._tasks[fact.task_id] = evolve(self._tasks.get(fact.task_id), fact)
        self.facts.append(fact)
