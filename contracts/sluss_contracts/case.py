"""The case: a link worker's work with one referral. Its id is the referral's. Owned by the navigator."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

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
    """Nobody fits right now: the case waits in a team's inbox for somebody to claim it."""

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
    """The policy gave the case to a link worker. It does *not* mean that they have begun."""

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
    """A link worker took the case from the team's inbox. Exactly one does."""

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
    """Somebody tried to reach the person, with what came of it."""

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
    """A time is agreed with the person."""

    referral_id: Key
    person: Key
    meeting_id: Key
    worker: Slug
    kind: MeetingKind
    mode: MeetingMode
    starts: datetime
    minutes: int = Field(ge=5, le=480)


class MeetingHeld(
    Fact,
    type="meeting.held",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The meeting took place."""

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
    read_by=("notify", "console"),
):
    """The person did not come. It does *not* say why, and is no reason to close."""

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
    """The person and the link worker agree what to aim for. Versions follow each other."""

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
    """The person wants to take part in an activity. It does *not* mean there is a place: the provider says."""

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
    read_by=("referral", "notify", "console"),
):
    """The link worker's work is over. What the referrer may be told is named by `feedback_text`."""

    referral_id: Key
    person: Key
    organisation: Slug
    outcome: CaseOutcome
    feedback_text: VaultRef | None = None
    """Free text the link worker marked as for the referrer; nothing else leaves."""
