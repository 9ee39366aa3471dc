"""`sluss story REFERRAL`: one referral's whole timeline, readable."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.ledger import SERVICES
from sluss.reach import Failure, Reached
from sluss.story import open_tasks, tell, waited_text
from sluss.telling import LOCAL_TIME, sentence


def story(
    referral: Annotated[str, typer.Argument(help="Its id, the beginning of it, or the sender's own id.")],
    everything: Annotated[bool, typer.Option("--all", help="Bookkeeping too.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Everything that happened to one referral, who did it, and how long everybody waited."""

    async def show(there: Reached) -> None:
        id = await there.referral(referral)
        entries = await there.ledger.story(id)
        if not entries:
            raise Failure(f"nothing was ever said about {referral!r}")
        table = Table(box=None, pad_edge=False, title=f"Referral {id}", title_justify="left")
        table.add_column("when")
        table.add_column("after", justify="right", style="dim")
        table.add_column("by", style="cyan")
        table.add_column("what", overflow="fold")
        for moment in tell(entries, everything=everything):
            when = f"{moment.at.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
            table.add_row(when, waited_text(moment.waited), moment.who, sentence(moment.what, moment.detail))
        console.print(table)
        for task in open_tasks(entries):
            whose = task.get("worker") or task["team"]
            kind = str(task["kind"]).replace("_", " ")
            due = datetime.fromisoformat(str(task["due"])).astimezone(LOCAL_TIME)
            console.print(f"[bold]Waits for {whose}[/bold]: {kind}, due {due:%Y-%m-%d %H:%M}")
        await _troubles(there, id)

    ask(data_dir, show)


async def _troubles(there: Reached, id: str) -> None:
    """Say what is parked or dead under this referral, and why: it may be why nothing moves."""
    for service in SERVICES:
        for row in await there.ledger.connection.fetch(
            f"select reason, tries, due from {service}.parked where key = $1 order by number", id
        ):
            console.print(f"[yellow]{service} will try again ({row['tries']} tries so far): {row['reason']}")
        for row in await there.ledger.connection.fetch(
            f"select code, reason from {service}.dead_letter where key = $1 and resolved is null", id
        ):
            console.print(f"[red]{service} has a dead letter: {row['code']}: {row['reason']}")
