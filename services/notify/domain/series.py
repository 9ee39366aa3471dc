"""Outside series: what somebody else counts, to hold beside the network's own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from services.runtime.lifecycle import Lifecycle, move
from sluss_contracts.commands.notify import ImportSeries
from sluss_contracts.evaluation import SeriesImported, SeriesPoint
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import OutsideMeasure

FEWEST = 5
"""A number of people below this is not shown: it could lead to somebody."""


class UnknownSeries(Refusal):
    """No outside series of that name has been imported."""

    code = "unknown_series"


class PeriodsOverlap(Refusal):
    """The periods of a series follow each other: each ends before the next begins."""

    code = "periods_overlap"


class ComparedWithItself(Refusal):
    """A series is compared with another area than its own."""

    code = "compared_with_itself"


class Status(StrEnum):
    """A series is there once it is imported; a newer edition replaces the numbers."""

    IMPORTED = "imported"


LIFECYCLE = Lifecycle("series", {SeriesImported: move(None, Status.IMPORTED, to=Status.IMPORTED)}, Status)


class Series(BaseModel):
    """State of one series: its newest edition."""

    model_config = ConfigDict(frozen=True)

    series: str
    measure: OutsideMeasure
    area: str
    comparison_area: str
    source: str
    points: tuple[SeriesPoint, ...]
    status: Status = Status.IMPORTED


class OwnNumbers(BaseModel):
    """How many people the network itself met in one period, in the series' area."""

    model_config = ConfigDict(frozen=True)

    referrals: int
    completed: int


def import_(series: Series | None, wanted: ImportSeries) -> list[Fact]:
    """Take it in; the same edition again changes nothing. Raises `PeriodsOverlap`, `ComparedWithItself`."""
    if wanted.area == wanted.comparison_area:
        raise ComparedWithItself(f"{wanted.area} is compared with itself; name another comparison area")
    for number, (one, following) in enumerate(zip(wanted.points, wanted.points[1:], strict=False), start=2):
        if following.starts <= one.ends:
            raise PeriodsOverlap(f"period {number} begins before period {number - 1} has ended")
    for number, one in enumerate(wanted.points, start=1):
        if one.ends < one.starts:
            raise PeriodsOverlap(f"period {number} ends before it begins")
    imported = SeriesImported(
        series=wanted.series,
        measure=wanted.measure,
        area=wanted.area,
        comparison_area=wanted.comparison_area,
        source=wanted.source,
        points=wanted.points,
    )
    return [] if series == evolve(None, imported) else [imported]


def beside(series: Series | None, own: Sequence[OwnNumbers]) -> dict[str, Any]:
    """The series with the network's own numbers beside it, period by period. Numbers of people under `FEWEST`
    are left out, and nothing is computed from one to the other: that they stand side by side proves nothing.
    Raises `UnknownSeries`."""
    if series is None:
        raise UnknownSeries
    points = [
        {
            **point.model_dump(mode="json"),
            "referrals": _enough(numbers.referrals),
            "completed": _enough(numbers.completed),
        }
        for point, numbers in zip(series.points, own, strict=True)
    ]
    told = series.model_dump(mode="json", exclude={"points", "status"})
    return {**told, "points": points, "fewest": FEWEST}


def evolve(state: Series | None, fact: Fact) -> Series:
    """What a fact makes of a series."""
    status = LIFECYCLE.after(state.status if state else None, type(fact))
    return Series(**dict(fact), status=status)


def _enough(number: int) -> int | None:
    return number if number >= FEWEST else None
