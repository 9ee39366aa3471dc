"""What it costs services that their numbers are read and their traces are made.

    python -m benchmarks.watching [--rounds 3] [--burst 3000]

The six hops of a referral go through our four processes: by themselves, with each of them asked for
`/metrics` every second (fifteen times as often as is usual), and with every hop traced and sent to a
collector that takes everything. The three come in turn, round after round. What open tails cost is in
`python -m benchmarks.console`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from statistics import median

import httpx

from benchmarks.contenders import our_network
from benchmarks.measuring import Figures, measure, percentile
from sluss.machine.run_file import running

ALONE, READ, TRACED = "by themselves", "numbers read every second", "traced"
EVERY = 1.0


class Unwatched(Exception):
    """Nothing was read or traced, so that nothing was measured."""


async def one(folder: Path, how: str, burst: int) -> Figures:
    """One round of one of the three."""
    async with (
        _collector(how == TRACED) as collected,
        our_network(folder) as (_, send, finish),
        _reading(folder, how == READ) as read,
    ):
        figures = await measure(send, finish, burst)
    if (how == TRACED and not collected) or (how == READ and not read):
        raise Unwatched(how)
    return figures


@asynccontextmanager
async def _reading(folder: Path, wanted: bool) -> AsyncIterator[list[int]]:
    """Ask every service for its numbers, each second; the sizes of the answers."""
    sizes: list[int] = []
    addresses = [service.http for service in running(folder).services if service.http]

    async def read() -> None:
        async with httpx.AsyncClient() as client:
            while True:
                for address in addresses:
                    answer = await client.get(f"{address}/metrics")
                    sizes.append(len(answer.raise_for_status().content))
                await asyncio.sleep(EVERY)

    task = asyncio.create_task(read()) if wanted else None
    yield sizes
    if task:
        if task.done():
            await task
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def _collector(wanted: bool) -> AsyncIterator[list[int]]:
    """Somebody who takes traces over HTTP and throws them away; the sizes of what came."""
    sizes: list[int] = []
    if not wanted:
        yield sizes
        return

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                sizes.append(len(await reader.readexactly(length)))
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(take, "127.0.0.1")
    port = server.sockets[0].getsockname()[1]
    os.environ["SLUSS_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
    try:
        yield sizes
    finally:
        del os.environ["SLUSS_OTLP_ENDPOINT"]
        server.close()


async def main() -> None:
    """Measure, say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--burst", type=int, default=3000)
    given = parser.parse_args()
    found: dict[str, list[Figures]] = {ALONE: [], READ: [], TRACED: []}
    with tempfile.TemporaryDirectory(prefix="sluss-watching-bench-") as name:
        for number in range(given.rounds):
            turn = number % len(found)  # none is always the first
            for kind, how in enumerate([*found][turn:] + [*found][:turn]):
                found[how].append(await one(Path(name) / f"{number}-{kind}", how, given.burst))
    speed = {how: median(each.per_second for each in rounds) for how, rounds in found.items()}
    alone = {how: median(percentile(each.unloaded, 0.5) for each in rounds) for how, rounds in found.items()}
    print(f"{'six hops':<28}{'referrals/s':>12}{'p50 ms alone':>14}{'of by themselves':>24}")
    for how in found:
        ratios = f"{speed[how] / speed[ALONE]:.2f} and {alone[how] / alone[ALONE]:.2f}"
        print(f"{how:<28}{speed[how]:>12.0f}{alone[how] * 1000:>14.1f}{ratios:>24}")


if __name__ == "__main__":
    asyncio.run(main())
