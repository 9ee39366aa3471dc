"""A service at a desk: everything it does, in this process and on a real database, without a broker.

What it hears, is asked and must do in time goes the same way as in production (`Taker`, `Serving`, `Timers`);
only the bus is left out. `clock` stands still until it is moved.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

import asyncpg

from services.runtime.calls import Network
from services.runtime.clock import SetClock
from services.runtime.database import open_pool
from services.runtime.decision import Transient
from services.runtime.engine.connection import connect
from services.runtime.engine.taking import Taker
from services.runtime.service import Service
from services.runtime.serving import Serving
from services.runtime.timers import Timers
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer, Command
from sluss_contracts.event import FACTS, Event, Fact, read_event
from tests.support.databases import as_role, make_schemas
from tests.support.others import Others, incoming

F = TypeVar("F", bound=Fact)


class Nobody:
    """A network in which no other service runs."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        raise Transient(f"no {command.OWNER} here")


@dataclass
class Desk:
    """One replica of a service. Several desks may share a database."""

    service: Service
    url: str
    pool: asyncpg.Pool
    connection: Any
    clock: SetClock
    serving: Serving
    timers: Timers
    taker: Taker
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __post_init__(self) -> None:
        self._others = Others(self.clock)

    def event(self, fact: Fact) -> Event[Any]:
        """What another service says now, numbered as that service would."""
        return self._others.say(fact)

    async def hear(self, *facts: Fact) -> list[Event[Any]]:
        """Take in what others say, as one batch."""
        events = [self.event(fact) for fact in facts]
        await self.hear_events(*events)
        return events

    async def hear_events(self, *events: Event[Any]) -> None:
        """The same with events made before; hearing one twice is hearing it once."""
        batch = incoming(self.taker.readings, events)
        async with self._one_at_a_time:
            await self.taker.take(self.connection, batch, {})
        dead = await self.pool.fetch("select code, reason from dead_letter")
        assert not dead, dead

    async def ask(self, command: Command) -> Answer:
        """Send a command and get its answer."""
        return await self.serving.answer(type(command), command.model_dump_json().encode())

    async def settle(self) -> None:
        """Fire everything that is due by now, and what comes of it."""
        while await self.timers.fire_due():
            pass

    async def wait(self, by: timedelta) -> None:
        """Let time pass, with everything that becomes due."""
        self.clock.move(by)
        await self.settle()

    async def said(self, kind: type[F], key: str | None = None) -> list[F]:
        """What the service has said of one type, transaction by transaction."""
        rows = await self.pool.fetch(
            "select body from event where type = $1 and ($2::text is null or key = $2) order by recorded, id",
            kind.TYPE,
            key,
        )
        return [read_event(kind, row["body"]).data for row in rows]

    async def assert_state_is_the_fold_of_the_events(self) -> None:
        """Rebuild every aggregate from the event table and compare it with what is stored, row for row."""
        rebuilt: dict[tuple[str, str, str], Any] = {}
        counted: Counter[tuple[str, str, str]] = Counter()
        for row in await self.pool.fetch(
            "select key, kind, aggregate_id, sequence, type, body from event order by key, sequence"
        ):
            name = (row["key"], row["kind"], row["aggregate_id"])
            counted[name] += 1
            assert row["sequence"] == counted[name], f"{name} has a gap"
            aggregate = self.service.aggregates[row["kind"]]
            if aggregate.keep:
                fact = read_event(FACTS[row["type"]], row["body"]).data
                rebuilt[name] = aggregate.evolve(rebuilt.get(name), fact)
        stored = {
            (row["key"], row["kind"], row["id"]): (row["sequence"], row["state"])
            for row in await self.pool.fetch("select key, kind, id, sequence, state from aggregate")
        }
        assert stored == {
            name: (counted[name], state.model_dump(mode="json")) for name, state in rebuilt.items()
        }


@dataclass
class Doors:
    """The network as the pages of one service know it: everything they ask is asked of that service."""

    desk: Desk
    asked: list[Command] = field(default_factory=list)
    away: bool = False

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.away:
            raise Transient("nobody answers")
        self.asked.append(command)
        return await self.desk.ask(command)


_migrated: dict[tuple[str, str], str] = {}


async def schema_of(server: Postgres, service: Service) -> str:
    """The URL of a database with the service's schema, empty, as the service's own role.

    Made and migrated once for each service and test session, and swept before each test: databases are slow
    to make and to drop. Two tests of one process must not use it at the same time.
    """
    known = (server.url(), service.name)
    if known not in _migrated:
        _migrated[known] = await _new_database(server, service)
    else:
        await _sweep(_migrated[known], service)
    return _migrated[known]


async def _new_database(server: Postgres, service: Service) -> str:
    name = f"desk_{service.name}_{secrets.token_hex(3)}"
    admin = await asyncpg.connect(server.url())
    try:
        await admin.execute(f"create database {name}")
    finally:
        await admin.close()
    await make_schemas(server.url(database=name), [service.name])
    return as_role(server.url(database=name), service.name)


async def _sweep(url: str, service: Service) -> None:
    """Leave what the migrations left: empty tables, and lanes and slots that begin at nothing."""
    here = asyncio.get_running_loop(), url
    if here not in _brooms:
        connection = await connect(url, service.name)
        _brooms[here] = connection, await _sweeping(connection, service)
    connection, swept = _brooms[here]
    # One statement after another in one round trip and one transaction.
    await connection.execute(swept)


_brooms: dict[tuple[asyncio.AbstractEventLoop, str], tuple[Any, str]] = {}
"""For each database a connection that sweeps it, and how; left open until the server goes."""


async def _sweeping(connection: Any, service: Service) -> str:
    rows = await connection.fetch(
        "select tablename from pg_tables where schemaname = $1 and tablename not like 'migrated%'",
        service.name,
    )
    tables = {row["tablename"] for row in rows} - {"head", "position"}
    return (
        "".join(_emptied(table) for table in sorted(tables)) + "delete from head where lane like 'out.%';"
        "update head set last = 0, sent = 0 where (last, sent) <> (0, 0);"
        "update position set sequence = 0, stream_created = '' where (sequence, stream_created) <> (0, '');"
    )


def _emptied(table: str) -> str:
    """Deleting is quicker for small tables; from the logs of what was looked at and done nothing may be."""
    if table in ("access", "operator_action"):
        return f"do $$ begin if exists (table {table}) then truncate {table}; end if; end $$;"
    return f'delete from "{table}";'


@asynccontextmanager
async def desk(
    url: str, service: Service, clock: SetClock, *, network: Network | None = None
) -> AsyncIterator[Desk]:
    """One replica at work until the block ends."""
    pool = await open_pool(url, service.name, 8)
    connection = await connect(url, service.name)
    try:
        yield Desk(
            service,
            url,
            pool,
            connection,
            clock,
            Serving(service, pool, clock, network or Nobody()),
            Timers(service, pool, clock),
            Taker(service, clock),
        )
    finally:
        connection.terminate()
        pool.terminate()
