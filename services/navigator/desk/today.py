"""What somebody has before them today: their tasks by urgency, their team's inbox, and how full they are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.desk.opened import Names, names_of
from services.navigator.store.desk import OpenTask, Urgency, by_urgency, tasks_of_worker
from services.navigator.store.diary import AHEAD
from services.navigator.store.tables import case_file, link_worker, meeting, task
from services.runtime.web import Identity

SHOWN: Final = 200
"""The most tasks one page shows, the first due first."""
_LISTENS_FOR: Final = 300.0
_PAUSE: Final = 3.0

_WORKER, _TEAM = bindparam("worker", type_=Text), bindparam("team", type_=Text)
_SINCE = bindparam("since", type_=TIMESTAMP(timezone=True))
_WAITING = (
    select(func.count())
    .select_from(case_file)
    .where(case_file.c.team == _TEAM, case_file.c.worker.is_(None), case_file.c.closed.is_(None))
)
_FILLED = select(link_worker.c.load, link_worker.c.capacity).where(link_worker.c.worker == _WORKER)
_AHEAD = AHEAD.where(
    meeting.c.starts >= bindparam("from", type_=TIMESTAMP(timezone=True)),
    meeting.c.starts < bindparam("to", type_=TIMESTAMP(timezone=True)),
)
_NEW = select(
    select(func.count())
    .select_from(task)
    .where(task.c.worker == _WORKER, task.c.done.is_(None), task.c.opened > _SINCE)
    .scalar_subquery()
    .label("mine"),
    select(func.count())
    .select_from(case_file)
    .where(
        case_file.c.team == _TEAM,
        case_file.c.worker.is_(None),
        case_file.c.closed.is_(None),
        case_file.c.since > _SINCE,
    )
    .scalar_subquery()
    .label("teams"),
)


@dataclass(frozen=True, slots=True)
class Today:
    """Everything the page of one link worker shows, but for who the people are."""

    groups: Mapping[Urgency, Sequence[OpenTask]]
    waiting: int
    """Cases in the team's inbox."""
    load: int
    capacity: int
    meetings: Sequence[Mapping[str, Any]]
    """Those of today that are not over."""
    names: Names

    @property
    def count(self) -> int:
        """How many tasks there are in all groups."""
        return sum(len(tasks) for tasks in self.groups.values())


async def today_of(db: AsyncEngine, identity: Identity, now: datetime, midnight: datetime) -> Today:
    """What is before them now; `midnight` is when the day ends."""
    worker, team = identity.actor.id, identity.team or ""
    tasks = await tasks_of_worker(db, worker, most=SHOWN)
    async with db.connect() as connection:
        waiting = (await connection.execute(_WAITING, {"team": team})).scalar_one()
        filled = (await connection.execute(_FILLED, {"worker": worker})).one_or_none()
        span = {"worker": worker, "from": now, "to": midnight}
        meetings = (await connection.execute(_AHEAD, span)).mappings().all()
        names = await names_of(connection, {each.organisation for each in tasks})
    return Today(
        groups=by_urgency(tasks, now),
        waiting=waiting,
        load=filled.load if filled else 0,
        capacity=filled.capacity if filled else 0,
        meetings=[dict(row) for row in meetings],
        names=names,
    )


async def new_since(db: AsyncEngine, identity: Identity, since: datetime) -> int:
    """How many things have come to them or their team's inbox since then."""
    asked = {"worker": identity.actor.id, "team": identity.team or "", "since": since}
    async with db.connect() as connection:
        row = (await connection.execute(_NEW, asked)).one()
    return int(row.mine + row.teams)


class News:
    """Tells whoever has a page open how much is new since it was loaded. Nothing on the page moves for it."""

    def __init__(self, db: AsyncEngine, *, pause: float = _PAUSE, listens_for: float = _LISTENS_FOR) -> None:
        self._db, self._pause, self._listens_for = db, pause, listens_for
        self._closed = asyncio.Event()

    def close(self) -> None:
        """Let everybody go; call when the service stops."""
        self._closed.set()

    async def counts(self, identity: Identity, since: datetime) -> Any:
        """The number each time it is another; ends after a while, so that an ended session is noticed."""
        told = 0
        until = asyncio.get_running_loop().time() + self._listens_for
        while not self._closed.is_set() and asyncio.get_running_loop().time() < until:
            found = await new_since(self._db, identity, since)
            if found != told:
                told = found
                yield found
            try:
                async with asyncio.timeout(self._pause):
                    await self._closed.wait()
            except TimeoutError:
                continue
