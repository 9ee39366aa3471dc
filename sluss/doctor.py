"""What is wrong with a running network, looked for from the outside: each finding says what to do.

Most of it is what the console shows as well (`services.console.standing`); what only somebody on the machine
can see is added here: processes that are frozen, and where their logs lie.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta

import asyncpg
import httpx
import nats
import psutil

from services.console.standing.broker import AWAY, servers_of
from services.console.standing.clocks import speed_of
from services.console.standing.disks import of_disks, room_on
from services.console.standing.examining import examine_broker, examine_record
from services.console.standing.finding import Finding, Trouble, plain
from services.console.standing.judging_broker import of_servers
from services.console.standing.place import LOGS
from services.console.standing.processes import complaints
from services.runtime.clock import Clock
from services.runtime.service import Service
from sluss.invariants.asking import invariants, lasting_violations
from sluss.machine.run_file import RunFile
from sluss.reach import Whereabouts

_NAMED = 3
"""How many things of a kind are named."""
_LONG_OVERDUE = timedelta(days=7)
"""A task this long after its date, in the network's time, is nobody's …"""
_LATE_BY_THE_WALL = timedelta(minutes=15)
"""… if it is this late by the wall clock, too: in a demonstration a week passes in half a minute, and whoever
visits it to be a link worker reads first."""


async def examine(where: Whereabouts) -> AsyncIterator[Finding]:
    """Processes, disk, broker, services, database, backlog, open loops, in that order. Of a deployment on
    containers processes and services are seen by what they say of themselves in the record."""
    run = where.machine
    if run is not None:
        yield _processes(run)
        yield of_disks(room_on([run.data]))
    async for finding in _broker(where):
        yield finding
    if run is not None:
        async with httpx.AsyncClient(timeout=3) as http:
            for service in run.services:
                yield await _service(service.service, service.http, http)
    try:
        connection = await asyncpg.connect(where.database, timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        do = (f"{LOGS}postgres.log",)
        trouble = Trouble(plain(type(error).__name__), do)
        yield Finding("database", plain("database"), plain("does not answer"), (trouble,))
        return
    try:
        async for finding in examine_record(connection, where.clock, processes=run is None):
            yield finding
        yield await overdue_tasks(connection, where.clock)
    finally:
        await connection.close()


async def examine_invariants(database: str, services: Mapping[str, Service]) -> AsyncIterator[Finding]:
    """What must hold whatever happened (takes a while in a large record).

    A network at work always has something under way, said and not yet read: what is found once and not again
    was that.
    """
    connection = await asyncpg.connect(database, timeout=3)
    try:
        for invariant in invariants(services):
            found = await lasting_violations(connection, invariant)
            name = plain(f"{invariant.id} {invariant.sentence}")
            state = plain("holds" if not found else f"{len(found)} violations")
            yield Finding(invariant.id, name, state, tuple(Trouble(plain(each)) for each in found))
    finally:
        await connection.close()


def _processes(run: RunFile) -> Finding:
    names = {
        run.pid: ("supervisor", "sluss"),
        run.front_pid: ("front", "front"),
        run.nats.pid: ("broker", "nats"),
        run.postgres.pid: ("database", "postgres"),
    }
    names |= {s.pid: (s.log.stem, s.log.stem) for s in run.services}
    troubles = []
    gone = 0
    for pid, (name, log) in names.items():
        try:
            status = psutil.Process(pid).status()
        except psutil.NoSuchProcess:
            gone += 1
            what = f"{name} is gone; it should come back within seconds"
            troubles.append(Trouble(plain(what), (f"{LOGS}{log}.log",)))
            continue
        if status in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
            troubles.append(frozen(name, pid))
    restarts = {s.service: s.restarts for s in run.services if s.restarts}
    told = ", ".join(f"{name} {count}" for name, count in restarts.items())
    state = f"{len(names) - gone} of {len(names)} run" + (f"; started again: {told}" if told else "")
    return Finding("processes", plain("processes"), plain(state), tuple(troubles))


def frozen(name: str, pid: int) -> Trouble:
    """A process of this machine that stands still."""
    what = plain(f"{name} is frozen: continue it, or end it and it is started again")
    return Trouble(what, (f"kill -CONT {pid}", f"kill -KILL {pid}"), "consumer-stalled")


async def _broker(where: Whereabouts) -> AsyncIterator[Finding]:
    async def quiet(_: Exception) -> None:
        """nats-py prints a traceback otherwise."""

    try:
        client = await nats.connect(
            where.broker.split(","),
            user_credentials=str(where.credentials),
            allow_reconnect=False,
            connect_timeout=3,
            error_cb=quiet,
        )
    except AWAY:
        yield of_servers(await servers_of(where.monitors))
        return
    try:
        async for finding in examine_broker(client, where.monitors):
            yield finding
    finally:
        await client.close()


async def _service(name: str, address: str | None, http: httpx.AsyncClient) -> Finding:
    if address is None:
        return Finding(name, plain(name), plain("is starting"))
    try:
        reply = await http.get(f"{address}/readyz")
        told = reply.json()
    except (httpx.HTTPError, ValueError):
        trouble = Trouble(plain("it is frozen, or starts again; if it stays so, see its log"))
        return Finding(name, plain(name), plain("does not answer"), (trouble,))
    said = (*told.get("reasons", {}).items(), *told.get("cares", {}).items())
    return of_service(name, f"{address}/metrics" if reply.is_success else None, said)


def of_service(name: str, metrics: str | None, said: Iterable[tuple[str, str]]) -> Finding:
    """What a service says of itself, by part; one that is ready has its numbers at `metrics`."""
    state = plain(f"ready, metrics at {metrics}" if metrics else "not ready")
    return Finding(name, plain(name), state, tuple(complaints(name, said)))


async def overdue_tasks(connection: asyncpg.Connection, clock: Clock) -> Finding:
    """The tasks that are past their dates, and whether some are so late that nobody seems to see to them."""
    now, late = clock.now(), max(_LONG_OVERDUE, _LATE_BY_THE_WALL * speed_of(clock))
    rows = await connection.fetch(
        """select kind, coalesce(worker, team) as owner, referral_id, due from navigator.task
           where done is null and due < $1 order by due""",
        now,
    )
    state = plain(f"{len(rows)} overdue")
    old = [row for row in rows if row["due"] < now - late]
    if not old:
        return Finding("tasks", plain("tasks"), state)
    named = ", ".join(f"{row['kind']} of {row['owner']} ({row['referral_id']})" for row in old[:_NAMED])
    what = plain(f"{len(old)} for more than {late.days} days: {named}")
    trouble = Trouble(what, (f"sluss story {old[0]['referral_id']}",))
    return Finding("tasks", plain("tasks"), state, (trouble,))
