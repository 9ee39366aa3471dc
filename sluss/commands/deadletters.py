"""`sluss deadletters …`: what was refused for ever, until somebody deals with it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import asyncpg
import typer
from rich.table import Table

from services.runtime import deadletters
from services.runtime.deadletters import NotReplayable, UnknownDeadLetter
from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, console
from sluss.ledger import SERVICES
from sluss.reach import Failure, Reached

app = typer.Typer(name="deadletters", help="Events that could not be handled.", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="The dead letter's number, from the list.")]
Service = Annotated[str, typer.Argument(help="The service that refused it.")]


@app.command("list")
def list_letters(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Everything nobody has dealt with, the oldest first."""

    async def show(there: Reached) -> None:
        table = Table(box=None, pad_edge=False)
        for column in ("service", "number", "died", "code", "reason", "key"):
            table.add_column(column, overflow="fold")
        for service in SERVICES:
            async with _letters_of(service, there) as connection:
                for each in await deadletters.open_dead_letters(connection):
                    died = f"{each.died:%Y-%m-%d %H:%M:%S}"
                    table.add_row(service, str(each.number), died, each.code, each.reason, each.key or "")
        console.print(table if table.row_count else "No dead letters.")

    ask(data_dir, show)


@app.command()
def show(service: Service, number: Number, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """One dead letter with its original bytes."""

    async def look(there: Reached) -> None:
        async with _letters_of(service, there) as connection:
            letter = await deadletters.dead_letter(connection, number)
        console.print(f"{letter.code}: {letter.reason}")
        console.print(f"subject {letter.subject}, died {letter.died:%Y-%m-%d %H:%M:%S}")
        if letter.resolved:
            console.print(f"{letter.resolution} by {letter.resolved_by}, {letter.resolved:%Y-%m-%d %H:%M:%S}")
        try:
            console.print_json(json.dumps(json.loads(letter.body)))
        except ValueError:
            console.print(f"{len(letter.body)} bytes that are no JSON: {letter.body[:200]!r}")

    ask(data_dir, look)


@app.command()
def replay(
    service: Service, number: Number, actor: ActingAs = "operator", data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """Send it through the service's handlers again, once what they refused has been mended."""

    async def again(there: Reached) -> None:
        async with _letters_of(service, there) as connection:
            done = await deadletters.replay(connection, number, by=actor)
        console.print("Replayed; if it is refused again the list shows it anew." if done else _DEALT_WITH)

    ask(data_dir, again)


@app.command()
def dismiss(
    service: Service, number: Number, actor: ActingAs = "operator", data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """Put it aside for good; its bytes are kept."""

    async def aside(there: Reached) -> None:
        async with _letters_of(service, there) as connection:
            done = await deadletters.dismiss(connection, number, by=actor)
        console.print("Put aside." if done else _DEALT_WITH)

    ask(data_dir, aside)


_DEALT_WITH = "Somebody has dealt with it already."


@asynccontextmanager
async def _letters_of(service: str, there: Reached) -> AsyncIterator[asyncpg.Connection]:
    """One transaction in a service's schema."""
    if service not in SERVICES:
        raise Failure(f"there is no service {service!r}", remedy=f"these are: {', '.join(SERVICES)}")
    connection = there.ledger.connection
    try:
        async with connection.transaction():
            await connection.execute(f'set local search_path to "{service}"')
            yield connection
    except UnknownDeadLetter as unknown:
        raise Failure(f"{unknown} in {service}", remedy="`sluss deadletters list` shows them") from None
    except NotReplayable as unreadable:
        raise Failure(str(unreadable), remedy=f"`sluss deadletters dismiss {service} …`") from None
