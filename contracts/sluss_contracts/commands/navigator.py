"""Commands to the navigator: the registry of link workers, and a case from claim to closure."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.command import Command
from sluss_contracts.vocabulary import (
    Area,
    CaseOutcome,
    Code,
    ContactOutcome,
    ContactWay,
    Engagement,
    Gender,
    Key,
    Language,
    LongText,
    MeetingKind,
    MeetingMode,
    PrescriptionKind,
    ShortText,
    Slug,
)


class RegisterTeam(Command, owner="navigator", verb="register_team", key="team"):
    """Add a team, or correct it if it is there."""

    team: Slug
    name: ShortText
    areas: tuple[Area, ...] = Field(min_length=1)


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


class ClaimCase(Command, owner="navigator", verb="claim_case", key="referral_id"):
    """Take a queued case. Exactly one wins; the others are told who."""

    referral_id: Key
    worker: Slug


class RecordContact(Command, owner="navigator", verb="record_contact", key="referral_id"):
    """Somebody tried to reach the person."""

    referral_id: Key
    way: ContactWay
    outcome: ContactOutcome


class BookMeeting(Command, owner="navigator", verb="book_meeting", key="referral_id"):
    """A time is agreed with the person. Result: `meeting_id`."""

    referral_id: Key
    kind: MeetingKind = MeetingKind.FIRST
    mode: MeetingMode = MeetingMode.CLINIC
    starts: AwareDatetime
    minutes: int = Field(default=45, ge=5, le=480)


class RecordMeeting(Command, owner="navigator", verb="record_meeting", key="referral_id"):
    """The meeting was held, or the person did not come."""

    referral_id: Key
    meeting_id: Key
    held: bool
    minutes: int | None = Field(default=None, ge=1, le=480)


class GoalInWords(BaseModel):
    """A goal as the person says it. The words go to the vault before anything is written."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: LongText
    kind: PrescriptionKind = PrescriptionKind.SOCIAL


class AgreePlan(Command, owner="navigator", verb="agree_plan", key="referral_id"):
    """The person agrees to a plan. Result: `version` and `goal_ids`."""

    referral_id: Key
    goals: tuple[GoalInWords, ...] = Field(min_length=1, max_length=12)


class RequestEnrolment(Command, owner="navigator", verb="request_enrolment", key="referral_id"):
    """Ask a provider for a place. Result: `enrolment_id`."""

    referral_id: Key
    activity: Slug
    goal_id: Key | None = None
    because: tuple[Code, ...] = ()


class CloseCase(Command, owner="navigator", verb="close_case", key="referral_id"):
    """The work is over. `feedback` is told to the referrer; nothing else is."""

    referral_id: Key
    outcome: CaseOutcome
    feedback: LongText | None = None


class CompleteTask(Command, owner="navigator", verb="complete_task", key="referral_id"):
    """A task is done by other means than the step it waited for."""

    referral_id: Key
    task_id: Key
    how: Code = "done"
