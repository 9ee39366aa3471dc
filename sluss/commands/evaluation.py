"""`sluss evaluation …`: files for an outside distributor, and what it gives back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console
from sluss.outside_files import answers_in, written_for_distributor
from sluss.reach import Reached
from sluss_contracts.commands.notify import ImportEvaluations, ReadEvaluationExport
from sluss_contracts.vocabulary import Role

app = typer.Typer(name="evaluation", help="Evaluations sent out by somebody else.", no_args_is_help=True)

Coordinator = Annotated[str, typer.Option("--as", help="The coordinator who hands it over.")]
_AT_ONCE = 200


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="The file to write.")],
    who: Coordinator,
    days: Annotated[int, typer.Option(help="Those due within so many days, and all that were due.")] = 30,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Write what a distributor needs: an id that tells nobody anything, the instruments, and the day."""

    async def write(there: Reached) -> None:
        until = there.clock.now() + timedelta(days=days)
        told = await there.ask(ReadEvaluationExport(**by(who, Role.COORDINATOR), until=until))
        rows = told.result["rows"]
        file.write_text(written_for_distributor(rows, told.result["instruments"]), encoding="utf-8")
        console.print(f"{len(rows)} evaluations written to {file}")

    ask(data_dir, write)


@app.command("import")
def take_in(
    file: Annotated[Path, typer.Argument(help="The file the distributor gave back.")],
    who: Coordinator,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take in what came back: faulty lines are told, the rest is taken; again it changes nothing."""
    answers = answers_in(file)

    async def tell(there: Reached) -> None:
        counted: Counter[str] = Counter()
        faults = []
        for first in range(0, len(answers), _AT_ONCE):
            rows = tuple(answers[first : first + _AT_ONCE])
            told = await there.ask(ImportEvaluations(**by(who, Role.COORDINATOR), rows=rows))
            counted.update({name: told.result[name] for name in ("answered", "unchanged")})
            faults += told.result["faults"]
        for fault in faults:
            console.print(f"{file}:{fault['line']}: {fault['code']}. {fault['remedy']}")
        console.print(
            f"{counted['answered']} answers taken, {counted['unchanged']} known before, {len(faults)} faulty"
        )
        if faults:
            raise typer.Exit(1)

    ask(data_dir, tell)
