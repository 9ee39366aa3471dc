"""What reactions rest on besides a referral's own history: its way of working, and what care demands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from services.notify.domain.hours import morning_of
from sluss_contracts.pathway import Pathway


@dataclass(frozen=True, slots=True)
class Follower:
    """Another organisation's referral of the same person, which is told the same in its own name."""

    referral_id: str
    organisation: str
    silent: bool
    """The person has taken back that this referrer hears of them."""
    reads_stream: bool = True
    """The organisation reads what it is told on a stream of its own."""
    receipts_until: datetime | None = None
    """It has fetched the receipts that were said up to this moment of the wall clock."""


@dataclass(frozen=True, slots=True)
class Course:
    """One referral on its way."""

    referral_id: str
    person: str
    organisation: str
    pathway: Pathway
    worker: str | None = None
    """Who guides the person now."""
    protected: bool = False
    accepted: bool = False
    """The referral was taken on: there is a case, and its own end tells of it."""
    silent: bool = False
    """The person has taken back that the referrer hears of them."""
    paused: date | None = None
    """Nothing is asked of the person until this day."""
    goals_ahead: bool = True
    reads_stream: bool = True
    """The referring organisation reads what it is told on a stream of its own."""
    receipts_until: datetime | None = None
    """It has fetched the receipts that were said up to this moment of the wall clock."""
    followers: tuple[Follower, ...] = ()

    @property
    def paused_until(self) -> datetime | None:
        """The moment the pause ends."""
        return morning_of(self.paused) if self.paused else None
