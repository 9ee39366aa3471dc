"""The case: a link worker's work with one referral. Its id is the referral's. Owned by the navigator.

Who has it, from the line to the end; what is done in it stands in `meeting`, `mapping`, `plan`, `blue_circle`
and `task`.
"""

from __future__ import annotations

from datetime import date

from pydantic import Field

from sluss_contracts.event import Fact
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.vocabulary import CaseOutcome, Code, Key, ShortText, Slug, VaultRef


class OnPathway(Fact):
    """What is said of a case and needs its way of working to be understood."""

    pathway: Slug = DEFAULT
    """The way of working the referral began with, and keeps."""
    pathway_version: int = Field(default=0, ge=0)


class CaseQueued(
    OnPathway,
    type="case.queued",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """Nobody fits right now: the case waits in a team's inbox for somebody to claim it.

    It does *not* mean that the referral is turned down or forgotten: a task with a date stands on the team.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    team: Slug
    why: tuple[Code, ...]
    """Why nobody fitted, the nearest miss first (`no_capacity`, `no_language`, `on_leave` …)."""


class CaseAssigned(
    OnPathway,
    type="case.assigned",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The policy gave the case to a link worker, and says why.

    It does *not* mean that they have seen it or begun: `contact.attempted` is the first sign of that.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    team: Slug
    worker: Slug
    because: tuple[Code, ...]
    """What decided, the weightiest first (`had_this_person_before`, `speaks_language`, `least_load` …)."""


class CaseClaimed(
    OnPathway,
    type="case.claimed",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A link worker took the case from the team's inbox. Exactly one does.

    It does *not* mean that the person has been contacted.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    team: Slug
    worker: Slug


class CaseEnrolmentRequested(
    OnPathway,
    type="case.enrolment_requested",
    id="referral_id",
    said_by="navigator",
    read_by=("provider", "console"),
):
    """The person wants to take part in an activity.

    It does *not* mean that there is a place: the provider says so.
    """

    referral_id: Key
    person: Key
    enrolment_id: Key
    activity: Slug
    goal_id: Key | None = None
    because: tuple[Code, ...] = ()
    by_hand: bool = False
    """A human asks for somebody of whom nothing may go to a provider by itself, so not from a line either."""
    host_wanted: bool = False
    """The person would like somebody there to meet them the first time; never why."""


class CaseUnassigned(
    Fact,
    type="case.unassigned",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The case is with nobody for the moment, and why; `case.queued`, `.assigned` or `.reassigned` follows.

    It does *not* end anything that is under way.
    """

    referral_id: Key
    team: Slug
    worker: Slug
    because: Code


class CaseReassigned(
    OnPathway,
    type="case.reassigned",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """Another link worker has the case from now on, and everything that was to be done in it.

    It does *not* mean that they have met the person.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    team: Slug
    worker: Slug
    before: Slug
    because: tuple[Code, ...]


class CasePaused(
    Fact,
    type="case.paused",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """Nothing is asked of the person until a date: illness, travel. It does *not* give up any place."""

    referral_id: Key
    why: Code
    until: date


class CaseResumed(
    Fact,
    type="case.resumed",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The work goes on. It does *not* say that the reason for the pause is gone."""

    referral_id: Key


class CaseClosed(
    OnPathway,
    type="case.closed",
    id="referral_id",
    said_by="navigator",
    read_by=("referral", "provider", "notify", "console"),
):
    """The link worker's work is over.

    It does *not* carry what was done or why: what the referrer may be told is what `feedback_text` points at,
    and nothing else.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    outcome: CaseOutcome
    turn_to: ShortText | None = None
    """Where the person is better helped, for a referral that was declined."""
    feedback_text: VaultRef | None = None
    """Free text the link worker marked as for the referrer; nothing else leaves."""
