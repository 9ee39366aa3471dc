"""The library: from command to decision, and the table it is read from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, Text, any_, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.provider.domain import resource
from services.provider.registry import RESOURCE, service
from services.provider.tables import resources
from services.runtime.decision import Decision, Done
from services.runtime.rows import new_row, upsert
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx, sql
from sluss_contracts.commands.catalogue import PublishResource, ReadResources, WithdrawResource
from sluss_contracts.event import Event
from sluss_contracts.resource import DescribedResource, ResourceAmended, ResourcePublished, ResourceWithdrawn
from sluss_contracts.vocabulary import Role

_KEEP_IT = {Role.COORDINATOR, Role.OPERATOR}

_COLUMNS = tuple(column.name for column in resources.columns)
WRITE = sql(upsert(new_row(resources, *_COLUMNS), *(name for name in _COLUMNS if name != "resource")))
REMOVE = sql(delete(resources).where(resources.c.resource == bindparam("named", type_=Text)))


def _asked(name: str) -> Any:
    return bindparam(name, type_=Text)


_FOUND = sql(
    select(resources.c.said)
    .where(
        resources.c.for_whom == any_(bindparam("shelves", type_=ARRAY(Text))),
        or_(_asked("kind").is_(None), resources.c.kind == _asked("kind")),
        or_(_asked("need").is_(None), _asked("need") == any_(resources.c.needs)),
        or_(_asked("interest").is_(None), _asked("interest") == any_(resources.c.interests)),
        or_(_asked("language").is_(None), _asked("language") == any_(resources.c.languages)),
    )
    .order_by(resources.c.title, resources.c.resource)
    .limit(bindparam("most", type_=Integer))
)


@service.command(PublishResource, by=_KEEP_IT)
def publish_resource(held: Held, command: PublishResource, ctx: Ctx) -> Decision:
    return resource.publish(held.one(RESOURCE), command, ctx.now)


@service.command(WithdrawResource, by=_KEEP_IT)
def withdraw_resource(held: Held, command: WithdrawResource, ctx: Ctx) -> Decision:
    return resource.withdraw(held.one(RESOURCE), command)


@service.command(ReadResources)
def read_resources(held: Held, question: ReadResources, ctx: Ctx) -> Decision:
    return Done([], {"resources": ctx.looked_up})


@read_resources.lookup
async def found(tx: Tx, questions: Sequence[ReadResources]) -> list[Any]:
    (asked,) = questions
    shelves = resource.shelves(asked.actor.role)
    rows = await tx.fetch(
        _FOUND,
        shelves=sorted(shelves & {asked.for_whom} if asked.for_whom else shelves),
        kind=asked.kind,
        need=asked.need,
        interest=asked.interest,
        language=asked.language,
        most=asked.most,
    )
    return [row["said"] for row in rows]


@service.project(ResourcePublished, ResourceAmended)
async def shelve(tx: Tx, events: Sequence[Event[ResourcePublished]]) -> None:
    for each in events:
        said = each.data.model_dump(mode="json", include=set(DescribedResource.model_fields))
        columns = {name: said[name] for name in _COLUMNS if name != "said"}
        await tx.execute(WRITE, **columns, said=said)


@service.project(ResourceWithdrawn)
async def remove(tx: Tx, events: Sequence[Event[ResourceWithdrawn]]) -> None:
    for each in events:
        await tx.execute(REMOVE, named=each.data.resource)
