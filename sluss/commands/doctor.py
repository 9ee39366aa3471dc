"""`sluss doctor`: is the network well, and if not, what to do."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from services.console.standing.finding import Finding
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.doctor import examine, examine_invariants
from sluss.machine.run_file import running
from sluss.registries import registries


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check the invariants too.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Look at every part of the running network. Exits with 1 when something needs doing."""
    run = running(data_dir)

    async def look() -> int:
        wrong = 0
        async for finding in examine(run):
            wrong += _show(finding)
        if deep:
            async for finding in examine_invariants(run, registries()):
                wrong += _show(finding)
        return wrong

    wrong = asyncio.run(look())
    if wrong:
        console.print(f"[red]{wrong} things need doing; the first named is mostly the cause.")
        raise typer.Exit(1)
    console.print("[green]All is well.")


def _show(finding: Finding) -> int:
    """Print it; how many things are wrong with it."""
    mark = ("ok   ", "green") if finding.well else ("wrong", "red")
    console.print(Text.assemble(mark, f" {finding.name}: {finding.state}"))
    for trouble in finding.troubles:
        console.print(Text(f"      {trouble.what}", style="red"))
        for command in trouble.do:
            console.print(Text(f"        $ {command}"), soft_wrap=True)
        if trouble.runbook:
            console.print(Text(f"        $ sluss handbook {trouble.runbook}", style="dim"), soft_wrap=True)
    return len(finding.troubles)
