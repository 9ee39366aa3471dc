"""How full an activity is: what decides between an offer and the waiting line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.provider.domain.activity import Status
from sluss_contracts.enrolment import EnrolmentAccepted, EnrolmentOffered, EnrolmentWaitlisted
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Acceptance

EVERYBODY = "*"
"""Stands for every provider, where a person has said no to all."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A session that has not begun yet."""

    session_id: str
    starts: datetime


@dataclass(slots=True)
class Places:
    """One activity's places at a moment when nobody else can give one away."""

    activity: str
    provider: str
    capacity: int
    acceptance: Acceptance
    taken: int
    """Places held by an offer or an accepted enrolment."""
    waiting: int
    """How many stand in line."""
    next_session: Coming | None = None
    status: Status = Status.PUBLISHED
    """The activity's; only a published one takes anybody new."""

    @property
    def free(self) -> int:
        """Places nobody holds; never negative, though an activity may have been made smaller."""
        return max(0, self.capacity - self.taken)

    @property
    def room_for_a_newcomer(self) -> bool:
        """Whether a place is left when everybody in line has got one."""
        return self.free > self.waiting

    def reaches(self, ahead: int) -> bool:
        """Whether the free places reach somebody who has `ahead` others before them in line."""
        return self.free > ahead


class Catalogue:
    """The places of several activities, kept in step while one transaction gives them away."""

    def __init__(
        self,
        places: Iterable[Places],
        ahead: Mapping[str, int] | None = None,
        withdrawn: Iterable[tuple[str, str]] = (),
    ) -> None:
        """`withdrawn` are pairs of referral and provider: who may be told nothing of whom."""
        self._places = {each.activity: each for each in places}
        self._ahead = dict(ahead or {})
        self._called: dict[str, int] = {}
        self._withdrawn = frozenset(withdrawn)

    def of(self, activity: str) -> Places | None:
        """The places of one activity, None when there is no such activity."""
        return self._places.get(activity)

    def consent_withdrawn(self, referral_id: str, activity: str) -> bool:
        """Whether the person has said no to whoever runs the activity."""
        places = self._places.get(activity)
        return places is not None and bool(
            {(referral_id, places.provider), (referral_id, EVERYBODY)} & self._withdrawn
        )

    def ahead_of(self, enrolment_id: str, activity: str) -> int:
        """How many stand before this one in line; those called in this transaction have left it.

        Whoever is called from behind makes this one too few, which is harmless: they were called because
        there were places for everybody before them.
        """
        return max(0, self._ahead[enrolment_id] - self._called.get(activity, 0))

    def newcomer(self, facts: Iterable[Fact]) -> None:
        """Count what was just decided for somebody who was not there before."""
        for fact in facts:
            match fact:
                case EnrolmentOffered() | EnrolmentAccepted():
                    self._places[fact.activity].taken += 1
                case EnrolmentWaitlisted():
                    self._places[fact.activity].waiting += 1

    def called(self, facts: Iterable[Fact]) -> None:
        """Count what was just decided for somebody who stood in line."""
        for fact in facts:
            if isinstance(fact, EnrolmentOffered | EnrolmentAccepted):
                self._places[fact.activity].taken += 1
                self._places[fact.activity].waiting -= 1
                self._called[fact.activity] = self._called.get(fact.activity, 0) + 1
