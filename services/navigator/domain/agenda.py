"""The tasks of one referral while something is decided about it: what is asked for, ended, handed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from services.navigator.domain.task import DoneByItsStep, NoSuchTask, Task, evolve
from sluss_contracts.pathway import BUILT_IN, Pathway
from sluss_contracts.task import TaskDone, TaskLapsed, TaskOpened, TaskReassigned
from sluss_contracts.vocabulary import TaskKind

DAYS_TO: Final[Mapping[TaskKind, int]] = {
    TaskKind.CONTACT_PERSON: 3,
    TaskKind.HOLD_MEETING: 14,
    TaskKind.AGREE_PLAN: 7,
    TaskKind.FIND_ACTIVITY: 7,
    TaskKind.CLOSE_CASE: 7,
    TaskKind.CHECK_MESSAGE: 1,
    TaskKind.CHASE_DEADLINE: 2,
    TaskKind.ACUTE_RISK: 0,
    TaskKind.BARRIER: 7,
    TaskKind.GO_ALONG: 14,
    TaskKind.GUARDIAN: 3,
    TaskKind.PROTECTED_PERSON: 2,
    TaskKind.EVALUATE: 14,
    TaskKind.NEW_ACTIVITY: 7,
}
"""Days until each kind of task is due, where neither the step itself nor the pathway names a date."""


def days_to(kind: TaskKind, pathway: Pathway) -> int:
    """Days until a task is due: as long as the pathway lets the silence last that it stands against."""
    silence = pathway.silence
    match kind:
        case TaskKind.CLAIM_CASE:
            return silence.case_claimed
        case TaskKind.ASK_CONSENT:
            return silence.consent_asked
        case TaskKind.AWAIT_PROVIDER:
            return silence.offer_answered
        case TaskKind.AWAIT_ATTENDANCE:
            return silence.session_reported
        case TaskKind.CONFIRM_WITHDRAWAL:
            return silence.withdrawal_confirmed
        case TaskKind.FOLLOW_UP:
            return pathway.followups[0].after if pathway.followups else 28
        case _:
            return DAYS_TO[kind]


ENDED_BY: Final[Mapping[TaskKind, str]] = {
    TaskKind.ASK_CONSENT: "recording the person's consent",
    TaskKind.CLAIM_CASE: "claiming the case",
    TaskKind.CONTACT_PERSON: "recording the contact",
    TaskKind.HOLD_MEETING: "booking the meeting, and then recording whether it was held",
    TaskKind.AGREE_PLAN: "agreeing the plan",
    TaskKind.CLOSE_CASE: "closing the case",
    TaskKind.RESUME_CASE: "resuming the case, or pausing it for longer",
}
"""Tasks that only their own step ends; the others may be completed by other means as well."""

TO_BE_DECIDED: Final = "guardian_to_be_decided"
"""Why somebody decides about a guardian before anything else is done."""

WHILE_WORK_GOES_ON: Final = frozenset(
    {
        TaskKind.CONTACT_PERSON,
        TaskKind.HOLD_MEETING,
        TaskKind.AGREE_PLAN,
        TaskKind.FIND_ACTIVITY,
        TaskKind.AWAIT_PROVIDER,
        TaskKind.AWAIT_ATTENDANCE,
        TaskKind.FOLLOW_UP,
        TaskKind.GO_ALONG,
        TaskKind.BARRIER,
        TaskKind.RESUME_CASE,
    }
)
"""Steps of the work itself: while one of them waits, it is too early to close the case."""

ASKS_THE_PERSON: Final = frozenset(
    {
        TaskKind.CONTACT_PERSON,
        TaskKind.HOLD_MEETING,
        TaskKind.AGREE_PLAN,
        TaskKind.FIND_ACTIVITY,
        TaskKind.FOLLOW_UP,
        TaskKind.GO_ALONG,
        TaskKind.BARRIER,
        TaskKind.CLOSE_CASE,
    }
)
"""What rests while a case is paused."""

OUTLIVES_THE_CASE: Final = frozenset({TaskKind.ACUTE_RISK, TaskKind.CONFIRM_WITHDRAWAL, TaskKind.EVALUATE})
"""What still has to be done when a case is closed."""

PAUSED: Final = "paused"
"""Why a task lapsed that is asked again when the work goes on."""

_ANYTHING: Final = object()


class Agenda:
    """The open tasks of one referral; `facts` is what changed.

    The owner (`team`, `worker`) is whoever new tasks go to. `new_id` hands out ids. While the case is paused,
    nothing that asks the person is due before `rests_until`.
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
        pathway: Pathway = BUILT_IN,
        rests_until: datetime | None = None,
    ) -> None:
        self.referral_id = referral_id
        self.team, self.worker = team, worker
        self.pathway = pathway
        self.facts: list[TaskOpened | TaskReassigned | TaskDone | TaskLapsed] = []
        self._tasks = dict(tasks)
        self.now, self._new_id = now, new_id
        self._rests_until = rests_until

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
        """Whether a task of this kind has ended in this way."""
        return any(task.kind is kind and task.how == how for task in self._tasks.values())

    def open(
        self, kind: TaskKind, why: str, *, about: str | None = None, due: datetime | None = None
    ) -> None:
        """Ask for something, unless the same is asked for already."""
        if self.waits(kind, about=about):
            return
        if kind in WHILE_WORK_GOES_ON:
            self.close(TaskKind.CLOSE_CASE, how="work_goes_on")
        due = due or self.now + timedelta(days=days_to(kind, self.pathway))
        if self._rests_until is not None and kind in ASKS_THE_PERSON:
            due = max(due, self._rests_until)
        self._say(
            TaskOpened(
                task_id=self._new_id(),
                referral_id=self.referral_id,
                kind=kind,
                why=why,
                team=self.team,
                worker=self.worker,
                due=due,
                about=about,
            )
        )

    def close(self, *kinds: TaskKind, how: str, about: Any = _ANYTHING, why: str | None = None) -> list[Task]:
        """End the open tasks of these kinds (all, if none is named), and say which there were."""
        ending = list(self.waiting(*kinds, about=about, why=why))
        for task in ending:
            self._say(TaskDone(task_id=task.task_id, referral_id=self.referral_id, how=how))
        return ending

    def lapse(self, *kinds: TaskKind, why: str, about: Any = _ANYTHING) -> None:
        """Let go of the open tasks of these kinds: nobody did them, and they no longer make sense."""
        for task in list(self.waiting(*kinds, about=about) if kinds else ()):
            self._say(TaskLapsed(task_id=task.task_id, referral_id=self.referral_id, why=why))

    def rest(self) -> None:
        """Let everything that asks the person lapse, to be asked again by `wake`. A meeting that is booked
        stays: whether it was held can be said at any time."""
        for task in list(self.waiting(*ASKS_THE_PERSON)):
            if task.kind is not TaskKind.HOLD_MEETING or task.about is None:
                self._say(TaskLapsed(task_id=task.task_id, referral_id=self.referral_id, why=PAUSED))

    def wake(self, why: str) -> None:
        """Ask again what was let go of by `rest`, unless it has been asked since."""
        last = {(task.kind, task.about): task for task in self._tasks.values()}
        self._rests_until = None
        for (kind, about), task in last.items():
            if task.how == PAUSED and not task.open and kind is not TaskKind.CLOSE_CASE:
                self.open(kind, why, about=about)

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
        if step := _step_that_ends(task):
            raise DoneByItsStep(f"the task {task.kind.value} is ended by {step}, not by hand")
        self._say(TaskDone(task_id=task_id, referral_id=self.referral_id, how=how))

    def _say(self, fact: TaskOpened | TaskReassigned | TaskDone | TaskLapsed) -> None:
        self._tasks[fact.task_id] = evolve(self._tasks.get(fact.task_id), fact)
        self.facts.append(fact)


def _step_that_ends(task: Task) -> str | None:
    if task.kind is TaskKind.GUARDIAN and task.why == TO_BE_DECIDED:
        return "deciding about the guardian"
    return ENDED_BY.get(task.kind)
