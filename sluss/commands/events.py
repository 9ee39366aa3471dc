"""`sluss events …`: the console's log at the command line, masked as it is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table
from rich.text import Text
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log.entry import Entry, short_type
from services.console.log.finding import Row, Wanted, last_position, newest
from services.console.masking import searchable
from services.console.story.bundle import bundle
from services.console.story.collecting import collect
from services.console.story.following import elsewhere, name_of, steps, waits_for
from services.console.story.resolving import resolve
from services.console.web.following import Follower
from services.console.web.lines import line_of
from services.console.web.telling import tell
from services.runtime.database import open_engine
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, console, moment
from sluss.commands.tending.errand import Unmasked, WhatFor, for_a_while
from sluss.deeds import operator, see_masked, written_down
from sluss.machine.database import CONSOLE
from sluss.reach import Failure, UnknownId, whereabouts
from sluss.story import waited_text
from sluss.telling import ENGLISH, LOCAL_TIME, sentence
from sluss_contracts.event import FACTS, PREFIX

app = typer.Typer(
    name="events", help="Everything that happens, as the console's log has it.", no_args_is_help=True
)

Type = Annotated[list[str] | None, typer.Option("--type", help="An event type: case.assigned.")]
Organisation = Annotated[str | None, typer.Option(help="Whose: an organisation's id.")]
Referral = Annotated[str | None, typer.Option(help="A referral's id.")]
Person = Annotated[str | None, typer.Option(help="A person's pseudonym.")]
Correlation = Annotated[str | None, typer.Option(help="A correlation id.")]
Outcome = Annotated[str | None, typer.Option(help="How it ended, or a receipt's code: refused.")]
Field = Annotated[
    list[str] | None, typer.Option("--field", help="A coded field and its value: status=refused.")
]
Since = Annotated[str | None, typer.Option("--from", help="Written down since: 2027-01-12T14:00.")]
Until = Annotated[str | None, typer.Option("--to", help="Written down until.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document a line, for programs.")]
AnyId = Annotated[str, typer.Argument(help="A referral, an event, a command, or the sender's own id.")]


@app.command()
def tail(
    type: Type = None,
    organisation: Organisation = None,
    referral: Referral = None,
    person: Person = None,
    correlation: Correlation = None,
    outcome: Outcome = None,
    field: Field = None,
    since: Since = None,
    until: Until = None,
    lines: Annotated[
        int, typer.Option("--lines", "-n", min=0, max=10_000, help="How many that are past.")
    ] = 20,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", "-f/-F", help="Go on as they come.")] = True,
    json: AsJson = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The newest events, and those that come; Ctrl-C ends it."""
    wanted = Wanted(
        types=tuple(_type(name) for name in type or ()),
        organisation=organisation,
        referral=referral,
        person=person,
        correlation=correlation,
        outcome=outcome,
        fields=tuple(_field(text) for text in field or ()),
        since=moment(since) if since else None,
        until=moment(until) if until else None,
    )

    async def show(engine: AsyncEngine) -> None:
        ends = await last_position(engine)
        past = await newest(engine, wanted, before=ends + 1, most=lines) if lines else []
        for row in reversed(past):
            _print(row, json=json)
        if not follow or until:
            return
        follower = Follower(engine)
        try:
            while True:
                async for reached, rows in follower.follow(wanted, ends):
                    ends = reached
                    for row in rows:
                        _print(row, json=json)
        finally:
            await follower.close()

    in_the_log(data_dir, show)


@app.command("show")
def show_event(
    id: AnyId,
    json: AsJson = False,
    unmask: Unmasked = None,
    purpose: WhatFor = "fault_finding",
    reason: Annotated[str, typer.Option("--reason", help="Why; goes into the audit log.")] = "",
    actor: Annotated[str, typer.Option("--as", help="Who you are.", show_default="your account")] = "",
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """One event: where it stands and what it says; what is masked is shown as null."""
    from uuid import UUID

    from services.console.log.finding import caused_by, one

    async def look(engine: AsyncEngine) -> None:
        try:
            row = await one(engine, UUID(id))
        except ValueError:
            row = None
        if row is None:
            raise UnknownId(f"there is no event {id!r}", remedy="`sluss events timeline` takes any other id")
        if json:
            console.print(_document(row.entry).decode(), soft_wrap=True, markup=False)
            return
        entry = row.entry
        what, added = tell(name_of(entry), entry.shown, ENGLISH)
        console.print(Text(f"{entry.type}: {what}{f' ({added})' if added else ''}", style="bold"))
        facts = {
            "happened": f"{entry.time.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S}",
            "written down": f"{entry.recorded.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M:%S.%f}"[:-3],
            "said by": f"{entry.service}, lane {entry.lane}, number {entry.number}",
            "belongs to": f"{entry.kind}/{entry.aggregate_id}, {entry.sequence}",
            "story": entry.referral or entry.correlation,
            "cause": entry.causation or "-",
        }
        table = Table(box=None, show_header=False, pad_edge=False)
        for name, value in (*facts.items(), *_flat(entry.shown)):
            table.add_row(Text(name, style="dim"), Text(value))
        console.print(table)
        for effect in await caused_by(engine, entry.event_id):
            console.print(Text(f"led to {effect.entry.type} {effect.entry.event_id}", style="cyan"))
        if unmask:
            value, until = await see_masked(
                whereabouts(data_dir), entry, unmask, by=operator(actor), purpose=purpose, note=reason
            )
            console.print(for_a_while(unmask, until), markup=False)
            console.print(value if isinstance(value, str) else orjson.dumps(value).decode(), markup=False)

    in_the_log(data_dir, look)


@app.command()
def timeline(
    id: AnyId,
    everything: Annotated[bool, typer.Option("--all", help="Bookkeeping too.")] = False,
    known: Annotated[str | None, typer.Option(help="As it was known at: 2027-01-12T14:00.")] = None,
    json: Annotated[bool, typer.Option("--json", help="The file for a report.")] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """The story that an id belongs to: every step, the waits between, and what it waits for."""
    until = moment(known) if known else None
    now = whereabouts(data_dir).clock.now()

    async def look(engine: AsyncEngine) -> None:
        story = await collect(engine, id, until=until)
        if story is None:
            found = await resolve(engine, id)
            if not found:
                raise Failure(f"nothing in the log has the id {id!r}")
            if len(found) > 1:
                raise Failure(f"{id!r} may mean one of several", remedy="; ".join(one.key for one in found))
            story = await collect(engine, found[0].key, until=until)
        if story is None:
            raise Failure(f"nothing of {id!r} was known at {known}")
        if json:
            made = datetime.now(LOCAL_TIME)
            await written_down(whereabouts(data_dir).database, "exported", about=story.key)
            console.print(bundle(story, made=made, now=now).decode(), soft_wrap=True, markup=False)
            return
        table = Table(box=None, pad_edge=False, title=f"Story of {story.key}", title_justify="left")
        table.add_column("when")
        table.add_column("after", justify="right", style="dim")
        table.add_column("by", style="cyan")
        table.add_column("what", overflow="fold")
        for step in steps(story, everything=everything):
            what, added = tell(name_of(step.entry), step.entry.shown, ENGLISH)
            when = f"{step.entry.time.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
            table.add_row(when, waited_text(step.waited), step.entry.service, sentence(what, added))
            for trouble in step.troubles:
                table.add_row("", "", trouble.service, Text(f"{trouble.what}: {trouble.reason}", style="red"))
        console.print(table)
        for trouble in elsewhere(story):
            console.print(Text(f"{trouble.service}, {trouble.what}: {trouble.reason}", style="red"))
        for one in waits_for(story.rows, until or now):
            due = f"{one.due.astimezone(LOCAL_TIME):%Y-%m-%d %H:%M}"
            late = ", overdue" if one.overdue else ""
            console.print(Text(f"Waits for {one.owner}: {one.kind.replace('_', ' ')}, due {due}{late}"))

    in_the_log(data_dir, look)


def in_the_log(data_dir: Path, act: Callable[[AsyncEngine], Awaitable[None]]) -> None:
    """Look into the log of what runs on a data folder, or of a deployment."""

    async def errand() -> None:
        async with _reading(data_dir) as engine:
            await act(engine)

    asyncio.run(errand())


@asynccontextmanager
async def _reading(data_dir: Path) -> AsyncIterator[AsyncEngine]:
    """The log of what runs on a data folder, or of a deployment; the broker need not be there."""
    engine = open_engine(whereabouts(data_dir).database, CONSOLE)
    try:
        yield engine
    except OSError as away:
        raise Failure("the network's database does not answer", remedy="see `sluss doctor`") from away
    finally:
        await engine.dispose()


def _type(name: str) -> str:
    short = short_type(name)
    for candidate in (short, f"{short}.v1"):
        if f"{PREFIX}.{candidate}" in FACTS:
            return candidate
    raise UnknownId(f"there is no event type {name!r}", remedy="docs/events lists them")


def _field(text: str) -> tuple[str, str]:
    name, given, value = text.partition("=")
    if not given:
        raise Failure(f"{text!r} is no field and value", remedy="write --field status=refused")
    if name not in searchable():
        raise Failure(f"one cannot look for {name!r}: it is masked, or is no word of the network")
    return name, value


def _print(row: Row, *, json: bool) -> None:
    if json:
        typer.echo(_document(row.entry).decode())
        return
    line = line_of(row)
    entry = line.entry
    text = Text()
    text.append(f"{entry.recorded.astimezone(LOCAL_TIME):%H:%M:%S.%f}"[:-3], style="dim")
    text.append(f"  {entry.type:<28}", style="bold red" if entry.outcome == "refused" else "bold")
    text.append(f" {entry.organisation or entry.service:<18}", style="cyan")
    text.append(f" {line.about:<10}")
    text.append(f" {entry.outcome or ''}", style="yellow")
    text.append("".join(f" {name}={value}" for name, value in line.codes), style="dim")
    console.print(text, soft_wrap=True)


def _document(entry: Entry) -> bytes:
    document = {name: getattr(entry, name) for name in Entry.__slots__} | {"event_id": str(entry.event_id)}
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def _flat(shown: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in shown.items():
        if isinstance(value, dict):
            found += _flat(value, f"{before}{name}.")
        else:
            said = (
                "masked"
                if value is None
                else value
                if isinstance(value, str)
                else orjson.dumps(value).decode()
            )
            found.append((f"{before}{name}", said))
    return found
