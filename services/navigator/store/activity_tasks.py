"""What waits for a team and is about an activity, with what a row on a page needs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.store.tables import activity, activity_task, provider
from services.runtime.tx import Tx, sql


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """Something a team must do about an activity by a date; names are None where they are not known."""

    task_id: str
    activity: str
    title: str | None
    provider: str | None
    provider_name: str | None
    kind: str
    why: str
    team: str
    opened: datetime
    due: datetime


_TEAM = bindparam("team", type_=Text)
_WAITING = (
    select(
        *(activity_task.c[name] for name in ("task_id", "activity", "kind", "why", "team", "opened", "due")),
        activity.c.title,
        activity.c.provider,
        provider.c.name.label("provider_name"),
    )
    .select_from(
        activity_task.outerjoin(activity, activity.c.activity == activity_task.c.activity).outerjoin(
            provider, provider.c.provider == activity.c.provider
        )
    )
    .where(activity_task.c.done.is_(None), or_(_TEAM.is_(None), activity_task.c.team == _TEAM))
    .order_by(activity_task.c.due, activity_task.c.task_id)
    .limit(bindparam("most", type_=Integer))
)
_WAITING_COMPILED = sql(_WAITING)


async def activity_tasks_of_team(db: AsyncEngine, team: str | None, *, most: int = 200) -> list[ActivityTask]:
    """What the team has to do about activities in its areas, the first due first; None: every team. For
    pages."""
    async with db.connect() as connection:
        rows = (await connection.execute(_WAITING, {"team": team, "most": most})).mappings()
        return [_record(row) for row in rows]


async def waiting_for(tx: Tx, team: str | None, most: int) -> list[ActivityTask]:
    """The same, within a transaction."""
    return [_record(row) for row in await tx.fetch(_WAITING_COMPILED, team=team, most=most)]


def _record(row: Mapping[Any, Any]) -> ActivityTask:
    return ActivityTask(**{field.name: row[field.name] for field in fields(ActivityTask)})
