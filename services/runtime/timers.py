"""Durable due dates: what has become due by the network's clock is handled, exactly once.

A timer's row goes in the same transaction that holds what came of it. One replica of a service fires at a
time. A handler that waits or fails is tried again, later each time; after `TRIES` failures the timer becomes
a dead letter, and it never holds up the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

import asyncpg
import orjson

from services.runtime.clock import Clock
from services.runtime.database import DATABASE_AWAY
from services.runtime.decision import Done, Refusal, Transient, Wait
from services.runtime.engine.ids import new_id
from services.runtime.engine.unit import Raced, Unit, unit_of_work
from services.runtime.health import Pulse
from services.runtime.logging import failure, logger
from services.runtime.service import Ctx, Handler, Service, Timer
from services.runtime.tracing import span
from sluss_contracts.event import Fact

BATCH = 200
TRIES = 10
"""Failures after which a timer is a dead letter. Waiting for a cause is no failure."""
FIRST_PAUSE = timedelta(milliseconds=250)
"""Before the second try after a failure; it doubles each time."""
WAIT = timedelta(seconds=2)
"""Between looks whether what a handler waits for has come."""
LONGEST_PAUSE = timedelta(seconds=60)
"""Between tries, at most."""
_LOOK = 0.5
"""Seconds between looks at the table when nothing is known to be due sooner: another process may have set
an earlier date."""

_DUE = """
select kind, id, key, due, data from timer
where due <= $1 and (not_before is null or not_before <= now()) order by due limit $2
"""
# Aggregates are locked before timers, as commands and events do, or the two could wait for each other.
_CLAIM = """
select t.kind, t.id from timer t join unnest($1::text[], $2::text[], $3::timestamptz[]) c(kind, id, due)
using (kind, id) where t.due = c.due order by t.kind, t.id for update of t skip locked
"""
_NEXT = "select min(due) from timer where not_before is null or not_before <= now()"
_POSTPONE = """
update timer set tries = tries + $4::int, reason = $5,
  not_before = now() + least($6::interval, $7::interval * case when $4 = 0 then 1 else power(2, tries) end)
where kind = $1 and id = $2 and due = $3 returning tries
"""
_BURY = """
with gone as (delete from timer where kind = $1 and id = $2 and due = $3 returning key)
insert into dead_letter (key, subject, body, code, reason) select key, $4, $5, $6, $7 from gone
"""
SUBJECT = "timer"
"""The first word of a dead letter's subject when it was a timer: `timer.<kind>`."""


class Postponed(Exception):
    """The handler answered `Wait`."""


class Timers:
    """Fires one service's due dates."""

    def __init__(self, service: Service, pool: asyncpg.Pool, clock: Clock) -> None:
        self.service = service
        self.pulse = Pulse()
        self._pool = pool
        self._clock = clock
        self._log = logger(service.name)
        self._turn = crc32(f"timers {service.name}".encode())

    async def run(self, stop: asyncio.Event) -> None:
        """Fire what becomes due until `stop`; a started batch is finished."""
        while not stop.is_set():
            try:
                due = await self.fire_due()
                pause = 0.0 if due == BATCH else await self._pause(due)
                self.pulse.beat()
            except DATABASE_AWAY as error:
                self._log.warning("timers_cannot_reach_database", **failure(error))
                pause = _LOOK
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)

    async def fire_due(self) -> int | None:
        """Handle one batch of what is due now. How many were due; None when it is another replica's turn."""
        rows = await self._pool.fetch(_DUE, self._clock.now(), BATCH)
        due = [Timer(**row) for row in rows]
        if not due:
            return 0
        try:
            if not await self._fire(due):
                return None
        except DATABASE_AWAY:
            raise
        except Exception:
            # One spoils the transaction for all: then each by itself.
            for timer in due:
                await self._fire_alone(timer)
        return len(due)

    async def _fire_alone(self, timer: Timer) -> None:
        try:
            await self._fire([timer])
        except DATABASE_AWAY:
            raise
        except Postponed as wait:
            await self._postpone(timer, str(wait))
        except Raced:
            await self._postpone(timer, Raced.code)
        except Transient as trouble:
            await self._postpone(timer, trouble.code)
        except Refusal as refusal:
            await self._bury(timer, refusal.code, str(refusal))
        except Exception as error:
            self._log.error("timer_failed", kind=timer.kind, id=timer.id, key=timer.key, **failure(error))
            await self._postpone(timer, type(error).__qualname__, failed=True)

    async def _fire(self, due: Sequence[Timer]) -> bool:
        async with (
            self._pool.acquire() as connection,
            unit_of_work(connection, self.service, self._clock) as unit,
        ):
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", self._turn):
                return False
            await unit.load(timer.key for timer in due)
            names = [(timer.kind, timer.id, timer.due) for timer in due]
            claimed = await connection.fetch(_CLAIM, *(list(column) for column in zip(*names, strict=True)))
            mine = {(row["kind"], row["id"]) for row in claimed}
            await handle(self.service, unit, [timer for timer in due if (timer.kind, timer.id) in mine])
        return True

    async def _postpone(self, timer: Timer, reason: str, *, failed: bool = False) -> None:
        step, pause = (1, FIRST_PAUSE) if failed else (0, WAIT)
        name = (timer.kind, timer.id, timer.due)
        tries = await self._pool.fetchval(_POSTPONE, *name, step, reason, LONGEST_PAUSE, pause)
        if failed and tries is not None and tries >= TRIES:
            await self._bury(timer, "failed", f"its handler failed {TRIES} times, last with {reason}")

    async def _bury(self, timer: Timer, code: str, reason: str) -> None:
        body = orjson.dumps(
            {"kind": timer.kind, "id": timer.id, "key": timer.key, "due": timer.due, "data": timer.data}
        )
        name = (timer.kind, timer.id, timer.due)
        await self._pool.execute(_BURY, *name, f"{SUBJECT}.{timer.kind}", body, code, reason)
        self._log.error("timer_is_dead_letter", kind=timer.kind, id=timer.id, key=timer.key, code=code)

    async def _pause(self, fired: int | None) -> float:
        """Seconds until the next due date, and `_LOOK` at most."""
        due: datetime | None = None if fired is None else await self._pool.fetchval(_NEXT)
        return min(_LOOK, max(0.01, self._clock.seconds_until(due))) if due else _LOOK


async def handle(service: Service, unit: Unit, due: Sequence[Timer]) -> None:
    """Take due dates whose keys are loaded through their handlers, and clear them.

    Raises `Postponed`, or what a handler raises.
    """
    looked_up: dict[str, Any] = {}
    for kind in dict.fromkeys(timer.kind for timer in due):
        handler = _handler(service, kind)
        same = [timer for timer in due if timer.kind == kind]
        looked_up[kind] = await handler.look_up(unit.tx, same) if handler.look_up else None
    given = await service.give(unit.tx) if service.give and due else None
    for timer in due:
        # Before the facts are said: a projection may set the same timer anew, and the last word counts.
        await unit.tx.timers.clear(timer.kind, timer.id)
        ctx = Ctx(unit.tx.now, new_id, looked_up[timer.kind], given=given)
        about = {"sluss.service": service.name, "sluss.key": timer.key}
        with span(f"timer {timer.kind}", parent="", about=about):
            decision = _handler(service, timer.kind)(unit.held(timer.key), timer, ctx)
            if isinstance(decision, Wait):
                raise Postponed(decision.why)
            facts: Iterable[Fact] = decision.facts if isinstance(decision, Done) else decision
            await unit.reach(facts)
            unit.say(facts, cause=cause_of(timer), correlation=timer.key)


def _handler(service: Service, kind: str) -> Handler:
    try:
        return service.timers[kind]
    except KeyError:
        raise LookupError(f"{service.name} has no handler for the timer {kind!r}") from None


def kept_timer(body: bytes) -> Timer:
    """A timer as it was kept in a dead letter."""
    kept = orjson.loads(body)
    return Timer(kept["kind"], kept["id"], kept["key"], datetime.fromisoformat(kept["due"]), kept["data"])


def cause_of(timer: Timer) -> str:
    """What events name as their cause: `timer/<kind>/<id>/<due>`, with the id shortened where it is long."""
    id = timer.id if len(timer.id) <= 40 else hashlib.sha256(timer.id.encode()).hexdigest()[:32]
    return f"timer/{timer.kind[:40]}/{id}/{timer.due:%Y%m%dT%H%M%S.%f}"
