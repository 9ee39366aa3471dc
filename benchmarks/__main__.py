"""`make bench`: the six hops through our runtime beside others, interleaved, in one run.

"sluss" is four service processes that do nothing but the hops (`benchmarks/chain.py`), with everything the
product does for an event: inbox, locked load, fold, state, numbered event, position, ordered publishing.

Prints ratios, because machines differ and are busy; the medians behind them are of at least three rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.contenders import eventsourcing, jetstream_alone, ours, servers, taskiq_nats
from benchmarks.measuring import Figures, percentile

console = Console(highlight=False)
OURS, UNSAFE, LIMIT = "sluss", "sluss, unsafe broker", "JetStream without a database"
PEERS = ("eventsourcing", "taskiq-nats")


async def run(rounds: int, burst: int) -> dict[str, list[Figures]]:
    """All contenders, one after another, round after round."""
    found: dict[str, list[Figures]] = {}
    with tempfile.TemporaryDirectory(prefix="sluss-bench-") as name:
        folder = Path(name)
        async with servers(folder / "theirs") as there:
            for number in range(rounds):
                ours_now = folder / f"ours-{number}"
                contenders: dict[str, Callable[[], Awaitable[Figures]]] = {
                    LIMIT: partial(jetstream_alone, there, burst),
                    OURS: partial(ours, ours_now, burst),
                    UNSAFE: partial(ours, ours_now.with_suffix(".unsafe"), burst, unsafe=True),
                    "eventsourcing": partial(eventsourcing, there, max(100, burst // 15)),
                    "taskiq-nats": partial(taskiq_nats, there, max(100, burst // 10)),
                }
                for contender, measured in contenders.items():
                    with console.status(f"round {number + 1} of {rounds}: {contender}"):
                        found.setdefault(contender, []).append(await measured())
                    per_second = found[contender][-1].per_second
                    console.print(f"round {number + 1}: {contender}: {per_second:.0f} referrals/s")
    return found


def report(found: dict[str, list[Figures]]) -> None:
    """The table, and the ratios that are goals."""
    table = Table(title="Six hops, medians over the rounds of one run", box=None, title_justify="left")
    for column in ("", "referrals/s", "p50 ms alone", "p99 ms alone", "p99 ms at 40 % load"):
        table.add_column(column, justify="left" if not column else "right")
    speed = {name: median(f.per_second for f in figures) for name, figures in found.items()}
    p50 = {name: median(percentile(f.unloaded, 0.5) for f in figures) for name, figures in found.items()}
    p99 = {name: median(percentile(f.unloaded, 0.99) for f in figures) for name, figures in found.items()}
    loaded = {
        name: median(percentile(f.loaded, 0.99) for f in figures)
        for name, figures in found.items()
        if all(f.loaded for f in figures)
    }
    for name in found:
        under_load = f"{loaded[name] * 1e3:.0f}" if name in loaded else ""
        table.add_row(
            name, f"{speed[name]:.0f}", f"{p50[name] * 1e3:.1f}", f"{p99[name] * 1e3:.1f}", under_load
        )
    console.print(table)
    best, quickest = max(PEERS, key=lambda n: speed[n]), min(PEERS, key=lambda n: p50[n])
    steadiest = min(p99[peer] for peer in PEERS)
    longest = max(max(figures.loaded, default=0.0) for figures in found[OURS])
    goals = (
        ("1 throughput, against the best peer", speed[OURS] / speed[best], ">= 4", best),
        ("2 throughput, against no database", speed[OURS] / speed[LIMIT], ">= 0.30", LIMIT),
        ("3 median alone, against the quickest peer", p50[OURS] / p50[quickest], "<= 1.0", quickest),
        ("3 p99 alone, against the steadiest peer", p99[OURS] / steadiest, "<= 1.5", ""),
        ("4 p99 at 40 % load, against p50 alone", loaded[OURS] / p50[OURS], "<= 15", "ourselves"),
        ("4 longest under load, seconds", longest, "<= 1", ""),
        ("5 throughput, against the unsafe setting", speed[OURS] / speed[UNSAFE], ">= 0.75", UNSAFE),
    )
    for goal, ratio, wanted, against in goals:
        met = ratio >= float(wanted[3:]) if wanted.startswith(">=") else ratio <= float(wanted[3:])
        mark = "[green]met[/green]    " if met else "[red]not met[/red]"
        console.print(f"{mark} {goal}: {ratio:.2f} (goal {wanted}{'; ' + against if against else ''})")
    packages = ", ".join(f"{name} {version(name)}" for name in ("nats-py", "asyncpg", *PEERS))
    console.print(f"Python {sys.version.split()[0]}, {packages}", style="dim")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--burst", type=int, default=3000, help="referrals in a burst of ours")
    options = asked.parse_args()
    report(asyncio.run(run(options.rounds, options.burst)))
