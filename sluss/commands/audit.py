"""`sluss audit`: what operators have done, wherever it was done."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.audit import Deed, latest
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console
from sluss.commands.events import in_the_log
from sluss.telling import LOCAL_TIME


def audit(
    by: Annotated[str | None, typer.Option("--by", help="One operator's.")] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Everything operators did, in the console and at the command line; the latest first."""

    async def show(engine: AsyncEngine) -> None:
        table = Table(box=None, pad_edge=False)
        for column in ("when", "who", "did", "where", "about", "why"):
            table.add_column(column, overflow="fold")
        for deed in await latest(engine, actor=by, most=most):
            row = (f"{deed.at.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}", _who(deed), deed.what, deed.service)
            table.add_row(*(Text(cell) for cell in (*row, _about(deed), _why(deed))))
        console.print(table if table.row_count else "Nothing was done yet.")

    in_the_log(data_dir, show)


def _who(deed: Deed) -> str:
    """A name, and beside one given at a command line the account it was given from."""
    return f"{deed.actor} ({deed.account})" if deed.account else deed.actor


def _about(deed: Deed) -> str:
    if deed.letters:
        more = " …" if len(deed.letters) > 8 else ""
        return f"dead letters {', '.join(map(str, deed.letters[:8]))}{more}"
    return str(deed.event_id or deed.about or "")


def _why(deed: Deed) -> str:
    """What for and why, what was looked at, and what came of it."""
    told = {name: deed.details[name] for name in ("place", "would", "proposed_by") if deed.details.get(name)}
    came = ", ".join(f"{name} {value}" for name, value in told.items())
    said = ": ".join(each for each in (deed.purpose, deed.note) if each)
    return f"{said} ({came})" if said and came else said or came
