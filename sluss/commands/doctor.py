"""`sluss doctor`: is the network well, and if not, what to do."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.doctor import Finding, examine, examine_invariants
from sluss.machine.run_file import running
from sluss.registries import registries


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check the invariants too.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Look at every part of the running network. Exits with 1 when something needs doing."""
    run = running(data_dir)

    async def look() -> bool:
        well = True
        async for finding in examine(run):
            well &= _show(finding)
        if deep:
            async for finding in examine_invariants(run, registries()):
                well &= _show(finding)
        return well

    if not asyncio.run(look()):
        raise typer.Exit(1)
    console.print("[green]All is well.")


def _show(finding: Finding) -> bool:
    mark = "[green]ok   [/green]" if finding.well else "[red]wrong[/red]"
    console.print(f"{mark} {finding.what}: {finding.state}")
    for line in finding.wrong.splitlines():
        console.print(f"        {line}", style="red")
    return finding.well
