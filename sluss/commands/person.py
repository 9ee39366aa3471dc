"""`sluss person …`: erasing somebody, and what is recorded of people apart from any referral."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, ActingAs, DataDir, ask, by, console, done
from sluss.reach import Failure, Reached
from sluss_contracts.commands.referral import (
    ChangeContact,
    ErasePerson,
    HoldErasure,
    ReadErasures,
    RecordScreening,
    RecordSignposting,
    ReplayErasure,
)
from sluss_contracts.offering import Interest
from sluss_contracts.request import ContactWays
from sluss_contracts.vocabulary import Channel, LonelyFor, MessageWay, Need, Role

app = typer.Typer(
    name="person",
    help="Erase somebody; say how they are reached; record whom nobody referred yet.",
    no_args_is_help=True,
)

Referral = Annotated[str, typer.Argument(help="Any referral of the person: its id, or the beginning of it.")]
Operator = Annotated[str, typer.Option("--as", help="Who does it; stands in the record.")]


@app.command()
def erase(
    referral: Referral,
    who: Operator = "operator",
    why: Annotated[str, typer.Option(help="A code: asked_by_person, kept_long_enough …")] = "asked_by_person",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Destroy the key to everything kept of a person. Open work is closed first; a rule may hold it."""
    if not yes:
        typer.confirm("Nothing kept of this person can ever be read again. Go on?", abort=True)

    async def send(there: Reached) -> None:
        person = await _person(there, referral)
        answer = await there.ask(ErasePerson(**by(who, Role.OPERATOR), person=person, why=why))
        told = answer.result
        if told["erased"]:
            console.print("Erased" if answer.events else "Erased already: nothing to do")
        elif until := told.get("until"):
            console.print(f"Held by {told['held']} until {until}; it happens by itself on that day")
        else:
            console.print("Open work is being closed; it happens by itself when the case is over")

    ask(data_dir, send)


@app.command()
def contact(
    referral: Referral,
    who: ActingAs,
    prefer: Annotated[
        list[MessageWay] | None,
        typer.Option(help="How they want to be written to; may be given again, best first."),
    ] = None,
    phone: str | None = None,
    email: str | None = None,
    postal_address: str | None = None,
    inbox: Annotated[str | None, typer.Option(help="What their own inbox knows them by.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """How the person is reached from now on. Addresses replace all that were known, and so do preferences."""
    ways = {"phone": phone, "email": email, "postal_address": postal_address, "inbox": inbox}
    known = {name: way for name, way in ways.items() if way is not None}
    if not known and not prefer:
        raise Failure("nothing is changed", remedy="add --prefer, or an address: --phone, --email …")

    async def send(there: Reached) -> None:
        command = ChangeContact(
            **by(who, Role.LINK_WORKER),
            referral_id=await there.referral(referral),
            contact=ContactWays(**known) if known else None,
            prefers=tuple(prefer) if prefer else None,
        )
        await there.ask(command)
        console.print("Kept: the next message goes so")

    ask(data_dir, send)


@app.command()
def hold(
    referral: Referral,
    until: Annotated[str, typer.Option(help="The first day on which the rule no longer holds: 2032-12-31.")],
    who: Operator = "operator",
    why: Annotated[str, typer.Option(help="The rule, as a code.")] = "archive_law",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """A rule says that what is kept of the person may not be destroyed before a date."""
    day = _day(until)

    async def send(there: Reached) -> None:
        person = await _person(there, referral)
        command = HoldErasure(**by(who, Role.OPERATOR), person=person, why=why, until=day)
        done(f"Held until {day}", await there.ask(command))

    ask(data_dir, send)


@app.command()
def erasures(
    to: Annotated[
        Path | None, typer.Option(help="Write them to a file, to be kept apart from backups.")
    ] = None,
    who: Operator = "operator",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The ledger of erasures, one a line (JSON, pseudonyms only). Keep it apart from the backups."""

    async def fetch(there: Reached) -> list[dict[str, Any]]:
        answer = await there.ask(ReadErasures(**by(who, Role.OPERATOR)))
        found: list[dict[str, Any]] = answer.result["erasures"]
        return found

    lines = "".join(json.dumps(line) + "\n" for line in ask(data_dir, fetch))
    if to is None:
        print(lines, end="")
        return
    try:
        to.write_text(lines, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{to} cannot be written: {error.strerror}") from None
    console.print(f"{lines.count(chr(10))} erasures written to {to}")


@app.command("replay-erasures")
def replay_erasures(
    file: Annotated[Path, typer.Argument(help="What `sluss person erasures --to` wrote.")],
    who: Operator = "operator",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """After an older backup was restored: erase again everybody who had been erased since."""
    ledger = _ledger(file)

    async def send(there: Reached) -> int:
        again = 0
        for person, why in ledger:
            answer = await there.ask(ReplayErasure(**by(who, Role.OPERATOR), person=person, why=why))
            again += bool(answer.events)
        return again

    again = ask(data_dir, send)
    console.print(f"{len(ledger)} in the ledger, {again} erased again")


@app.command()
def screen(
    organisation: Annotated[str, typer.Argument(help="The organisation that asked.")],
    area: str,
    answer: Annotated[int, typer.Argument(help="The answer's number on the instrument's scale.")],
    who: ActingAs,
    instrument: str = "ons-direct",
    version: int = 1,
    lonely_for: LonelyFor = LonelyFor.UNKNOWN,
    led_to: Annotated[str, typer.Option(help="nothing, signposted, referred or declined.")] = "nothing",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Somebody was asked how lonely they are, before any referral. Nobody is named."""

    async def send(there: Reached) -> None:
        command = RecordScreening(
            **by(who, Role.LINK_WORKER),
            organisation=organisation,
            area=area,
            instrument=instrument,
            version=version,
            answer=answer,
            lonely_for=lonely_for,
            led_to=led_to,
        )
        done("Screening recorded", await there.ask(command))

    ask(data_dir, send)


@app.command()
def signpost(
    area: str,
    who: ActingAs,
    organisation: Annotated[str | None, typer.Option(help="Who told them.")] = None,
    channel: Channel = Channel.STAFF,
    need: Annotated[list[Need] | None, typer.Option(help="May be given again.")] = None,
    activity: Annotated[str | None, typer.Option(help="What they were told of.")] = None,
    age_group: Annotated[
        str | None, typer.Option(help="under_18, age_18_29, age_30_64, age_65_79 or age_80_up.")
    ] = None,
    interest: Annotated[list[Interest] | None, typer.Option(help="May be given again.")] = None,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Somebody was told of something that may suit them. No case is opened, and nobody is named."""

    async def send(there: Reached) -> None:
        command = RecordSignposting(
            **by(who, Role.LINK_WORKER),
            organisation=organisation,
            channel=channel,
            area=area,
            needs=tuple(need or ()),
            activity=activity,
            age_group=age_group,
            interests=tuple(interest or ()),
        )
        done("Signposting recorded", await there.ask(command))

    ask(data_dir, send)


async def _person(there: Reached, referral: str) -> str:
    """The pseudonym of whom a referral is about."""
    story = await there.ledger.story(await there.referral(referral))
    return str(next(entry.data["person"] for entry in story if entry.name == "referral.submitted"))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text!r} is no date", remedy="write 2032-12-31") from None


def _ledger(file: Path) -> list[tuple[str, str]]:
    """Who is to be erased again, and why. Raises `Failure` with the line that is no erasure."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{file} cannot be read: {getattr(error, 'strerror', 'not text')}") from None
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
            found.append((str(said["person"]), str(said["why"])))
        except (ValueError, KeyError, TypeError):
            raise Failure(
                f"line {number} of {file} is no erasure",
                remedy="`sluss person erasures --to` writes such a file",
            ) from None
    return found
