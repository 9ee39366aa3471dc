"""What is wrong with a running network, looked for from the outside: each finding says what to do.

Most of it is what the console shows as well (`services.console.standing`); what only somebody on the machine
can see is added here: processes, the disk, logs and the demonstration's channel.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta

import asyncpg
import httpx
import nats
import psutil

from services.console.standing.broker import AWAY, servers_of
from services.console.standing.examining import examine_broker, examine_record
from services.console.standing.finding import Finding, Trouble, plain
from services.console.standing.judging_broker import of_servers
from services.runtime.service import Service
from sluss.invariants.asking import invariants
from sluss.machine.run_file import RunFile

_NAMED = 3
"""How many things of a kind are named."""
_LONG_OVERDUE = timedelta(days=7)
"""A task this long after its date, in the network's time, is nobody's."""
_LEAST_FREE = 1 << 30
"""Bytes that should be free where the data lies."""


async def examine(run: RunFile) -> AsyncIterator[Finding]:
    """Processes, disk, broker, services, database, backlog, open loops, in that order."""
    yield _processes(run)
    yield _disk(run)
    yield _channel(run)
    async for finding in _broker(run):
        yield finding
    async with httpx.AsyncClient(timeout=3) as http:
        for service in run.services:
            yield await _service(service.service, service.http, http)
    try:
        connection = await asyncpg.connect(run.postgres.url(), timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        trouble = Trouble(plain(type(error).__name__), (f"tail {run.data}/logs/postgres.log",))
        yield Finding("database", plain("database"), plain("does not answer"), (trouble,))
        return
    try:
        clock = run.clock.clock()
        async for finding in examine_record(connection, clock):
            yield finding
        yield await _overdue(connection, clock.now())
    finally:
        await connection.close()


async def examine_invariants(run: RunFile, services: Mapping[str, Service]) -> AsyncIterator[Finding]:
    """What must hold whatever happened (takes a while in a large record)."""
    connection = await asyncpg.connect(run.postgres.url(), timeout=3)
    try:
        for invariant in invariants(services):
            found = await invariant.violations(connection)
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
    names |= {s.pid: (f"{s.service} {s.replica}", s.log.stem) for s in run.services}
    troubles = []
    gone = 0
    for pid, (name, log) in names.items():
        try:
            status = psutil.Process(pid).status()
        except psutil.NoSuchProcess:
            gone += 1
            what = f"{name} is gone; it should come back within seconds"
            troubles.append(Trouble(plain(what), (f"tail {run.data}/logs/{log}.log",)))
            continue
        if status in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
            what = f"{name} is frozen: continue it, or end it and it is started again"
            troubles.append(
                Trouble(plain(what), (f"kill -CONT {pid}", f"kill -KILL {pid}"), "consumer-stalled")
            )
    restarts = {s.service: s.restarts for s in run.services if s.restarts}
    told = ", ".join(f"{name} {count}" for name, count in restarts.items())
    state = f"{len(names) - gone} of {len(names)} run" + (f"; started again: {told}" if told else "")
    return Finding("processes", plain("processes"), plain(state), tuple(troubles))


def _disk(run: RunFile) -> Finding:
    free = shutil.disk_usage(run.data).free
    state = plain(f"{free / (1 << 30):.1f} GiB free")
    if free > _LEAST_FREE:
        return Finding("disk", plain("disk"), state)
    what = "make room: on a full disk the broker takes nothing more until it is started again"
    return Finding("disk", plain("disk"), state, (Trouble(plain(what), ("df -h",), "disk-nearly-full"),))


def _channel(run: RunFile) -> Finding:
    """Where messages go in a demonstration: a folder, unless real channels are set."""
    if run.messages.is_dir():
        return Finding("channel", plain("channel"), plain(f"messages become files in {run.messages}"))
    what = f"{run.messages} is no folder: no message can go; make it one again"
    do = (f"ls -ld {run.messages}", f"mkdir {run.messages}")
    trouble = Trouble(plain(what), do, "channel-down")
    return Finding("channel", plain("channel"), plain("takes no messages"), (trouble,))


async def _broker(run: RunFile) -> AsyncIterator[Finding]:
    async def quiet(_: Exception) -> None:
        """nats-py prints a traceback otherwise."""

    try:
        client = await nats.connect(
            run.nats.url,
            user_credentials=str(run.nats.creds["operator"]),
            allow_reconnect=False,
            connect_timeout=3,
            error_cb=quiet,
        )
    except AWAY:
        yield of_servers(await servers_of([run.nats.monitor]))
        return
    try:
        async for finding in examine_broker(client, [run.nats.monitor]):
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
    if reply.status_code == httpx.codes.OK:
        return Finding(name, plain(name), plain(f"ready, metrics at {address}/metrics"))
    reasons = told.get("reasons", {})
    troubles = tuple(Trouble(plain(f"{part}: {why}")) for part, why in reasons.items())
    return Finding(name, plain(name), plain("not ready"), troubles)


async def _overdue(connection: asyncpg.Connection, now: datetime) -> Finding:
    rows = await connection.fetch(
        """select kind, coalesce(worker, team) as owner, referral_id, due from navigator.task
           where done is null and due < $1 order by due""",
        now,
    )
    state = plain(f"{len(rows)} overdue")
    old = [row for row in rows if row["due"] < now - _LONG_OVERDUE]
    if not old:
        return Finding("tasks", plain("tasks"), state)
    named = ", ".join(f"{row['kind']} of {row['owner']} ({row['referral_id']})" for row in old[:_NAMED])
    what = plain(f"{len(old)} for more than {_LONG_OVERDUE.days} days: {named}")
    trouble = Trouble(what, (f"sluss story {old[0]['referral_id']}",))
    return Finding("tasks", plain("tasks"), state, (trouble,))
