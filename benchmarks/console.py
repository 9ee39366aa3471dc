"""What a page of the operators' log costs as the log grows, and what an open tail costs the services.

python -m benchmarks.console [--sizes 10000 1000000 10000000] [--keep FOLDER]

The logs are synthesised in the production schema, each in a database of its own on one Postgres: twelve
months, a hundred types of which few are most, referrals of forty events. Pages are then asked for by the
very code that answers operators, the sizes in turn within one run, so that their ratio is of one machine
at one time.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log import partitions
from services.console.log.entry import token_of
from services.console.log.finding import Wanted, last_position, newest
from services.console.log.gathering import SPEAKERS, Gatherer, connect_to_write
from services.console.story.collecting import collect
from services.console.web.following import Follower
from services.runtime.database import open_engine
from sluss.machine.database import CONSOLE, bring_up_to_date
from sluss.machine.postgres import Postgres

FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
MONTHS: Final = 12
ONE_RUN: Final = secrets.token_urlsafe(12)
A_STORY: Final = 40
"""Events of one referral."""
ROUNDS: Final = 5
ASKED: Final = 40
"""Times each page is asked for in a round."""

_EVENTS: Final = """
insert into {table} (position, event_id, service, lane, number, type, key, kind, aggregate_id, sequence,
                     referral, person, organisation, correlation, causation, reference, outcome, time,
                     recorded, shown)
select $1::bigint + (n - $3) * $2::bigint, uuidv7(), 'navigator', (n % 16)::text, n,
       'type' || floor(100 * power(random(), 3))::int || '.said.v1', 'ref-' || n / {story},
       'case',
       'ref-' || n / {story}, n % {story} + 1, 'ref-' || n / {story}, 'who-' || n / {story},
       'org-' || (n / {story}) % 50, 'ref-' || n / {story},
       case when n % 3 > 0 then uuidv7()::text end,
       case when n % {story} = 0 then 'own-' || n / {story} end,
       case when n % 3 = 0 then 'code' || floor(20 * power(random(), 2))::int end, now(), now(),
       jsonb_build_object('referral_id', 'ref-' || n / {story}, 'person', 'who-' || n / {story},
                          'worker', 'worker-' || n % 400, 'team', 'team-' || n % 20,
                          'pathway', 'open-network',
                          'needs', null, 'reason', null, 'due', '2026-03-09T14:00:00Z')
from generate_series($3::bigint, $4::bigint) n
"""
_FIELDS: Final = """
insert into {table} (token, position)
select t.token, $1::bigint + (n - $3) * $2::bigint
from generate_series($3::bigint, $4::bigint) n
cross join lateral (values (($5::bigint[])[1 + n % 400]), (($6::bigint[])[1 + n % 20])) t(token)
"""
WORKERS: Final = [token_of("worker", f"worker-{number}") for number in range(400)]
TEAMS: Final = [token_of("team", f"team-{number}") for number in range(20)]


async def synthesise(server: Postgres, size: int) -> str:
    """A database with a log of this size; gives its name."""
    name = f"log_{size}"
    admin = await asyncpg.connect(server.url())
    await admin.execute(f"create database {name}")
    await admin.close()
    urls = {each: server.url(database=name, role=each, password=ONE_RUN) for each in (*SPEAKERS, CONSOLE)}
    await bring_up_to_date(server.url(database=name), urls)
    connection = await asyncpg.connect(urls[CONSOLE], server_settings={"search_path": CONSOLE})
    month, done = FIRST, 0
    for number in range(MONTHS):
        after = partitions.next_month(month)
        last = size * (number + 1) // MONTHS
        first_position, end = partitions.position_at(month), partitions.position_at(after)
        step = (end - first_position) // max(1, last - done)
        for parent, statement, more in (("log", _EVENTS, []), ("log_field", _FIELDS, [WORKERS, TEAMS])):
            table = partitions.name_of(parent, month)
            await connection.execute(f"create table {table} (like {parent} including defaults)")
            await connection.execute(
                statement.format(table=table, story=A_STORY),
                first_position,
                step,
                done,
                last - 1,
                *more,
                timeout=3600,
            )
            # Attached when it is full: so its indexes are built at once, as `sluss up` never needs to.
            await connection.execute(
                f"alter table {parent} attach partition {table} "
                f"for values from ({first_position}) to ({end})",
                timeout=3600,
            )
        month, done = after, last
    await connection.execute("update log_end set position = (select max(position) from log)")
    await connection.execute("analyze log", timeout=3600)
    await connection.execute("analyze log_field", timeout=3600)
    await connection.close()
    return name


Asked = Callable[[AsyncEngine, int, random.Random], Awaitable[object]]


async def _deep(engine: AsyncEngine, size: int, chance: random.Random) -> object:
    at = FIRST + timedelta(days=chance.randrange(30, 330))
    return await newest(engine, Wanted(types=("type3.said.v1",)), before=partitions.position_at(at))


def _one(size: int, chance: random.Random) -> int:
    return chance.randrange(size // A_STORY)


PAGES: Final[dict[str, Asked]] = {
    "everything": lambda e, n, c: newest(e, Wanted()),
    "a common type": lambda e, n, c: newest(e, Wanted(types=("type0.said.v1",))),
    "a rare type": lambda e, n, c: newest(e, Wanted(types=(f"type{c.randrange(90, 100)}.said.v1",))),
    "an organisation": lambda e, n, c: newest(e, Wanted(organisation=f"org-{c.randrange(50)}")),
    "an organisation and a type": lambda e, n, c: newest(
        e, Wanted(organisation=f"org-{c.randrange(50)}", types=(f"type{c.randrange(20)}.said.v1",))
    ),
    "a referral": lambda e, n, c: newest(e, Wanted(referral=f"ref-{_one(n, c)}")),
    "a person": lambda e, n, c: newest(e, Wanted(person=f"who-{_one(n, c)}")),
    "a correlation": lambda e, n, c: newest(e, Wanted(correlation=f"ref-{_one(n, c)}")),
    "an outcome": lambda e, n, c: newest(e, Wanted(outcome=f"code{c.randrange(20)}")),
    "a coded field": lambda e, n, c: newest(e, Wanted(fields=(("worker", f"worker-{c.randrange(400)}"),))),
    "a day": lambda e, n, c: newest(e, _day(c)),
    "an old page of a type": _deep,
    "a story": lambda e, n, c: collect(e, f"ref-{_one(n, c)}"),
}


def _day(chance: random.Random) -> Wanted:
    since = FIRST + timedelta(days=chance.randrange(330))
    return Wanted(since=since, until=since + timedelta(days=1))


async def pages(server: Postgres, names: dict[int, str]) -> None:
    """Ask for every page in every log, in turn, and say what it took."""
    async with AsyncExitStack() as stack:
        engines = {}
        for size, name in names.items():
            engine = open_engine(server.url(database=name), CONSOLE)
            stack.push_async_callback(engine.dispose)
            engines[size] = engine
        chance = random.Random(7)
        took: dict[tuple[str, int], list[float]] = {}
        for number in range(ROUNDS + 1):
            for page, ask in PAGES.items():
                for size, engine in engines.items():
                    for _ in range(ASKED):
                        began = time.perf_counter()
                        await ask(engine, size, chance)
                        if number:  # the first round warms up
                            took.setdefault((page, size), []).append(1000 * (time.perf_counter() - began))
    least = min(names)
    print(f"{'page':<28}" + "".join(f"{size:>12,} p50 p95" for size in names) + "   ratio of p50")
    for page in PAGES:
        cells = []
        for size in names:
            each = sorted(took[page, size])
            cells.append((statistics.median(each), each[int(len(each) * 0.95)]))
        ratio = cells[-1][0] / statistics.median(took[page, least])
        print(f"{page:<28}" + "".join(f"{p50:>12.2f} {p95:>7.2f}" for p50, p95 in cells) + f"{ratio:>12.2f}")


async def tails(server: Postgres, *, seconds: float = 5.0, rounds: int = 3, watchers: int = 5) -> None:
    """How long a service's transaction takes at fifty a second, alone and while its events are watched."""
    admin = await asyncpg.connect(server.url())
    await admin.execute("drop database if exists tails")
    await admin.execute("create database tails")
    await admin.close()
    urls = {one: server.url(database="tails", role=one, password=ONE_RUN) for one in (*SPEAKERS, CONSOLE)}
    await bring_up_to_date(server.url(database="tails"), urls)
    service = await asyncpg.connect(urls["navigator"], server_settings={"search_path": "navigator"})
    said = _Said()
    alone, watched = [], []
    for _ in range(rounds):
        alone += await _transactions(service, said, seconds)
        program = (sys.executable, "-m", "benchmarks.console", "--beside", str(watchers))
        environment = {**os.environ, "BENCH_CONSOLE_URL": urls[CONSOLE]}
        console = await asyncio.create_subprocess_exec(
            *program, env=environment, stdout=asyncio.subprocess.PIPE
        )
        assert console.stdout is not None
        await console.stdout.readline()
        watched += await _transactions(service, said, seconds)
        console.terminate()
        await console.wait()
    await service.close()
    for name, took in (("alone", alone), (f"with the log written and {watchers} tails open", watched)):
        each = sorted(1000 * one for one in took)
        p50, p95 = statistics.median(each), each[int(len(each) * 0.95)]
        print(f"a transaction {name}: p50 {p50:.2f} ms, p95 {p95:.2f} ms")
    print(f"ratio of p50: {statistics.median(watched) / statistics.median(alone):.2f}")


async def beside(url: str, watchers: int) -> None:
    """The console's part, in a process of its own as it always is: writes the log and follows it."""
    gatherer = Gatherer(await connect_to_write(url, owner=False))
    engine = open_engine(url, CONSOLE, watchers + 1)
    follower = Follower(engine)
    while await gatherer.gather():
        pass
    ends = await last_position(engine)
    print("ready", flush=True)
    await asyncio.gather(_gather(gatherer), *(_watch(follower, ends) for _ in range(watchers)))


class _Said:
    """Events as a service writes them, at fifty a second."""

    def __init__(self) -> None:
        self.number = 0

    def next(self) -> tuple[int, bytes]:
        self.number += 1
        body = (
            '{"specversion":"1.0","source":"/sluss/navigator","time":"2026-03-09T14:00:00Z",'
            f'"correlationid":"ref-1","causationid":"c","partitionkey":"ref-1","sequence":{self.number},"data":{{"referral_id":"ref-1",'
            '"worker":"aida","team":"team-1","because":["least_load"]}}'
        )
        return self.number, body.encode()


async def _transactions(service: asyncpg.Connection, said: _Said, seconds: float) -> list[float]:
    """What each transaction of the service took, one every 20 ms, each with an event and its head."""
    took = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        number, body = said.next()
        began = time.perf_counter()
        async with service.transaction():
            await service.execute(
                "insert into event (lane, number, id, key, kind, aggregate_id, sequence, type, subject, "
                "body) values ('0', $1, uuidv7(), 'ref-1', 'case', 'ref-1', $2, 'sluss.case.assigned.v1', "
                "'sluss.evt.0.case.assigned.v1.ref-1', $3)",
                number,
                number,
                body,
            )
            await service.execute(
                "insert into head (lane, last) values ('0', $1) on conflict (lane) do update set last = $1",
                number,
            )
        took.append(time.perf_counter() - began)
        await asyncio.sleep(max(0.0, 0.02 - took[-1]))
    return took


async def _gather(gatherer: Gatherer) -> None:
    while True:
        if not await gatherer.gather():
            await asyncio.sleep(0.2)


async def _watch(follower: Follower, ends: int) -> None:
    async for _ in follower.follow(Wanted(), ends):
        pass


async def main() -> None:
    """Synthesise, measure, say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000])
    parser.add_argument(
        "--keep", type=Path, help="a folder to leave the databases in, and to find them again"
    )
    parser.add_argument("--only-make", action="store_true", help="measure nothing: with --keep, for later")
    parser.add_argument("--beside", type=int, metavar="WATCHERS", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.beside:
        await beside(os.environ["BENCH_CONSOLE_URL"], given.beside)
        return
    with tempfile.TemporaryDirectory(prefix="sluss-console-bench-") as passing:
        folder = given.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        server = Postgres(
            folder / "postgres", settings={"maintenance_work_mem": "512MB", "max_wal_size": "4GB"}
        )
        await server.start()
        try:
            names = {}
            for size in given.sizes:
                admin = await asyncpg.connect(server.url())
                there = await admin.fetchval("select true from pg_database where datname = $1", f"log_{size}")
                await admin.close()
                began = time.monotonic()
                names[size] = f"log_{size}" if there else await synthesise(server, size)
                print(f"{size:,} events synthesised in {time.monotonic() - began:.0f} s", flush=True)
            if given.only_make:
                return
            await pages(server, names)
            await tails(server)
        finally:
            await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
