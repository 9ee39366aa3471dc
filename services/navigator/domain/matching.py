"""What may suit somebody: activities in order, each with why and with what may be in the way.

Pure and deterministic: the same wishes beside the same offers give the same list, whatever order they come
in. What rules out stands in `limits`, what counts how much in `weighing`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from services.navigator.domain.limits import NEAREST_FIRST, Point, broken_by
from services.navigator.domain.weighing import DEDUCTIONS, PARTS, SINKS
from services.navigator.domain.wishes import Offer, Wishes
from sluss_contracts.matching import PASSES, Obstacle, Unknown
from sluss_contracts.plan import AlternativeLookedAt
from sluss_contracts.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Judged:
    """One activity beside what somebody wants."""

    offer: Offer
    points: int
    parts: Mapping[str, int]
    fits: tuple[Point, ...]
    in_the_way: tuple[Point, ...]
    ruled_out: tuple[Point, ...]
    unknown: tuple[str, ...]

    @property
    def suits(self) -> bool:
        """Whether it may be suggested."""
        return not self.ruled_out

    def meets(self, need: str) -> bool:
        """Whether it is for this need."""
        return need in self.offer.needs


def judge(wishes: Wishes, offer: Offer) -> Judged:
    """Weigh one activity, whatever rules it out."""
    weighed = [(part, part.weigh(wishes, offer)) for part in PARTS]
    parts = {part.name: part.weight * one.value // 100 for part, one in weighed}
    fits = tuple(chain.from_iterable(one.fits for _, one in weighed))
    ruled_out = broken_by(wishes, offer)
    broken = {point.code for point in ruled_out}
    soft = chain(_to_ask(wishes, offer), chain.from_iterable(one.obstacles for _, one in weighed))
    in_the_way = tuple(point for point in soft if point.code not in broken)
    points = sum(parts.values()) - sum(DEDUCTIONS[p.code][0] for p in in_the_way if p.code in DEDUCTIONS)
    unknown = tuple(_unknown(offer))
    return Judged(offer, max(0, min(100, points)), parts, fits, in_the_way, ruled_out, unknown)


def rank(wishes: Wishes, offers: Iterable[Offer]) -> list[Judged]:
    """The activities that may be suggested: first the best for each need, since to treat one problem without
    the other does not work; then the rest. Both by points, equal ones by id."""
    return put_in_order(wishes, (judge(wishes, offer) for offer in offers))


def put_in_order(wishes: Wishes, judged: Iterable[Judged]) -> list[Judged]:
    """The same of what has been judged already."""
    in_order = sorted((one for one in judged if one.suits), key=_order)
    firm = [one for one in in_order if not any(point.code in SINKS for point in one.in_the_way)]
    best = [next((one for one in firm if one.meets(need)), None) for need in wishes.needs]
    first = {one.offer.activity for one in best if one is not None}
    return sorted(in_order, key=lambda one: (one.offer.activity not in first, *_order(one)))


def _order(one: Judged) -> tuple[int, str]:
    return -one.points, one.offer.activity


def _to_ask(wishes: Wishes, offer: Offer) -> Iterator[Point]:
    """What nobody but people can tell."""
    ages = wishes.ages
    if (offer.from_age is not None and (ages is None or ages.least < offer.from_age)) or (
        offer.to_age is not None and (ages is None or ages.most > offer.to_age)
    ):
        about = tuple("" if age is None else str(age) for age in (offer.from_age, offer.to_age))
        yield Point(Obstacle.AGE_TO_ASK, about)
    if offer.genders and wishes.gender is None:
        yield Point(Obstacle.GENDER_TO_ASK, offer.genders)
    if offer.groups:
        yield Point(Obstacle.GROUP_TO_ASK, offer.groups)
    if offer.health is not None:
        yield Point(Obstacle.JUDGED_TOGETHER, (offer.health,))
    if offer.times is not None:
        yield Point(Obstacle.LIMITED_TIMES, (), offer.times)
    if offer.activity in wishes.not_now:
        yield Point(Obstacle.SAID_NOT_NOW, (wishes.not_now[offer.activity],))
    if offer.activity in wishes.turned_down:
        yield Point(Obstacle.PROVIDER_SAID_NO, (wishes.turned_down[offer.activity],))


def _unknown(offer: Offer) -> Iterator[str]:
    yield Unknown.OTHERS_WHO_COME
    if offer.kronor is None:
        yield Unknown.COST
    if not offer.coming:
        yield Unknown.TIMES
    if offer.venue is None and offer.on_site:
        yield Unknown.PLACE


_WHY_UNMET: Final[Mapping[str, str]] = {
    Obstacle.TOO_FAR: "too_far",
    Obstacle.TOO_COSTLY: "too_costly",
    Obstacle.OTHER_MODE: "other_mode",
    Obstacle.OTHER_LANGUAGE: "language",
    Obstacle.HIDDEN: "not_verified",
    Obstacle.SAID_NO: "did_not_suit",
    Obstacle.NOT_THIS_PROVIDER: "did_not_suit",
    Obstacle.TOO_YOUNG: "not_eligible",
    Obstacle.TOO_OLD: "not_eligible",
    Obstacle.OTHER_GENDER: "not_eligible",
}
"""What a need is recorded as unmet for, by what ruled out the activity that came nearest."""
FULL: Final = "full"
NOTHING_OFFERED: Final = "nothing_offered"


def unanswered(wishes: Wishes, judged: Sequence[Judged]) -> dict[str, str]:
    """The needs that nothing here meets, each with why: what kept the nearest miss away.

    A need is answered by anything that may be suggested and has room, or where a place is asked for already.
    `judged` are all that were looked at, also what is ruled out.
    """
    found: dict[str, str] = {}
    for need in wishes.needs:
        there = [one for one in judged if one.meets(need)]
        if any(one.suits and one.offer.free != 0 for one in there):
            continue
        if any(point.code == Obstacle.ASKED_ALREADY for one in there for point in one.ruled_out):
            continue
        if any(one.suits for one in there):
            found[need] = FULL
            continue
        misses = sorted(_nearness(one) for one in there)
        found[need] = (
            _WHY_UNMET.get(NEAREST_FIRST[misses[0][1]], NOTHING_OFFERED) if misses else NOTHING_OFFERED
        )
    return found


def _nearness(one: Judged) -> tuple[int, int]:
    """How many limits are broken, then the one that is hardest to do something about."""
    places = [NEAREST_FIRST.index(Obstacle(point.code)) for point in one.ruled_out]
    return len(places), max(places)


def said_no(looked_at: Iterable[AlternativeLookedAt]) -> tuple[dict[str, str], dict[str, str]]:
    """What the person declined: for good, and for a reason that may pass; each with the reason. The last
    word on each activity counts, in the order in which they were looked at."""
    last = {each.activity: each for each in looked_at}
    no = {name: each.why or "" for name, each in last.items() if each.verdict is Verdict.DECLINED}
    passes = {name: why for name, why in no.items() if why in PASSES}
    return {name: why for name, why in no.items() if name not in passes}, passes
