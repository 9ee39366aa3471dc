"""Teams and link workers: the registry as tables, and how many cases each has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    Integer,
    Text,
    bindparam,
    column,
    delete,
    func,
    literal,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, insert

from services.navigator.domain.worker import LinkWorker
from services.navigator.store.rows import given, insertion, packed
from services.navigator.store.tables import leave, link_worker, reach, team_area
from services.runtime.rows import upsert
from services.runtime.tables import aggregate
from services.runtime.tx import Tx, sql
from sluss_contracts.event import Event
from sluss_contracts.linkworker import CaseloadHandedOver, LeaveRecorded, LinkWorkerRegistered, TeamRegistered
from sluss_contracts.vocabulary import Engagement


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


_FORGET_AREAS = sql(delete(team_area).where(team_area.c.team == func.any(_texts("teams"))))
_WRITE_AREAS = sql(insertion(team_area))

_REGISTERED = [each.name for each in link_worker.c if each.name != "load"]
_WRITE_WORKERS = sql(
    upsert(insertion(link_worker, *_REGISTERED), *(name for name in _REGISTERED if name != "worker"))
)
_FORGET_REACH = sql(delete(reach).where(reach.c.worker == func.any(_texts("workers"))))
_ROOM = link_worker.c.capacity - link_worker.c.load
# The same figure as `Candidate.filled`, which orders the candidates that are fetched.
_FILLED = link_worker.c.load * 10_000 // func.greatest(link_worker.c.capacity, 1, type_=Integer())
_area = func.unnest(link_worker.c.areas).table_valued(column("area", Text)).render_derived(name="a")
_language = (
    func.unnest(link_worker.c.languages).table_valued(column("language", Text)).render_derived(name="l")
)
_WRITE_REACH = sql(
    insert(reach).from_select(
        ["worker", "area", "language", "volunteer", "room", "no_room", "filled"],
        select(
            link_worker.c.worker,
            _area.c.area,
            _language.c.language,
            link_worker.c.volunteer,
            _ROOM,
            _ROOM <= 0,
            _FILLED,
        )
        .select_from(link_worker.join(_area, true()).join(_language, true()))
        .where(link_worker.c.worker == func.any(_texts("workers")))
        .distinct(),
    )
)
_WRITE_LEAVES = sql(insertion(leave).on_conflict_do_nothing())


async def write_teams(tx: Tx, events: Sequence[Event[TeamRegistered]]) -> None:
    """Each team's areas, as last said."""
    latest = {event.data.team: event.data for event in events}
    await tx.execute(_FORGET_AREAS, teams=list(latest))
    rows = [
        {"team": each.team, "area": area} for each in latest.values() for area in dict.fromkeys(each.areas)
    ]
    await tx.execute(_WRITE_AREAS, rows=packed(rows))


async def write_workers(tx: Tx, events: Sequence[Event[LinkWorkerRegistered]]) -> None:
    """Each link worker as last said. Their load stays what it is."""
    latest = {event.data.worker: event.data for event in events}
    rows = [
        {
            **each.model_dump(mode="json", exclude={"name", "engagement"}),
            "volunteer": each.engagement is Engagement.VOLUNTEER,
        }
        for _, each in sorted(latest.items())
    ]
    await tx.execute(_WRITE_WORKERS, rows=packed(rows))
    await tx.execute(_FORGET_REACH, workers=list(latest))
    await tx.execute(_WRITE_REACH, workers=list(latest))


_NO_ROOM = sql(
    update(link_worker).values(capacity=0).where(link_worker.c.worker == func.any(_texts("workers")))
)


async def write_leavers(tx: Tx, events: Sequence[Event[CaseloadHandedOver]]) -> None:
    """Whoever leaves has no room for another case."""
    workers = sorted({event.data.worker for event in events})
    await tx.execute(_NO_ROOM, workers=workers)
    await tx.execute(_FORGET_REACH, workers=workers)
    await tx.execute(_WRITE_REACH, workers=workers)


async def write_leaves(tx: Tx, events: Sequence[Event[LeaveRecorded]]) -> None:
    """Leaves add up."""
    rows = [event.data.model_dump(mode="json") for event in events]
    await tx.execute(_WRITE_LEAVES, rows=packed(rows))


_changes = given(link_worker, "worker", "load")
_in_order = (
    select(link_worker.c.worker, _changes.c.load.label("change"))
    .join(_changes, _changes.c.worker == link_worker.c.worker)
    .order_by(link_worker.c.worker)
    .with_for_update(of=link_worker)
    .cte("in_order")
)
_loaded = (
    update(link_worker)
    .values(load=link_worker.c.load + _in_order.c.change)
    .where(link_worker.c.worker == _in_order.c.worker)
    .returning(link_worker.c.worker, _ROOM.label("room"), _FILLED.label("filled"))
    .cte("loaded")
)
_CHANGE_LOADS = sql(
    update(reach)
    .values(room=_loaded.c.room, no_room=_loaded.c.room <= 0, filled=_loaded.c.filled)
    .where(reach.c.worker == _loaded.c.worker)
)


async def change_loads(tx: Tx, changes: Mapping[str, int]) -> None:
    """Give link workers so many cases more (or, below zero, fewer)."""
    rows = [{"worker": worker, "load": change} for worker, change in sorted(changes.items()) if change]
    if rows:
        await tx.execute(_CHANGE_LOADS, rows=packed(rows))


_HOMES = sql(
    select(
        team_area.c.area,
        func.array_agg(aggregate_order_by(team_area.c.team, team_area.c.team)).label("teams"),
    )
    .where(team_area.c.area == func.any(_texts("areas")))
    .group_by(team_area.c.area)
)


async def teams_of(tx: Tx, areas: Collection[str]) -> dict[str, list[str]]:
    """The teams that cover each area; an area that nobody covers is left out."""
    rows = await tx.fetch(_HOMES, areas=sorted(areas))
    return {row["area"]: list(row["teams"]) for row in rows}


_SERVED = sql(select(team_area.c.area).distinct().order_by(team_area.c.area))
_KNOWN_TEAMS = sql(select(team_area.c.team).distinct().where(team_area.c.team == func.any(_texts("teams"))))
_TEAM_OF = sql(
    select(link_worker.c.worker, link_worker.c.team).where(
        link_worker.c.worker == func.any(_texts("workers"))
    )
)


async def served_areas(tx: Tx) -> list[str]:
    """Every area that some team takes referrals from."""
    return [row["area"] for row in await tx.fetch(_SERVED)]


async def known_teams(tx: Tx, teams: Iterable[str]) -> set[str]:
    """Which of these teams are registered."""
    return {row["team"] for row in await tx.fetch(_KNOWN_TEAMS, teams=sorted(set(teams)))}


async def team_of_each(tx: Tx, workers: Iterable[str]) -> dict[str, str]:
    """The team of each of these link workers; one who is not registered is left out."""
    rows = await tx.fetch(_TEAM_OF, workers=sorted(set(workers)))
    return {row["worker"]: row["team"] for row in rows}


_REGISTERED_AS = sql(
    select(aggregate.c.id, aggregate.c.state).where(
        aggregate.c.kind == literal("linkworker"), aggregate.c.key == func.any(_texts("workers"))
    )
)


async def registered(tx: Tx, workers: Collection[str]) -> dict[str, LinkWorker]:
    """What is known of these link workers; one who is not registered is left out."""
    rows = await tx.fetch(_REGISTERED_AS, workers=sorted(workers)) if workers else []
    return {row["id"]: LinkWorker.model_validate(row["state"]) for row in rows}
