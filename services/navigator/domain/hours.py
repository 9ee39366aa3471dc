"""When meetings with a link worker may be booked: weekly hours, each from a day until others are said."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import pairwise

from pydantic import BaseModel, ConfigDict

from services.runtime.decision import Refusal
from sluss_contracts.command import Fault
from sluss_contracts.linkworker import BookableTime
from sluss_contracts.vocabulary import Weekday

WEEK = tuple(Weekday)


class HoursEndBeforeTheyStart(Refusal):
    """A time that may be booked ends after it starts, on the same day."""

    code = "hours_end_before_they_start"


class HoursOverlap(Refusal):
    """The times of one weekday lie one after the other."""

    code = "hours_overlap"


class Hours(BaseModel):
    """The weekly hours that hold from a day, in the order of the week."""

    model_config = ConfigDict(frozen=True)

    valid_from: date
    times: tuple[BookableTime, ...]
    minutes_between: int = 0

    def on(self, day: date) -> Iterator[BookableTime]:
        """The times of that weekday, the first first."""
        weekday = WEEK[day.weekday()]
        return (each for each in self.times if each.weekday is weekday)


def in_order(times: Iterable[BookableTime]) -> tuple[BookableTime, ...]:
    """As the week goes; a time said twice is one. Refuses times that end too early or overlap."""
    week = sorted(set(times), key=lambda each: (WEEK.index(each.weekday), each.starts, each.ends))
    for each in week:
        if each.ends <= each.starts:
            raise HoursEndBeforeTheyStart(
                f"the time on {each.weekday.value} starts {each.starts} but ends {each.ends}",
                [_fault(each.weekday, HoursEndBeforeTheyStart.code, "Give an end after the start.")],
            )
    for before, after in pairwise(week):
        if before.weekday is after.weekday and after.starts < before.ends:
            raise HoursOverlap(
                f"on {after.weekday.value} the time from {after.starts} begins before the one from "
                f"{before.starts} is over, at {before.ends}",
                [_fault(after.weekday, HoursOverlap.code, "Make one time of the two, or move one of them.")],
            )
    return tuple(week)


def told(known: Sequence[Hours], said: Hours) -> tuple[Hours, ...]:
    """What is known once this has been said: the days in order, without one that changes nothing."""
    days = {each.valid_from: each for each in known} | {said.valid_from: said}
    kept: list[Hours] = []
    for _, each in sorted(days.items()):
        before = kept[-1] if kept else None
        same = (
            (each.times, each.minutes_between) == (before.times, before.minutes_between)
            if before
            else not each.times
        )
        if not same:
            kept.append(each)
    return tuple(kept)


def hours_on(known: Iterable[Hours], day: date) -> Hours | None:
    """The hours that hold that day; None where nothing is said of it."""
    last = None
    for each in known:
        if each.valid_from <= day:
            last = each
    return last if last and last.times else None


def _fault(weekday: Weekday, code: str, remedy: str) -> Fault:
    return Fault(path=f"/{weekday.value}", code=code, remedy=remedy)
