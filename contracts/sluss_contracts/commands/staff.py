"""Commands to the navigator about teams and link workers: where they work, when, and who takes over."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from sluss_contracts.command import Command
from sluss_contracts.linkworker import BookableTime
from sluss_contracts.vocabulary import Area, Code, Engagement, Gender, Language, ShortText, Slug


class RegisterTeam(Command, owner="navigator", verb="register_team", key="team"):
    """Add a team, or correct it if it is there."""

    team: Slug
    name: ShortText
    areas: tuple[Area, ...] = Field(min_length=1)


class ReadAreas(Command, owner="navigator", verb="read_areas"):
    """Where does the network help? Result: `areas`, those that some team takes referrals from."""


class RegisterLinkWorker(Command, owner="navigator", verb="register_link_worker", key="worker"):
    """Add a link worker, or correct what is known of them."""

    worker: Slug
    name: ShortText
    team: Slug
    areas: tuple[Area, ...] = Field(min_length=1)
    languages: tuple[Language, ...] = Field(min_length=1)
    skills: tuple[Code, ...] = ()
    gender: Gender | None = None
    capacity: int = Field(ge=0, le=500)
    engagement: Engagement = Engagement.EMPLOYED


class RecordLeave(Command, owner="navigator", verb="record_leave", key="worker"):
    """A link worker is away, both days included."""

    worker: Slug
    starts: date
    ends: date


class SetHours(Command, owner="navigator", verb="set_hours", key="worker"):
    """When meetings with a link worker may be booked each week, from one day until other hours are set. No
    times take back what was said from that day on."""

    worker: Slug
    valid_from: date
    times: tuple[BookableTime, ...] = Field(max_length=70)
    minutes_between: int = Field(default=0, ge=0, le=120)


class HandOverCaseload(Command, owner="navigator", verb="hand_over_caseload", key="worker"):
    """A link worker leaves: no new case comes to them, and each open one goes to whoever the policy chooses,
    or back in line, with everything that was to be done in it. Registering them again brings them back.

    `to` names who takes over, whatever room they have: those cases go to them where they speak the language,
    are of the gender asked for, and neither know the person privately nor gave the case back; the rest go as
    if nobody were named."""

    worker: Slug
    because: Code = "link_worker_left"
    to: Slug | None = None


class ReadHandOver(Command, owner="navigator", verb="read_hand_over", key="worker"):
    """Who would get what if this caseload were handed over now? Nothing is written down by asking, and a case
    is decided when it moves: somebody may have filled up by then.

    Result: `cases` [{referral_id, team, worker (None: back in line), because, not_named}]; `not_named` says
    what keeps the case from whoever `to` names, in codes.
    """

    worker: Slug
    to: Slug | None = None
