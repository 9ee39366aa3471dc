"""What is wrong with a running network, looked for from the outside: each finding says what to do."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import asyncpg
import httpx
import psutil

from services.runtime.service import Service
from sluss.invariants.asking import invariants
from sluss.ledger import SERVICES
from sluss.machine.run_file import RunFile

_SILENT_AFTER = 15.0
"""Seconds an event may stay unpublished before somebody should look."""
_TRIES_TOO_MANY = 5
"""Tries after which a parked event is unlikely to come right by itself."""
_NAMED = 3
"""How many things of a kind are named."""
_LONG_OVERDUE = timedelta(days=7)
"""A task this long after its date, in the network's time, is nobody's."""
_LEAST_FREE = 1 << 30
"""Bytes that should be free where the data lies."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `wrong` is empty when it is well."""

    what: str
    state: str
    wrong: str = ""
    """What it means and what to do."""

    @property
    def well(self) -> bool:
        """Whether nothing needs doing."""
        return not self.wrong


async def examine(run: RunFile) -> AsyncIterator[Finding]:
    """Processes, broker, database, services, backlog, open loops, in that order."""
    for finding in _processes(run):
        yield finding
    yield _disk(run)
    async with httpx.AsyncClient(timeout=3) as http:
        yield await _broker(run, http)
        for service in run.services:
            yield await _service(service.service, service.http, http)
    try:
        connection = await asyncpg.connect(run.postgres.url(), timeout=3)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        yield Finding("database", "does not answer", f"{type(error).__name__}: see {run.data}/logs")
        return
    try:
        yield Finding("database", "answers")
        for service_name in SERVICES:
            for finding in await _backlog(connection, service_name):
                yield finding
        yield await _open_loops(connection)
        yield await _overdue(connection, run.clock.clock().now())
    finally:
        await connection.close()


async def examine_invariants(run: RunFile, services: Mapping[str, Service]) -> AsyncIterator[Finding]:
    """What must hold whatever happened (takes a while in a large record)."""
    connection = await asyncpg.connect(run.postgres.url(), timeout=3)
    try:
        for invariant in invariants(services):
            found = await invariant.violations(connection)
            state = "holds" if not found else f"{len(found)} violations"
            yield Finding(f"{invariant.id} {invariant.sentence}", state, "\n".join(found))
    finally:
        await connection.close()


def _processes(run: RunFile) -> list[Finding]:
    names = {
        run.pid: "supervisor",
        run.front_pid: "front",
        run.nats.pid: "broker",
        run.postgres.pid: "database",
    }
    names |= {s.pid: f"{s.service} {s.replica}" for s in run.services}
    gone, frozen = [], []
    for pid, name in names.items():
        try:
            status = psutil.Process(pid).status()
        except psutil.NoSuchProcess:
            gone.append(name)
            continue
        if status in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE):
            frozen.append(name)
    restarts = sum(s.restarts for s in run.services)
    state = f"{len(names) - len(gone)} of {len(names)} run" + (f", {restarts} restarts" if restarts else "")
    wrong = "; ".join(
        [f"{name} is gone and should come back within seconds; if not, see {run.data}/logs" for name in gone]
        + [f"{name} is frozen: continue it (SIGCONT) or end it" for name in frozen]
    )
    return [Finding("processes", state, wrong)]


def _disk(run: RunFile) -> Finding:
    free = shutil.disk_usage(run.data).free
    wrong = "" if free > _LEAST_FREE else "make room: the broker stops for good on a full disk"
    return Finding("disk", f"{free / (1 << 30):.1f} GiB free", wrong)


async def _broker(run: RunFile, http: httpx.AsyncClient) -> Finding:
    try:
        seen = (await http.get(f"{run.nats.monitor}/varz")).json()
    except (httpx.HTTPError, ValueError):
        return Finding("broker", "does not answer", f"see {run.data}/logs")
    if not seen.get("jetstream", {}).get("config", {}).get("sync_always"):
        return Finding("broker", "answers", "it does not write through to disk: set sync_interval to always")
    return Finding("broker", f"answers, {seen.get('connections', 0)} connections, writes through to disk")


async def _service(name: str, address: str | None, http: httpx.AsyncClient) -> Finding:
    if address is None:
        return Finding(name, "is starting", "")
    try:
        reply = await http.get(f"{address}/readyz")
        reasons = reply.json()
    except (httpx.HTTPError, ValueError):
        return Finding(name, "does not answer", "it is restarted by itself; if it stays so, see its log")
    if reply.status_code == 200:
        return Finding(name, "ready")
    return Finding(name, "not ready", str(reasons))


async def _backlog(connection: asyncpg.Connection, service: str) -> list[Finding]:
    row = await connection.fetchrow(
        f"""select coalesce(sum(h.last - h.sent), 0)::bigint as unsent,
                   (select min(e.recorded) from {service}.head h2
                      join {service}.event e on e.lane = h2.lane and e.number = h2.sent + 1) as oldest,
                   (select count(*) from {service}.parked) as parked,
                   (select count(*) from {service}.parked where tries >= {_TRIES_TOO_MANY}) as stuck,
                   (select count(*) from {service}.dead_letter where resolved is null) as dead,
                   (select count(*) from {service}.timer where not_before is not null) as failing
            from {service}.head h"""
    )
    assert row is not None
    age = (datetime.now(UTC) - row["oldest"]).total_seconds() if row["oldest"] else 0.0
    wrong = []
    if age > _SILENT_AFTER:
        wrong.append(f"the oldest unpublished event waits since {age:.0f} s: is the broker well?")
    if row["dead"]:
        wrong.append(f"{row['dead']} dead letters: `sluss deadletters list`")
    if row["stuck"]:
        worst = await connection.fetch(
            f"""select key, reason from {service}.parked where tries >= {_TRIES_TOO_MANY}
                order by tries desc, number limit {_NAMED}"""
        )
        named = "; ".join(f"{each['key']}: {each['reason']}" for each in worst)
        wrong.append(f"{row['stuck']} parked events fail again and again ({named}); see `sluss story`")
    if row["failing"]:
        wrong.append(f"{row['failing']} due dates cannot be acted upon: see the log")
    state = f"{row['unsent']} unpublished, {row['parked']} parked, {row['dead']} dead letters"
    return [Finding(f"{service}'s backlog", state, "; ".join(wrong))]


async def _overdue(connection: asyncpg.Connection, now: datetime) -> Finding:
    rows = await connection.fetch(
        """select kind, coalesce(worker, team) as owner, referral_id, due from navigator.task
           where done is null and due < $1 order by due""",
        now,
    )
    old = [row for row in rows if row["due"] < now - _LONG_OVERDUE]
    named = ", ".join(f"{row['kind']} of {row['owner']} ({row['referral_id']})" for row in old[:_NAMED])
    wrong = f"{len(old)} for more than {_LONG_OVERDUE.days} days: {named}; see `sluss story`" if old else ""
    return Finding("tasks", f"{len(rows)} overdue", wrong)


async def _open_loops(connection: asyncpg.Connection) -> Finding:
    waiting = await connection.fetchval(
        """select count(*) from notify.event f where f.type = 'sluss.feedback.due.v1'
           and f.recorded < now() - interval '1 minute'
           and not exists (select 1 from notify.event s where s.key = f.key
                           and s.aggregate_id = f.aggregate_id and s.type = 'sluss.feedback.sent.v1')"""
    )
    wrong = f"{waiting} referrers wait for feedback for over a minute" if waiting else ""
    return Finding("open loops", f"{waiting} referrers wait for feedback", wrong)
