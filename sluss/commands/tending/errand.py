"""What every errand about dead letters shares: which ones, who asks and why, and how it is sent."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.table import Table

from services.console.letters.asking import tend
from services.console.standing.examining import SERVICES
from services.runtime.tending.errands import Errand, Purpose, Which
from sluss.account import acting, own_name
from sluss.commands.asking import moment
from sluss.reach import Failure, Reached, RefusedByRule, UnknownId
from sluss.telling import LOCAL_TIME
from sluss_contracts.vocabulary import Role

Service = Annotated[str, typer.Argument(help="The service that refused it.")]
Number = Annotated[int, typer.Argument(help="The dead letter's number, from the list.")]
Numbers = Annotated[list[int] | None, typer.Argument(help="Their numbers; or name them by the options.")]
ByCode = Annotated[str | None, typer.Option("--code", help="The rule that refused.")]
ByType = Annotated[str | None, typer.Option("--type", help="The event type, sluss.referral.accepted.v1.")]
ByReason = Annotated[str | None, typer.Option("--because", help="The reason, as it stands in the list.")]
ByKey = Annotated[str | None, typer.Option("--key", help="The referral or activity.")]
Before = Annotated[str | None, typer.Option("--before", help="Those that died before.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")]
As = Annotated[str, typer.Option("--as", help="Who you are.", show_default="your account")]
Unmasked = Annotated[
    str | None, typer.Option(metavar="PLACE", help="See one masked place: needs, goals[0].words.")
]
WhatFor = Annotated[Purpose, typer.Option("--for", help="What for; stands in the person's access log.")]
Data = Annotated[Path, typer.Option("--data", help="A JSON file with the event's new data.")]


async def send(there: Reached, service: str, errand: Errand) -> dict[str, Any]:
    answer = await tend(there.network.client, known_service(service), errand)
    if answer.refused:
        raise RefusedByRule.by(answer.refused)
    return answer.result


def signed(actor: str, reason: str) -> dict[str, Any]:
    if len(reason.strip()) < 3:
        raise Failure("say why, it goes into the audit log", remedy='--reason "…"')
    return {
        "id": uuid4(),
        "actor": acting(actor or own_name(), Role.OPERATOR),
        "reason": reason,
    }


def which_of(
    numbers: list[int] | None,
    code: str | None,
    type: str | None,
    because: str | None,
    key: str | None,
    before: str | None,
) -> Which:
    died = moment(before) if before else None
    which = Which(numbers=tuple(numbers or ()), code=code, type=type, because=because, key=key, before=died)
    if which.everything:
        raise Failure("say which", remedy="their numbers, or --code, --type, --because, --key, --before")
    return which


def data_in(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{path} cannot be read as JSON", remedy=type(error).__name__) from None
    if not isinstance(data, dict):
        raise Failure(f"{path} holds no JSON object", remedy="write the event's data, without the envelope")
    return data


def known_service(service: str) -> str:
    if service not in SERVICES:
        raise UnknownId(f"there is no service {service!r}", remedy=f"these are: {', '.join(SERVICES)}")
    return service


def clock_time(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}"


def columns(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def for_a_while(place: str, until: datetime) -> str:
    """What stands before something masked that is shown."""
    until = until.astimezone(LOCAL_TIME)
    return f"\nAt {place}, for you until {until:%H:%M} (in the audit and the access log):"
