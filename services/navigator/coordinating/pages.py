"""One page for the spider in the web: where work gathers, who waits, and what nobody has answered."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.navigator.coordinating.reading import FEWEST, Overview, overview
from services.navigator.store.desk import LOCAL_TIME
from services.runtime.web import Pages, mark, site_of, visitor_of
from services.runtime.web.area_words import area_in_words
from services.runtime.web.need_words import in_words
from services.runtime.web.people import short_id
from sluss_contracts.vocabulary import Role

COORDINATOR = "/coordinator"
_KEPT = 30.0
"""Seconds for which what was read is shown to all coordinators: it is counted over a year of referrals."""
_BARS = (
    ("week", mark("Within a week")),
    ("two", mark("Within two weeks")),
    ("four", mark("Within four weeks")),
    ("longer", mark("Later")),
)
_WIDE = 100


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a picture, and the number it stands for."""

    label: str
    count: int
    length: int
    """Hundredths of the longest."""


def coordinator_pages(engine: AsyncEngine) -> Pages:
    """The page, reading through this engine."""
    pages = Pages("coordinating")
    kept: dict[str, tuple[float, Overview]] = {}

    async def now_of(request: Request) -> Overview:
        if "now" not in kept or time.monotonic() - kept["now"][0] > _KEPT:
            now = site_of(request).now()
            kept["now"] = time.monotonic(), await overview(engine, now, now.astimezone(LOCAL_TIME).date())
        return kept["now"][1]

    @pages.get(COORDINATOR, roles={Role.COORDINATOR})
    async def show(request: Request) -> Response:
        """All of it on one page, the numbers beside every picture."""
        seen = await now_of(request)
        language = visitor_of(request).language
        return site_of(request).page(
            request,
            "coordinator.html",
            seen=seen,
            bars=bars_of(seen.waits, language.say),
            unmet=[
                (area_in_words(each.area), in_words([each.need], language), few(each.people))
                for each in seen.unmet
            ],
            few=few,
            fewest=FEWEST,
            full=full,
            short_id=short_id,
            base=COORDINATOR,
        )

    return pages


def few(count: int) -> int | None:
    """A number of people that may be told; None where there are so few that it would tell of them."""
    return count if count == 0 or count >= FEWEST else None


def full(load: int, capacity: int) -> int:
    """How full somebody is, in hundredths, at most all of it."""
    return min(_WIDE, round(_WIDE * load / capacity)) if capacity else (_WIDE if load else 0)


def bars_of(waits: Any, say: Any) -> list[Bar]:
    """How long it took until the first meeting, as bars, and those who have not had one."""
    counts = [(say(label), getattr(waits, name)) for name, label in _BARS]
    counts.append((say(mark("Not met yet, or over without a meeting")), waits.came - waits.met))
    most = max((count for _, count in counts), default=0)
    return [Bar(label, count, round(_WIDE * count / most) if most else 0) for label, count in counts]
