"""`sluss staff …`: who may sign in, as whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.reach import Reached
from sluss_contracts.commands.signing_in import AllowSignIn, EndSignIn, ReadSignIns
from sluss_contracts.vocabulary import Role

app = typer.Typer(name="staff", help="Who may sign in: let in, end, list.", no_args_is_help=True)
_PAGE = 500


class StaffRole(StrEnum):
    """As whom people sign in."""

    LINK_WORKER = "link_worker"
    COORDINATOR = "coordinator"
    REFERRER = "referrer"
    OPERATOR = "operator"


As = Annotated[StaffRole, typer.Argument(help="As what.")]
Whom = Annotated[str, typer.Argument(help="Their id; a link worker's is that of the registry.")]
Operator = Annotated[str, typer.Option("--as", help="Who does it.")]


@app.command()
def allow(
    role: As,
    who: Whom,
    email: Annotated[
        str | None, typer.Option(help="The address the sign-in service knows them by, and vouches for.")
    ] = None,
    subject: Annotated[str | None, typer.Option(help="Instead: its own id for them (`sub`).")] = None,
    name: Annotated[str | None, typer.Option(help="What pages call them.")] = None,
    organisation: Annotated[str | None, typer.Option(help="For whom a referrer refers.")] = None,
    operator: Operator = "operator",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Let somebody sign in. Said again, it is corrected, and bound anew at their next sign-in."""

    async def send(there: Reached) -> None:
        await there.ask(
            AllowSignIn(
                **by(operator, Role.OPERATOR),
                role=role.value,
                who=who,
                email=email,
                subject=subject,
                name=name,
                organisation=organisation,
            )
        )
        console.print(f"{who} may sign in as {role.value.replace('_', ' ')}")

    ask(data_dir, send)


@app.command()
def end(role: As, who: Whom, operator: Operator = "operator", data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Let them sign in no more, and sign them out wherever they are."""

    async def send(there: Reached) -> None:
        answer = await there.ask(EndSignIn(**by(operator, Role.OPERATOR), role=role.value, who=who))
        console.print(f"Ended; sessions that were open: {answer.result['sessions']}")

    ask(data_dir, send)


@app.command("list")
def list_staff(operator: Operator = "operator", data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Everybody who may, and whether they have."""

    async def show(there: Reached) -> None:
        table = Table(
            "role", "who", "organisation", "name", "address", "has signed in", box=None, pad_edge=False
        )
        first = 0
        while True:
            answer = await there.ask(ReadSignIns(**by(operator, Role.OPERATOR), first=first))
            for one in (found := answer.result["accounts"]):
                told = [one[field] or "" for field in ("role", "who", "organisation", "name", "email")]
                table.add_row(*map(escape, told), "yes" if one["bound"] else "")
            first += len(found)
            if len(found) < _PAGE:
                break
        console.print(table if table.row_count else "Nobody may sign in.")

    ask(data_dir, show)
