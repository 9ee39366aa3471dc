"""The navigator's tasks about activities: what waits for a team, and that somebody has seen to it."""

from __future__ import annotations

from pydantic import Field

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import Code, Key, Slug


class ReadActivityTasks(Command, owner="navigator", verb="read_activity_tasks"):
    """What teams have to do about activities in their areas, the first due first.

    Result: `tasks` [{task_id, activity, title, provider, provider_name, kind, why, team, opened, due}]; a
    name that is not known here is None.
    """

    team: Slug | None = None
    """Left out: every team's."""
    most: int = Field(default=50, ge=1, le=200)


class CompleteActivityTask(Command, owner="navigator", verb="complete_activity_task", key="activity"):
    """Somebody has seen to it by other means than the step it waited for: whoever runs the activity has been
    asked, say, and answers by themselves. It vouches for nothing: without an answer it is hidden."""

    activity: Slug
    task_id: Key
    how: Code = "asked"
