"""`sluss hsds …`: the catalogue in the words of Open Referral HSDS 3.0, brought in and written out."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from services.runtime.database import open_engine
from sluss.account import acting
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.hsds import exporting
from sluss.hsds.importing import Found, Importer, Report
from sluss.hsds.reader import pieces
from sluss.hsds.terms import Outcome, Terms
from sluss.reach import Failure, Reached, UnreadableFile, whereabouts
from sluss_contracts.outside_record import Assumed
from sluss_contracts.vocabulary import Need, OrganisationKind, PrescriptionKind, Role

app = typer.Typer(
    name="hsds",
    help="Open Referral HSDS 3.0: bring a directory in, write the catalogue out.",
    no_args_is_help=True,
)

SHOWN = 50
"""So many faults are told on the screen; a report holds all of them."""
_NAMED = {
    "organizations": "organization",
    "taxonomies": "taxonomy",
    "taxonomy_terms": "taxonomy_term",
    "services": "service",
    "service_at_locations": "service_at_location",
}
"""What a file of this name holds, in the order in which such files are brought in."""


class FaultyRecords(Failure):
    """Some records could not be brought in; the others were."""

    code = "faulty_records"


@app.command("import")
def import_files(
    source: Annotated[
        Path, typer.Argument(help="A .json file, a folder of them, or - for what is piped in.")
    ],
    who: Annotated[str, typer.Option("--as", help="The coordinator who brings it in.")],
    check: Annotated[bool, typer.Option("--check", help="Only say what would come of it.")] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Register organisations that are not known: an act of trust.")
    ] = False,
    report: Annotated[Path | None, typer.Option(help="Write every faulty record to this file.")] = None,
    area: Annotated[str | None, typer.Option(help="Assumed where a record names no town.")] = None,
    needs: Annotated[list[Need] | None, typer.Option("--need", help="Assumed: what it helps with.")] = None,
    kind: Annotated[PrescriptionKind | None, typer.Option(help="Assumed: what kind of activity.")] = None,
    capacity: Annotated[int, typer.Option(help="Assumed: how many may take part.", min=1, max=10_000)] = 10,
    languages: Annotated[list[str] | None, typer.Option("--language", help="Assumed, as sv.")] = None,
    organisations: Annotated[
        OrganisationKind,
        typer.Option("--organisations", help="Assumed: what kind of organisations they are."),
    ] = OrganisationKind.ASSOCIATION,
    role: Annotated[Role, typer.Option(help="coordinator or operator.")] = Role.COORDINATOR,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Bring in what a directory publishes. The same file again changes nothing; a record that has changed
    changes here what it says otherwise than before, and nothing else. A faulty record is told of, and the
    rest goes on. What registered organisations run is published; the rest waits for a coordinator."""
    files = _files(source)

    async def bring_in(there: Reached) -> None:
        terms = Terms(
            acting(who, role),
            Assumed(
                area=area,
                needs=tuple(needs or ()),
                kind=kind,
                capacity=capacity,
                languages=tuple(languages or ()),
                organisation_kind=organisations,
            ),
            register=register,
        )
        with ExitStack() as stack:
            told = _Telling(stack.enter_context(report.open("w", encoding="utf-8")) if report else None)
            kept = Report(on_fault=told.fault, on_note=told.note)
            importer = Importer(there, terms, kept, only_check=check)
            advance = stack.enter_context(
                _progress(sum(each.stat().st_size for each in files if each.is_file()))
            )
            for each in files:
                with _opened(each) as opened:
                    name = "-" if each == _PIPE else each.name
                    await importer.bring_in(name, pieces(opened, on_read=advance), _NAMED.get(each.stem))
        counted = ", ".join(f"{many} {each}" for each in Outcome if (many := kept.counts[each]))
        console.print(f"{'Would come of it: ' if check else ''}{counted or 'nothing there'}")
        if kept.counts[Outcome.FAULTY]:
            where = f"see {report}" if report else "mend them and import again; --report FILE tells of all"
            raise FaultyRecords(f"{kept.counts[Outcome.FAULTY]} could not be brought in", remedy=where)

    ask(data_dir, bring_in)


@app.command()
def export(
    target: Annotated[Path, typer.Argument(help="A folder for all of it, or - for the services alone.")],
    public: Annotated[
        bool, typer.Option("--public", help="Without the names of people, as the API.")
    ] = False,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Write the catalogue as the standard publishes it, with everything that was carried from elsewhere."""

    async def write_out() -> None:
        engine = open_engine(whereabouts(data_dir).database, "provider")
        try:
            if target == _PIPE:
                await exporting.write(engine, "services", sys.stdout.buffer, public=public)
                return
            counts = await exporting.write_all(engine, target, public=public)
        except BrokenPipeError:
            raise  # whoever reads it has seen enough
        except OSError as error:
            raise Failure(f"{target} cannot be written: {error.strerror}") from None
        finally:
            await engine.dispose()
        console.print(", ".join(f"{many} {what.replace('_', ' ')}" for what, many in counts.items()))

    asyncio.run(write_out())


_PIPE = Path("-")
_aside = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


class _Telling:
    """Tells of faults as they come: the first ones on the screen, all of them in the report."""

    def __init__(self, report: IO[str] | None) -> None:
        self._report = report
        self._told = 0

    def fault(self, found: Found) -> None:
        self._told += 1
        if self._told <= SHOWN:
            _aside.print(str(found))
        elif self._told == SHOWN + 1:
            _aside.print("… and more; --report FILE tells of all")
        if self._report:
            self._report.write(f"{found}\n")

    def note(self, found: Found) -> None:
        if self._report:
            self._report.write(f"{found}\n")


def _files(source: Path) -> list[Path]:
    """The files in an order that works. Raises `Failure`."""
    if source == _PIPE or source.is_file():
        return [source]
    found = sorted(source.glob("*.json")) if source.is_dir() else []
    if not found:
        raise Failure(f"there is no {source}, or no .json file in it", remedy="name a .json file or a folder")
    order = {name: number for number, name in enumerate(_NAMED)}
    return sorted(found, key=lambda each: (order.get(each.stem, order["services"]), each.name))


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    if file == _PIPE:
        yield sys.stdin.buffer
        return
    try:
        with file.open("rb") as opened:
            yield opened
    except OSError as error:
        raise UnreadableFile.because(error, file) from None


@contextmanager
def _progress(size: int) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("Importing"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=_aside, transient=True) as bar:
        task = bar.add_task("Importing", total=size or None)
        yield lambda more: bar.advance(task, more)
