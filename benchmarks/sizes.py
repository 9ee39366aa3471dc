"""How big and how quick the single machine is: `python -m benchmarks.sizes`.

Starts the demonstration in a fresh folder and prints the seconds until it is ready, until the first referral
has moved on the board, and the memory of all its processes when idle and when alive (summed PSS, Linux).
"""

from __future__ import annotations

import asyncio
import signal
import sys
import tempfile
import time
from pathlib import Path

import asyncpg
import psutil
from rich.console import Console

from sluss.machine.run_file import NotRunning, RunFile, running

console = Console(highlight=False)
_PATIENCE = 180.0


async def main() -> None:
    """One fresh start, measured from the command to the first movement."""
    with tempfile.TemporaryDirectory(prefix="sluss-sizes-") as name:
        data = Path(name) / "data"
        began = time.perf_counter()
        command = (sys.executable, "-m", "sluss.cli", "up", "--demo", "--data-dir", str(data))
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        try:
            line = await asyncio.wait_for(process.stdout.readline(), _PATIENCE)
            console.print(f"ready after {time.perf_counter() - began:.1f} s: {line.decode().strip()}")
            run = await _run_file(data)
            console.print(f"memory when ready: {_megabytes(run):.0f} MB (summed PSS)")
            await _until_moved(run)
            console.print(f"first referral assigned after {time.perf_counter() - began:.1f} s")
            await asyncio.sleep(30)
            console.print(f"memory when alive: {_megabytes(run):.0f} MB (summed PSS)")
        finally:
            process.send_signal(signal.SIGTERM)
            stopping = time.perf_counter()
            await process.wait()
            console.print(f"stopped within {time.perf_counter() - stopping:.1f} s")


async def _run_file(data: Path) -> RunFile:
    while True:
        try:
            return running(data)
        except NotRunning:
            await asyncio.sleep(0.1)


async def _until_moved(run: RunFile) -> None:
    connection = await asyncpg.connect(run.postgres.url())
    try:
        async with asyncio.timeout(_PATIENCE):
            while not await connection.fetchval(
                "select 1 from navigator.event where type like 'sluss.case.%' limit 1"
            ):
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


def _megabytes(run: RunFile) -> float:
    """The memory of the supervisor and all below it, shared pages divided among those who share them."""
    processes = [psutil.Process(run.pid), *psutil.Process(run.pid).children(recursive=True)]
    return sum(process.memory_full_info().pss for process in processes if process.is_running()) / 2**20


if __name__ == "__main__":
    asyncio.run(main())
