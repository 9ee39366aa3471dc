"""Whom a visitor of a demonstration may be."""

from __future__ import annotations

from sqlalchemy import Boolean, Text, bindparam, column, func, select, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.board import party
from services.navigator.store.tables import task
from services.runtime.web import Identity
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

OFFERED = 30
"""How many of each kind the demonstration's sign-in offers; a registry may hold a hundred thousand."""

_kinds = (
    func.unnest(bindparam("kinds", type_=ARRAY(Text)), bindparam("volunteers", type_=ARRAY(Boolean)))
    .table_valued(column("kind", Text), column("volunteer", Boolean))
    .render_derived(name="kinds")
)
_of_kind = (
    select(party)
    .where(party.c.kind == _kinds.c.kind, party.c.volunteer == _kinds.c.volunteer)
    .order_by(party.c.id)
    .limit(OFFERED)
    .lateral("of_kind")
)
_PEOPLE = select(_of_kind).select_from(_kinds.join(_of_kind, true()))
_TO_DO = (
    select(task.c.worker, func.count().label("count"))
    .where(task.c.done.is_(None), task.c.worker == func.any(bindparam("workers", type_=ARRAY(Text))))
    .group_by(task.c.worker)
)


async def people_of_the_demo(engine: AsyncEngine) -> list[Identity]:
    """Whom a visitor of the demonstration may be: those of the registry, and of each other role somebody.

    Of link workers and of volunteers whoever has most to do comes first: a newcomer picks the first.
    """
    kinds, volunteers = ["worker", "worker", "organisation", "provider"], [False, True, False, False]
    async with engine.connect() as connection:
        given = {"kinds": kinds, "volunteers": volunteers}
        rows = (await connection.execute(_PEOPLE, given)).mappings().all()
    people = []
    for row in rows:
        id, name = row["id"], row["name"]
        match row["kind"]:
            case "worker":
                role = Role.VOLUNTEER if row["volunteer"] else Role.LINK_WORKER
                people.append(Identity(Actor(id=id, role=role, organisation=None), name, team=row["team"]))
            case "organisation":
                people.append(Identity(Actor(id=id, role=Role.REFERRER, organisation=id), name))
            case _:
                people.append(Identity(Actor(id=id, role=Role.PROVIDER, organisation=id), name))
    alone = {Role.COORDINATOR: "Siv Ekdahl", Role.PERSON: "Kim Sandberg", Role.OPERATOR: "Jo Viklund"}
    people += [Identity(Actor(id=f"demo-{role.value}", role=role), name) for role, name in alone.items()]
    # What one operator proposes about a dead letter, another must approve.
    people.append(Identity(Actor(id="demo-operator-2", role=Role.OPERATOR), "Nour Haddad"))
    return await _busiest_first(engine, people)


async def _busiest_first(engine: AsyncEngine, people: list[Identity]) -> list[Identity]:
    guides = [one for one in people if one.role in (Role.LINK_WORKER, Role.VOLUNTEER)]
    async with engine.connect() as connection:
        rows = await connection.execute(_TO_DO, {"workers": [one.actor.id for one in guides]})
        to_do = {row["worker"]: row["count"] for row in rows.mappings()}
    first: dict[Role, Identity] = {}
    for one in guides:
        if one.role not in first or to_do.get(one.actor.id, 0) > to_do.get(first[one.role].actor.id, 0):
            first[one.role] = one
    return [*first.values(), *(one for one in people if one not in first.values())]
