"""A team's inbox: whom nobody has yet, what the whole team is to do, and how full everybody is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.board import party
from services.navigator.desk.opened import Names, names_of
from services.navigator.store.desk import Load, OpenTask, QueuedCase, inbox_of, loads_of, tasks_of_team
from services.navigator.store.tables import case_file
from services.runtime.web import Identity
from sluss_contracts.vocabulary import TaskKind

SHOWN: Final = 50
"""The most cases one page shows, those who have waited longest."""

_TEAMS = select(party.c.id, party.c.name).where(party.c.kind == "team").order_by(party.c.name).limit(300)
_WAITING = (
    select(case_file.c.team, func.count().label("count"))
    .where(case_file.c.worker.is_(None), case_file.c.closed.is_(None))
    .group_by(case_file.c.team)
)


@dataclass(frozen=True, slots=True)
class Inbox:
    """One team's, as its page shows it."""

    team: str
    cases: Sequence[QueuedCase]
    tasks: Sequence[OpenTask]
    """What is the whole team's and is not to take a case."""
    loads: Sequence[Load]
    names: Names
    more: bool
    """Whether others wait than those shown."""


async def inbox_for(db: AsyncEngine, team: str) -> Inbox:
    """What waits for the team."""
    cases = await inbox_of(db, team, most=SHOWN + 1)
    tasks = [
        each for each in await tasks_of_team(db, team, most=2 * SHOWN) if each.kind != TaskKind.CLAIM_CASE
    ]
    loads = await loads_of(db, team)
    ids = {each.organisation for each in cases} | {each.organisation for each in tasks}
    async with db.connect() as connection:
        names = await names_of(connection, {*ids, *(each.worker for each in loads), team})
    return Inbox(team, cases[:SHOWN], tasks[:SHOWN], loads, names, len(cases) > SHOWN)


async def teams_with_inboxes(db: AsyncEngine, identity: Identity) -> list[tuple[str, str, int]]:
    """The teams whose inbox this visitor may open, with how many wait in each: their own, or all of them."""
    if identity.team is not None:
        return []
    async with db.connect() as connection:
        waiting = {team: int(count) for team, count in await connection.execute(_WAITING)}
        return [(row.id, row.name, waiting.get(row.id, 0)) for row in await connection.execute(_TEAMS)]
