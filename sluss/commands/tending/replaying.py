"""Dead letters tried, replayed by two people, put right by two people, or put aside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from services.console.letters.differing import changes
from services.console.letters.reading import letter, proposals
from services.console.standing.examining import SERVICES
from services.runtime.tending.errands import Approve, Dismiss, Propose, Reject, Replay, Try, TryAll, Which
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.commands.tending.errand import (
    As,
    Before,
    ByCode,
    ByKey,
    ByReason,
    ByType,
    Data,
    Number,
    Numbers,
    Reason,
    Service,
    clock_time,
    columns,
    data_in,
    send,
    signed,
    which_of,
)
from sluss.reach import Failure, Reached


def replay(
    service: Service,
    numbers: Numbers = None,
    code: ByCode = None,
    type: ByType = None,
    because: ByReason = None,
    key: ByKey = None,
    before: Before = None,
    reason: Reason = "the cause is mended",
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Propose to send them through the handlers again, once the cause is mended; a second person approves."""

    async def again(there: Reached) -> None:
        errand = Replay(which=which_of(numbers, code, type, because, key, before), **signed(actor, reason))
        made = await send(there, service, errand)
        console.print(f"{len(made['letters'])} to be replayed.")
        _left(made)
        _waits(service, made["proposal"])

    ask(data_dir, again)


def dismiss(
    service: Service,
    numbers: Numbers = None,
    code: ByCode = None,
    type: ByType = None,
    because: ByReason = None,
    key: ByKey = None,
    before: Before = None,
    reason: Reason = "nothing is to be done about it",
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Put them aside for good; their bytes are kept."""

    async def aside(there: Reached) -> None:
        errand = Dismiss(which=which_of(numbers, code, type, because, key, before), **signed(actor, reason))
        _told("put aside", await send(there, service, errand))

    ask(data_dir, aside)


def try_(
    service: Service,
    numbers: Numbers = None,
    code: ByCode = None,
    type: ByType = None,
    because: ByReason = None,
    key: ByKey = None,
    before: Before = None,
    data: Annotated[Path | None, typer.Option("--data", help="Other data, as a JSON file.")] = None,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What would come of a replay now, of one or of many. Nothing does."""

    async def dry(there: Reached) -> None:
        which, by = which_of(numbers, code, type, because, key, before), signed(actor, "a dry run")
        if which != Which(numbers=which.numbers[:1]):
            if data:
                raise Failure("other data are for one dead letter", remedy="name its number alone")
            _told_all(await send(there, service, TryAll(which=which, **by)))
            return
        errand = Try(number=which.numbers[0], data=data_in(data) if data else None, **by)
        found = await send(there, service, errand)
        says = f": {', '.join(found['says'])}" if found.get("says") else ""
        why = f": {found.get('code', '')} {found['reason']}" if found.get("reason") else ""
        console.print(f"It would {found['would']}{says}{why}")

    ask(data_dir, dry)


def edit(
    service: Service,
    number: Number,
    data: Data,
    reason: Reason,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Propose a new event with other data in its place; a second person approves. Null keeps what came."""

    async def propose(there: Reached) -> None:
        made = await send(there, service, Propose(number=number, data=data_in(data), **signed(actor, reason)))
        _waits(service, made["proposal"])

    ask(data_dir, propose)


def approve(
    service: Service,
    proposal: Annotated[int, typer.Argument(help="Its number, from `proposals`.")],
    reason: Reason,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Agree to what somebody else proposed: it goes to the handlers."""

    async def agree(there: Reached) -> None:
        made = await send(there, service, Approve(proposal=proposal, **signed(actor, reason)))
        if "event_id" in made:
            console.print(f"Approved: event {made['event_id']} takes the dead letter's place.")
            return
        _told("replayed; what is refused again is in the list anew", made)

    ask(data_dir, agree)


def reject(
    service: Service,
    proposal: Annotated[int, typer.Argument(help="Its number, from `proposals`.")],
    reason: Reason,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Turn a proposal down, or take your own back; the dead letters stay as they were."""

    async def refuse(there: Reached) -> None:
        await send(there, service, Reject(proposal=proposal, **signed(actor, reason)))
        console.print("Turned down; the dead letters stay.")

    ask(data_dir, refuse)


def list_proposals(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """What waits for a second person, and what it would change."""

    async def show(there: Reached) -> None:
        table = columns("service", "proposal", "what", "of", "proposed", "by", "reason")
        for each in await proposals(there.ledger.connection, SERVICES):
            what = "as it came"
            if each.body is not None:
                first = await letter(there.ledger.connection, each.service, each.letters[0])
                what = "changed: " + ", ".join(one.place for one in changes(first, each.body))
            of = ", ".join(map(str, each.letters[:8])) + (" …" if len(each.letters) > 8 else "")
            row = (each.service, str(each.number), what, of, clock_time(each.proposed))
            table.add_row(*row, each.proposed_by, each.reason)
        console.print(table if table.row_count else "Nothing waits for a second person.")

    ask(data_dir, show)


def _told(what: str, outcome: dict[str, Any]) -> None:
    console.print(f"{len(outcome['done'])} {what}.")
    _left(outcome)


def _told_all(outcome: dict[str, Any]) -> None:
    for would, count in sorted(outcome["would"].items()):
        console.print(f"{count} would {would}")
    if untried := outcome["untried"]:
        console.print(f"{len(untried)} more were not tried.")


def _waits(service: str, proposal: int) -> None:
    console.print(f"Proposal {proposal} waits for somebody else, in the console or from their own account:")
    remedy = f"  sluss deadletters approve {service} {proposal} --reason WHY"
    console.print(remedy, soft_wrap=True)


def _left(outcome: dict[str, Any]) -> None:
    if outcome["left"]:
        console.print(
            f"Left as they were: {', '.join(map(str, outcome['left']))} (dealt with, or unreadable)."
        )
