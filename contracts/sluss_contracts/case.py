"""The case: a link worker's work with one referral. Its id is the referral's. Owned by the navigator."""

from __future__ import annotations

from datetime import date

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.event import Fact
from sluss_contracts.pathway import DEFAULT
from sluss_contracts.vocabulary import (
    Area,
    Barrier,
    CaseOutcome,
    Code,
    ContactOutcome,
    ContactWay,
    Key,
    MeetingKind,
    MeetingMode,
    Need,
    PartOfDay,
    PrescriptionKind,
    ShortText,
    Slug,
    SupportKind,
    VaultRef,
    Verdict,
    Weekday,
    Whose,
)


class _OnPathway(Fact):
    pathway: Slug = DEFAULT
    """The way of working the referral began with, and keeps."""
    pathway_version: int = Field(default=0, ge=0)


class CaseQueued(
    _OnPathway,
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
    _OnPathway,
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
    _OnPathway,
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
    _OnPathway,
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
    place: VaultRef | None = None
    """Where they meet, in the link worker's words, kept in the vault: it may tell where somebody lives."""
    lone_work: VaultRef | None = None
    """Who knows where the link worker is and when they are back, kept in the vault; for home visits."""


class MeetingMoved(
    Fact,
    type="meeting.moved",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A meeting that was booked takes place at another time, or in another way; it is the same meeting.

    It does *not* say who asked for it, unless the person chose the time, and is *not* a meeting missed.
    """

    referral_id: Key
    person: Key
    meeting_id: Key
    worker: Slug
    kind: MeetingKind
    mode: MeetingMode
    starts: AwareDatetime
    minutes: int = Field(ge=5, le=480)
    place: VaultRef | None = None
    """Where they meet now; without one nothing is said of it."""
    lone_work: VaultRef | None = None
    by_person: bool = False
    """The person chose the time themselves, among the link worker's free ones."""


class MeetingCancelled(
    Fact,
    type="meeting.cancelled",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """A meeting that was booked does not take place, and both know it beforehand.

    It does *not* mean that the person does not want to meet: somebody asks when they can.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    whose: Whose
    """Whose reason it was."""
    why: Code
    """`illness`, `travel`, `other_time`, `link_worker_away`, `called_off` (the person said no more) …"""
    by_person: bool = False
    """The person cancelled it themselves."""
    contact: bool | None = None
    """Whether they want to be contacted about another time; None where nobody has asked them."""


class MeetingConfirmed(
    Fact,
    type="meeting.confirmed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person has said themselves that the time suits them.

    It does *not* mean that the meeting will take place, nor does a meeting need it: whoever says nothing is
    expected as well.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    starts: AwareDatetime
    """The time they said it of."""


class MeetingTimeUnsuited(
    Fact,
    type="meeting.time_unsuited",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person has said themselves that the time does not suit, and when another would.

    It does *not* move or cancel the meeting: a link worker does, together with the person. Nor does it say
    why, which nobody has asked.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind
    starts: AwareDatetime
    """The time that does not suit."""
    days: tuple[Weekday, ...] = ()
    """The days that do; none named: any."""
    parts: tuple[PartOfDay, ...] = ()
    """When on those days; none named: any time."""


class MeetingHeld(
    Fact,
    type="meeting.held",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
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
    read_by=("notify", "console"),
):
    """The person did not come.

    It does *not* say why, and is *not* a reason to close: somebody asks how they are.
    """

    referral_id: Key
    meeting_id: Key
    kind: MeetingKind


class Goal(BaseModel):
    """One goal of a plan; the person's own words are in the vault."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    goal_id: Key
    words: VaultRef
    kind: PrescriptionKind


class PlanAgreed(
    _OnPathway,
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


class PlanRevised(
    _OnPathway,
    type="plan.revised",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """The person and the link worker think again: a new version of the plan, from now on the only one.

    It does *not* carry the person's own words, and ends no enrolment.
    """

    referral_id: Key
    person: Key
    organisation: Slug
    version: int = Field(ge=2)
    goals: tuple[Goal, ...] = Field(min_length=1, max_length=12)


class GoalProgressed(
    Fact,
    type="goal.progressed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("notify", "console"),
):
    """How far the person says they have come towards a goal, 0 (not begun) to 10 (there).

    It does *not* say what helped.
    """

    referral_id: Key
    goal_id: Key
    how_far: int = Field(ge=0, le=10)


class PrescriptionIssued(
    Fact,
    type="prescription.issued",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """A *recept*: a goal and what to do about it, for the person to take along.

    It does *not* mean that a place is asked for, and its print holds no personal data in its code.
    """

    referral_id: Key
    prescription_id: Key
    goal_id: Key
    kind: PrescriptionKind
    activity: Slug | None = None
    trial: bool = False
    """To be tried first."""
    giver: bool = False
    """The person is the one who gives: a volunteer in the activity."""


class AlternativeLookedAt(BaseModel):
    """One activity the person and the link worker looked at, and what was said of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    activity: Slug
    fits: tuple[Code, ...] = ()
    """Why it was on the list."""
    verdict: Verdict
    why: Code | None = None
    """Why not, when it was declined: a mismatch somebody may learn from (see `sluss_contracts.matching`)."""
    whose: Whose | None = None
    """Whose reason that is; left out by whoever asks, it follows from `why`."""


class AlternativesLookedAt(
    Fact,
    type="alternatives.looked_at",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """What was looked at together, what was chosen, and why not the rest.

    It does *not* ask for a place: `case.enrolment_requested` does.
    """

    referral_id: Key
    goal_id: Key | None = None
    alternatives: tuple[AlternativeLookedAt, ...] = Field(min_length=1, max_length=30)


class SpillOverReported(
    Fact,
    type="spillover.reported",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """What the person says it led to: more activities, and how often. Self-reported.

    It does *not* mean that an organiser has confirmed it.
    """

    referral_id: Key
    more_activities: int = Field(ge=0, le=50)
    times_a_week: int = Field(ge=0, le=50)
    kinds: tuple[PrescriptionKind, ...] = ()


class SupportAgreed(
    Fact,
    type="support.agreed",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("provider", "console"),
):
    """Help to get started is agreed: somebody comes along, fetches, meets, or helps with a barrier.

    It does *not* mean that it has been given.
    """

    referral_id: Key
    support_id: Key
    kind: SupportKind
    by: Slug | None = None
    """The link worker or volunteer who gives it; nobody yet, or the provider's host."""
    enrolment_id: Key | None = None
    barrier: Barrier | None = None
    by_hand: bool = False
    """Of a person whose identity is protected nothing goes to a provider by itself: a human tells them."""


class SupportGiven(
    Fact,
    type="support.given",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """It was given. It does *not* say how it went."""

    referral_id: Key
    support_id: Key


class CaseEnrolmentRequested(
    _OnPathway,
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
    _OnPathway,
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


class NeedUnmet(
    Fact,
    type="case.need_unmet",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """Nothing in the network meets this need here: the blue circle, from which new activities come.

    It does *not* end the case, and names nobody.
    """

    referral_id: Key
    need: Need
    area: Area
    why: Code
    """`nothing_offered`, `full`, `too_far`, `too_costly`, `language`, `not_accessible`, `did_not_suit` …"""


class OfferFound(
    Fact,
    type="case.offer_found",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """Something published since may meet a need that nothing met: the blue circle closes. Once for each
    activity and case.

    It does *not* mean that the need is met, or that the person has heard of it: a task asks the link worker
    to tell them.
    """

    referral_id: Key
    need: Need
    area: Area
    """As the unmet need was recorded."""
    activity: Slug
    fits: tuple[Code, ...] = ()
    in_the_way: tuple[Code, ...] = ()


class CaseClosed(
    _OnPathway,
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
