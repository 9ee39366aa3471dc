"""What has changed over time: one row of points for each scale, as a table and as a small picture. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sluss_contracts.instruments import Pack
from sluss_contracts.instruments.format import Scale
from sluss_contracts.instruments.scoring import band, in_words
from sluss_contracts.mapping import MeasureRecorded

WIDE: Final = 320
HIGH: Final = 120
_EDGE: Final = 16


@dataclass(frozen=True, slots=True)
class Point:
    """One score at one time."""

    when: datetime
    at: str
    score: float | None
    called: str | None
    """What the score's stretch of the scale is called."""

    @property
    def said(self) -> str:
        """The score as people write it."""
        return "–" if self.score is None else f"{self.score:g}"


@dataclass(frozen=True, slots=True)
class Row:
    """One scale over time, in one version of its instrument; versions are never compared."""

    name: str
    lowest: int
    highest: int
    better: str
    """`higher` or `lower`."""
    points: Sequence[Point]
    change: str | None
    """From the first to the latest, in words; None where there is only one."""
    goal_id: str | None = None

    @property
    def dots(self) -> list[tuple[int, int, Point]]:
        """Where each score stands in the picture; void ones stand nowhere."""
        there = [point for point in self.points if point.score is not None]
        span = max(1, self.highest - self.lowest)
        step = (WIDE - 2 * _EDGE) / max(1, len(there) - 1)
        return [
            (
                round(_EDGE + number * step) if len(there) > 1 else WIDE // 2,
                round(HIGH - _EDGE - (point.score - self.lowest) / span * (HIGH - 2 * _EDGE)),
                point,
            )
            for number, point in enumerate(there)
            if point.score is not None
        ]

    @property
    def line(self) -> str:
        """The points as an SVG polyline has them."""
        return " ".join(f"{x},{y}" for x, y, _ in self.dots)


def rows_of(pack: Pack, measures: Iterable[tuple[datetime, MeasureRecorded]], language: str) -> list[Row]:
    """Every scale of every version and goal that was measured, the first measured first."""
    groups: dict[tuple[int, str | None], list[tuple[datetime, MeasureRecorded]]] = {}
    for when, measure in measures:
        if measure.instrument == pack.instrument:
            groups.setdefault((measure.version, measure.goal_id), []).append((when, measure))
    rows = []
    for (version, goal_id), measured in groups.items():
        scales: Mapping[str, Scale] = pack.by_scale if version == pack.version else {}
        for name in dict.fromkeys(name for _, measure in measured for name in measure.scores):
            rows.append(_row(name, scales.get(name), version, goal_id, measured, language))
    return rows


def _row(
    name: str,
    scale: Scale | None,
    version: int,
    goal_id: str | None,
    measured: Sequence[tuple[datetime, MeasureRecorded]],
    language: str,
) -> Row:
    points = []
    for when, measure in measured:
        score = measure.scores.get(name)
        points.append(Point(when, str(measure.at), score, band(scale, score, language) if scale else None))
    scores = [point.score for point in points if point.score is not None]
    change = None
    if scale is not None and len(points) > 1:
        first, last = points[0].score, points[-1].score
        change = in_words(scale, None if first is None or last is None else last - first, language)
    called = (scale.name.sv if language == "sv" else scale.name.en) if scale else f"{name} (v{version})"
    return Row(
        called,
        scale.lowest if scale else int(min(scores, default=0)),
        scale.highest if scale else int(max(scores, default=10)),
        scale.better.value if scale else "",
        points,
        change,
        goal_id,
    )
