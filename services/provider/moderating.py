"""What waits for a coordinator: kept from this service's own events, and told to those who moderate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Integer, Text, and_, bindparam, delete, func, literal_column, select

from services.provider.domain.activity import Activity
from services.provider.domain.provider import Provider
from services.provider.domain.reviewing import changes
from services.provider.registry import ACTIVITY, PROVIDER, service
from services.provider.tables import moderation
from services.runtime.decision import Decision, Done, NotAllowed
from services.runtime.rows import new_row, upsert
from services.runtime.service import Ctx, Held
from services.runtime.tables import aggregate
from services.runtime.tx import Tx, sql
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityProposed,
    ActivityPublished,
    ActivityWithdrawn,
    ProviderRegistered,
)
from sluss_contracts.commands.catalogue import ReadModeration
from sluss_contracts.event import Event
from sluss_contracts.moderation import ActivityReviewed, ProviderProposed, ProviderTurnedDown
from sluss_contracts.vocabulary import Role


class Waiting(StrEnum):
    """Why something waits for a coordinator."""

    SUGGESTION = "suggestion"
    """Not published, or not registered, until they say so."""
    NEW = "new"
    """A provider has published it, and they have never seen it."""
    CHANGE = "change"
    """A provider has changed what they had seen."""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, the longest wait first, and how many there are."""

    waiting: int
    items: list[dict[str, Any]]


_wait = new_row(moderation, "kind", "id", "what", "since")
_suggested = moderation.c.what == literal_column("'suggestion'")
# Several changes are looked at together, and have waited since the first.
WAIT = sql(upsert(_wait, "what", "since", where=_suggested))
SETTLED = sql(
    delete(moderation).where(
        moderation.c.kind == bindparam("of", type_=Text), moderation.c.id == bindparam("named", type_=Text)
    )
)
_HOW_MANY = sql(select(func.count()).select_from(moderation))
_WAITING = sql(
    select(moderation, aggregate.c.sequence, aggregate.c.state)
    .join(
        aggregate,
        and_(
            aggregate.c.key == moderation.c.id,
            aggregate.c.kind == moderation.c.kind,
            aggregate.c.id == moderation.c.id,
        ),
    )
    .order_by(moderation.c.since, moderation.c.id, moderation.c.kind)
    .limit(bindparam("most", type_=Integer))
)


@service.project(ActivityProposed, ActivityPublished, ActivityAmended, ActivityReviewed, ActivityWithdrawn)
async def queue_activities(
    tx: Tx, events: Sequence[Event[ActivityPublished | ActivityReviewed | ActivityWithdrawn]]
) -> None:
    """Suggestions wait beforehand, what a provider says by itself is looked at afterwards."""
    for each in events:
        match each.data:
            case ActivityProposed():
                await _wait_for(tx, ACTIVITY.kind, each, Waiting.SUGGESTION)
            case ActivityAmended(by=Role.PROVIDER):
                await _wait_for(tx, ACTIVITY.kind, each, Waiting.CHANGE)
            case ActivityPublished(by=Role.PROVIDER):
                await _wait_for(tx, ACTIVITY.kind, each, Waiting.NEW)
            case _:
                await tx.execute(SETTLED, of=ACTIVITY.kind, named=each.data.activity)


@service.project(ProviderProposed, ProviderRegistered, ProviderTurnedDown)
async def queue_providers(tx: Tx, events: Sequence[Event[ProviderRegistered | ProviderTurnedDown]]) -> None:
    """An organisation that is suggested waits."""
    for each in events:
        if isinstance(each.data, ProviderProposed):
            await _wait_for(tx, PROVIDER.kind, each, Waiting.SUGGESTION)
        else:
            await tx.execute(SETTLED, of=PROVIDER.kind, named=each.data.provider)


@service.command(ReadModeration)
def read_moderation(held: Held, question: ReadModeration, ctx: Ctx) -> Decision:
    if question.actor.role not in (Role.COORDINATOR, Role.OPERATOR):
        raise NotAllowed("what waits for a coordinator is shown to those who moderate")
    queue: Queue = ctx.looked_up
    return Done([], {"waiting": queue.waiting, "items": queue.items})


@read_moderation.lookup
async def waiting(tx: Tx, questions: Sequence[ReadModeration]) -> Queue:
    (question,) = questions
    rows = await tx.fetch(_WAITING, most=question.most)
    return Queue(await tx.value(_HOW_MANY), [_item(row) for row in rows])


def _item(row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: row[name] for name in ("kind", "id", "what", "sequence")}
    shown["since"] = row["since"].isoformat()
    if row["kind"] == PROVIDER.kind:
        suggested = Provider.model_validate(row["state"])
        return shown | {"by": suggested.suggested_by, **_differs(None, suggested.entry)}
    there = Activity.model_validate(row["state"])
    before = there.review.before if there.review else None
    by = there.vouched.by if there.vouched else None
    return shown | {"by": by, **_differs(before, there.offer)}


def _differs(before: BaseModel | None, now: BaseModel) -> dict[str, Any]:
    differs = [each._asdict() for each in changes(before, now)]
    return {"said": now.model_dump(mode="json"), "changes": differs}


async def _wait_for(tx: Tx, kind: str, event: Event[Any], what: Waiting) -> None:
    await tx.execute(WAIT, kind=kind, id=event.data.aggregate_id, what=what.value, since=event.time)
