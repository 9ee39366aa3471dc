"""Who gets a referral, and why: the policy.

Hard limits, none of which load or skill can outweigh: the area, the language the person wants to speak, the
gender they ask for, leave, capacity, that a volunteer is given only what suits one, and that nobody is given
what they gave back, or somebody they know privately. Among those who fit:

1. whoever had this person before,
2. employed before volunteers,
3. the one who knows more of the needs,
4. the smallest share of capacity taken, then the fewest cases,
5. the first by id, so that the same question always has the same answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain, compress
from operator import itemgetter

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
    never: tuple[str, ...] = ()
    """Link workers who gave this very case back, or who know the person privately."""


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


_MISSES = (
    *("no_capacity", "on_leave", "needs_employed", "no_requested_gender", "no_language", "other_area"),
    "gave_it_back",
)
"""The code of missing each hard limit, the easiest to mend first."""


def fits(wanted: Wanted, who: Candidate, today: date) -> bool:
    """Whether no hard limit keeps this link worker from this referral."""
    return (
        who.load < who.capacity
        and wanted.language in who.languages
        and wanted.area in who.areas
        and (wanted.gender is None or wanted.gender == who.gender)
        and not (who.volunteer and not SUITS_A_VOLUNTEER.issuperset(wanted.needs))
        and not (who.leaves and any(leave.covers(today) for leave in who.leaves))
        and who.worker not in wanted.never
    )


def misses(wanted: Wanted, who: Candidate, today: date) -> tuple[str, ...]:
    """The hard limits that keep this link worker from this referral; empty when they fit."""
    missed = (
        who.load >= who.capacity,
        any(leave.covers(today) for leave in who.leaves),
        who.volunteer and not SUITS_A_VOLUNTEER.issuperset(wanted.needs),
        wanted.gender is not None and wanted.gender != who.gender,
        wanted.language not in who.languages,
        wanted.area not in who.areas,
        who.worker in wanted.never,
    )
    return tuple(compress(_MISSES, missed))


LEFT_TO_A_HUMAN = frozenset({"no_capacity", "on_leave", "other_area"})
"""What limits the network alone: somebody who is named by a human takes over beyond it. The other limits are
there for the person, and hold for whoever it is."""


def kept_from(wanted: Wanted, named: Candidate, today: date) -> tuple[str, ...]:
    """What keeps a case from somebody whom a human has named to take over; empty when they may have it."""
    return tuple(code for code in misses(wanted, named, today) if code not in LEFT_TO_A_HUMAN)


def choose(
    wanted: Wanted, candidates: Collection[Candidate], today: date, near: Iterable[Candidate] = ()
) -> Chosen | Nobody:
    """The link worker who fits best, or why nobody does.

    `near` are further link workers who cannot be given the case now; they help to say why nobody fits.
    """
    fitting = [(_rank(wanted, who), who) for who in candidates if fits(wanted, who, today)]
    if not fitting:
        judged = (misses(wanted, who, today) for who in chain(candidates, near))
        return Nobody(_nearest([missed for missed in judged if missed]))
    rank, best = min(fitting, key=itemgetter(0))
    return Chosen(best.worker, best.team, _because(wanted, rank, best, [other for other, _ in fitting]))


_Rank = tuple[bool, bool, int, int, int, str]


def _rank(wanted: Wanted, who: Candidate) -> _Rank:
    known_needs = sum(need in who.skills for need in wanted.needs) if who.skills else 0
    return who.worker != wanted.before, who.volunteer, -known_needs, who.filled, who.load, who.worker


def _because(wanted: Wanted, rank: _Rank, best: Candidate, ranks: Sequence[_Rank]) -> tuple[str, ...]:
    rivals = [other for other in ranks if other[:3] == rank[:3] and other is not rank]
    alike = [other for other in rivals if other[:5] == rank[:5]]
    reasons = {
        "had_this_person_before": best.worker == wanted.before,
        "requested_gender": wanted.gender is not None,
        "speaks_language": True,
        "knows_the_needs": rank[2] < 0,
        "only_one_who_fits": len(ranks) == 1,
        "least_load": len(rivals) > len(alike),
        "first_in_order": bool(alike),
    }
    return tuple(code for code, holds in reasons.items() if holds)


def _nearest(missed: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    if not missed:
        return ("no_worker_in_area",)
    by_nearness = sorted(missed, key=lambda codes: (len(codes), [_MISSES.index(code) for code in codes]))
    return tuple(dict.fromkeys(chain.from_iterable(by_nearness)))
