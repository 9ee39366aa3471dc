"""The errands themselves, as they travel. The answer is a command's `Answer`."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from sluss_contracts.command import Actor

MOST = 500
"""Dead letters that one errand is about at most."""
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]
"""Why, in an operator's words; about the work, never about a person."""


class _Errand(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID
    """The same id gives the same answer."""
    actor: Actor
    reason: Reason


class Which(BaseModel):
    """Dead letters that nobody has dealt with, by all that is named here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    numbers: tuple[int, ...] = Field(default=(), max_length=MOST)
    code: str | None = None
    type: str | None = None
    """An event type with prefix, `sluss.referral.accepted.v1`."""
    because: str | None = None
    """The reason, as it stands in the letter."""
    key: str | None = None
    before: AwareDatetime | None = None
    """Those that died before."""

    @property
    def everything(self) -> bool:
        """Whether nothing is named, so that all would be meant."""
        return self == Which()


class Replay(_Errand):
    """That they go through the handlers again with the bytes they came with, for somebody else to approve.
    Those that are meant now are meant, whatever has died when it is approved."""

    errand: Literal["replay"] = "replay"
    which: Which


class Dismiss(_Errand):
    """Put them aside for good; their bytes are kept."""

    errand: Literal["dismiss"] = "dismiss"
    which: Which


class Try(_Errand):
    """What would come of it now, with other data if any is given; nothing does."""

    errand: Literal["try"] = "try"
    number: int
    data: dict[str, Any] | None = None


class TryAll(_Errand):
    """What would come of each of them now, as they came; nothing does."""

    errand: Literal["try_all"] = "try_all"
    which: Which


class Propose(_Errand):
    """A new event with other data in the place of a dead letter, for somebody else to approve. Null in the
    data stands for what came."""

    errand: Literal["propose"] = "propose"
    number: int
    data: dict[str, Any]


class Approve(_Errand):
    """Somebody else than who proposed it agrees: it goes to the handlers."""

    errand: Literal["approve"] = "approve"
    proposal: int


class Reject(_Errand):
    """It does not; the dead letters stay as they were."""

    errand: Literal["reject"] = "reject"
    proposal: int


Purpose = Literal["fault_finding", "incident", "organisation_asks", "person_asks"]
"""What something masked may be seen for; the access log tells the person one of these."""
SHORTEST_NOTE = 10


class Unmask(_Errand):
    """What stands at one place of its data, for a quarter of an hour. Result: `value`, `until`."""

    errand: Literal["unmask"] = "unmask"
    number: int
    place: str = Field(min_length=1, max_length=200)
    """`needs`, `goals[0].words`; `*` for all the bytes of what is no document with data."""
    purpose: Purpose
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=SHORTEST_NOTE, max_length=500)]


Errand = Annotated[
    Replay | Dismiss | Try | TryAll | Propose | Approve | Reject | Unmask, Field(discriminator="errand")
]
ERRAND: TypeAdapter[Errand] = TypeAdapter(Errand)
