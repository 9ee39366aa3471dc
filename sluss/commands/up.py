"""`sluss up`: the whole network on this machine."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from services.runtime.ending import end
from sluss.machine.folder import DEFAULT

_INTERRUPTED = 130


def up(
    data_dir: Annotated[Path, typer.Option(help="Where everything is kept; made on first use.")] = DEFAULT,
    demo: Annotated[bool, typer.Option("--demo", help="With made-up people, and the demo login.")] = False,
    replicas: Annotated[
        list[str] | None, typer.Option(metavar="SERVICE=N", help="N processes of a service; repeatable.")
    ] = None,
    clock_speed: Annotated[
        float | None,
        typer.Option(min=0.001, max=1_000_000, help="Seconds of the network's time per second. [default: 1]"),
    ] = None,
) -> None:
    """Start the network: broker, database, services and one address for all pages.

    Runs until Ctrl-C or SIGTERM. Started again on the same folder it goes on where it was.
    """
    if not asyncio.run(_until_told(data_dir, demo, _counts(replicas or []), clock_speed)):
        raise typer.Exit(_INTERRUPTED)


async def _until_told(data: Path, demo: bool, replicas: dict[str, int], speed: float | None) -> bool:
    """False when it was told to stop before it was ready."""
    from sluss.machine.network import Network

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    network = Network(data, demo=demo, replicas=replicas, clock_speed=speed)
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, told.set)
    stopping = asyncio.create_task(told.wait())

    starting = asyncio.create_task(network.start())
    with console.status("Starting the network …"):
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    if not starting.done():
        await end(starting)
        return False
    run = starting.result()
    print(f"Sluss is ready: {run.front}  (data in {data}; Ctrl-C stops it)", flush=True)

    running = asyncio.create_task(network.run())
    await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    with console.status("Stopping the network …"):
        await network.stop()
    if running.done():
        running.result()
    running.cancel()
    return True


def _counts(replicas: list[str]) -> dict[str, int]:
    counts = {}
    for entry in replicas:
        service, _, count = entry.partition("=")
        if not count.isdecimal() or not 1 <= int(count) <= 16:
            raise typer.BadParameter(
                f"{entry!r}: write SERVICE=N with N from 1 to 16", param_hint="--replicas"
            )
        counts[service] = int(count)
    return counts
