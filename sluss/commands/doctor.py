"""`sluss doctor`: is the network well, and if not, what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from services.console.standing.finding import Finding
from services.console.standing.place import Place, place_of
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.doctor import examine, examine_invariants
from sluss.reach import whereabouts
from sluss.registries import registries


def doctor(
    deep: Annotated[bool, typer.Option("--deep", help="Check the invariants too.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Look at every part of the running network. Exits with 1 when something needs doing."""
    where = whereabouts(data_dir)
    place = place_of(where.machine.data / "logs" if where.machine else None)

    async def look() -> int:
        wrong = 0
        async for finding in examine(where):
            wrong += _show(finding, place)
        if deep:
            async for finding in examine_invariants(where.database, registries()):
                wrong += _show(finding, place)
        return wrong

    wrong = asyncio.run(look())
    if where.machine:
        address = f"{where.machine.front}/console/health"
        console.print(f"In a browser: {address}", style="dim", soft_wrap=True)
    if wrong:
        console.print(f"[red]To be seen to: {wrong}. The first named is mostly the cause.")
        raise typer.Exit(1)
    console.print("[green]All is well.")


def _show(finding: Finding, place: Place) -> int:
    """Print it; how many things are wrong with it."""
    for line in told(finding, place):
        console.print(line, soft_wrap=True)
    return len(finding.troubles)


def told(finding: Finding, place: Place) -> Iterator[Text]:
    """A finding line by line, as the doctor says it."""
    mark = ("ok   ", "green") if finding.well else ("wrong", "red")
    yield Text.assemble(mark, f" {finding.name}: {finding.state}")
    for trouble in finding.troubles:
        yield Text(f"      {trouble.what}", style="red")
        for command in trouble.do:
            yield Text(f"        $ {place.typed(command)}")
        if trouble.runbook:
            yield Text(f"        $ {place.typed(f'sluss handbook {trouble.runbook}')}", style="dim")
