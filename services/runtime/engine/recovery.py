"""When the bus has lost something, or the database has: telling which, and rewinding the cursors.

The bus is a cache of the event tables. If its stream was made anew or cut back, readers begin at its
beginning (their inboxes drop what they know) and owners publish again what the stream would still hold.
A database restored to an older state is another matter: the bus holds numbers the table does not have.
Nothing can heal that without loss, so it is only detected.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.js.errors import NotFoundError

from services.runtime.engine.sending import NUMBER
from sluss_contracts.event import FACTS, Audience, Fact
from sluss_contracts.subjects import EVENT_STREAM, event_filter

_API_TIMEOUT = 3.0
_MARGIN = 3600.0
"""Seconds added to a stream's age: transactions do not record in the exact order of their numbers."""

_REWIND_POSITIONS = """
update position set sequence = 0, stream_created = $2 where slot = any($1::smallint[])
"""
_MEET = "update position set stream_created = $2 where slot = any($1::smallint[])"
_REWIND_HEAD = "update head set sent = least(sent, $2), stream_created = $3 where lane = $1"
_RECORDED_BEFORE = """
select recorded < now() - make_interval(secs => $3) from event where lane = $1 and number = $2
"""


class StreamChanged(Exception):
    """The stream is not the one we have read and fed so far: the cursors must be rewound first."""


class DatabaseIsOlder(Exception):
    """The bus holds events this service's table has no record of: the database was restored to an older
    state. Publishing on would give their numbers to other events. Nothing is done until somebody has
    brought back the lost part of the table (the bus still has those events) or decided to lose it.
    """

    code = "database_is_older"


class FellBehind(Exception):
    """This service has not read the bus to its end for longer than the bus keeps events: some may be gone
    before they were read. They are in the tables of those who said them, and `sluss catchup` brings them
    (`sluss up` and `sluss deploy migrate` do so by themselves). Until then nothing is read, so that nothing
    is acted on out of order.
    """

    code = "fell_behind"


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a stream: it ends when the stream is deleted or its store is lost."""

    created: str
    last: int
    """The stream's last sequence."""


async def life_of(client: Client, stream: str) -> Life | None:
    """The stream as it is now; None when there is no such stream. Raises when the broker is away."""
    try:
        info = await client.jetstream(timeout=_API_TIMEOUT).stream_info(stream)
    except NotFoundError:
        return None
    return Life(info.created.isoformat() if info.created else "", info.state.last_seq)


def said_by(service: str) -> list[type[Fact]]:
    """The types a service publishes on the network's stream."""
    return [fact for fact in FACTS.values() if service == fact.SAID_BY and fact.AUDIENCE is Audience.NETWORK]


async def numbers_on_bus(
    client: Client, says: Iterable[type[Fact]], slots: Collection[int]
) -> dict[int, int]:
    """The highest number of each slot that the stream holds of what one service says; 0 for none."""
    js = client.jetstream(timeout=_API_TIMEOUT)

    async def number(fact: type[Fact], slot: int) -> tuple[int, int]:
        try:
            message = await js.get_msg(EVENT_STREAM, subject=event_filter(fact, slot))
        except NotFoundError:
            return slot, 0
        return slot, int((message.headers or {}).get(NUMBER, 0))

    highest = dict.fromkeys(slots, 0)
    for fact in says:
        for slot, found in await asyncio.gather(*(number(fact, slot) for slot in slots)):
            highest[slot] = max(highest[slot], found)
    return highest


async def rewind_reading(connection: Any, slots: Collection[int], life: Life) -> None:
    """Read these slots from the stream's beginning."""
    await connection.execute(_REWIND_POSITIONS, sorted(slots), life.created)


async def meet(connection: Any, slots: Collection[int], life: Life) -> None:
    """Remember which life of the stream the positions are about, on first acquaintance."""
    await connection.execute(_MEET, sorted(slots), life.created)


async def rewind_publishing(connection: Any, lane: str, last: int, life: Life, max_age: float | None) -> None:
    """Publish again what a stream keeping events for `max_age` seconds would still hold; None is nothing."""
    if max_age is None:
        await connection.execute(_REWIND_HEAD, lane, last, life.created)
        return
    await connection.execute(
        _REWIND_HEAD, lane, await _last_too_old(connection, lane, last, max_age), life.created
    )


async def _last_too_old(connection: Any, lane: str, last: int, max_age: float) -> int:
    """The highest number recorded longer ago than that, by bisection: the table may hold millions."""
    low, high = 0, last  # `low` is too old (or 0), everything above `high` is not
    while low < high:
        middle = (low + high + 1) // 2
        if await connection.fetchval(_RECORDED_BEFORE, lane, middle, max_age + _MARGIN):
            low = middle
        else:
            high = middle - 1
    return low
