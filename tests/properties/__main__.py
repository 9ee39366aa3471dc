"""The long run: `python -m tests.properties --sequences 10000 --seed 7`.

Sequences are made by Hypothesis, a hundred for each of its runs; the same seed makes the same ones, however
many processes share them. What was seen is written to docs/architecture/property-run.md.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import pydantic
from hypothesis import HealthCheck, Phase, given, settings

from tests.properties.summary import Ran, page
from tests.properties.walk import Step, Tally, Walk, sequences

CHUNK = 100
PAGE = Path("docs/architecture/property-run.md")


class Found(AssertionError):
    """Something did not hold; with what happened before it."""


def some(seed: int, count: int) -> Tally:
    """That many sequences of one seed. Raises `Found` for the first that breaks something, shrunk."""
    tally = Tally()

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(sequences())
    def hold(steps: list[Step]) -> None:
        Walk(tally).take(steps)

    try:
        hold()
    except Exception as error:  # told as text, so that it finds its way out of the process
        told = [f"seed {seed}: {type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
        raise Found("\n".join(told)) from None
    return tally


def run(count: int, seed: int, minutes: float, processes: int) -> Ran:
    """All chunks, or as many as there is time for."""
    tally, began, chunks = Tally(), time.monotonic(), list(range(0, count, CHUNK))
    last = began + minutes * 60
    with ProcessPoolExecutor(processes) as pool:
        waiting: set[Future[Tally]] = set()
        while chunks or waiting:
            while chunks and len(waiting) < processes and time.monotonic() < last:
                first = chunks.pop(0)
                waiting.add(pool.submit(some, seed * 1_000_003 + first, min(CHUNK, count - first)))
            if not waiting:
                break
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for each in done:
                tally.add(each.result())
            took = time.monotonic() - began
            print(f"{tally.sequences:6} sequences, {tally.steps:8} steps, {took:6.0f} s", flush=True)
    return Ran(
        tally=tally,
        asked=count,
        seed=seed,
        seconds=time.monotonic() - began,
        at=datetime.now(UTC),
        versions={
            "Sluss at commit": _commit(),
            "Python": platform.python_version(),
            "Hypothesis": hypothesis.__version__,
            "pydantic": pydantic.VERSION,
        },
    )


def _commit() -> str:
    said = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return said.stdout.strip() or "unknown"


def main(arguments: list[str]) -> int:
    """Run, and write down what was seen. 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties", description=__doc__)
    parser.add_argument("--sequences", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--minutes", type=float, default=120, help="begin nothing new after so long")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--page", type=Path, default=PAGE)
    given_ = parser.parse_args(arguments)
    try:
        ran = run(given_.sequences, given_.seed, given_.minutes, given_.processes)
    except Found as broken:
        print(broken, file=sys.stderr)
        return 1
    given_.page.write_text(page(ran), encoding="utf-8")
    print(f"written to {given_.page}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
