"""What waits for a coordinator, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.commands.cataloguing.listing import in_words
from sluss.commands.cataloguing.sending import Activity, Seen, Who, Why, send
from sluss.reach import Reached
from sluss_contracts.commands.catalogue import (
    ReadModeration,
    ReviewActivity,
    SendBackActivity,
    TurnDownProposal,
)
from sluss_contracts.vocabulary import Role

_WAITS = {
    ("activity", "suggestion"): ("is suggested", "publish {id}, or turn-down {id} WHY"),
    ("activity", "new"): ("is new", "review {id} --seen {sequence}, or send-back {id} WHY"),
    ("activity", "change"): ("is changed", "review {id} --seen {sequence}, or send-back {id} WHY"),
    ("provider", "suggestion"): ("is suggested", "register {id}, or turn-down {id} WHY"),
}


def queue(
    who: Who,
    most: Annotated[int, typer.Option(help="How many to show; the rest is counted.")] = 20,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What waits for a coordinator, the longest wait first, with what is said otherwise than before."""

    async def show(there: Reached) -> None:
        answer = await there.ask(ReadModeration(**by(who, Role.COORDINATOR), most=most))
        for part in waiting(answer.result):
            console.print(part)

    ask(data_dir, show)


def waiting(told: Mapping[str, Any]) -> Iterator[RenderableType]:
    """The queue, readable: each thing, how it differs, and what may be said of it."""
    if not told["items"]:
        yield "Nothing waits."
    for item in told["items"]:
        is_, remedy = _WAITS[item["kind"], item["what"]]
        whose = f" by a {item['by']}" if item.get("by") else ""
        yield f"[bold]{item['kind']} {item['id']}[/] {is_}{whose}, since {item['since'][:10]}"
        yield _differences(item)
        yield f"[dim]  sluss {item['kind']} {remedy.format(**item)}[/]\n"
    more = told["waiting"] - len(told["items"])
    if more > 0:
        yield f"{more} more wait."


def _differences(item: Mapping[str, Any]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    for change in item["changes"]:
        after = in_words(change["after"])
        if item["what"] == "change":
            table.add_row(change["field"], in_words(change["before"]), "→", after)
        else:
            table.add_row(change["field"], after)
    if not item["changes"]:
        table.add_row("as it was: changed, and changed back")
    return table


def review(activity: Activity, who: Who, seen: Seen = None, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator has looked at it, and lets it stand."""
    send(
        data_dir,
        f"{activity} looked at",
        lambda there: ReviewActivity(**by(who, Role.COORDINATOR), activity=activity, expected_sequence=seen),
    )


def send_back(
    activity: Activity, why: Why, who: Who, seen: Seen = None, data_dir: DataDir = DEFAULT_DATA_DIR
) -> None:
    """A coordinator does not let it stand: it is as it was before; what was new is withdrawn."""
    send(
        data_dir,
        f"{activity} sent back",
        lambda there: SendBackActivity(
            **by(who, Role.COORDINATOR), activity=activity, why=why, expected_sequence=seen
        ),
    )


def turn_down(activity: Activity, why: Why, who: Who, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """A coordinator does not publish what was suggested."""
    send(
        data_dir,
        f"{activity} turned down",
        lambda there: TurnDownProposal(**by(who, Role.COORDINATOR), activity=activity, why=why),
    )
