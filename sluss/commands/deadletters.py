"""`sluss deadletters …`: what was refused for ever, until somebody deals with it."""

from __future__ import annotations

import getpass
import json
from base64 import b64decode
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import typer
from rich.table import Table

from services.console.letters.asking import tend
from services.console.letters.differing import seen
from services.console.letters.reading import causes, corrections, letter, letters, type_of
from services.console.standing.examining import SERVICES
from services.runtime.deadletters import UnknownDeadLetter
from services.runtime.tending.audit import actions
from services.runtime.tending.errands import (
    Approve,
    Dismiss,
    Errand,
    Propose,
    Reject,
    Replay,
    Try,
    Unmask,
    Which,
)
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console, moment
from sluss.reach import Failure, Reached, RefusedByRule
from sluss.telling import LOCAL_TIME
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role

app = typer.Typer(name="deadletters", help="Events that could not be handled.", no_args_is_help=True)

Service = Annotated[str, typer.Argument(help="The service that refused it.")]
Number = Annotated[int, typer.Argument(help="The dead letter's number, from the list.")]
Numbers = Annotated[list[int] | None, typer.Argument(help="Their numbers; or name them by the options.")]
ByCode = Annotated[str | None, typer.Option("--code", help="The rule that refused.")]
ByType = Annotated[str | None, typer.Option("--type", help="The event type, sluss.referral.accepted.v1.")]
ByKey = Annotated[str | None, typer.Option("--key", help="The referral or activity.")]
Before = Annotated[str | None, typer.Option("--before", help="Those that died before.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")]
As = Annotated[str, typer.Option("--as", help="Who you are.", show_default="your account")]
Data = Annotated[Path, typer.Option("--data", help="A JSON file with the event's new data.")]


def _me() -> str:
    return getpass.getuser()


@app.command("list")
def list_letters(
    service: Annotated[str | None, typer.Argument(help="One service's, each by itself.")] = None,
    code: ByCode = None,
    type: ByType = None,
    key: ByKey = None,
    everything: Annotated[bool, typer.Option("--all", help="Those dealt with as well.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What nobody has dealt with, by cause; of one SERVICE each by itself."""

    async def show(there: Reached) -> None:
        connection = there.ledger.connection
        if service is None and not (code or type or key or everything):
            await _by_cause(connection)
            return
        table = _table("service", "number", "died", "code", "reason", "key", "")
        for name in [_known(service)] if service else SERVICES:
            for each in await letters(connection, name, code=code, type=type, key=key, resolved=everything):
                done = f"{each.resolution} by {each.resolved_by}" if each.resolved else ""
                table.add_row(
                    name, str(each.number), _when(each.died), each.code, each.reason, each.key or "", done
                )
        console.print(table if table.row_count else "None.")

    ask(data_dir, show)


async def _by_cause(connection: Any) -> None:
    found = await causes(connection, SERVICES)
    if not found:
        console.print("No dead letters.")
        return
    table = _table("count", "service", "code", "type", "reason", "since", "last")
    for each in found:
        table.add_row(
            str(each.count),
            each.service,
            each.code,
            each.type,
            each.reason,
            _when(each.first),
            _when(each.last),
        )
    console.print(table)
    first = found[0]
    console.print(f"\nLook at one: sluss deadletters show {first.service} {first.number}", soft_wrap=True)


@app.command()
def show(
    service: Service,
    number: Number,
    unmask: Annotated[bool, typer.Option("--unmask", help="The bytes as they came; needs a reason.")] = False,
    reason: Reason = "",
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """One dead letter: why it died, how it differs from its contract, its data masked."""

    async def look(there: Reached) -> None:
        try:
            found = await letter(there.ledger.connection, _known(service), number)
        except UnknownDeadLetter as unknown:
            raise Failure(str(unknown), remedy="`sluss deadletters list` shows them") from None
        console.print(f"{found.code}: {found.reason}")
        console.print(f"{type_of(found)} about {found.key or 'nobody knows what'}, died {_when(found.died)}")
        if found.resolved:
            console.print(f"{found.resolution} by {found.resolved_by}, {_when(found.resolved)}")
        as_seen = seen(found)
        if not as_seen.readable:
            console.print(f"{len(found.body)} bytes that are no JSON document")
        elif as_seen.differences:
            table = _table("where", "what", "wanted", "found")
            for each in as_seen.differences:
                table.add_row(each.path, each.code, each.wanted, each.found)
            console.print("\nHow its data differ from the contract:")
            console.print(table)
        elif as_seen.type:
            console.print("Its data are as the contract wants them: a rule refused it.")
        if unmask:
            errand = Unmask(number=number, **_by(actor, reason))
            raw = b64decode((await _send(there, service, errand))["body"])
            console.print("\nAs it came:")
            console.print(raw.decode(errors="backslashreplace"), soft_wrap=True, markup=False)
        elif as_seen.shown:
            console.print("\nIts data (null is masked):")
            console.print_json(json.dumps(as_seen.shown, default=str))

    ask(data_dir, look)


@app.command()
def replay(
    service: Service,
    numbers: Numbers = None,
    code: ByCode = None,
    type: ByType = None,
    key: ByKey = None,
    before: Before = None,
    reason: Reason = "the cause is mended",
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Send them through the service's handlers again, once what they refused has been mended."""

    async def again(there: Reached) -> None:
        errand = Replay(which=_which(numbers, code, type, key, before), **_by(actor, reason))
        _told("replayed; what is refused again is in the list anew", await _send(there, service, errand))

    ask(data_dir, again)


@app.command()
def dismiss(
    service: Service,
    numbers: Numbers = None,
    code: ByCode = None,
    type: ByType = None,
    key: ByKey = None,
    before: Before = None,
    reason: Reason = "nothing is to be done about it",
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Put them aside for good; their bytes are kept."""

    async def aside(there: Reached) -> None:
        errand = Dismiss(which=_which(numbers, code, type, key, before), **_by(actor, reason))
        _told("put aside", await _send(there, service, errand))

    ask(data_dir, aside)


@app.command("try")
def try_(
    service: Service,
    number: Number,
    data: Annotated[Path | None, typer.Option("--data", help="Other data, as a JSON file.")] = None,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """What would come of a replay now. Nothing does."""

    async def dry(there: Reached) -> None:
        errand = Try(number=number, data=_read(data) if data else None, **_by(actor, "a dry run"))
        found = await _send(there, service, errand)
        says = f": {', '.join(found['says'])}" if found.get("says") else ""
        why = f": {found.get('code', '')} {found['reason']}" if found.get("reason") else ""
        console.print(f"It would {found['would']}{says}{why}")

    ask(data_dir, dry)


@app.command()
def edit(
    service: Service,
    number: Number,
    data: Data,
    reason: Reason,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Propose a new event with other data in its place; a second person must approve."""

    async def propose(there: Reached) -> None:
        made = await _send(there, service, Propose(number=number, data=_read(data), **_by(actor, reason)))
        console.print(f"Correction {made['correction']} waits for somebody else than you:")
        console.print(f"  sluss deadletters approve {service} {made['correction']} --as NAME --reason WHY")

    ask(data_dir, propose)


@app.command()
def approve(
    service: Service,
    correction: Annotated[int, typer.Argument(help="Its number.")],
    reason: Reason,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Agree to a correction that somebody else proposed: it goes to the handlers."""

    async def agree(there: Reached) -> None:
        made = await _send(there, service, Approve(correction=correction, **_by(actor, reason)))
        console.print(f"Approved: event {made['event_id']} takes the dead letter's place.")

    ask(data_dir, agree)


@app.command()
def reject(
    service: Service,
    correction: Annotated[int, typer.Argument(help="Its number.")],
    reason: Reason,
    actor: As = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Turn a correction down; the dead letter stays as it was."""

    async def refuse(there: Reached) -> None:
        await _send(there, service, Reject(correction=correction, **_by(actor, reason)))
        console.print("Rejected; the dead letter stays.")

    ask(data_dir, refuse)


@app.command("corrections")
def list_corrections(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """What waits for a second person."""

    async def show(there: Reached) -> None:
        table = _table("service", "correction", "of", "proposed", "by", "reason")
        for each in await corrections(there.ledger.connection, SERVICES):
            row = (each.service, str(each.number), str(each.letter), _when(each.proposed))
            table.add_row(*row, each.proposed_by, each.reason)
        console.print(table if table.row_count else "Nothing waits for a second person.")

    ask(data_dir, show)


@app.command()
def audit(
    most: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 50,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Everything operators did about dead letters, the latest first."""

    async def show(there: Reached) -> None:
        table = _table("when", "who", "did", "service", "dead letters", "why", "came to")
        for each in await actions(there.ledger.connection, SERVICES, most=most):
            numbers = ", ".join(map(str, each.letters[:8])) + (" …" if len(each.letters) > 8 else "")
            came = ", ".join(f"{name} {_short(value)}" for name, value in each.outcome.items())
            table.add_row(_when(each.at), each.actor, each.action, each.service, numbers, each.reason, came)
        console.print(table if table.row_count else "Nothing was done yet.")

    ask(data_dir, show)


def _short(value: Any) -> str:
    return str(len(value)) if isinstance(value, list) else str(value)


async def _send(there: Reached, service: str, errand: Errand) -> dict[str, Any]:
    answer = await tend(there.network.client, _known(service), errand)
    if answer.refused:
        faults = [f"  {fault.path or 'the whole'}: {fault.remedy}" for fault in answer.refused.faults]
        raise RefusedByRule("\n".join([f"{answer.refused.message} [{answer.refused.code}]", *faults]))
    return answer.result


def _told(what: str, outcome: dict[str, Any]) -> None:
    console.print(f"{len(outcome['done'])} {what}.")
    if outcome["left"]:
        console.print(
            f"Left as they were: {', '.join(map(str, outcome['left']))} (dealt with, or unreadable)."
        )


def _by(actor: str, reason: str) -> dict[str, Any]:
    if len(reason.strip()) < 3:
        raise Failure("say why, it goes into the audit log", remedy='--reason "…"')
    return {"id": uuid4(), "actor": Actor(id=actor or _me(), role=Role.OPERATOR), "reason": reason}


def _which(
    numbers: list[int] | None, code: str | None, type: str | None, key: str | None, before: str | None
) -> Which:
    died = moment(before) if before else None
    which = Which(numbers=tuple(numbers or ()), code=code, type=type, key=key, before=died)
    if which.everything:
        raise Failure("say which", remedy="their numbers, or --code, --type, --key, --before")
    return which


def _read(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Failure(f"{path} cannot be read as JSON", remedy=type(error).__name__) from None
    if not isinstance(data, dict):
        raise Failure(f"{path} holds no JSON object", remedy="write the event's data, without the envelope")
    return data


def _known(service: str) -> str:
    if service not in SERVICES:
        raise Failure(f"there is no service {service!r}", remedy=f"these are: {', '.join(SERVICES)}")
    return service


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}"


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table
