"""How far organisations have fetched what the network told them, known from their own acknowledgements.

Every organisation acknowledges what it reads on its `OUT_<org>` stream. What lies at or below the consumer's
floor has been fetched: a receipt's deadline is met then, and feedback is acknowledged. Each message is looked
at once; a stream that has been made anew is read from its beginning, which changes nothing that was known.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import asyncpg
import nats.errors
import orjson
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from services.notify.courses import LOCK
from services.notify.domain import deadline, feedback
from services.notify.registry import DEADLINE, FEEDBACK, service
from services.runtime.clock import Clock
from services.runtime.database import DATABASE_AWAY
from services.runtime.engine.unit import Raced, Unit, unit_of_work
from services.runtime.logging import failure, logger
from services.runtime.partner_streams import PARTNER_CONSUMER
from sluss_contracts.event import Fact
from sluss_contracts.message import FeedbackIssued
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.subjects import outgoing_filter, outgoing_stream
from sluss_contracts.vocabulary import DeadlineKind

LOOK_EVERY = 2.0
"""Seconds of the wall clock between looks."""
_AT_ONCE = 16
_BATCH = 200

_ORGANISATIONS = """
select o.organisation, coalesce(f.read_to, 0) as read_to, coalesce(f.stream_created, '') as created
from organisation o left join fetched f using (organisation) order by 1
"""
_LOOKED = """
insert into fetched (organisation, looked) select unnest($1::text[]), $2
on conflict (organisation) do update set looked = greatest(fetched.looked, excluded.looked)
"""
_READ = """
insert into fetched (organisation, read_to, stream_created, receipts_until, looked)
values ($1, $2, $3, $4, $5)
on conflict (organisation) do update set read_to = excluded.read_to, stream_created = excluded.stream_created,
  receipts_until = greatest(fetched.receipts_until, excluded.receipts_until)
"""


@dataclass(frozen=True, slots=True)
class Floor:
    """How far one stream is acknowledged."""

    sequence: int
    created: str
    """When its consumer was made: a stream made anew has another, and sequences of its own."""


class Streams(Protocol):
    """The organisations' outgoing streams."""

    async def floor(self, organisation: str) -> Floor:
        """How far it is acknowledged; 0 where there is no stream or consumer yet."""

    async def read(self, organisation: str, after: int, until: int, limit: int) -> list[tuple[int, bytes]]:
        """Messages with a sequence above `after` and not above `until`, with their sequences."""


class PartnerStreams:
    """The real ones. Nothing is acknowledged or consumed by looking."""

    def __init__(self, js: JetStreamContext) -> None:
        self._js = js

    async def floor(self, organisation: str) -> Floor:
        name = outgoing_stream(organisation)
        try:
            consumer = await self._js.consumer_info(name, PARTNER_CONSUMER)
        except NotFoundError:
            return Floor(0, "")
        acknowledged = consumer.ack_floor.stream_seq if consumer.ack_floor else 0
        return Floor(acknowledged, str(consumer.created))

    async def read(self, organisation: str, after: int, until: int, limit: int) -> list[tuple[int, bytes]]:
        name, subject = outgoing_stream(organisation), outgoing_filter(organisation)
        found: list[tuple[int, bytes]] = []
        while after < until and len(found) < limit:
            try:
                message = await self._js.get_msg(name, seq=after + 1, subject=subject, next=True)
            except NotFoundError:
                break
            if message.seq is None or message.seq > until:
                break
            found.append((message.seq, message.data or b""))
            after = message.seq
        return found


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What one message was."""

    id: str
    """Of the event that has been fetched: the cause of what is said of it."""
    key: str
    recorded: datetime
    feedback_id: str | None = None
    receipt: bool = False


class FetchWatch:
    """Looks at every organisation's stream in turn. Several may, side by side."""

    def __init__(self, pool: asyncpg.Pool, clock: Clock, streams: Streams) -> None:
        self._pool, self._clock, self._streams = pool, clock, streams
        self._log = logger(service.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until `stop`."""
        while not stop.is_set():
            try:
                await self.round()
            except (*DATABASE_AWAY, nats.errors.Error, Raced) as error:
                self._log.warning("cannot_look_at_partner_streams", **failure(error))
            except Exception as error:
                self._log.error("looking_at_partner_streams_failed", **failure(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY)

    async def round(self) -> None:
        """Look once at every organisation's stream, and say what is new."""
        began = self._clock.now()
        rows = await self._pool.fetch(_ORGANISATIONS)
        turn = asyncio.Semaphore(_AT_ONCE)

        async def look(row: Any) -> str:
            async with turn:
                await self._look(row["organisation"], row["read_to"], row["created"], began)
            return str(row["organisation"])

        looked = await asyncio.gather(*(look(row) for row in rows), return_exceptions=True)
        known = [one for one in looked if isinstance(one, str)]
        await self._pool.execute(_LOOKED, known, began)
        for one in looked:
            if isinstance(one, BaseException):
                raise one

    async def _look(self, organisation: str, read_to: int, created: str, began: datetime) -> None:
        floor = await self._streams.floor(organisation)
        if floor.created != created:
            read_to = 0
        while read_to < floor.sequence:
            messages = await self._streams.read(organisation, read_to, floor.sequence, _BATCH)
            read_to = messages[-1][0] if len(messages) == _BATCH else floor.sequence
            fetched = [one for _, body in messages if (one := _fetched(body))]
            await self._note(organisation, read_to, floor.created, fetched, began)

    async def _note(
        self, organisation: str, read_to: int, created: str, fetched: Sequence[_Fetched], began: datetime
    ) -> None:
        receipts = [one.recorded for one in fetched if one.receipt]
        async with (
            self._pool.acquire() as connection,
            unit_of_work(connection, service, self._clock) as unit,
        ):
            until = max(receipts, default=None)
            await connection.execute(_READ, organisation, read_to, created, until, began)
            keys = sorted({one.key for one in fetched})
            # Whoever hears of a referral just now has not seen how far was read, nor we the date it sets.
            await connection.execute(LOCK, keys)
            await unit.load(keys)
            for one in fetched:
                unit.say(_facts(unit, one), cause=one.id)


def _facts(unit: Unit, one: _Fetched) -> list[Fact]:
    held = unit.held(one.key)
    if one.receipt:
        return deadline.meet(held.all(DEADLINE), DeadlineKind.RECEIPT_FETCHED, one.key)
    return feedback.acknowledge(held.get(FEEDBACK, one.feedback_id or ""))


def _fetched(body: bytes) -> _Fetched | None:
    """None for what nobody waits for."""
    event = orjson.loads(body)
    key, recorded = event["partitionkey"], datetime.fromisoformat(event["recordedtime"])
    match event["type"]:
        case ReceiptIssued.TYPE:
            return _Fetched(event["id"], key, recorded, receipt=True)
        case FeedbackIssued.TYPE:
            return _Fetched(event["id"], key, recorded, feedback_id=event["data"]["feedback_id"])
        case _:
            return None
