"""When an activity takes place: its timetable, in the terms of iCalendar (RFC 5545).

Times are said as they stand on a clock on the wall, in one time zone, so that 14:00 stays 14:00 when summer
time begins or ends. Owned by the provider service, which lays sessions out from it; readers need no calendar
arithmetic of their own.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.offering import Venue
from sluss_contracts.vocabulary import Code, Slug


def _is_on_the_calendar(text: str) -> str:
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no date and time on the calendar; write 2027-01-12T14:00") from None
    if not 2000 <= said.year <= 2199:
        raise ValueError("lies outside the years 2000 to 2199")
    return text


WallTime = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}$"),
    AfterValidator(_is_on_the_calendar),
]
"""A date and what the clock on the wall shows (`2027-01-12T14:00`); the timetable says in which time zone."""

TimeZoneName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]+(/[A-Za-z0-9_+-]+)*$", max_length=60)]
"""A zone of the IANA database (`Europe/Stockholm`)."""

Rule = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]+=[A-Z0-9,+-]+(;[A-Z]+=[A-Z0-9,+-]+)*$", max_length=300)
]
"""The value of an RRULE (`FREQ=WEEKLY;BYDAY=TU`), RFC 5545 §3.3.10."""


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Recurrence(_Value):
    """One way of coming back: without a rule it takes place once, at `starts`."""

    starts: WallTime
    """DTSTART: the earliest date, and the time of day of every date the rule gives. Where the rule does not
    give this date itself, the first time is the first that it gives."""
    rrule: Rule | None = None
    """RRULE: daily, weekly, monthly or yearly. A date in `UNTIL` is the last day that counts."""
    except_on: tuple[date, ...] = Field(default=(), max_length=200)
    """EXDATE: days on which the rule does not hold."""
    also_at: tuple[WallTime, ...] = Field(default=(), max_length=200)
    """RDATE: further times. Whatever is named by its date takes place, on a holiday and in a break too."""
    minutes: int = Field(default=90, ge=5, le=1440)
    venue: Venue | None = None
    """Where, when it is elsewhere than the activity is said to be."""
    on_holidays: bool = False
    """Whether the rule holds on public holidays too, and on the eves that Swedish law makes equal to them."""


class Break(_Value):
    """From the first day to the last, both among them, no rule holds: summer, Christmas, a leader away."""

    first: date
    last: date
    """The last day of it, not before `first`."""
    why: Code = "break"
    """What those who take part are told of the sessions it strikes: `summer_break`, `christmas_break` …"""

    @field_validator("last")
    @classmethod
    def _days_in_order(cls, last: date, said: ValidationInfo) -> date:
        if "first" in said.data and last < said.data["first"]:
            raise ValueError("last is before first")
        return last


class Timetable(BaseModel):
    """Every way in which an activity comes back. None at all: sessions are added one by one."""

    time_zone: TimeZoneName = "Europe/Stockholm"
    recurrences: tuple[Recurrence, ...] = Field(default=(), max_length=20)
    breaks: tuple[Break, ...] = Field(default=(), max_length=50)


class ActivityScheduleSet(
    Timetable,
    Fact,
    type="activity.schedule_set",
    aggregate="schedule",
    id="activity",
    said_by="provider",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """When an activity takes place is decided; the payload is the whole new truth.

    It does *not* say which sessions come of it: `session.scheduled`, `activity.rescheduled` and
    `session.cancelled` do, some weeks ahead. Sessions added one by one are not touched by it.
    """

    activity: Slug
