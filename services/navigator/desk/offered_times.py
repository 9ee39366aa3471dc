"""The free times that a meeting's form offers, and what speaks against another that is chosen.

Nothing of it forbids a time: whoever books knows best, and is only asked once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from services.navigator.desk.frame import Frame, identity_of
from services.navigator.desk.opened import OpenedCase
from services.navigator.desk.taking import language_of, moment_of, number_of
from services.navigator.domain.hours import hours_on
from services.navigator.domain.meeting import Interval
from services.navigator.free_time import Objection
from services.navigator.store.desk import LOCAL_TIME
from services.navigator.store.diary import Diary, diary_of
from services.runtime.web import Language, mark, site_of
from services.runtime.web.forms import SentForm
from services.runtime.web.site import SEQUENCE
from sluss_contracts.vocabulary import Moment

OFFERED_FOR: Final = timedelta(weeks=6)
"""How far ahead free times are looked for."""
SOON: Final = 2
"""So many days with free times are shown at once."""
LATER: Final = 10
"""So many more are shown when asked for."""
OTHER: Final = "other"
"""What the form says for a time of one's own."""
ANYWAY: Final = "anyway"
"""The field that says what the visitor has been told against which time."""

_MOMENT: Final[TypeAdapter[datetime]] = TypeAdapter(Moment)
_AGAINST: Final[Mapping[Objection, str]] = {
    Objection.ON_LEAVE: mark("Leave is noted for that day."),
    Objection.PUBLIC_HOLIDAY: mark("That day is a public holiday."),
    Objection.OUTSIDE_HOURS: mark("It is outside the hours for meetings, which that day are %(hours)s."),
    Objection.ANOTHER_MEETING: mark("Another meeting is booked from %(starts)s to %(ends)s."),
}
_NO_HOURS: Final = mark("It is outside the hours for meetings: that weekday has none.")


@dataclass(frozen=True, slots=True)
class OfferedDay:
    """One day's free times: what the form says for each, and when it begins."""

    name: str
    times: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Offered:
    """The free times for a meeting of one length."""

    minutes: int
    mine: bool
    """Whether the hours are the visitor's own."""
    name: str
    has_hours: bool
    soon: Sequence[OfferedDay]
    later: Sequence[OfferedDay]

    def is_later(self, chosen: str) -> bool:
        """Whether the chosen time is among those one has to ask for."""
        return any(chosen == value for day in self.later for value, _ in day.times)

    def has(self, chosen: str) -> bool:
        """Whether the chosen time is free."""
        return any(chosen == value for day in (*self.soon, *self.later) for value, _ in day.times)


def wanted_moment(form: SentForm) -> datetime | str:
    """The free time that is chosen, or the one that is filled in."""
    chosen = form.one("slot")
    return chosen if chosen and chosen != OTHER else moment_of(form, "day", "hour")


async def offered(
    frame: Frame, request: Request, opened: OpenedCase, minutes: int, moving: str | None = None
) -> Offered | None:
    """What is free with the case's link worker; None while nobody has it."""
    diary = await _diary(frame, request, opened)
    if diary is None:
        return None
    now = site_of(request).now()
    free = diary.free(now, now + OFFERED_FOR, timedelta(minutes=minutes), moving=moving)
    days = _by_day(free, language_of(request))
    return Offered(
        minutes,
        identity_of(request).actor.id == opened.worker,
        diary.name,
        diary.has_hours(now),
        days[:SOON],
        days[SOON : SOON + LATER],
    )


async def doubts(
    frame: Frame,
    request: Request,
    opened: OpenedCase,
    form: SentForm,
    minutes: int,
    moving: str | None = None,
) -> Mapping[str, Any]:
    """What speaks against the time, unless the visitor has seen it and wants that time all the same."""
    try:
        starts = _MOMENT.validate_python(wanted_moment(form))
    except ValidationError:
        return {}  # the command says what is wrong with it
    length = number_of(form, "minutes") or minutes
    diary = await _diary(frame, request, opened)
    if diary is None or not isinstance(length, int):
        return {}
    against = diary.against(starts, timedelta(minutes=length), moving=moving)
    knows = " ".join([starts.isoformat(), str(length), *against])
    if not against or form.one(ANYWAY) == knows:
        return {}
    said = _in_words(diary, against, starts, timedelta(minutes=length), moving, language_of(request))
    return {"against": said, "knows": knows, "seen": form.some(SEQUENCE)}


def knows_of_another(form: SentForm) -> bool:
    """Whether the visitor has been told of another meeting at that time, and wants it all the same."""
    about, *told = form.one(ANYWAY).split() or [""]
    try:
        starts = _MOMENT.validate_python(wanted_moment(form))
    except ValidationError:
        return False
    return about == starts.isoformat() and Objection.ANOTHER_MEETING in told


async def _diary(frame: Frame, request: Request, opened: OpenedCase) -> Diary | None:
    if opened.worker is None:
        return None
    return await diary_of(frame.engine, opened.worker, site_of(request).now())


def _in_words(
    diary: Diary,
    against: Sequence[Objection],
    starts: datetime,
    length: timedelta,
    moving: str | None,
    language: Language,
) -> list[str]:
    told: list[str] = []
    for objection in against:
        if objection is Objection.ANOTHER_MEETING:
            told += [
                language.say(_AGAINST[objection], starts=language.hour(begun), ends=language.hour(over))
                for begun, over in diary.colliding(starts, length, moving=moving)
            ]
        elif objection is Objection.OUTSIDE_HOURS:
            told.append(_outside(diary, starts, language))
        else:
            told.append(language.say(_AGAINST[objection]))
    return told


def _outside(diary: Diary, starts: datetime, language: Language) -> str:
    day = starts.astimezone(LOCAL_TIME).date()
    hours = hours_on(diary.hours, day)
    times = [f"{each.starts}–{each.ends}" for each in hours.on(day)] if hours else []
    if not times:
        return language.say(_NO_HOURS)
    return language.say(_AGAINST[Objection.OUTSIDE_HOURS], hours=", ".join(times))


def _by_day(free: Sequence[Interval], language: Language) -> list[OfferedDay]:
    days = (list(slots) for _, slots in groupby(free, key=lambda slot: slot[0].date()))
    return [
        OfferedDay(
            language.weekday(slots[0][0]),
            [(starts.isoformat(timespec="minutes"), language.hour(starts)) for starts, _ in slots],
        )
        for slots in days
    ]
