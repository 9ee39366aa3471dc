"""Who gets a referral, and why: the policy.

Hard limits, none of which load or skill can outweigh: the area, the language the person wants to speak, the
gender they ask for, leave, capacity, and that a volunteer is given only what suits one. Among those who fit:

1. whoever had this person before,
2. employed before volunteers,
3. the one who knows more of the needs,
4. the smallest share of capacity taken, then the fewest cases,
5. the first by id, so that the same question always has the same answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from services.navigator.domain.worker import Leave
from sluss_contracts.vocabulary import Gender, Need

SUITS_A_VOLUNTEER = frozenset(
    {
        Need.COMPANY,
        Need.BEFRIENDING,
        Need.CULTURE,
        Need.NATURE,
        Need.PHYSICAL_ACTIVITY,
        Need.LANGUAGE,
        Need.DIGITAL_HELP,
        Need.VOLUNTEERING,
    }
)
"""Needs a volunteer may be given by the policy: none that tells of money, health, family or work."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a referral asks of a link worker."""

    area: str
    language: str
    needs: tuple[str, ...]
    gender: Gender | None = None
    before: str | None = None
    """The link worker who last had this person."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link worker as the policy sees them."""

    worker: str
    team: str
    areas: tuple[str, ...]
    languages: tuple[str, ...]
    capacity: int
    load: int
    skills: tuple[str, ...] = ()
    gender: Gender | None = None
    volunteer: bool = False
    leaves: tuple[Leave, ...] = ()

    @property
    def filled(self) -> int:
        """How much of the capacity is taken, in hundredths of a per cent, so that it sorts exactly."""
        return self.load * 10_000 // max(self.capacity, 1)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who it is, and what decided, the weightiest first."""

    worker: str
    team: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nobody:
    """Nobody fits; why not, the nearest miss first."""

    why: tuple[str, ...]


_Limit = Callable[[Wanted, Candidate, date], bool]
_LIMITS: dict[str, _Limit] = {
    "no_capacity": lambda _, who, __: who.load < who.capacity,
    "on_leave": lambda _, who, today: not any(leave.covers(today) for leave in who.leaves),
    "needs_employed": lambda wanted, who, _: not who.volunteer or SUITS_A_VOLUNTEER.issuperset(wanted.needs),
    "no_requested_gender": lambda wanted, who, _: wanted.gender in (None, who.gender),
    "no_language": lambda wanted, who, _: wanted.language in who.languages,
    "other_area": lambda wanted, who, _: wanted.area in who.areas,
}
"""Each hard limit under the code of missing it, the easiest to mend first."""


def misses(wanted: Wanted, who: Candidate, today: date) -> tuple[str, ...]:
    """The hard limits that keep this link worker from this referral; empty when they fit."""
    return tuple(code for code, keeps in _LIMITS.items() if not keeps(wanted, who, today))


def choose(wanted: Wanted, candidates: Iterable[Candidate], today: date) -> Chosen | Nobody:
    """The link worker who fits best, or why nobody does."""
    judged = [(who, misses(wanted, who, today)) for who in candidates]
    fitting = sorted((who for who, missed in judged if not missed), key=lambda who: _rank(wanted, who))
    if fitting:
        best = fitting[0]
        return Chosen(best.worker, best.team, _because(wanted, best, fitting[1:]))
    return Nobody(_nearest([missed for _, missed in judged]))


def _known_needs(wanted: Wanted, who: Candidate) -> int:
    return len(set(wanted.needs).intersection(who.skills))


def _preferred(wanted: Wanted, who: Candidate) -> tuple[bool, bool, int]:
    return who.worker != wanted.before, who.volunteer, -_known_needs(wanted, who)


def _rank(wanted: Wanted, who: Candidate) -> tuple[tuple[bool, bool, int], int, int, str]:
    return _preferred(wanted, who), who.filled, who.load, who.worker


def _because(wanted: Wanted, best: Candidate, others: Sequence[Candidate]) -> tuple[str, ...]:
    rivals = [who for who in others if _preferred(wanted, who) == _preferred(wanted, best)]
    alike = [who for who in rivals if (who.filled, who.load) == (best.filled, best.load)]
    reasons = {
        "had_this_person_before": best.worker == wanted.before,
        "requested_gender": wanted.gender is not None,
        "speaks_language": True,
        "knows_the_needs": _known_needs(wanted, best) > 0,
        "only_one_who_fits": not others,
        "least_load": bool(rivals) and not alike,
        "first_in_order": bool(alike),
    }
    return tuple(code for code, holds in reasons.items() if holds)


def _nearest(missed: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if not missed:
        return ("no_worker_in_area",)
    order = list(_LIMITS)
    by_nearness = sorted(missed, key=lambda codes: (len(codes), [order.index(code) for code in codes]))
    return tuple(dict.fromkeys(chain.from_iterable(by_nearness)))
