"""`sluss provider …`: who runs activities, and who might."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from sluss.catalogue import catalogue_of
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.commands.cataloguing import contacts
from sluss.commands.cataloguing.sending import AsRole, Provider, Who, Why, send
from sluss.reach import Reached
from sluss_contracts.command import Command
from sluss_contracts.commands.catalogue import ProposeProvider, RegisterProposal, TurnDownProvider
from sluss_contracts.vocabulary import OrganisationKind, Role

app = typer.Typer(
    name="provider", help="Who runs activities: suggest, register, turn down.", no_args_is_help=True
)
app.command("give-contact")(contacts.give_of_provider)


@app.command("list")
def list_providers(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Who is registered, and so trusted to publish at once; who is suggested; who was turned down."""

    async def show(there: Reached) -> None:
        catalogue = await catalogue_of(there.ledger)
        table = Table(box=None, pad_edge=False)
        for column in ("provider", "status", "kind", "area", "name"):
            table.add_column(column)
        for each in sorted(catalogue.providers.values(), key=lambda each: (each.status, each.provider)):
            table.add_row(
                each.provider, each.status.replace("_", " "), each.kind, each.area, escape(each.name)
            )
        console.print(table if table.row_count else "Nobody is registered.")

    ask(data_dir, show)


@app.command()
def propose(
    provider: Provider,
    name: Annotated[str, typer.Argument(help="What it is called.")],
    who: Who,
    area: Annotated[str, typer.Option(help="Where.")],
    kind: OrganisationKind = OrganisationKind.ASSOCIATION,
    role: AsRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Suggest an organisation; a coordinator looks at it before anything of it is published."""

    def command(there: Reached) -> Command:
        return ProposeProvider(**by(who, role), provider=provider, name=name, kind=kind, area=area)

    send(data_dir, f"{provider} suggested", command)


@app.command()
def register(provider: Provider, who: Who, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator registers what was suggested, as it is: from now on it publishes at once."""
    send(
        data_dir,
        f"{provider} registered",
        lambda there: RegisterProposal(**by(who, Role.COORDINATOR), provider=provider),
    )


@app.command("turn-down")
def turn_down(provider: Provider, why: Why, who: Who, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator does not register what was suggested."""
    send(
        data_dir,
        f"{provider} turned down",
        lambda there: TurnDownProvider(**by(who, Role.COORDINATOR), provider=provider, why=why),
    )
