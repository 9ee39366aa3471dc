"""Commands to the navigator about what is found out, aimed for and tried in a case."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sluss_contracts.command import Command
from sluss_contracts.mapping import Relation
from sluss_contracts.pathway import InstrumentId
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import (
    Barrier,
    Code,
    Key,
    Language,
    LonelyFor,
    LongText,
    Need,
    PrescriptionKind,
    Slug,
    SupportKind,
    SupportLevel,
    Timepoint,
)
from sluss_contracts.words import Known


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
