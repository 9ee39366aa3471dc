"""`sluss registry …`: who takes part and what they offer comes in from a file, and a referrer is let go."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console, done
from sluss.reach import Reached
from sluss.registry.importing import import_registry
from sluss_contracts.commands.referral import RevokeOrganisation
from sluss_contracts.vocabulary import Role

app = typer.Typer(name="registry", help="Who takes part, and what they offer.", no_args_is_help=True)


@app.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(help="A .toml or .csv file.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong with it.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Add what the file holds, and correct what is there already. Importing twice changes nothing."""

    async def register(there: Reached) -> None:
        with Progress(transient=True, disable=check) as bar:
            shown = bar.add_task("Importing", total=None)
            counts = await import_registry(
                there,
                file,
                only_check=check,
                on_progress=lambda n, of: bar.update(shown, completed=n, total=of),
            )
        verb = "would be imported" if check else "imported"
        console.print(", ".join(f"{n} {what}" for what, n in sorted(counts.items())) + f" {verb}")

    ask(data_dir, register)


@app.command()
def revoke(
    organisation: Annotated[str, typer.Argument(help="The organisation's id, e.g. varby-vardcentral.")],
    why: Annotated[str, typer.Option(help="A code: contract_ended, misuse …")],
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Let an organisation refer no more. What it has referred goes on, and it still hears of it."""

    async def end(there: Reached) -> None:
        command = RevokeOrganisation(**by("registry", Role.COORDINATOR), organisation=organisation, why=why)
        done(f"{organisation} may refer no more", await there.ask(command))
        console.print(f"Its access to the broker is another thing: sluss partner revoke {organisation}")

    ask(data_dir, end)
