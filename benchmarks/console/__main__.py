"""`python -m benchmarks.console`: makes the logs, asks for the pages, and then watches services.

Each log is a database of its own on one Postgres. It is made by a server that is quick and forgets everything
when its machine goes down; what is measured runs on the same data with the settings of the single machine.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

import asyncpg

from benchmarks.console.asking import pages
from benchmarks.console.synthesis import FILLING, synthesise
from benchmarks.console.tails import beside, watched
from sluss.machine.postgres import Postgres

FEW = 10_000


async def make(folder: Path, sizes: list[int]) -> dict[int, str]:
    """A log of each size in this folder, unless it is there; the names of their databases."""
    server, names = Postgres(folder / "postgres", settings=FILLING), {}
    await server.start()
    try:
        for size in sizes:
            admin = await asyncpg.connect(server.url())
            there = await admin.fetchval("select true from pg_database where datname = $1", f"log_{size}")
            await admin.close()
            began = time.monotonic()
            names[size] = f"log_{size}" if there else await synthesise(server, size)
            print(f"{size:,} events synthesised in {time.monotonic() - began:.0f} s", flush=True)
    finally:
        await server.stop()
    return names


async def main() -> None:
    """Synthesise, measure, say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--events", type=int, default=1_000_000, help=f"of the larger log; the other has {FEW:,}"
    )
    parser.add_argument(
        "--keep", type=Path, help="a folder to leave the databases in, and to find them again"
    )
    parser.add_argument("--only", choices=("make", "pages", "watched"), help="one part alone")
    parser.add_argument("--beside", type=int, metavar="WATCHERS", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.beside is not None:
        await beside(os.environ["BENCH_CONSOLE_URL"], given.beside)
        return
    with tempfile.TemporaryDirectory(prefix="sluss-console-bench-") as passing:
        folder = given.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        names = {} if given.only == "watched" else await make(folder, [FEW, given.events])
        if given.only == "make":
            return
        server = Postgres(folder / "postgres")
        await server.start()
        try:
            if names:
                await pages(server, names)
            if given.only != "pages":
                await watched(server)
        finally:
            await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
