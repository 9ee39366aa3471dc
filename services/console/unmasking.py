"""Seeing one masked field of one event: for a reason that is written down, for a quarter of an hour, by
oneself.

What is unmasked is not in the log and comes into no search: it is read from the bytes in the event table
of the service that said it, each time it is shown. Where the event is about a person, the vault writes it
into that person's access log first; without its answer nothing is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar, Final, get_args
from uuid import uuid4

import asyncpg
import orjson
from sqlalchemy import DateTime, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console import audit
from services.console.log.entry import Entry
from services.console.log.gathering import SPEAKERS
from services.console.masking import masked_fields
from services.console.tables import unmasked
from services.runtime.calls import Network
from services.runtime.decision import Refusal
from services.runtime.rows import new_row, upsert
from services.runtime.tending.errands import SHORTEST_NOTE, Purpose
from services.runtime.tending.places import at
from services.runtime.tending.unmasking import LASTS, NotWrittenDown
from services.runtime.tx import sql
from sluss_contracts.command import Actor
from sluss_contracts.commands.looking import ReadMasked

PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)

_LET: Final = sql(upsert(new_row(unmasked, "actor", "event_id", "place", "until"), "until"))
_VISIBLE: Final = select(unmasked.c.place, unmasked.c.until).where(
    unmasked.c.actor == bindparam("actor"),
    unmasked.c.event_id == bindparam("event_id"),
    unmasked.c.until > bindparam("now", type_=DateTime(timezone=True)),
)
_BYTES: Final = "select body from {service}.event where lane = :lane and number = :number and id = :id"


class NothingMaskedThere(Refusal):
    """The event has no masked field of this name."""

    code: ClassVar[str] = "nothing_masked_there"


class SayWhy(Refusal):
    """A masked field is shown for a purpose and with a note of why; whoever is asked later must find both."""

    code: ClassVar[str] = "say_why"


async def unmask(
    pool: asyncpg.Pool, network: Network, entry: Entry, place: str, *, actor: Actor, purpose: str, note: str
) -> datetime:
    """Let one operator see one field for a while; gives the end of it.

    Raises `NothingMaskedThere`, `SayWhy`, `NotWrittenDown`, or `Transient` when the vault does not answer.
    """
    if place not in masked_fields(entry.shown):
        raise NothingMaskedThere(f"{entry.type} masks no {place}")
    if purpose not in PURPOSES or len(note.strip()) < SHORTEST_NOTE:
        raise SayWhy(SayWhy.__doc__ or "")
    asked = ReadMasked(
        command_id=uuid4(),
        actor=actor,
        referral_id=entry.referral,
        person=entry.person,
        fields=(place,),
        purpose=purpose,
    )
    if entry.referral or entry.person:
        answer = await network.ask(asked)
        if answer.refused is not None:
            raise NotWrittenDown(f"{NotWrittenDown.__doc__} [{answer.refused.code}]")
    until = datetime.now(UTC) + LASTS
    async with pool.acquire() as connection, connection.transaction():
        await audit.write_down(
            connection,
            actor,
            "unmasked",
            about=entry.referral or entry.correlation,
            event_id=entry.event_id,
            purpose=purpose,
            note=note.strip(),
            place=place,
            until=until.isoformat(),
            command_id=str(asked.command_id),
        )
        row = {"actor": actor.id, "event_id": entry.event_id, "place": place, "until": until}
        await connection.execute(_LET.text, *_LET.arguments(row))
    return until


async def visible(engine: AsyncEngine, entry: Entry, actor: Actor) -> Mapping[str, tuple[Any, datetime]]:
    """The masked fields that this operator may see now: place, value, and how long."""
    asked = {"actor": actor.id, "event_id": entry.event_id, "now": datetime.now(UTC)}
    async with engine.connect() as connection:
        let = {row.place: row.until for row in await connection.execute(_VISIBLE, asked)}
        if not let or entry.service not in SPEAKERS:
            return {}
        body = (
            await connection.execute(
                text(_BYTES.format(service=entry.service)),
                {"lane": entry.lane, "number": entry.number, "id": entry.event_id},
            )
        ).scalar_one_or_none()
    if body is None:
        return {}
    data = orjson.loads(body)["data"]
    return {place: (at(data, place), until) for place, until in let.items()}
