"""`sluss simulate`: made-up people along the pathways, from referral to evaluation. What came of it?"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from services.runtime.led_clock import Leader
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.invariants.asking import broken_after, violations
from sluss.ledger import Ledger
from sluss.machine.network import Network
from sluss.machine.run_file import NotRunning, running
from sluss.pathways.files import SHIPPED
from sluss.people.lives import Book
from sluss.people.series import import_made_up_series
from sluss.people.simulation import Outcome, Simulation
from sluss.people.simulation import Progress as HowFar
from sluss.people.telling import Summary, in_days, stories, summary
from sluss.people.town import organisations_of, referring, settle
from sluss.reach import Failure, Reached, UnknownId, reached
from sluss.registries import registries
from sluss_contracts.pathway import DEFAULT

_MONTH = timedelta(days=30)
_ARRIVING = 0.12
"""Which part of the time referrals come in: the rest is for what follows, an evaluation late in it too."""
BEGINS = datetime(2026, 9, 7, 6, tzinfo=UTC)
"""When it begins where time waits for everybody, a Monday morning: the same seed meets the same holidays."""


class NotAllArrived(Failure):
    """A referral did not reach its end, or an invariant does not hold."""

    code = "not_all_arrived"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    pathways: Sequence[str]
    referrals: int
    months: float
    seed: int
    patience: float


def simulate(
    referrals: Annotated[int, typer.Option(min=1, max=100_000, help="How many referrals are made.")] = 20,
    pathway: Annotated[str, typer.Option(help="A pathway's name, or all.")] = DEFAULT,
    months: Annotated[float, typer.Option(min=0.5, max=36, help="How long it goes on, in its own time.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same story.")] = 7,
    speed: Annotated[
        float | None,
        typer.Option(
            min=1,
            max=1_000_000,
            help="Seconds of the network's time per second; left out, time waits for everybody.",
        ),
    ] = None,
    patience: Annotated[float, typer.Option(help="Give up when nothing moves for so many seconds.")] = 60.0,
    story: Annotated[
        Path | None, typer.Option(help="Write everybody's story to this file, to compare runs.")
    ] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Refer made-up people along a pathway, and act as it says until all is over.

    Uses the network running on the data folder; where none runs, starts one of its own for the occasion.
    Exits with 1 if a single referral does not arrive.
    """
    if pathway not in (*SHIPPED, "all"):
        known = ", ".join(SHIPPED)
        raise UnknownId(f"nobody is made up for the pathway {pathway!r}", remedy=f"name one of: {known}, all")
    wanted = Wanted(SHIPPED if pathway == "all" else (pathway,), referrals, months, seed, patience)
    asyncio.run(_simulate(wanted, speed, story, data_dir))


async def _simulate(wanted: Wanted, speed: float | None, story: Path | None, data_dir: Path) -> None:
    async with _network(data_dir, speed) as there:
        clock = there.run.clock
        pace = "time waits for everybody" if clock.file else f"a day takes {86_400 / clock.speed:.1f} s"
        console.print(
            f"{wanted.referrals} referrals in {wanted.months:g} months on {there.run.front}, "
            f"{pace}, seed {wanted.seed}"
        )
        with console.status("Publishing the pathways, registering who takes part …"):
            await settle(there, wanted.pathways)
            await import_made_up_series(there, wanted.pathways, wanted.seed)
        lives = Book(wanted.seed, wanted.pathways).write(wanted.referrals)
        with _Show(wanted, there) as show:
            async with referring(there, organisations_of(wanted.pathways)) as referrers:
                people = Simulation(
                    there.network,
                    there.ledger,
                    there.clock,
                    referrers,
                    seed=wanted.seed,
                    leader=Leader(clock.file) if clock.file else None,
                    on_progress=show,
                )
                lasting = wanted.months * _MONTH
                outcome = await people.live(
                    lives, arrivals=_ARRIVING * lasting, lasting=lasting, patience=wanted.patience
                )
        with console.status("Looking whether everything holds …"):
            broken = await broken_after(
                lambda: violations(there.ledger.connection, registries()), within=wanted.patience
            )
        entries = await Ledger(there.ledger.connection).everything()
        if story:
            told = stories(entries, lives, outcome.referrals)
            lines = [line for name, said in told.items() for line in (name, *(f"  {each}" for each in said))]
            story.write_text("\n".join(lines) + "\n", encoding="utf-8")
    _report(outcome, summary(entries, outcome.referrals.values()), broken)


@asynccontextmanager
async def _network(data_dir: Path, speed: float | None) -> AsyncIterator[Reached]:
    try:
        run = running(data_dir)
    except NotRunning:
        with tempfile.TemporaryDirectory(prefix="sluss-") as folder:
            led_from = BEGINS if speed is None else None
            network = Network(Path(folder), clock_speed=speed, led_from=led_from)
            with console.status("Starting a network for the occasion …"):
                await network.start()
            try:
                async with reached(Path(folder)) as there:
                    yield there
            finally:
                await network.stop()
        return
    if speed is not None and speed != run.clock.speed:
        raise Failure(
            f"the network on {data_dir} runs at speed {run.clock.speed:g}, not {speed:g}",
            remedy="leave --speed out, or name a --data-dir where no network runs",
        )
    async with reached(data_dir) as there:
        yield there


class _Show:
    """A bar for each thing that must happen to every referral, and how much time has passed there."""

    def __init__(self, wanted: Wanted, there: Reached) -> None:
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        self._began = there.clock.now()
        names = ("receipted", "closed", "fed_back")
        labels = ("receipted", "over", "sender told")
        self._tasks = {
            name: self._progress.add_task(label, total=wanted.referrals)
            for name, label in zip(names, labels, strict=True)
        }
        days = round(wanted.months * 30)
        self._days = self._progress.add_task("days", total=days)
        self._live = Live(Group(self._progress), console=console, refresh_per_second=4)

    def __enter__(self) -> _Show:
        self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._live.stop()

    def __call__(self, how_far: HowFar) -> None:
        for name, task in self._tasks.items():
            self._progress.update(task, completed=getattr(how_far, name))
        if how_far.now:
            self._progress.update(self._days, completed=(how_far.now - self._began).days)


def _report(outcome: Outcome, told: Summary, broken: dict[str, list[str]]) -> None:
    console.print()
    console.print(_what_came_of_it(told))
    console.print(_how_long(told))
    if table := _silences(told):
        console.print(table)
    if rows := told.unmet_shown():
        unmet = _table("Needs nobody could meet", "area", "need", "people")
        for row in rows:
            unmet.add_row(*(cell.replace("_", " ") for cell in row))
        console.print(unmet)
    fed_back = outcome.progress.fed_back
    console.print(
        f"{fed_back} of {outcome.progress.wanted} referrals reached their end and their sender heard of it."
    )
    if outcome.refusals:
        tried = ", ".join(f"{code} {n}x" for code, n in outcome.refusals.most_common(5))
        console.print(f"refused on the way (people tried again): {tried}", style="dim")
    console.print("Invariants: 0 rows." if not broken else "Invariants that do not hold:")
    for sentence, found in broken.items():
        console.print(f"  {sentence}: {found[0]}" + (f" (and {len(found) - 1} more)" if found[1:] else ""))
    if not outcome.complete or broken:
        stuck = [f"{referral}: {why}" for referral, why in list(outcome.stuck.items())[:20]]
        what = ["these did not reach their end:", *stuck] if stuck else ["not everything that must hold does"]
        raise NotAllArrived("\n".join(what), remedy="see `sluss story REFERRAL`")


def _what_came_of_it(told: Summary) -> Table:
    table = _table("What came of it", "pathway", "referrals", "completed", "otherwise", "open")
    for name, way in sorted(told.ways.items()):
        others = ", ".join(
            f"{outcome.replace('_', ' ')} {n}"
            for outcome, n in way.outcomes.most_common()
            if outcome != "completed"
        )
        done = str(way.outcomes["completed"])
        table.add_row(name, str(way.referrals), done, others or "–", str(way.open))
    return table


def _how_long(told: Summary) -> Table:
    columns = ("pathway", "until reached", "until a plan", "until the first time there", "followed up")
    table = _table("How many days people waited, the middle one", *columns, "evaluations answered")
    for name, way in sorted(told.ways.items()):
        evaluated = f"{way.evaluations['answered']}" if way.evaluations else "–"
        waits = (in_days(way.reached), in_days(way.planned), in_days(way.there))
        table.add_row(name, *waits, str(way.followed_up), evaluated)
    return table


def _silences(told: Summary) -> Table | None:
    if not any(way.silences for way in told.ways.values()):
        return None
    table = _table(f"Silences noticed ({told.chased} became somebody's task)", "pathway", "what was silent")
    for name, way in sorted(told.ways.items()):
        what = ", ".join(f"{kind.replace('_', ' ')} {n}" for kind, n in way.silences.most_common())
        table.add_row(name, what or "–")
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, title_style="bold")
    table.min_width = len(title)  # or a long title is broken to the width of narrow columns
    for column in columns:
        table.add_column(column, justify="right" if column in ("referrals", "completed", "open") else "left")
    return table
