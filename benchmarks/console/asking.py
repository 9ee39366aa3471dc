"""Asking for each page in logs of different sizes, in turn, where every size has as many rows to show."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.console.synthesis import FIRST, ORGANISATIONS, STORY, TEAMS, workers
from services.console.log import partitions
from services.console.log.finding import Wanted, newest
from services.console.story.collecting import collect
from services.runtime.database import open_engine
from sluss.machine.database import CONSOLE
from sluss.machine.postgres import Postgres

ROUNDS: Final = 5
ASKED: Final = 40
"""Times each page is asked for in a round."""
TRIED: Final = 60
"""Values of a filter that are looked at to find some that fill a page."""
CHOSEN: Final = 10
"""Those that are asked for, as far as there are so many."""
YEAR: Final = datetime(2027, 1, 1, tzinfo=UTC) - FIRST
OF_A_WINDOW: Final = 100
"""Events in a window of time, however long that is."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One page of one log: what it wants, or whose story it is."""

    wanted: Wanted = field(default_factory=Wanted)
    before: int | None = None
    story: str | None = None

    async def rows(self, engine: AsyncEngine) -> int:
        """Ask for it; how many rows it has."""
        if self.story is not None:
            story = await collect(engine, self.story)
            return len(story.rows) if story else 0
        return len(await newest(engine, self.wanted, before=self.before))


Kind = Callable[[int, random.Random], Ask]
"""Makes a page for a log of so many events."""


def _type(number: int) -> tuple[str]:
    return (f"type{number}.said.v1",)


def _one(size: int, chance: random.Random, name: str) -> str:
    return f"{name}-{chance.randrange(size // STORY)}"


def _worker(size: int, chance: random.Random) -> Wanted:
    return Wanted(fields=(("worker", f"worker-{chance.randrange(workers(size))}"),))


def _window(size: int, chance: random.Random) -> Wanted:
    since = FIRST + timedelta(days=chance.randrange(10, 300))
    return Wanted(since=since, until=since + YEAR * OF_A_WINDOW / size)


def _deep(size: int, chance: random.Random) -> Ask:
    at = FIRST + timedelta(days=chance.randrange(180, 330))
    return Ask(Wanted(types=_type(1)), before=partitions.position_at(at))


KINDS: Final[dict[str, Kind]] = {
    "everything": lambda n, c: Ask(),
    "a common type": lambda n, c: Ask(Wanted(types=_type(0))),
    "a rare type": lambda n, c: Ask(Wanted(types=_type(c.randrange(30, 50)))),
    "an organisation": lambda n, c: Ask(Wanted(organisation=f"org-{c.randrange(ORGANISATIONS)}")),
    "an organisation and a type": lambda n, c: Ask(
        Wanted(organisation=f"org-{c.randrange(ORGANISATIONS)}", types=_type(0))
    ),
    "a referral": lambda n, c: Ask(Wanted(referral=_one(n, c, "ref"))),
    "a person": lambda n, c: Ask(Wanted(person=_one(n, c, "who"))),
    "a correlation": lambda n, c: Ask(Wanted(correlation=_one(n, c, "ref"))),
    "an outcome": lambda n, c: Ask(Wanted(outcome=f"code{c.randrange(20)}")),
    "a field with few values": lambda n, c: Ask(Wanted(fields=(("team", f"team-{c.randrange(TEAMS)}"),))),
    "a field with many values": lambda n, c: Ask(_worker(n, c)),
    "a window of time": lambda n, c: Ask(_window(n, c)),
    "an old page of a type": _deep,
    "a story": lambda n, c: Ask(story=_one(n, c, "ref")),
}


class Unequal(Exception):
    """A page has more rows in one log than in another, so that what they took cannot be compared."""


async def pages(server: Postgres, names: dict[int, str]) -> None:
    """Ask for every page in every log, in turn, and say what it took. Raises `Unequal`."""
    async with AsyncExitStack() as stack:
        engines = {}
        for size, name in names.items():
            engines[size] = open_engine(server.url(database=name), CONSOLE)
            stack.push_async_callback(engines[size].dispose)
        chance = random.Random(7)
        asked: dict[tuple[str, int], list[Ask]] = {}
        rows: dict[str, int] = {}
        for page, kind in KINDS.items():
            found = {size: await _full(engines[size], size, kind, chance) for size in names}
            if len({each for each, _ in found.values()}) > 1:
                raise Unequal(
                    f"{page}: {', '.join(f'{n} rows of {size:,}' for size, (n, _) in found.items())}"
                )
            rows[page] = found[min(names)][0]
            asked |= {(page, size): asks for size, (_, asks) in found.items()}
        took: dict[tuple[str, int], list[float]] = {}
        for number in range(ROUNDS + 1):
            for page, size in asked:
                for _ in range(ASKED):
                    one = chance.choice(asked[page, size])
                    began = time.perf_counter()
                    await one.rows(engines[size])
                    if number:  # the first round warms up
                        took.setdefault((page, size), []).append(1000 * (time.perf_counter() - began))
    _report(list(names), rows, took)


async def _full(engine: AsyncEngine, size: int, kind: Kind, chance: random.Random) -> tuple[int, list[Ask]]:
    """The most rows that such a page has, and some of those that have so many."""
    found: dict[int, list[Ask]] = {}
    for ask in {kind(size, chance) for _ in range(TRIED)}:
        found.setdefault(await ask.rows(engine), []).append(ask)
    most = max(found)
    return most, found[most][:CHOSEN]


def _report(sizes: Iterable[int], rows: dict[str, int], took: dict[tuple[str, int], list[float]]) -> None:
    sizes = list(sizes)
    print(f"{'page':<28}{'rows':>5}" + "".join(f"{size:>12,} p50 p95" for size in sizes) + "   ratio of p50")
    worst = 0.0
    for page, count in rows.items():
        cells = []
        for size in sizes:
            each = sorted(took[page, size])
            cells.append((statistics.median(each), each[int(len(each) * 0.95)]))
        ratio = cells[-1][0] / cells[0][0]
        worst = max(worst, ratio)
        told = "".join(f"{p50:>12.2f} {p95:>7.2f}" for p50, p95 in cells)
        print(f"{page:<28}{count:>5}{told}{ratio:>12.2f}")
    print(f"the greatest ratio is {worst:.2f}; the goal is at most 2")
