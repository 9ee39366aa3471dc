"""What a team has to do about activities, and that somebody has seen to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console, done
from sluss.commands.cataloguing.sending import Activity, AsRole, Who
from sluss.reach import Reached, UnknownId
from sluss.telling import LOCAL_TIME
from sluss_contracts.commands.activity_tasks import CompleteActivityTask, ReadActivityTasks
from sluss_contracts.vocabulary import Role

_COLUMNS = ("activity", "by", "team", "what", "title", "run by")


def list_tasks(
    who: Who,
    team: Annotated[str | None, typer.Option(help="One team's; otherwise all.")] = None,
    role: AsRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What teams have to do about activities: those of which nobody has said for long that they are right.

    `by` is the day on which it is hidden, unless somebody has answered.
    """

    async def show(there: Reached) -> None:
        answer = await there.ask(ReadActivityTasks(**by(who, role), team=team))
        console.print(waiting(answer.result["tasks"], there.clock.now()))

    ask(data_dir, show)


def waiting(tasks: Sequence[Mapping[str, Any]], now: datetime) -> Table | str:
    """The tasks as a table; what is late is said to be."""
    table = Table(box=None, pad_edge=False)
    for column in _COLUMNS:
        table.add_column(column)
    for each in tasks:
        due = datetime.fromisoformat(each["due"])
        late = " (late)" if due < now else ""
        by_when = f"{due.astimezone(LOCAL_TIME):%Y-%m-%d}{late}"
        what = each["kind"].replace("_", " ")
        names = (escape(each["title"] or "–"), escape(each["provider_name"] or each["provider"] or "–"))
        table.add_row(each["activity"], by_when, each["team"], what, *names)
    return table if table.row_count else "Nothing is to be done about any activity."


def done_by_hand(
    activity: Activity,
    who: Who,
    how: Annotated[str, typer.Option(help="A code: asked, visited …")] = "asked",
    role: AsRole = Role.LINK_WORKER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What was to be done about it is done in another way than by verifying, changing or withdrawing it.

    It vouches for nothing: `sluss activity verify` does.
    """

    async def complete(there: Reached) -> None:
        answer = await there.ask(ReadActivityTasks(**by(who, role), most=200))
        found = [each["task_id"] for each in answer.result["tasks"] if each["activity"] == activity]
        if not found:
            raise UnknownId(f"nothing is to be done about {activity}", remedy="see `sluss activity tasks`")
        for task_id in found:
            command = CompleteActivityTask(**by(who, role), activity=activity, task_id=task_id, how=how)
            done("Task done", await there.ask(command))

    ask(data_dir, complete)
