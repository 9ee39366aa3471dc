"""`sluss pathway …`: the ways of working, as files one edits, checks and publishes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console, done
from sluss.pathways.files import read_all
from sluss.pathways.publishing import listed, publish, withdrawal
from sluss.reach import Failure, Reached
from sluss.registry.entries import Faulty
from sluss_contracts.pathway import Pathway

app = typer.Typer(name="pathway", help="Ways of working, as files.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Pathway files, e.g. pathways/*.toml.")]


class FaultyPathway(Failure):
    """A file holds mistakes; nothing was published."""

    code = "faulty_pathway"


@app.command()
def check(files: Files) -> None:
    """Say what is wrong with pathway files, and where. Needs no network."""
    for pathway in _read(files):
        meetings = f"{len(pathway.steps)} meeting" + ("s" if len(pathway.steps) > 1 else "")
        console.print(f"{pathway.pathway}: a pathway of {meetings}, no mistakes")


@app.command("publish")
def publish_files(files: Files, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Let new referrals begin with these files as they are now. The same again changes nothing."""
    pathways = _read(files)

    async def tell(there: Reached) -> None:
        for pathway in pathways:
            told = await publish(there, pathway)
            state = "is now in force" if told.new else "was in force already"
            console.print(f"{told.pathway}: version {told.version} {state}")

    ask(data_dir, tell)


@app.command("list")
def list_pathways(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """What is published: version, name, and how many referrals have begun with each version."""

    async def show(there: Reached) -> None:
        table = Table(box=None, pad_edge=False)
        for column in ("pathway", "version", "name", "referrals", ""):
            table.add_column(column)
        for each in await listed(there):
            table.add_row(each.pathway, str(each.version), each.name, str(each.referrals), each.state)
        console.print(
            table
            if table.row_count
            else "None is published; every referral begins with the built-in open network."
        )

    ask(data_dir, show)


@app.command()
def withdraw(
    name: Annotated[str, typer.Argument(help="The pathway's name, e.g. sar-umea.")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Let no new referral begin with it. Those that have begun keep it to their end."""

    async def end(there: Reached) -> None:
        done(f"{name}: no new referral begins with it", await there.ask(withdrawal(name)))

    ask(data_dir, end)


def _read(files: Sequence[Path]) -> list[Pathway]:
    try:
        return read_all(files)
    except Faulty as faulty:
        what = ["nothing was published:", *map(str, faulty.mistakes)]
        raise FaultyPathway("\n".join(what), remedy="mend these lines and publish again") from None
