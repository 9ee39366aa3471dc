"""`sluss deadletters …`: what was refused for ever, until somebody deals with it. It stands in `tending`."""

from __future__ import annotations

from collections.abc import Callable

import typer

from sluss.commands.tending import looking, replaying

app = typer.Typer(name="deadletters", help="Events that could not be handled.", no_args_is_help=True)

ERRANDS: dict[str, Callable[..., None]] = {
    "list": looking.list_letters,
    "show": looking.show,
    "try": replaying.try_,
    "replay": replaying.replay,
    "edit": replaying.edit,
    "proposals": replaying.list_proposals,
    "approve": replaying.approve,
    "reject": replaying.reject,
    "dismiss": replaying.dismiss,
}
"""In the order `sluss deadletters --help` shows them: the order of the work."""

for name, errand in ERRANDS.items():
    app.command(name)(errand)
