"""`sluss doctor`: is the network well, and if not, what to do."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from services.console.standing.finding import LOGS, Finding
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.doctor import examine, examine_invariants
from sluss.machine.run_file import RunFile
from sluss.reach import whereabouts
from sluss.registries import registries


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check the invariants too.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Look at every part of the running network. Exits with 1 when something needs doing."""
    where = whereabouts(data_dir)

    async def look() -> int:
        wrong = 0
        async for finding in examine(where):
            wrong += _show(finding, where.machine)
        if deep:
            async for finding in examine_invariants(where.database, registries()):
                wrong += _show(finding, where.machine)
        return wrong

    wrong = asyncio.run(look())
    if where.machine:
        address = f"{where.machine.front}/console/health"
        console.print(f"In a browser: {address}", style="dim", soft_wrap=True)
    if wrong:
        console.print(f"[red]To be seen to: {wrong}. The first named is mostly the cause.")
        raise typer.Exit(1)
    console.print("[green]All is well.")


def _show(finding: Finding, machine: RunFile | None) -> int:
    """Print it; how many things are wrong with it."""
    mark = ("ok   ", "green") if finding.well else ("wrong", "red")
    console.print(Text.assemble(mark, f" {finding.name}: {finding.state}"))
    for trouble in finding.troubles:
        console.print(Text(f"      {trouble.what}", style="red"))
        for command in trouble.do:
            console.print(Text(f"        $ {_here(command, machine)}"), soft_wrap=True)
        if trouble.runbook:
            console.print(Text(f"        $ sluss handbook {trouble.runbook}", style="dim"), soft_wrap=True)
    return len(finding.troubles)


def _here(command: str, machine: RunFile | None) -> str:
    """A command with the logs where they are here."""
    if machine is not None:
        return command.replace(LOGS, f"tail {machine.data}/logs/")
    return command.replace(LOGS, "docker compose logs ").removesuffix(".log")
