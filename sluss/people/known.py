"""What simulated people know of one referral, one place, one evaluation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sluss_contracts.pathway import DEFAULT

_OVER = {"accepted": False, "offered": False, "waitlisted": False}


@dataclass
class Enrolment:
    """One person's place, or hope of one, in an activity."""

    id: str
    referral: str
    activity: str
    provider: str
    status: str
    since: datetime
    number: int = 1
    """The first, second … of this referral."""
    starts: datetime | None = None
    session: str | None = None
    reported: dict[str, str] = field(default_factory=dict)
    """The sessions whose attendance is recorded, with what was said last."""

    @property
    def over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.status not in _OVER


@dataclass
class Case:
    """What the people around one referral know."""

    referral: str
    submission: str = ""
    """The organisation's own id, which tells simulated people whose life it is."""
    area: str = ""
    language: str = "sv"
    needs: tuple[str, ...] = ()
    pathway: str = DEFAULT
    pathway_version: int = 0
    worker: str | None = None
    team: str | None = None
    accepted: bool = False
    protected: bool = False
    facts: Counter[str] = field(default_factory=Counter)
    """How often each kind of fact has been said."""
    meeting: dict[str, Any] | None = None
    """The latest meeting booked and not yet held or missed."""
    held: Counter[str] = field(default_factory=Counter)
    """Meetings held, by kind."""
    attempts: int = 0
    mapped: dict[str, Any] | None = None
    measured: set[tuple[str, str]] = field(default_factory=set)
    """Instrument and timepoint."""
    goals: list[str] = field(default_factory=list)
    chosen: str | None = None
    """The activity that was last chosen, or prescribed."""
    tried: set[str] = field(default_factory=set)
    """Activities that were asked for."""
    supports: dict[str, str] = field(default_factory=dict)
    """Kinds of support agreed and not yet given, by id."""
    offered_support: set[str] = field(default_factory=set)
    """Kinds of support ever agreed."""
    shut_out: set[str] = field(default_factory=set)
    """Providers the person does not want to know of them."""
    followups: dict[str, str] = field(default_factory=dict)
    """Follow-ups still to be made, `scheduled` or `due`, by id."""
    submitted_by: str = ""

    @property
    def followup(self) -> str | None:
        """The follow-up that is due and not done."""
        return next((id for id, status in self.followups.items() if status == "due"), None)


@dataclass
class Evaluation:
    """A measure some time after the plan, which lives on when the case is closed."""

    id: str
    referral: str
    instruments: tuple[str, ...]
    sent_by: str
    due: datetime
    status: str = "scheduled"
    since: datetime | None = None
    answered: set[str] = field(default_factory=set)
    letter: str = ""
    """The message with the link to answer by."""

    @property
    def over(self) -> bool:
        """Whether nobody waits for an answer any more."""
        return self.status in ("lapsed", "cancelled") or set(self.instruments) <= self.answered
