"""`sluss deadletters …`: events that were refused for ever, until somebody deals with them."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.ledger import SERVICES
from sluss.reach import Failure, Reached

app = typer.Typer(name="deadletters", help="Events that could not be handled.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The dead letter's number, from the list.")]
Service = Annotated[str, typer.Argument(help="The service that refused it.")]


@app.command("list")
def list_letters(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Everything unresolved, the oldest first."""

    async def show(there: Reached) -> None:
        table = Table(box=None, pad_edge=False)
        for column in ("service", "number", "died", "code", "reason", "key"):
            table.add_column(column, overflow="fold")
        for service in SERVICES:
            for row in await there.ledger.connection.fetch(
                f"select number, died, code, reason, key from {service}.dead_letter "
                "where resolved is null order by number"
            ):
                died = f"{row['died']:%Y-%m-%d %H:%M:%S}"
                table.add_row(service, str(row["number"]), died, row["code"], row["reason"], row["key"] or "")
        console.print(table if table.row_count else "No dead letters.")

    ask(data_dir, show)


@app.command()
def show(service: Service, number: Number, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """One dead letter with its original bytes."""

    async def look(there: Reached) -> None:
        if service not in SERVICES:
            raise Failure(f"there is no service {service!r}", remedy=f"these are: {', '.join(SERVICES)}")
        row = await there.ledger.connection.fetchrow(
            f"select * from {service}.dead_letter where number = $1", number
        )
        if row is None:
            raise Failure(
                f"{service} has no dead letter {number}", remedy="`sluss deadletters list` shows them"
            )
        console.print(f"{row['code']}: {row['reason']}")
        console.print(f"subject {row['subject']}, died {row['died']:%Y-%m-%d %H:%M:%S}")
        try:
            console.print_json(json.dumps(json.loads(row["body"])))
        except ValueError:
            console.print(f"{len(row['body'])} bytes that are no JSON: {bytes(row['body'][:200])!r}")

    ask(data_dir, look)
