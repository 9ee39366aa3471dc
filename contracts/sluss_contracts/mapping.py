"""What is found out together: the person's life as they tell it, and what is measured.

Owned by the navigator.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from sluss_contracts.event import Fact
from sluss_contracts.pathway import InstrumentId
from sluss_contracts.vocabulary import (
    Barrier,
    Code,
    Key,
    Language,
    LonelyFor,
    Need,
    RelationWish,
    SupportLevel,
    Timepoint,
    VaultRef,
)


class Relation(BaseModel):
    """Somebody the person knows, by what they are to them, and what the person wants of it. Never a name."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    who: Code
    """`sister`, `old_friend`, `neighbour`, `former_colleague` …"""
    wish: RelationWish


class MappingRecorded(
    Fact,
    type="mapping.recorded",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """Network, interests, obstacles, how long, and what matters: the person's own story first.

    It does *not* carry their words (`what_matters` points into the vault). A later one is the whole truth.
    """

    referral_id: Key
    version: int = Field(ge=1)
    relations: tuple[Relation, ...] = ()
    interests: tuple[Code, ...] = ()
    needs: tuple[Need, ...] = ()
    barriers: tuple[Barrier, ...] = ()
    lonely_for: LonelyFor = LonelyFor.UNKNOWN
    support_level: SupportLevel = SupportLevel.USUAL
    what_matters: VaultRef | None = None


class MeasureRecorded(
    Fact,
    type="measure.recorded",
    aggregate="case",
    id="referral_id",
    said_by="navigator",
    read_by=("console",),
):
    """An instrument was answered; the score follows from the answers by the pack's own rules.

    It does *not* diagnose, and may be compared only with the same version of the same instrument.
    """

    referral_id: Key
    measure_id: Key
    instrument: InstrumentId
    version: int = Field(ge=1)
    language: Language = "sv"
    at: Timepoint
    answers: dict[Code, int | None]
    """By item; None where the person did not answer."""
    scores: dict[Code, float | None]
    """By scale (`total`, `emotional` …); None where the missing-answer rule voids it."""
    goal_id: Key | None = None
    """For goal attainment: which goal."""
