"""How far a simulation has come, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Progress:
    """How far a simulation has come."""

    submitted: int
    receipted: int
    closed: int
    fed_back: int
    """Referrals whose sender has been told of the closure."""
    wanted: int
    events: int
    now: datetime | None = None


@dataclass
class Outcome:
    """What became of a simulation."""

    progress: Progress
    stuck: dict[str, str] = field(default_factory=dict)
    """Referrals that did not reach their end, each with what it waits for; by submission id where nobody
    made a referral of it."""
    refusals: Counter[str] = field(default_factory=Counter)
    """How often each rule refused what somebody tried; not an error by itself."""
    referrals: dict[str, str] = field(default_factory=dict)
    """Which referral each submission became."""

    @property
    def complete(self) -> bool:
        """Whether every referral reached its end and every sender heard of it."""
        return not self.stuck and self.progress.fed_back >= self.progress.wanted
