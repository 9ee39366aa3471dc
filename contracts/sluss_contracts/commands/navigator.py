"""Commands to the navigator: the registry of link workers, and a case from claim to closure."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluss_contracts.command import Command
from sluss_contracts.instruments.format import Pack
from sluss_contracts.linkworker import BookableTime
from sluss_contracts.mapping import Relation
from sluss_contracts.pathway import InstrumentId
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import (
    Area,
    Barrier,
    CaseOutcome,
    Code,
    ContactOutcome,
    ContactWay,
    Engagement,
    Gender,
    Key,
    Language,
    LonelyFor,
    LongText,
    MeetingKind,
    MeetingMode,
    Moment,
    Need,
    PartOfDay,
    PrescriptionKind,
    ShortText,
    Slug,
    SupportKind,
    SupportLevel,
    Timepoint,
    Weekday,
    Whose,
)
from sluss_contracts.words import Known


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


class ClaimCase(Command, owner="navigator", verb="claim_case", key="referral_id"):
    """Take a queued case. Exactly one wins; the others are told who."""

    referral_id: Key
    worker: Slug


class ReassignCase(Command, owner="navigator", verb="reassign_case", key="referral_id"):
    """Hand a case on to another link worker; without one, back to the team's inbox."""

    referral_id: Key
    worker: Slug | None = None
    because: Code = "handed_on"
    """`handed_on`, `conflict_of_interest`, `asked_for_another` …"""


class RecordContact(Command, owner="navigator", verb="record_contact", key="referral_id"):
    """Somebody tried to reach the person."""

    referral_id: Key
    way: ContactWay
    outcome: ContactOutcome


class BookMeeting(Command, owner="navigator", verb="book_meeting", key="referral_id"):
    """A time is agreed with the person. Result: `meeting_id`."""

    referral_id: Key
    kind: MeetingKind = MeetingKind.FIRST
    mode: MeetingMode | None = None
    """Left out: what the pathway proposes for meetings of the kind; so with `minutes`."""
    starts: Moment
    minutes: int | None = Field(default=None, ge=5, le=480)
    place: ShortText | None = None
    """Where, in words; goes to the vault before anything is written. So does `lone_work`."""
    lone_work: LongText | None = None
    """For a home visit: who knows where the link worker is, and when they are back."""
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class MoveMeeting(Command, owner="navigator", verb="move_meeting", key="referral_id"):
    """A booked meeting takes place at another time, or in another way."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    mode: MeetingMode | None = None
    """Left out: as it was; so with `minutes`."""
    minutes: int | None = Field(default=None, ge=5, le=480)
    place: ShortText | None = None
    """As for `BookMeeting`; left out, what was said of the place holds no longer where the way is another."""
    lone_work: LongText | None = None
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class CancelMeeting(Command, owner="navigator", verb="cancel_meeting", key="referral_id"):
    """A booked meeting does not take place, and both know it beforehand."""

    referral_id: Key
    meeting_id: Key
    whose: Whose
    why: Code = "other_time"
    """`illness`, `travel`, `other_time`, `link_worker_away` …"""


class ReadMeetingLink(Command, owner="navigator", verb="read_meeting_link", key="referral_id"):
    """A link by which the person confirms, moves or cancels a meeting without signing in.

    Result: `address`, and `starts` (when the meeting is now).
    """

    referral_id: Key
    meeting_id: Key


class ConfirmMeeting(Command, owner="navigator", verb="confirm_meeting", key="referral_id"):
    """The person says that the time suits them."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    """The time they were shown; at another one the command is refused. So with the three below."""


class ChooseMeetingTime(Command, owner="navigator", verb="choose_meeting_time", key="referral_id"):
    """The person moves the meeting to a time at which the link worker is free."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    to: Moment


class AskForMeetingTime(Command, owner="navigator", verb="ask_for_meeting_time", key="referral_id"):
    """The person says that the time does not suit, and when another would."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    days: tuple[Weekday, ...] = Field(default=(), max_length=7)
    parts: tuple[Annotated[PartOfDay, Known], ...] = Field(default=(), max_length=3)


class CallOffMeeting(Command, owner="navigator", verb="call_off_meeting", key="referral_id"):
    """The person cancels the meeting; it is the meeting alone, and never the referral."""

    referral_id: Key
    meeting_id: Key
    starts: Moment
    contact: bool
    """Whether they want to be contacted about another time."""


class RecordMeeting(Command, owner="navigator", verb="record_meeting", key="referral_id"):
    """The meeting was held, or the person did not come."""

    referral_id: Key
    meeting_id: Key
    held: bool
    minutes: int | None = Field(default=None, ge=1, le=480)


class RecordMapping(Command, owner="navigator", verb="record_mapping", key="referral_id"):
    """What the person tells of their life; the whole of it, each time. `what_matters` goes to the vault
    before anything is written. Result: `version`."""

    referral_id: Key
    relations: tuple[Relation, ...] = Field(default=(), max_length=40)
    interests: tuple[Code, ...] = Field(default=(), max_length=60)
    needs: tuple[Annotated[Need, Known], ...] = ()
    barriers: tuple[Annotated[Barrier, Known], ...] = ()
    lonely_for: LonelyFor = LonelyFor.UNKNOWN
    support_level: SupportLevel = SupportLevel.USUAL
    what_matters: LongText | None = None
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class RecordMeasure(Command, owner="navigator", verb="record_measure", key="referral_id"):
    """An instrument was answered; the scores follow from the answers. Result: `measure_id` and `scores`."""

    referral_id: Key
    instrument: InstrumentId
    version: int | None = Field(default=None, ge=1)
    """Left out: the newest there is."""
    at: Annotated[Timepoint, Known]
    answers: dict[Code, int | None] = Field(max_length=200)
    language: Language = "sv"
    goal_id: Key | None = None
    """For goal attainment: which goal."""


class ReadChange(Command, owner="navigator", verb="read_change", key="referral_id"):
    """What has changed between two measures with one instrument; between the first and the latest where none
    is named. Result: `earlier`, `later` (ids) and `change` {scale: difference, or None where void}."""

    referral_id: Key
    instrument: InstrumentId
    goal_id: Key | None = None
    earlier: Key | None = None
    later: Key | None = None


class GoalInWords(BaseModel):
    """A goal as the person says it. The words go to the vault before anything is written."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    words: LongText
    kind: PrescriptionKind = PrescriptionKind.SOCIAL


class AgreePlan(Command, owner="navigator", verb="agree_plan", key="referral_id"):
    """The person agrees to a plan; a later one revises it. Result: `version` and `goal_ids`."""

    referral_id: Key
    goals: tuple[GoalInWords, ...] = Field(default=(), max_length=12)
    keep: tuple[Key, ...] = Field(default=(), max_length=12)
    """Goals of the plan as it is that stay in it as they are."""
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""

    @model_validator(mode="after")
    def _aims_for_something(self) -> Self:
        if not 1 <= len(self.goals) + len(self.keep) <= 12:
            raise ValueError("a plan has 1 to 12 goals, new ones and kept ones together")
        return self


class RecordProgress(Command, owner="navigator", verb="record_progress", key="referral_id"):
    """How far the person says they have come towards a goal, 0 (not begun) to 10 (there)."""

    referral_id: Key
    goal_id: Key
    how_far: int = Field(ge=0, le=10)


class IssuePrescription(Command, owner="navigator", verb="issue_prescription", key="referral_id"):
    """A recept for the person to take along. Result: `prescription_id`."""

    referral_id: Key
    goal_id: Key
    kind: PrescriptionKind | None = None
    """Left out: the goal's."""
    activity: Slug | None = None
    trial: bool | None = None
    """Left out: as the pathway has it."""
    giver: bool = False
    """The person is the one who gives, where the pathway has that."""


class RecordAlternatives(Command, owner="navigator", verb="record_alternatives", key="referral_id"):
    """What was looked at together, what was chosen, and why not the rest."""

    referral_id: Key
    goal_id: Key | None = None
    alternatives: tuple[AlternativeLookedAt, ...] = Field(min_length=1, max_length=30)


class RequestEnrolment(Command, owner="navigator", verb="request_enrolment", key="referral_id"):
    """Ask a provider for a place. Result: `enrolment_id`."""

    referral_id: Key
    activity: Slug
    goal_id: Key | None = None
    because: tuple[Code, ...] = ()
    by_hand: bool = False
    """For a person with a protected identity: a human has agreed with them what the provider is told."""


class AgreeSupport(Command, owner="navigator", verb="agree_support", key="referral_id"):
    """Somebody comes along, fetches, meets, or helps with a barrier. Result: `support_id`."""

    referral_id: Key
    kind: Annotated[SupportKind, Known]
    by: Slug | None = None
    """The link worker or volunteer who gives it; nobody yet, or the provider's host."""
    enrolment_id: Key | None = None
    barrier: Annotated[Barrier, Known] | None = None


class RecordSupport(Command, owner="navigator", verb="record_support", key="referral_id"):
    """The support that was agreed has been given."""

    referral_id: Key
    support_id: Key


class ReportSpillOver(Command, owner="navigator", verb="report_spill_over", key="referral_id"):
    """What the person says it led to: so many more activities, so many times a week."""

    referral_id: Key
    more_activities: int = Field(ge=0, le=50)
    times_a_week: int = Field(ge=0, le=50)
    kinds: tuple[PrescriptionKind, ...] = ()


class RecordUnmetNeed(Command, owner="navigator", verb="record_unmet_need", key="referral_id"):
    """Nothing in the network meets this need here."""

    referral_id: Key
    need: Annotated[Need, Known]
    why: Code
    """`nothing_offered`, `full`, `too_far`, `too_costly`, `language`, `not_accessible`, `did_not_suit` …"""
    area: Area | None = None
    """Left out: the area the referral is from."""


class PauseCase(Command, owner="navigator", verb="pause_case", key="referral_id"):
    """Ask nothing of the person until a day: illness, travel. Said again, the pause is another."""

    referral_id: Key
    why: Code
    until: date


class ResumeCase(Command, owner="navigator", verb="resume_case", key="referral_id"):
    """The work goes on."""

    referral_id: Key


class CloseCase(Command, owner="navigator", verb="close_case", key="referral_id"):
    """The work is over. `feedback` is told to the referrer; nothing else is."""

    referral_id: Key
    outcome: CaseOutcome
    feedback: LongText | None = None
    acute: bool = False
    """Set on the way in, when the words speak of suicide or violence; the answer says so then."""


class CompleteTask(Command, owner="navigator", verb="complete_task", key="referral_id"):
    """A task is done by other means than the step it waited for."""

    referral_id: Key
    task_id: Key
    how: Code = "done"


class PublishInstrument(Command, owner="navigator", verb="publish_instrument", key="instrument"):
    """Let the network measure with an organisation's own pack, or with wording it is licensed to. A version
    that is there keeps its scoring for ever (`scoring_differs`). Result: `version`."""

    instrument: InstrumentId
    definition: Pack
