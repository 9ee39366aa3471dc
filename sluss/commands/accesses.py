"""`sluss accesses …`: who has looked at whose record."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.reach import Failure, Reached
from sluss.telling import LOCAL_TIME
from sluss_contracts.commands.looking import ReadAccessLog, ReadSpotCheck
from sluss_contracts.vocabulary import Role

app = typer.Typer(
    name="accesses",
    help="Who has looked at whose record: a person's extract, and a spot check.",
    no_args_is_help=True,
)
Operator = Annotated[str, typer.Option("--as", help="Who asks; stands in the log.")]
AsJson = Annotated[bool, typer.Option("--json", help="One entry a line.")]


@app.command("of")
def of_person(
    referral: Annotated[str, typer.Argument(help="Any referral of the person: its id, or its beginning.")],
    who: Operator = "operator",
    for_the_person: Annotated[
        bool, typer.Option("--for-the-person", help="Unit, role and time, without the names of staff.")
    ] = False,
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Every look at a person's record and every denied try, the latest first. Asking is one itself."""

    async def fetch(there: Reached) -> list[dict[str, Any]]:
        id, entries, before = await there.referral(referral), list[dict[str, Any]](), None
        while True:
            question = ReadAccessLog(**by(who, Role.OPERATOR), referral_id=id, before=before)
            answer = await there.ask(question)
            entries += answer.result["entries"]
            if not answer.result["more"]:
                return entries
            before = entries[-1]["number"]

    entries = ask(data_dir, fetch)
    if for_the_person:
        kept = ("at", "unit", "role", "action", "purpose", "allowed")
        entries = [{name: entry[name] for name in kept} for entry in entries]
    _tell(entries, as_json)


@app.command()
def draw(
    since: Annotated[str, typer.Option(help="The first day: 2027-01-01.")],
    until: Annotated[str, typer.Option(help="The last day.")],
    unit: Annotated[str | None, typer.Option(help="One team or organisation alone.")] = None,
    most: Annotated[int, typer.Option(help="Looks of each unit.")] = 10,
    seed: Annotated[int | None, typer.Option(help="Draws the same again.")] = None,
    who: Operator = "operator",
    as_json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Some looks of each unit, drawn at random, for somebody to ask about."""
    first, last = _day(since), _day(until)

    async def fetch(there: Reached) -> dict[str, Any]:
        question = ReadSpotCheck(
            **by(who, Role.OPERATOR),
            since=datetime.combine(first, time.min, LOCAL_TIME).astimezone(UTC),
            until=datetime.combine(last, time.max, LOCAL_TIME).astimezone(UTC),
            unit=unit,
            most=most,
            seed=seed,
        )
        return (await there.ask(question)).result

    told = ask(data_dir, fetch)
    _tell(told["entries"], as_json)
    if not as_json:
        for of, looks in sorted(told["counts"].items()):
            console.print(f"{of}: {looks} looks in all")
        console.print(f"Drawn with --seed {told['seed']}")


def _tell(entries: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), end="")
        return
    names = [name for name in (entries[0] if entries else {}) if name not in ("number", "why_not")]
    table = Table(*names, box=None, pad_edge=False)
    for entry in entries:
        told = entry | {"at": datetime.fromisoformat(entry["at"]).astimezone(LOCAL_TIME).strftime("%F %H:%M")}
        told["allowed"] = "yes" if entry["allowed"] else f"no: {entry.get('why_not') or 'denied'}"
        table.add_row(*(escape(str(told[name] or "")) for name in names))
    console.print(table if entries else "Nobody has looked.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failure(f"{text!r} is no date", remedy="write 2027-01-31") from None
