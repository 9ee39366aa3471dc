"""An association's own spreadsheet: what it would change, and then that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table

from services.provider.domain.provider import Status as ProviderStatus
from services.provider.sheet import planning
from services.provider.sheet.planning import Outcome, Planned, There
from services.provider.sheet.reading import NoSheet, Sheet, read
from services.provider.sheet.template import template
from sluss.account import acting
from sluss.catalogue import catalogue_of
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.commands.cataloguing.listing import in_words
from sluss.commands.cataloguing.sending import AsRole
from sluss.reach import Failure, Reached, RefusedByRule, UnknownId
from sluss.telling import LOCAL_TIME
from sluss_contracts.vocabulary import Role


class UnreadableSheet(Failure):
    """The file cannot be read as a spreadsheet at all; nothing was done."""

    code = "no_sheet"


class FaultyRows(Failure):
    """Some rows cannot be read; nothing was changed."""

    code = "faulty_rows"


def import_sheet(
    file: Annotated[Path, typer.Argument(help="A spreadsheet saved as CSV; see `sluss activity template`.")],
    who: Annotated[str, typer.Option("--as", help="The provider itself, or a coordinator.")],
    provider: Annotated[
        str | None, typer.Option(help="Whose activities they are, for a coordinator.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes/--preview", help="Do it, or only show what would change.")
    ] = False,
    area: Annotated[
        str | None, typer.Option(help="Where it is, when a row names no town and no area.")
    ] = None,
    role: AsRole = Role.PROVIDER,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Show what a spreadsheet would change, row by row; with --yes, change it.

    What a cell leaves empty stays as it is. Nothing is done while a row is faulty, and no activity is
    withdrawn for not standing there.
    """
    try:
        sheet = read(file)
    except NoSheet as no:
        raise UnreadableSheet(str(no), remedy=f"{no.remedy}; see `sluss activity template`") from None
    whose = provider or who

    async def bring_in(there: Reached) -> None:
        known = await catalogue_of(there.ledger)
        if whose not in known.providers or known.providers[whose].status is not ProviderStatus.REGISTERED:
            raise UnknownId(f"{whose} is no registered provider", remedy="see `sluss provider list`")
        plans = planning.planned(
            sheet,
            There(
                activities=known.activities,
                schedules=known.schedules,
                provider=whose,
                actor=acting(who, role),
                today=there.clock.now().astimezone(LOCAL_TIME).date(),
                area=area,
            ),
        )
        for part in preview(sheet, plans):
            console.print(part)
        if any(each.faults for each in plans):
            raise FaultyRows(
                "some rows cannot be read", remedy="mend them and save the file again; nothing is done"
            )
        if not yes:
            console.print("Nothing has been done. --yes does it.")
            return
        await _send(there, plans)
        console.print("Done.")

    ask(data_dir, bring_in)


def write_template(
    file: Annotated[Path, typer.Argument(help="Where to, as aktiviteter.csv.")],
    english: Annotated[bool, typer.Option("--english", help="Headings in English.")] = False,
) -> None:
    """Write a spreadsheet to begin from, with an example row."""
    if file.exists():
        raise Failure(f"{file} is there already", remedy="give it another name")
    try:
        file.write_bytes(template(english=english))
    except OSError as error:
        raise Failure(f"{file} cannot be written: {error.strerror}") from None
    console.print(f"{file}: fill in a row for each activity; the example row may go.")


def preview(sheet: Sheet, plans: Sequence[Planned]) -> Iterator[RenderableType]:
    """Each row that is new, changed or faulty, and how many are as they were."""
    if sheet.unknown:
        yield escape(f"Columns nobody here knows are passed over: {', '.join(sheet.unknown)}")
    for each in plans:
        match each.outcome:
            case Outcome.UNCHANGED:
                continue
            case Outcome.FAULTY:
                for fault in each.faults:
                    yield f"[red]{escape(str(fault))}[/]"
            case _:
                place = f"row {each.row.line}  {escape(each.title)}"
                yield f"[bold]{each.outcome}[/]  {place}  [dim]{each.activity}[/]"
        if each.differs:
            yield _differences(each)
    counted = Counter(each.outcome for each in plans)
    yield ", ".join(f"{counted[each]} {each}" for each in Outcome if counted[each]) or "There is no row."


def _differences(planned: Planned) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 2))
    for change in planned.differs:
        table.add_row(change.field, in_words(change.before), "→", in_words(change.after))
    return table


async def _send(there: Reached, plans: Sequence[Planned]) -> None:
    refused = []
    for each in plans:
        try:
            for command in each.commands:
                await there.ask(command)
        except RefusedByRule as no:
            refused.append(f"row {each.row.line}: {no} [{no.code}]")
    if refused:
        raise RefusedByRule("\n".join(["refused:", *refused]), remedy="the other rows are done")
