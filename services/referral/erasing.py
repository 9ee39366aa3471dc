"""Destroying what is kept of a person, and looking again at those for whom a rule said not yet.

What goes: the row with the key and the identity hash, every sealed thing of theirs, and what stands of them
in what was sent on to other organisations. What stays: the log, which knows a pseudonym that leads to
nobody any more; who looked at their record (HSLF-FS 2016:40 4 kap. 9 §); and their line in the ledger of
erasures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from uuid import UUID

import orjson
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import LargeBinary, Text

from services.referral.domain.person import Status, Work
from services.referral.standing import work_of
from services.referral.store.kept import ERASURES, FORGET_PERSONS, FORGET_SECRETS, KEEP_ERASURES
from services.referral.store.tables import standing
from services.runtime.engine.transaction import Transaction
from services.runtime.logging import logger
from services.runtime.running import Running
from services.runtime.service import Timer
from services.runtime.tables import aggregate, event
from services.runtime.tx import Tx, sql
from sluss_contracts.commands.referral import ErasePerson, HoldErasure, ReplayErasure
from sluss_contracts.event import Event
from sluss_contracts.person import PersonErased

ERASURE = "erasure"
"""The timer of somebody who is to be erased."""

_TO_BE_ERASED = sql(
    select(aggregate.c.id).where(
        aggregate.c.key == func.any(bindparam("persons", type_=ARRAY(Text))),
        aggregate.c.kind == "person",
        aggregate.c.state["status"].astext == Status.TO_BE_ERASED.value,
    )
)
_SENT_ON = sql(
    select(event.c.lane, event.c.number, event.c.body)
    .join(standing, standing.c.referral_id == event.c.key)
    .where(
        event.c.kind == "forwarding",
        standing.c.person == func.any(bindparam("persons", type_=ARRAY(standing.c.person.type))),
    )
)
_BLANK = sql(
    update(event)
    .values(body=bindparam("blank", type_=LargeBinary))
    .where(event.c.lane == bindparam("at_lane"), event.c.number == bindparam("at_number"))
)


async def whose_work(tx: Tx, commands: Sequence[ErasePerson | HoldErasure | ReplayErasure]) -> Work:
    """What the network does for the person the command is about."""
    (command,) = commands
    return await work_of(tx, command.person)


async def destroy(tx: Tx, events: Sequence[Event[PersonErased]]) -> None:
    """In the transaction that says so: the key, the hash, everything sealed; and the ledger's line."""
    persons = [UUID(erased.data.person) for erased in events]
    await _blank_what_was_sent_on(tx, persons)
    await tx.execute(FORGET_SECRETS, persons=persons)
    await tx.execute(FORGET_PERSONS, persons=persons)
    await tx.execute(
        KEEP_ERASURES,
        person=persons,
        at=[erased.time for erased in events],
        why=[erased.data.why for erased in events],
    )
    for person in persons:
        await tx.timers.clear(ERASURE, str(person))


async def destroy_again(tx: Tx) -> int:
    """Destroy whatever is kept of those in the ledger, as after single tables were restored. How many lines
    the ledger has."""
    persons = [row["person"] for row in await tx.fetch(ERASURES)]
    await tx.execute(FORGET_SECRETS, persons=persons)
    await tx.execute(FORGET_PERSONS, persons=persons)
    return len(persons)


async def replay_the_ledger(running: Running) -> None:
    """At every start, once: the service's tables may have been restored without its knowing."""
    async with running.pool.acquire() as connection, connection.transaction():
        count = await destroy_again(Transaction(connection, running.clock.now()))
    logger(running.service.name).info("erasures_replayed", count=count)


async def works_of(tx: Tx, due: Sequence[Timer]) -> dict[str, Work]:
    """By person, what the network still does for them."""
    return {timer.key: await work_of(tx, timer.key) for timer in due}


async def look_again_now(tx: Tx, persons: Iterable[UUID]) -> None:
    """As soon as may be, at those of them who are to be erased."""
    for row in await tx.fetch(_TO_BE_ERASED, persons=[str(person) for person in persons]):
        await tx.timers.set(ERASURE, row["id"], row["id"], tx.now)


async def look_again_on(tx: Tx, person: str, day: date) -> None:
    """On the day a rule runs out."""
    await tx.timers.set(ERASURE, person, person, datetime.combine(day, time(), UTC))


async def _blank_what_was_sent_on(tx: Tx, persons: Sequence[UUID]) -> None:
    """The event stays in its place in its lane, under its id, without the person in it."""
    for row in await tx.fetch(_SENT_ON, persons=list(persons)):
        document = orjson.loads(row["body"])
        document["data"].pop("name", None)
        document["data"]["contact"] = {}
        blank = orjson.dumps(document)
        await tx.execute(_BLANK, blank=blank, at_lane=row["lane"], at_number=row["number"])
