"""One activity's page: what it tells everybody, and what staff may note there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from uuid import uuid4

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from services.provider.calendar import reading
from services.provider.calendar.reading import Choices, Shown
from services.provider.domain.activity import Status
from services.provider.web.calendar_codes import AGE_GROUPS, INTERESTS
from services.provider.web.calendar_words import Words
from services.runtime.web import NothingHere, site_of, visitor_of
from sluss_contracts.offering import Mode
from sluss_contracts.vocabulary import Acceptance, Role

STAFF = frozenset({Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.REFERRER, Role.PROVIDER})
"""Who shows people around."""
CHOICES_KEPT = 60.0
"""Seconds for which the areas and languages to choose among are not asked for anew."""


def words_for(request: Request, there: Choices) -> Words:
    """How the visitor's language says what the calendar holds."""
    return Words(visitor_of(request).language, site_of(request).now(), there.areas)


class KeptChoices:
    """What there is to choose among, asked for once a minute however many look."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._kept: tuple[float, Choices] | None = None

    async def now(self) -> Choices:
        """The areas and languages of what is shown."""
        if self._kept is None or time.monotonic() - self._kept[0] > CHOICES_KEPT:
            self._kept = time.monotonic(), await reading.choices(self._engine)
        return self._kept[1]


async def known_activity(engine: AsyncEngine, request: Request, name: str) -> Shown:
    """An activity that everybody may see, or might once. Raises `NothingHere`: what was only suggested looks
    like nothing at all."""
    found = await reading.activity_of(engine, name, site_of(request).now()) if "\0" not in name else None
    if found is None:
        raise NothingHere
    return found


async def shown_activity(engine: AsyncEngine, request: Request, name: str) -> Shown:
    """An activity everybody may see. Raises `NothingHere`."""
    found = await known_activity(engine, request, name)
    if found.status is not Status.PUBLISHED:
        raise NothingHere
    return found


def show_why_not(request: Request, known: Shown) -> Response:
    """The page of what is shown no more, for whoever holds its address: from a message, a recept, a notice
    board. What has ended is not told of any further; what is hidden by its name alone, since nobody vouches
    for the rest."""
    ended = known.status is Status.WITHDRAWN
    page = site_of(request).page(
        request, "calendar_not_shown.html", status=410 if ended else 200, known=None if ended else known
    )
    page.headers["X-Robots-Tag"] = "noindex"
    return page


def show_activity(
    request: Request,
    shown: Shown,
    there: Choices,
    *,
    status: int = 200,
    noted: bool = False,
    trouble: str = "",
    chosen: Mapping[str, str] | None = None,
) -> Response:
    """The page; `trouble` is why nothing was noted, `chosen` what somebody had filled in."""
    words = words_for(request, there)
    return site_of(request).page(
        request,
        "calendar_activity.html",
        status=status,
        shown=shown,
        vouched=words.vouched_by(shown.vouched_by, shown.provider.name),
        told=shown.told,
        words=words,
        drop_in=Acceptance.DROP_IN,
        digital=Mode.DIGITAL,
        may_note=visitor_of(request).may(STAFF),
        noted=noted,
        trouble=trouble,
        chosen=chosen or {"once": str(uuid4()), "interest": "", "age_group": ""},
        interests=words.by_name(INTERESTS),  # type: ignore[arg-type]
        age_groups=[(group, words.say(name)) for group, name in AGE_GROUPS.items()],
    )
