"""`sluss registry import FILE`: organisations, teams, link workers, providers and activities from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.reach import Reached
from sluss.registry.importing import import_registry

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
