"""What growth costs the services (goal 6): `python -m benchmarks.growth`.

For each of three things a service does all day there are two databases in the production schema, a small and
a large one, and the same is done in each in turn:

- the navigator assigns a referral, among 1,000 link workers of one area and among 100,000;
- due dates are claimed and fired, a hundred at a time, where 100,000 lie ahead and where 5,000,000 do;
- a batch of a hundred events is taken in, beside 1,000 ids of earlier events and beside 8,000,000.

Filling takes two or three minutes and about 4 GB. `--share 0.01` makes the large ones smaller, to try it out.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.chain import STEPS, build
from benchmarks.databases import fill, migrated
from benchmarks.hops import payload
from benchmarks.measuring import percentile
from services.navigator.app import service as navigator
from services.runtime.clock import SetClock
from services.runtime.decision import Decision
from services.runtime.engine.ids import uuid7
from services.runtime.engine.incoming import Incoming, Readings
from services.runtime.engine.taking import Taker
from services.runtime.service import Ctx, Held, Service
from services.runtime.timers import Timers
from sluss.machine.postgres import Postgres
from sluss_contracts.event import Event, Fact, write_event
from sluss_contracts.referral import ReferralAccepted
from sluss_contracts.subjects import event_subject
from sluss_contracts.vocabulary import Need

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BATCH = 100
"""Due dates fired, and events taken in, at a time."""
_WARM_UP = 10
console = Console(highlight=False)

_WORKERS = """
insert into link_worker (worker, team, areas, languages, skills, volunteer, capacity, load)
select 'w' || n, 'city', array['centrum'], array['sv', 'l' || n % 20], '{}', n % 3 = 0, 30, n % 31
from generate_series(1, $1::int) n
"""
_REACH = """
insert into reach (worker, area, language, volunteer, room, no_room, filled)
select worker, 'centrum', language, volunteer, capacity - load, load >= capacity, load * 10000 / capacity
from link_worker, unnest(languages) language
"""
_AHEAD = """
insert into timer (kind, id, key, due)
select 'follow_up', 'f' || n, 'r' || n, $2::timestamptz + n * interval '1 second'
from generate_series(1, $1::int) n
"""
_DUE = """
insert into timer (kind, id, key, due)
select 'follow_up', $1 || n, $1 || n, $2::timestamptz - n * interval '1 second'
from generate_series(1, $3::int) n
"""
_TAKEN = """
insert into inbox (event_id)
select uuidv7((n - $1::int) * interval '1 millisecond') from generate_series(1, $1::int) n
"""

Once = Callable[[], Awaitable[float]]
"""Does it once; the seconds it took."""


@dataclass
class Measured:
    """One thing that is done, in a small and in a large database. Seconds."""

    what: str
    sizes: tuple[int, int]
    share: float
    """Which percentile the goal is about (0 to 1)."""
    goal: float
    once: list[Once] = field(default_factory=list)
    took: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))

    @property
    def ratio(self) -> float:
        """Of the large one against the small one."""
        small, large = (percentile(took, self.share) for took in self.took)
        return large / small


async def _assigning(pool: asyncpg.Pool, size: int) -> Once:
    """One referral after another; each is one more case for somebody, so none is like the one before."""
    await fill(
        pool,
        ("insert into team_area (team, area) values ('city', 'centrum')", ()),
        (_WORKERS, (size,)),
        (_REACH, ()),
        ("vacuum analyze link_worker", ()),
        ("vacuum analyze reach", ()),
    )
    taker = Taker(navigator, SetClock(NOW))

    def referral(number: int) -> list[Incoming]:
        accepted = ReferralAccepted(
            referral_id=f"r-{number}",
            person=f"p-{number}",
            organisation="clinic",
            area="centrum",
            language="sv",
            needs=(Need.COMPANY,),
            pathway="open-network",
        )
        return _heard(navigator, [accepted])

    return _taking(pool, taker, (referral(number) for number in count()), says="case.assigned")


async def _claiming(pool: asyncpg.Pool, size: int) -> Once:
    """A hundred are due, and fired."""
    await fill(pool, (_AHEAD, (size, NOW + timedelta(minutes=1))), ("vacuum analyze timer", ()))
    service = Service("notify")
    fired = 0

    @service.timer("follow_up")
    def follow_up(held: Held, timer: Any, ctx: Ctx) -> Decision:
        nonlocal fired
        fired += 1
        return []

    timers = Timers(service, pool, SetClock(NOW))

    async def once() -> float:
        nonlocal fired
        fired = 0
        await pool.execute(_DUE, f"now-{uuid4().hex}-", NOW, BATCH)
        began = time.perf_counter()
        await timers.fire_due()
        took = time.perf_counter() - began
        if fired != BATCH:
            raise RuntimeError(f"{fired} due dates were fired instead of {BATCH}")
        return took

    return once


async def _taking_in(pool: asyncpg.Pool, size: int) -> Once:
    """A hundred events, each about something of its own."""
    await fill(pool, (_TAKEN, (size,)), ("vacuum analyze inbox", ()))
    service = build("provider")

    def batch() -> list[Incoming]:
        step = STEPS["assigned"]
        return _heard(service, [step(**payload(str(uuid4()))) for _ in range(BATCH)])

    return _taking(pool, Taker(service, SetClock(NOW)), (batch() for _ in count()), says="bench.booked")


def _taking(pool: asyncpg.Pool, taker: Taker, batches: Iterator[Sequence[Incoming]], *, says: str) -> Once:
    async def once() -> float:
        batch = next(batches)
        async with pool.acquire() as connection:
            began = time.perf_counter()
            said = await taker.take(connection, batch, {})
            took = time.perf_counter() - began
        answers = sum(f".{says}." in each.subject for each in said)
        if answers != len(batch):
            raise RuntimeError(f"of {len(batch)} events came {answers} {says}")
        return took

    return once


def _heard(service: Service, facts: Sequence[Fact]) -> list[Incoming]:
    """Facts as this service reads them from the bus."""
    readings, heard = Readings(service), []
    for fact in facts:
        event = Event[Any].of(
            fact,
            id=uuid7(),
            source=f"/sluss/{fact.SAID_BY}",
            time=NOW,
            recordedtime=NOW,
            correlationid=fact.partition_key,
            sequence=1,
        )
        one = readings.read(event_subject(fact), write_event(event))
        if not isinstance(one, Incoming):
            raise TypeError(f"{service.name} does not read {fact.TYPE}: {one}")
        heard.append(one)
    return heard


async def main(rounds: int, share: float) -> list[Measured]:
    """Fill, do in turn, tell."""
    made: tuple[tuple[Measured, str, Callable[[asyncpg.Pool, int], Awaitable[Once]]], ...] = (
        (Measured("assign a referral", (1_000, 100_000), 0.99, 2.0), "navigator", _assigning),
        (Measured("fire 100 due dates", (100_000, 5_000_000), 0.5, 1.5), "notify", _claiming),
        (Measured("take in 100 events", (1_000, 8_000_000), 0.5, 1.25), "provider", _taking_in),
    )
    with tempfile.TemporaryDirectory(prefix="sluss-growth-") as name:
        server = Postgres(Path(name) / "postgres")
        await server.start()
        try:
            async with AsyncExitStack() as open_for_all:
                for number, (each, service, make) in enumerate(made):
                    small, large = each.sizes
                    each.sizes = (small, max(small, int(large * share)))
                    for size in each.sizes:
                        began = time.monotonic()
                        database = migrated(server, f"growth_{number}_{len(each.once)}", service)
                        pool = await open_for_all.enter_async_context(database)
                        each.once.append(await make(pool, size))
                        console.print(f"{each.what}: {size:,} after {time.monotonic() - began:.0f} s")
                for number in range(_WARM_UP + rounds):
                    for each, _, _ in made:
                        for took, once in zip(each.took, each.once, strict=True):
                            seconds = await once()
                            if number >= _WARM_UP:
                                took.append(seconds)
        finally:
            await server.stop()
    measured = [each for each, _, _ in made]
    _tell(measured)
    return measured


def _tell(measured: Sequence[Measured]) -> None:
    table = Table(title="What growth costs", box=None, title_justify="left")
    for title in ("", "small", "p50 / p99 ms", "large", "p50 / p99 ms", "ratio", "goal", ""):
        table.add_column(title, justify="right" if title else "left")
    for each in measured:
        small, large = (
            f"{1e3 * percentile(took, 0.5):.2f} / {1e3 * percentile(took, 0.99):.2f}" for took in each.took
        )
        ratio, met = f"{each.ratio:.2f} (p{100 * each.share:.0f})", each.ratio <= each.goal
        goal = f"<= {each.goal:g}"
        verdict = "[green]met[/green]" if met else "[red]not met[/red]"
        first, second = (f"{size:,}" for size in each.sizes)
        table.add_row(each.what, first, small, second, large, ratio, goal, verdict)
    console.print(table)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m benchmarks.growth", description=__doc__)
    asked.add_argument("--rounds", type=int, default=300)
    asked.add_argument("--share", type=float, default=1.0, help="of the large sizes")
    options = asked.parse_args()
    asyncio.run(main(options.rounds, options.share))
