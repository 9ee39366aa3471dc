"""The case: a link worker's work with one referral. Its id is the referral's. Owned by the navigator."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import (
    CaseOutcome,
    Code,
    ContactOutcome,
    ContactWay,
    Key,
    MeetingKind,
    MeetingMode,
    PrescriptionKind,
    Slug,
    VaultRef,
)


class CaseQueued(
    Fact,
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
    Fact,
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
    Fact,
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


class ContactAttempted(
    Fact,
    type="contact.attempted",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """Somebody tried to reach the person, with what came of it.

    It does *not* mean that they talked: only the outcome `reached` does.
    """

    referral_id: Key
    worker: Slug
    way: ContactWay
    outcome: ContactOutcome
    attempt: int = Field(ge=1)


class MeetingBooked(
    Fact,
    type="meeting.booked",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A time is agreed with the person.

    It does *not* mean that the meeting will take place: `meeting.held` or `meeting.missed` tells.
    """

    referral_id: Key
    person: Key
    meeting_id: Key
    worker: Slug
    kind: MeetingKind
    mode: MeetingMode
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=480)


class MeetingHeld(
    Fact,
    type="meeting.held",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """The meeting took place.

    It does *not* tell what was said, which is for the case's own pages, nor that a plan came of it.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    mode: MeetingMode
    minutes: int = Field(ge=1, le=480)


class MeetingMissed(
    Fact,
    type="meeting.missed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """The person did not come.

    It does *not* say why, and is *not* a reason to close: somebody asks how they are.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind


class Goal(BaseModel):
    """One goal of a plan; the person's own words are in the vault."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    goal_id: Key
    words: VaultRef
    kind: PrescriptionKind


class PlanAgreed(
    Fact,
    type="plan.agreed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person and the link worker agree what to aim for. Versions follow each other.

    It does *not* carry the person's own words (they are in the vault), nor mean that an activity is found.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    version: int = Field(ge=1)
    goals: tuple[Goal, ...] = Field(min_length=1, max_length=12)


class CaseEnrolmentRequested(
    Fact,
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


class CaseClosed(
    Fact,
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
    feedback_text: VaultRef | None = None
    """Free text the link worker marked as for the referrer; nothing else leaves."""
