"""`sluss series …`: what somebody else counts, shown beside the network's own numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, by, console, done, judged
from sluss.outside_files import points_in
from sluss.reach import Reached
from sluss_contracts.commands.notify import ImportSeries, ReadSeries
from sluss_contracts.vocabulary import OutsideMeasure, Role

app = typer.Typer(name="series", help="Numbers from outside, beside our own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the series is called here (emergency-visits-frome).")]
Coordinator = Annotated[str, typer.Option("--as", help="The coordinator who asks.")]


@app.command("import")
def take_in(
    name: Name,
    file: Annotated[Path, typer.Argument(help="Columns: starts, ends, here, comparison (per 1,000).")],
    measure: Annotated[str, typer.Option(help=f"{', '.join(each.value for each in OutsideMeasure)}.")],
    area: Annotated[str, typer.Option(help="The area it was counted in.")],
    comparison_area: Annotated[str, typer.Option(help="The area it is compared with.")],
    source: Annotated[str, typer.Option(help="Who counted, and where it is published.")],
    who: Coordinator,
    data_dir: DataDir = DEFAULT_DATA_DIR,
) -> None:
    """Take in a series, or a newer edition of it. The same again changes nothing."""
    with judged():
        command = ImportSeries(
            **by(who, Role.COORDINATOR),
            series=name,
            measure=OutsideMeasure(measure),
            area=area,
            comparison_area=comparison_area,
            source=source,
            points=tuple(points_in(file)),
        )

    async def tell(there: Reached) -> None:
        done(f"{name}: {len(command.points)} periods", await there.ask(command))

    ask(data_dir, tell)


@app.command()
def show(name: Name, who: Coordinator, data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """The series beside our own numbers. That they stand side by side proves nothing."""

    async def tell(there: Reached) -> None:
        told = (await there.ask(ReadSeries(**by(who, Role.COORDINATOR), series=name))).result
        table = Table(box=None, pad_edge=False)
        for column in ("from", "to", told["area"], told["comparison_area"], "referrals", "completed"):
            table.add_column(column)
        fewer = f"under {told['fewest']}"
        for point in told["points"]:
            met = (point["referrals"], point["completed"])
            own = (fewer if number is None else str(number) for number in met)
            numbers = (f"{point['here']:g}", f"{point['comparison']:g}")
            table.add_row(point["starts"], point["ends"], *numbers, *own)
        console.print(f"{told['measure']} per 1,000 inhabitants, from {told['source']}")
        console.print(table)

    ask(data_dir, tell)
