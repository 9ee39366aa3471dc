"""What every step in a case shares: which referral, who acts in which role, and how it is sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from sluss.commands.asking import ask, done
from sluss.reach import Reached
from sluss_contracts.command import Command
from sluss_contracts.vocabulary import Role

Referral = Annotated[str, typer.Argument(help="The referral's id, or the beginning of it.")]
InRole = Annotated[Role, typer.Option("--role", help="In which role: link_worker, volunteer, coordinator.")]
Step = Callable[[str, Reached], Command]


def take(data_dir: Path, referral: str, what: str, command: Step) -> None:
    """Send one step for the referral somebody means, and say what came of it."""

    async def send(there: Reached) -> None:
        done(what, await there.ask(command(await there.referral(referral), there)))

    ask(data_dir, send)
