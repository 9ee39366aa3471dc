"""What the commands about the catalogue share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from sluss.commands.asking import ask, done, judged
from sluss.reach import Failure, Reached
from sluss_contracts.command import Command
from sluss_contracts.offering import Venue
from sluss_contracts.vocabulary import Role

Activity = Annotated[str, typer.Argument(help="The activity's id.")]
Provider = Annotated[str, typer.Argument(help="The provider's id.")]
Who = Annotated[str, typer.Option("--as", help="Who acts: a provider or somebody of the staff.")]
AsRole = Annotated[Role, typer.Option("--role", help="In which role; a provider acts for itself alone.")]
Seen = Annotated[
    int | None, typer.Option("--seen", help="The step the queue showed; refused if it has changed since.")
]
Why = Annotated[str, typer.Argument(help="A code: not_active, not_open_to_all, wrong_place …")]

Place = Annotated[str | None, typer.Option("--place", help="Where, when it is elsewhere than usually.")]
Street = Annotated[str | None, typer.Option(help="The street of --place.")]
Town = Annotated[str | None, typer.Option(help="The town of --place.")]


def elsewhere(place: str | None, street: str | None, town: str | None) -> Venue | None:
    """Where one session is, when it is not where the activity is. Raises `Failure` for a mere street."""
    if place is None and (street or town):
        raise Failure("a street or a town belongs to a place", remedy="give --place as well")
    with judged():
        return Venue(name=place, street=street, town=town) if place else None


def send(data_dir: Path, what: str, command: Callable[[Reached], Command]) -> None:
    """Send one command and say what came of it."""

    async def errand(there: Reached) -> None:
        done(what, await there.ask(command(there)))

    ask(data_dir, errand)
