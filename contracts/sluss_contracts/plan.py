"""What the person and the link worker aim for, what is tried, and the help to get there."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from sluss_contracts.case import OnPathway
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import (
    Barrier,
    Code,
    Key,
    PrescriptionKind,
    Slug,
    SupportKind,
    VaultRef,
    Verdict,
    Whose,
)


class Goal(BaseModel):
    """One goal of a plan; the person's own words are in the vault."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    goal_id: Key
    words: VaultRef
    kind: PrescriptionKind


class PlanAgreed(
    OnPathway,
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
    OnPathway,
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
