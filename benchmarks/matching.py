"""What it costs to ask what may suit somebody, among 1 000, 100 000 and a million activities.

`python -m benchmarks.matching [--sizes 1000 100000 1000000] [--rounds N] [--gin]` makes a database of each
size, with rows in the production schema, and asks the navigator the same questions of each in turn, through
the door that commands come in by. All sizes lie in the same hundred areas, so a shelf grows with the
catalogue: in a million each area has 10 000 activities, which is harder than a country with more areas.

`--gin` asks the same candidates of a GIN index over the same keys besides: the other way to find them.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import median
from uuid import uuid4

import asyncpg
from rich.console import Console
from rich.table import Table

from benchmarks.databases import fill, migrated
from benchmarks.measuring import percentile
from services.navigator.app import service
from services.navigator.domain.wishes import Wishes
from services.navigator.store.finding import shelves_of
from services.runtime.clock import SetClock
from services.runtime.engine.unit import unit_of_work
from services.runtime.serving import Serving
from sluss.machine.postgres import Postgres
from sluss_contracts.case import CaseAssigned
from sluss_contracts.command import Actor
from sluss_contracts.commands.matching import ReadMatches
from sluss_contracts.mapping import MappingRecorded
from sluss_contracts.offering import Interest
from sluss_contracts.vocabulary import Barrier, Need, Role

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
AREAS, LANGUAGES = 100, ("sv", "en", "ar", "so", "fi", "fa", "ti", "uk")
ASKERS = 60
"""How many people are asked for, each with their own area, language, needs, interests and limits."""
GOAL, STRETCH = 5.0, 3.0

console = Console(highlight=False)

_ACTIVITIES = """
    insert into activity (activity, provider, title, kind, needs, area, languages, capacity, acceptance,
        interests, mode, latitude, longitude, cost, a_month, from_age, to_age, genders, groups, access,
        hosted, standing, vouched, sequence)
    select 'activity-' || n, 'provider-' || n % 5000, 'Aktivitet ' || n, 'social',
        array(select distinct unnest(array[($2::text[])[1 + mod(mod(n, 97) * mod(n, 13), 18)],
                                           ($2::text[])[1 + mod(n * 31, 18)]])),
        'area-' || n % 100,
        case when n % 6 = 0 then array['sv', ($4::text[])[1 + mod(n / 6, 8)]] else array['sv'] end,
        8 + n % 20, case when n % 3 = 0 then 'drop_in' else 'required' end,
        array(select distinct unnest(array[($3::text[])[1 + mod(n * 7, 33)],
                                           ($3::text[])[1 + mod(n / 33, 33)]])),
        case when n % 33 = 0 then 'digital' else 'on_site' end, 58 + n % 1000 / 1000.0, 16 + n % 997 / 997.0,
        jsonb_build_object('kronor', n % 5 * 40, 'per', 'time'), n % 5 * 160,
        case when n % 11 = 0 then 65 end, case when n % 13 = 0 then 25 end,
        case when n % 17 = 0 then array['woman'] else '{}' end, '{}', array['step_free'], n % 4 = 0,
        case when n % 9 = 0 then 'verification_due' when n % 2 = 0 then 'verified' else 'published' end,
        $5, 1
    from generate_series(1, $1::int) n
"""
_SHELVES = """
    insert into shelf (key, rank, activity)
    select distinct place || ':' || language || ':' || what,
        case standing when 'verification_due' then 4 else 0 end + case when hosted then 0 else 1 end, activity
    from activity,
        unnest(array['@anywhere', case when mode = 'digital' then '@online' else area end]) place,
        unnest(languages || '{*}') language,
        lateral (select 'need/' || n, true from unnest(needs) n
                 union all select 'interest/' || i, false from unnest(interests) i) as word(what, is_need)
    where place <> '@anywhere' or (is_need and language = '*')
"""
_UNINDEXED = ("alter table shelf drop constraint shelf_pkey", "drop index shelf_by_activity")
"""A million activities stand on ten million shelves: quicker with the indexes made afterwards."""
_INDEXED = (
    "alter table shelf add primary key (key, rank, activity)",
    "create index shelf_by_activity on shelf (activity)",
)
_SESSIONS = """
    insert into session (session_id, activity, starts, minutes, cancelled, sequence)
    select 's' || n || '-' || week, 'activity-' || n, $2::timestamptz + week * interval '7 days' + n % 7 *
        interval '1 day', 90, false, 1
    from generate_series(1, $1::int) n, generate_series(0, 1) week
"""
_PLACES = """
    insert into places_taken (activity, taken)
    select 'activity-' || n, n % 6 from generate_series(1, $1::int) n where n % 4 = 0
"""
_GIN = """
    create table found_by as select activity, array_agg(key) as keys, min(rank) as rank
    from shelf group by activity
"""
_BY_GIN = """
    select a.activity from found_by f join activity a using (activity)
    where f.keys && $1::text[] and (a.a_month is null or $2::int is null or a.a_month <= $2)
    order by f.rank, a.activity limit 300
"""
_BY_SHELF = """
    select distinct taken.activity from unnest($1::text[]) wanted(key), lateral (
        select front.activity from (select activity, rank from shelf where shelf.key = wanted.key
                                    order by rank, activity limit 400) front
        join activity a using (activity)
        where a.a_month is null or $2::int is null or a.a_month <= $2
        order by front.rank, front.activity limit 32) taken
"""


@dataclass
class Catalogue:
    """A navigator with so many activities, and people to ask for."""

    size: int
    pool: asyncpg.Pool
    asked: list[ReadMatches]
    shelves: list[tuple[list[str], int | None]]
    took: list[float] = field(default_factory=list)
    candidates: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    found: int = 0

    async def ask(self) -> None:
        """Each question once, through the door of the commands."""
        serving = Serving(service, self.pool, SetClock(NOW), None)  # type: ignore[arg-type]
        for question in self.asked:
            body = question.model_dump_json().encode()
            began = time.perf_counter()
            answer = await serving.answer(ReadMatches, body)
            self.took.append(time.perf_counter() - began)
            assert answer.ok, answer.refused
            self.found += len(answer.result["matches"])

    async def find(self, way: str, statement: str) -> None:
        """The candidates alone, by one statement or the other."""
        async with self.pool.acquire() as connection:
            for keys, at_most in self.shelves:
                began = time.perf_counter()
                await connection.fetch(statement, keys, at_most)
                self.candidates[way].append(time.perf_counter() - began)


@asynccontextmanager
async def catalogue(server: Postgres, size: int, *, gin: bool) -> AsyncIterator[Catalogue]:
    """A migrated database with this many activities."""
    async with migrated(server, f"matching_{size}", "navigator") as pool:
        await _fill(pool, size, gin=gin)
        asked, shelves = await _people(pool)
        yield Catalogue(size, pool, asked, shelves)


async def _fill(pool: asyncpg.Pool, size: int, *, gin: bool) -> None:
    needs, interests = [need.value for need in Need], [interest.value for interest in Interest]
    await fill(
        pool,
        (_ACTIVITIES, (size, needs, interests, list(LANGUAGES), NOW)),
        *((each, ()) for each in _UNINDEXED),
        (_SHELVES, ()),
        *((each, ()) for each in _INDEXED),
        (_SESSIONS, (size, NOW)),
        (_PLACES, (size,)),
        *(((_GIN, ()), ("create index on found_by using gin (keys)", ())) if gin else ()),
        *(
            (f"vacuum analyze {table}", ())
            for table in ("activity", "shelf", "session", "places_taken", *(("found_by",) if gin else ()))
        ),
    )


async def _people(pool: asyncpg.Pool) -> tuple[list[ReadMatches], list[tuple[list[str], int | None]]]:
    """The same people for every size: a case with a mapping for each."""
    chance, anna = Random(1), Actor(id="anna", role=Role.LINK_WORKER)
    asked, shelves = [], []
    for number in range(ASKERS):
        referral, area = f"r{number}", f"area-{chance.randrange(AREAS)}"
        needs = tuple(chance.sample(list(Need), chance.choice((1, 1, 2))))
        interests = tuple(each.value for each in chance.sample(list(Interest), 3))
        barriers = tuple(chance.sample(list(Barrier), chance.choice((0, 1, 2))))
        language = chance.choice(("sv", "sv", "sv", *LANGUAGES))
        at_most = chance.choice((None, None, 0, 200))
        about = {"referral_id": referral, "person": f"p{number}", "organisation": "clinic"}
        async with pool.acquire() as connection:
            await connection.execute(
                "insert into referral (referral_id, person, organisation, area, language, needs) "
                "values ($1, $2, 'clinic', $3, $4, $5)",
                *(referral, f"p{number}", area, language, [need.value for need in needs]),
            )
            async with unit_of_work(connection, service, SetClock(NOW)) as unit:
                await unit.load([referral])
                assigned = CaseAssigned(**about, team="city", worker="anna", because=("least_load",))
                found = {"interests": interests, "needs": needs, "barriers": barriers}
                unit.say([assigned, MappingRecorded(referral_id=referral, version=1, **found)], cause=None)
        asked.append(
            ReadMatches(command_id=uuid4(), actor=anna, referral_id=referral, at_most=at_most, age=40)
        )
        wishes = Wishes(needs=needs, interests=interests, area=area)
        shelves.append((list(shelves_of(wishes)), at_most))
    return asked, shelves


async def main(sizes: Sequence[int], rounds: int, *, gin: bool) -> None:
    """Fill, ask in turn, tell."""
    with tempfile.TemporaryDirectory(prefix="sluss-matching-") as name:
        server = Postgres(Path(name) / "postgres")
        await server.start()
        try:
            await _measure(server, sizes, rounds, gin=gin)
        finally:
            await server.stop()


async def _measure(server: Postgres, sizes: Sequence[int], rounds: int, *, gin: bool) -> None:
    ways = {"shelves": _BY_SHELF, **({"GIN": _BY_GIN} if gin else {})}
    there: list[Catalogue] = []
    filled = []
    try:
        for size in sizes:
            began = time.monotonic()
            with console.status(f"filling {size:,}"):
                entered = catalogue(server, size, gin=gin)
                there.append(await entered.__aenter__())
                filled.append(entered)
            console.print(f"{size:,} activities after {time.monotonic() - began:.0f} s")
        for number in range(rounds + 1):
            for each in there:
                await each.ask()
                for way, statement in ways.items():
                    await each.find(way, statement)
                if number == 0:  # warms caches and plans
                    each.took.clear()
                    each.candidates.clear()
        tell(there)
    finally:
        for entered in filled:
            await entered.__aexit__(None, None, None)


def tell(there: Sequence[Catalogue]) -> None:
    """The table and the ratios."""
    table = Table(title="One question what may suit somebody", box=None, title_justify="left")
    ways = list(there[0].candidates)
    for column in ("activities", "p50 ms", "p99 ms", *(f"candidates by {way}, p50 / p99 ms" for way in ways)):
        table.add_column(column, justify="right")
    for each in there:
        alone = [
            f"{median(took) * 1e3:.1f} / {percentile(took, 0.99) * 1e3:.1f}"
            for took in (each.candidates[way] for way in ways)
        ]
        p50, p99 = median(each.took) * 1e3, percentile(each.took, 0.99) * 1e3
        table.add_row(f"{each.size:,}", f"{p50:.1f}", f"{p99:.1f}", *alone)
    console.print(table)
    for small, large in pairwise(there):
        ratio = percentile(large.took, 0.99) / percentile(small.took, 0.99)
        console.print(f"p99 among {large.size:,} is {ratio:.2f} times that among {small.size:,}")
        for way in ways:
            alone_ratio = percentile(large.candidates[way], 0.99) / percentile(small.candidates[way], 0.99)
            console.print(f"   candidates by {way}: {alone_ratio:.2f} times")
    if len(there) > 1:
        met = ratio <= GOAL
        mark = "[green]met[/green]" if met else "[red]not met[/red]"
        console.print(f"{mark}: goal 6 asks for at most {GOAL:g} times (stretch {STRETCH:g})")


if __name__ == "__main__":
    wanted = argparse.ArgumentParser(prog="python -m benchmarks.matching", description=__doc__)
    wanted.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    wanted.add_argument("--rounds", type=int, default=5)
    wanted.add_argument("--gin", action="store_true", help="beside a GIN index over the same keys")
    given = wanted.parse_args()
    asyncio.run(main(given.sizes, given.rounds, gin=given.gin))
