"""`sluss simulate`: referrals from submission to closure with simulated people. Did all arrive?"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.invariants import broken_after, violations
from sluss.machine.network import Network
from sluss.machine.run_file import NotRunning, running
from sluss.people.simulation import Outcome, Simulation
from sluss.people.simulation import Progress as HowFar
from sluss.people.town import referring, settle
from sluss.reach import Failure, Reached, reached
from sluss.registries import registries

_FAST = 40_000.0


class NotAllArrived(Failure):
    """A referral did not reach its end, or an invariant does not hold."""

    code = "not-all-arrived"


def simulate(
    referrals: Annotated[int, typer.Option(min=1, max=100_000, help="How many people are referred.")] = 20,
    speed: Annotated[
        float | None, typer.Option(min=1, max=1_000_000, help="Seconds of the network's time per second.")
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 7,
    patience: Annotated[float, typer.Option(help="Give up when nothing moves for so many seconds.")] = 60.0,
    per_second: Annotated[float, typer.Option(min=0.1, help="New referrals each second.")] = 10.0,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Refer people from four organisations and act until every referral is closed and its sender told.

    Uses the network running on the data folder; where none runs, starts one of its own for the occasion.
    Exits with 1 if a single referral does not arrive.
    """
    asyncio.run(_simulate(referrals, speed, seed, patience, per_second, data_dir))


async def _simulate(
    referrals: int, speed: float | None, seed: int, patience: float, per_second: float, data_dir: Path
) -> None:
    async with _network(data_dir, speed) as there:
        pace = there.run.clock.speed
        console.print(f"{referrals} referrals on {there.run.front}, a day takes {86_400 / pace:.1f} s")
        await settle(there)
        with _Bars(referrals) as show:
            async with referring(there) as referrers:
                people = Simulation(
                    there.network, there.ledger, there.clock, referrers, seed=seed, on_progress=show
                )
                outcome = await people.run(referrals, patience=patience, per_second=per_second)
        broken = await broken_after(lambda: violations(there.ledger.connection, registries()))
    _report(outcome, broken)


@asynccontextmanager
async def _network(data_dir: Path, speed: float | None) -> AsyncIterator[Reached]:
    try:
        run = running(data_dir)
    except NotRunning:
        with tempfile.TemporaryDirectory(prefix="sluss-") as folder:
            network = Network(Path(folder), clock_speed=speed or _FAST)
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


class _Bars:
    """A bar for each thing that must happen to every referral."""

    def __init__(self, referrals: int) -> None:
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._progress = Progress(*columns, console=console)
        names = ("receipted", "closed", "fed_back")
        labels = ("receipted", "closed", "sender told")
        self._tasks = {
            name: self._progress.add_task(label, total=referrals)
            for name, label in zip(names, labels, strict=True)
        }

    def __enter__(self) -> _Bars:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, how_far: HowFar) -> None:
        for name, task in self._tasks.items():
            self._progress.update(task, completed=getattr(how_far, name))


def _report(outcome: Outcome, broken: dict[str, list[str]]) -> None:
    told = outcome.progress.fed_back
    console.print(
        f"{told} of {outcome.progress.wanted} referrals reached their end and their sender heard of it"
    )
    if outcome.refusals:
        tried = ", ".join(f"{code} {n}x" for code, n in outcome.refusals.most_common(5))
        console.print(f"refused on the way (people tried again): {tried}", style="dim")
    console.print("Invariants I1-I10 hold." if not broken else "Invariants that do not hold:")
    for sentence, found in broken.items():
        console.print(f"  {sentence}: {found[0]}" + (f" (and {len(found) - 1} more)" if found[1:] else ""))
    if not outcome.complete or broken:
        stuck = "\n".join(f"{referral}: {why}" for referral, why in list(outcome.stuck.items())[:20])
        raise NotAllArrived(
            stuck or "not everything that must hold does", remedy="see `sluss story REFERRAL`"
        )
