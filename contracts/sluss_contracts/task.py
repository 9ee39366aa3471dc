"""Tasks: everything that waits for a human, with an owner and a date. Owned by the navigator."""

from __future__ import annotations

from pydantic import AwareDatetime

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Code, Key, Slug, TaskKind


class TaskOpened(
    Fact, type="task.opened", id="task_id", key="referral_id", said_by="navigator", read_by=("console",)
):
    """Somebody must do something by a date. A task without a `worker` is the whole team's.

    It does *not* mean that anybody has begun, and its date is *not* a promise to the person.
    """

    task_id: Key
    referral_id: Key
    kind: TaskKind
    why: Code
    team: Slug
    worker: Slug | None = None
    due: AwareDatetime
    about: Key | None = None
    """The meeting, enrolment, follow-up, message or deadline it is about, when there may be several."""


class ActivityTaskOpened(
    Fact,
    type="activity_task.opened",
    id="task_id",
    key="activity",
    said_by="navigator",
    read_by=("console",),
):
    """Somebody in the team that answers for an activity's area must do something about it by a date.

    It is about no referral, and nobody's alone. It does *not* mean that anything is wrong with the activity.
    """

    task_id: Key
    activity: Slug
    kind: TaskKind
    why: Code
    team: Slug
    due: AwareDatetime


class ActivityTaskDone(
    Fact,
    type="activity_task.done",
    id="task_id",
    key="activity",
    said_by="navigator",
    read_by=("console",),
):
    """What was to be done about the activity has been done; `how` tells by which step.

    It does *not* by itself change the activity: the event it waited for does.
    """

    task_id: Key
    activity: Slug
    how: Code
    """`verified`, `amended` or `withdrawn`; or what somebody did who saw to it in another way, `asked` for
    example."""


class TaskReassigned(
    Fact, type="task.reassigned", id="task_id", key="referral_id", said_by="navigator", read_by=("console",)
):
    """The same task is now somebody else's. It does *not* change what is to be done, or by when."""

    task_id: Key
    referral_id: Key
    team: Slug
    worker: Slug | None = None


class TaskDone(
    Fact, type="task.done", id="task_id", key="referral_id", said_by="navigator", read_by=("console",)
):
    """What was to be done has been done, or is no longer needed; `how` tells which.

    It does *not* by itself change the case: the event it waited for does.
    """

    task_id: Key
    referral_id: Key
    how: Code


class TaskLapsed(
    Fact, type="task.lapsed", id="task_id", key="referral_id", said_by="navigator", read_by=("console",)
):
    """Nobody did it and it no longer makes sense; why. It does *not* mean that it was unimportant."""

    task_id: Key
    referral_id: Key
    why: Code
