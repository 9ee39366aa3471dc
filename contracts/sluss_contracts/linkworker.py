"""Teams and link workers. Owned by the navigator."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from sluss_contracts.event import DataClass, Fact
from sluss_contracts.vocabulary import (
    Area,
    ClockTime,
    Code,
    Engagement,
    Gender,
    Language,
    ShortText,
    Slug,
    Weekday,
)


class TeamRegistered(
    Fact,
    type="team.registered",
    id="team",
    said_by="navigator",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """A team of link workers takes on referrals from some areas.

    It does *not* mean that anybody works in it yet.
    """

    team: Slug
    name: ShortText
    areas: tuple[Area, ...] = Field(min_length=1)


class TeamAmended(
    TeamRegistered,
    type="team.amended",
    id="team",
    said_by="navigator",
    read_by=("console",),
    data_class=DataClass.PUBLIC,
):
    """What was registered about a team is corrected; the payload is the whole new truth.

    It does *not* move cases the team already has.
    """


class LinkWorkerRegistered(
    Fact,
    type="linkworker.registered",
    id="worker",
    said_by="navigator",
    read_by=("notify", "console"),
    data_class=DataClass.STAFF,
):
    """Somebody guides people, in these areas and languages, at most `capacity` at a time.

    It does *not* give them an account to log in with, or any case.
    """

    worker: Slug
    name: ShortText
    team: Slug
    areas: tuple[Area, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(min_length=1)
    skills: tuple[Code, ...] = ()
    """Needs they know well, or a way of working (`motivational_talk`, `home_visits`)."""
    gender: Gender | None = None
    capacity: int = Field(ge=0, le=500)
    engagement: Engagement = Engagement.EMPLOYED


class LinkWorkerAmended(
    LinkWorkerRegistered,
    type="linkworker.amended",
    id="worker",
    said_by="navigator",
    read_by=("notify", "console"),
    data_class=DataClass.STAFF,
):
    """What was registered about a link worker is corrected; the payload is the whole new truth.

    It does *not* take cases from them: those are reassigned one by one.
    """


class LeaveRecorded(
    Fact,
    type="linkworker.leave_recorded",
    id="worker",
    said_by="navigator",
    read_by=("console",),
    data_class=DataClass.STAFF,
):
    """The link worker is away from `starts` to `ends`, both days included, and gets no new cases.

    It does *not* say why, and does *not* move the cases they have.
    """

    worker: Slug
    starts: date
    ends: date


class BookableTime(BaseModel):
    """Part of a weekday in which meetings may be booked, on the clock on the wall."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    weekday: Weekday
    starts: ClockTime
    ends: ClockTime


class HoursSet(
    Fact,
    type="linkworker.hours_set",
    id="worker",
    said_by="navigator",
    read_by=("console",),
    data_class=DataClass.STAFF,
):
    """From `valid_from`, and until a later day from which other hours are said, meetings with the link worker
    may be booked at these times each week, but for leave and public holidays. No times at all: nothing is
    said from that day on.

    It does *not* move or forbid a meeting outside them, and does *not* say that the time is free.
    """

    worker: Slug
    valid_from: date
    times: tuple[BookableTime, ...] = Field(max_length=70)
    minutes_between: int = Field(default=0, ge=0, le=120)
    """What is kept free between two meetings: to write down the one and get to the other."""


class CaseloadHandedOver(
    Fact,
    type="linkworker.caseload_handed_over",
    id="worker",
    said_by="navigator",
    read_by=("console",),
    data_class=DataClass.STAFF,
):
    """The link worker leaves: no new case comes to them, and each open one is to go to somebody else.

    It does *not* mean that the cases have moved: `case.reassigned` or `case.queued` says so of each.
    """

    worker: Slug
    because: Code
    to: Slug | None = None
    """Who was named to take over what they may have; else the policy chooses."""
