"""`sluss loops`: what somebody was promised and has not had, and who has fallen silent."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from services.console.loops.kinds import Kind
from services.console.loops.looking import open_loops, overdue, silent
from services.console.standing.judging import lasting, of_loops, silence
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.reach import Reached
from sluss.telling import LOCAL_TIME


def loops(
    kind: Annotated[Kind | None, typer.Option(help="Only these.")] = None,
    most: Annotated[int, typer.Option(min=1, max=500, help="How many are named.")] = 20,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Feedback past its date, offers unanswered, messages that have not gone, and who is silent."""

    async def show(there: Reached) -> None:
        connection, now = there.ledger.connection, there.clock.now()
        for each in await open_loops(connection, now):
            if kind in (None, each.kind):
                finding = of_loops(each)
                console.print(f"{finding.name}: {finding.state}")
        late = await overdue(connection, now, kind, most=most)
        if late:
            console.print()
            table = Table(box=None, pad_edge=False)
            for column in ("overdue for", "due", "what", "whose", "referral"):
                table.add_column(column, overflow="fold")
            for loop in late:
                due = f"{loop.due.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
                table.add_row(lasting(now - loop.due), due, loop.kind, loop.whose or "", loop.key)
            console.print(table)
            console.print("`sluss story REFERRAL` tells the whole of one.", style="dim")
        if kind is None and (quiet := await silent(connection, now)):
            console.print()
            for one in quiet:
                console.print(str(silence(one)))

    ask(data_dir, show)
