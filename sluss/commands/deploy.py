"""`sluss deploy …`: preparing the network for containers (see `compose.yaml`)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="deploy", help="Prepare keys, settings and tables for the network on containers.")

Folder = Annotated[Path, typer.Argument(help="Where the deployment's keys and settings are kept.")]


@app.command()
def prepare(folder: Folder) -> None:
    """Write keys, passwords and server configurations; run again, keep what is there."""
    from sluss.deploy.preparing import prepare as write

    write(folder)
    print(f"{folder} is prepared. It holds every secret of this network: back it up, and show it to nobody.")


@app.command()
def migrate(folder: Folder) -> None:
    """Make roles and schemas, and bring every service's tables up to date."""
    from sluss.deploy.preparing import database_urls
    from sluss.machine.database import bring_up_to_date

    admin, services = database_urls(folder)
    taken = asyncio.run(bring_up_to_date(admin, services))
    print("\n".join(taken) if taken else "up to date")
