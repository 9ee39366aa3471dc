"""An outside series, made up: what somebody counted here and in an area where nothing was done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from random import Random
from uuid import uuid4

from sluss.pathways.files import shipped
from sluss.people.places import PLACES
from sluss.reach import Reached
from sluss_contracts.command import Actor
from sluss_contracts.commands.notify import ImportSeries
from sluss_contracts.evaluation import SeriesPoint
from sluss_contracts.pathway import Mark
from sluss_contracts.vocabulary import OutsideMeasure, Role

_QUARTERS = ((1, 1, 3, 31), (4, 1, 6, 30), (7, 1, 9, 30), (10, 1, 12, 31))


async def import_made_up_series(there: Reached, pathways: Sequence[str], seed: int) -> list[str]:
    """For each pathway that has one: emergency visits by quarter, with a comparison area. Their names."""
    imported = []
    for pathway in shipped(pathways):
        if Mark.OUTSIDE_SERIES in pathway.marks:
            area = PLACES[pathway.pathway].areas[0]
            command = ImportSeries(
                command_id=uuid4(),
                actor=Actor(id="coordinator", role=Role.COORDINATOR),
                series=f"{area}-emergency-visits",
                measure=OutsideMeasure.EMERGENCY_VISITS,
                area=area,
                comparison_area="rest-of-region",
                source="Made up for the simulation",
                points=tuple(_points(there.clock.now().year, Random(f"{seed}:series"))),
            )
            await there.ask(command)
            imported.append(command.series)
    return imported


def _points(year: int, chance: Random) -> list[SeriesPoint]:
    points = []
    for number in range(8):
        first, day, last, end = _QUARTERS[number % 4]
        of = year - 1 + number // 4
        points.append(
            SeriesPoint(
                starts=date(of, first, day),
                ends=date(of, last, end),
                here=round(28 - number * 0.6 + chance.uniform(-1, 1), 1),
                comparison=round(28 + number * 0.4 + chance.uniform(-1, 1), 1),
            )
        )
    return points
