"""Dead letters at the command line: by cause, each by itself, and one against its contract."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from services.console.letters.differing import masked_places, seen
from services.console.letters.reading import causes, letter, letters, proposals, type_of
from services.console.standing.examining import SERVICES
from services.runtime.deadletters import UnknownDeadLetter
from services.runtime.tending.errands import Unmask
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console, moment
from sluss.commands.tending.errand import (
    As,
    Before,
    ByCode,
    ByKey,
    ByReason,
    ByType,
    Number,
    Reason,
    Service,
    Unmasked,
    WhatFor,
    clock_time,
    columns,
    for_a_while,
    known_service,
    send,
    signed,
)
from sluss.reach import Failure, Reached
from sluss_contracts.event import PREFIX


def list_letters(
    service: Annotated[str | None, typer.Argument(help="One service's, each by itself.")] = None,
    code: ByCode = None,
    type: ByType = None,
    because: ByReason = None,
    key: ByKey = None,
    before: Before = None,
    everything: Annotated[bool, typer.Option("--all", help="Those dealt with as well.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What nobody has dealt with, by cause; of one SERVICE each by itself."""

    async def show(there: Reached) -> None:
        connection = there.ledger.connection
        if service is None and not (code or type or because or key or before or everything):
            await _by_cause(connection)
            return
        died = moment(before) if before else None
        chosen: dict[str, Any] = {"code": code, "type": type, "because": because, "key": key, "before": died}
        table = columns("service", "number", "died", "code", "reason", "key", "")
        for name in [known_service(service)] if service else SERVICES:
            for each in await letters(connection, name, **chosen, resolved=everything):
                done = f"{each.resolution} by {each.resolved_by}" if each.resolved else ""
                table.add_row(
                    name,
                    str(each.number),
                    clock_time(each.died),
                    each.code,
                    each.reason,
                    each.key or "",
                    done,
                )
        console.print(table if table.row_count else "None.")

    ask(data_dir, show)


async def _by_cause(connection: Any) -> None:
    found = await causes(connection, SERVICES)
    if waiting := await proposals(connection, SERVICES):
        console.print(f"{len(waiting)} proposals wait for a second person: sluss deadletters proposals")
    if not found:
        console.print("No dead letters.")
        return
    table = columns("count", "service", "code", "what", "last", "reason")
    for each in found:
        what = each.type.removeprefix(f"{PREFIX}.")
        table.add_row(
            str(each.count), each.service, each.code, what, clock_time(each.last)[5:-3], each.reason
        )
    console.print(table)
    first = found[0]
    console.print(f"\nLook at one: sluss deadletters show {first.service} {first.number}", soft_wrap=True)


def show(
    service: Service,
    number: Number,
    unmask: Unmasked = None,
    purpose: WhatFor = "fault_finding",
    reason: Reason = "",
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """One dead letter: why it died, how it differs from its contract, its data masked."""

    async def look(there: Reached) -> None:
        try:
            found = await letter(there.ledger.connection, known_service(service), number)
        except UnknownDeadLetter as unknown:
            raise Failure(str(unknown), remedy="`sluss deadletters list` shows them") from None
        console.print(f"{found.code}: {found.reason}")
        console.print(
            f"{type_of(found)} about {found.key or 'nobody knows what'}, died {clock_time(found.died)}"
        )
        if found.resolved:
            console.print(f"{found.resolution} by {found.resolved_by}, {clock_time(found.resolved)}")
        as_seen = seen(found)
        if not as_seen.readable:
            console.print(f"{len(found.body)} bytes that are no JSON document")
        elif as_seen.differences:
            table = columns("where", "what", "wanted", "found")
            for each in as_seen.differences:
                table.add_row(each.path, each.code, each.wanted, each.found)
            console.print("\nHow its data differ from the contract:")
            console.print(table)
        elif as_seen.type:
            console.print("Its data are as the contract wants them: a rule refused it.")
        if as_seen.shown:
            console.print("\nIts data (null is masked):")
            console.print_json(json.dumps(as_seen.shown, default=str))
        if unmask:
            errand = Unmask(number=number, place=unmask, purpose=purpose, **signed(actor, reason))
            told = await send(there, service, errand)
            value = told["value"]
            console.print(for_a_while(unmask, datetime.fromisoformat(told["until"])), markup=False)
            console.print(
                value if isinstance(value, str) else json.dumps(value), soft_wrap=True, markup=False
            )
        elif masked := masked_places(found, as_seen.shown):
            console.print(f"\nMasked: {', '.join(masked)}", markup=False)
            console.print("See one: --unmask PLACE --reason WHY", markup=False)

    ask(data_dir, look)
