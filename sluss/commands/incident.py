"""`sluss incident NAME`: something goes wrong on a demonstration, to learn to see it; `end` takes it back."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.deeds import written_down
from sluss.incidents.incident import Underway, only_a_demonstration
from sluss.incidents.seeded import INCIDENTS
from sluss.machine.run_file import running
from sluss.reach import Failure, UnknownId


def incident(
    name: Annotated[str, typer.Argument(help="One of `sluss incident list`; or `list`, or `end`.")],
    which: Annotated[str | None, typer.Argument(help="After `end`: which; all if left out.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Make something go wrong on a demonstration network, and take it back with `end`."""
    if name == "list":
        _list()
        return
    run = running(data_dir)
    only_a_demonstration(run)
    underway = Underway(run)
    if name == "end":
        names = [which] if which else list(underway.all())[::-1]  # the last one first
        for each in names:
            kept = underway.all().get(each)
            if kept is None:
                raise Failure(f"{each} is not under way", remedy="`sluss incident list` shows what there is")
            asyncio.run(INCIDENTS[each].end(run, kept))
            underway.forget(each)
            asyncio.run(written_down(run.postgres.url(), "incident_ended", about=each))
            console.print(f"{each} is over.")
        if not names:
            console.print("None is under way.")
        return
    if name not in INCIDENTS:
        raise UnknownId(f"there is no incident {name!r}", remedy=f"there are: {', '.join(INCIDENTS)}")
    if name in underway.all():
        raise Failure(f"{name} is under way already", remedy=f"sluss incident end {name}")
    underway.note(name, asyncio.run(INCIDENTS[name].begin(run)))
    asyncio.run(written_down(run.postgres.url(), "incident_begun", about=name))
    console.print(f"{INCIDENTS[name].about[0].upper()}{INCIDENTS[name].about[1:]}.")
    console.print("Find out with: sluss doctor")
    console.print(f"What to do:    sluss handbook {name}")
    console.print(f"Take it back:  sluss incident end {name}")


def _list() -> None:
    table = Table(box=None, pad_edge=False, show_header=False)
    for each in INCIDENTS.values():
        table.add_row(each.name, each.about)
    console.print(table)
