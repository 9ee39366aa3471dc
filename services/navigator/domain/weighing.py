"""How much each thing counts when activities are put in order for one person: one table, with reasons.

Each part looks at one thing and gives 0 to 100 of its weight, with what is to be said of it. The weights add
up to 100, so a row's points are out of 100; they order one list and mean nothing beside another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from services.navigator.domain.limits import Point, distance, price_of, shared, taken_part_from_home
from services.navigator.domain.wishes import Offer, Standing, Wishes
from sluss_contracts.matching import Fit, Obstacle, Weekday
from sluss_contracts.offering import Access
from sluss_contracts.vocabulary import Barrier


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one part gives, 0 to 100, and what there is to say."""

    value: int
    fits: tuple[Point, ...] = ()
    obstacles: tuple[Point, ...] = ()


DOES_NOT_TELL: Final = 50
"""Where nothing is asked for, or nothing is known, a part neither lifts nor sinks."""


def need(wishes: Wishes, offer: Offer) -> Weighed:
    """One need met is most of it: several activities at once may meet the rest."""
    if not wishes.needs:
        return Weighed(DOES_NOT_TELL)
    met = shared(wishes.needs, offer.needs)
    if not met:
        return Weighed(0, (), (Point(Obstacle.NEED_NOT_MET, wishes.needs),))
    return Weighed(60 + 40 * len(met) // len(wishes.needs), (Point(Fit.MEETS_NEED, met),))


def interest(wishes: Wishes, offer: Offer) -> Weighed:
    """One shared interest is a reason to come, two are enough."""
    if not wishes.interests:
        return Weighed(DOES_NOT_TELL)
    both = shared(wishes.interests, offer.interests)
    if not both:
        return Weighed(0 if offer.interests else 25)  # an activity that names none may still have it
    return Weighed(100 if len(both) > 1 else 75, (Point(Fit.SHARES_INTEREST, both),))


def near(wishes: Wishes, offer: Offer) -> Weighed:
    """Where one can walk, or take part from home; the next area is further for whoever lacks transport."""
    away = distance(wishes, offer)
    here = offer.area == wishes.area and offer.on_site
    if away is not None and not taken_part_from_home(wishes, offer):
        value = max(10, 100 - 6 * max(0, away - 1))
        said = () if away > 5 else (Point(Fit.NEAR, (offer.area,), away),)
        far = () if away <= 5 else (Point(Obstacle.OTHER_AREA, (offer.area,), away),)
    elif here:
        value, said, far = 100, (Point(Fit.NEAR, (offer.area,)),), ()
    elif taken_part_from_home(wishes, offer):
        value, said, far = 60, (Point(Fit.FROM_HOME),), ()
    else:
        value, said, far = (
            80 if offer.area in wishes.also else 50,
            (),
            (Point(Obstacle.OTHER_AREA, (offer.area,)),),
        )
    if far and Barrier.TRANSPORT in wishes.barriers:
        value //= 2
    return Weighed(value, said, far)


_EASED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    Barrier.TRANSPORT: (Access.BUS_NEAR, "from_home"),
    Barrier.COST: ("free_of_charge",),
    Barrier.LANGUAGE: ("language", Access.EASY_LANGUAGE),
    Barrier.MOBILITY: (Access.STEP_FREE, Access.SITTING_DOWN, "from_home"),
    Barrier.ANXIETY: (Access.QUIET, "hosted", Access.BRING_A_FRIEND),
    Barrier.CHILDCARE: (Access.CHILDREN_WELCOME, "from_home"),
    Barrier.CARING: ("from_home", "drop_in"),
    Barrier.WORKING_HOURS: ("evenings_or_weekends",),
    Barrier.DIGITAL_ACCESS: ("in_person", Access.BORROW_EQUIPMENT),
    Barrier.GOING_ALONE: ("hosted", Access.BRING_A_FRIEND),
}
"""What about an activity eases which barrier. Health and safety are for people to judge."""


def barriers(wishes: Wishes, offer: Offer) -> Weighed:
    """The share of what stands in the way that the activity itself sees to."""
    known = [barrier for barrier in wishes.barriers if barrier in _EASED_BY]
    if not known:
        return Weighed(DOES_NOT_TELL)
    has = _has(wishes, offer)
    eased = {barrier: [way for way in _EASED_BY[barrier] if way in has] for barrier in known}
    fits = tuple(Point(Fit.EASES_BARRIER, (barrier, *by)) for barrier, by in eased.items() if by)
    stand = tuple(barrier for barrier, by in eased.items() if not by)
    obstacles = (Point(Obstacle.BARRIER_STANDS, stand),) if stand else ()
    return Weighed(100 * len(fits) // len(known), fits, obstacles)


def _has(wishes: Wishes, offer: Offer) -> frozenset[str]:
    also = {
        "from_home": offer.from_home,
        "free_of_charge": offer.kronor == 0,
        "language": wishes.language in offer.languages,
        "hosted": offer.hosted,
        "drop_in": offer.drop_in,
        "in_person": offer.on_site,
        "evenings_or_weekends": any(each.hour >= 17 or each.weekday() >= 5 for each in offer.coming),
    }
    return frozenset(offer.access) | {word for word, holds in also.items() if holds}


def language(wishes: Wishes, offer: Offer) -> Weighed:
    """In the language the person wants to speak."""
    if wishes.language in offer.languages:
        return Weighed(100, (Point(Fit.SPEAKS_LANGUAGE, (wishes.language,)),))
    return Weighed(0, (), (Point(Obstacle.OTHER_LANGUAGE, offer.languages),))


def room(wishes: Wishes, offer: Offer) -> Weighed:
    """A place now, rather than a place in line."""
    if offer.drop_in:
        return Weighed(100, (Point(Fit.DROP_IN),))
    if offer.free:
        return Weighed(100, (Point(Fit.HAS_ROOM, (), offer.free),))
    return Weighed(0, (), (Point(Obstacle.FULL, (), offer.waiting or None),))


def cost(wishes: Wishes, offer: Offer) -> Weighed:
    """What costs nothing keeps nobody away; a price counts against it only for whom cost is a barrier."""
    counts = Barrier.COST in wishes.barriers or wishes.at_most is not None
    if offer.a_month is None:
        return Weighed(DOES_NOT_TELL, (), (Point(Obstacle.COST_NOT_SAID),) if counts else ())
    if offer.a_month == 0:
        return Weighed(100, (Point(Fit.FREE_OF_CHARGE),))
    said = Point(Obstacle.COSTS, price_of(offer), offer.a_month)
    return Weighed(0 if Barrier.COST in wishes.barriers else 70, (), (said,) if counts else ())


def vouched(wishes: Wishes, offer: Offer) -> Weighed:
    """Somebody has said lately that it is right."""
    match offer.standing:
        case Standing.VERIFIED:
            return Weighed(100, (Point(Fit.VERIFIED),))
        case Standing.PUBLISHED:
            return Weighed(70)
        case _:
            return Weighed(0, (), (Point(Obstacle.NOT_VERIFIED),))


def host(wishes: Wishes, offer: Offer) -> Weighed:
    """A named person meets the newcomer."""
    return Weighed(100, (Point(Fit.HOSTED),)) if offer.hosted else Weighed(0)


def days(wishes: Wishes, offer: Offer) -> Weighed:
    """On a day that suits, as far as sessions are known."""
    if not wishes.days:
        return Weighed(100 if offer.coming else DOES_NOT_TELL)
    if not offer.coming:
        return Weighed(DOES_NOT_TELL, (), (Point(Obstacle.NOTHING_COMING),))
    held_on = tuple(dict.fromkeys(each.weekday() for each in offer.coming))
    if suits := tuple(_DAYS[day] for day in held_on if day in wishes.days):
        return Weighed(100, (Point(Fit.SUITS_DAYS, suits),))
    return Weighed(0, (), (Point(Obstacle.OTHER_DAYS, tuple(_DAYS[day] for day in held_on)),))


_DAYS: Final = tuple(day.value for day in Weekday)


class Part(NamedTuple):
    """One part of the points."""

    name: str
    weight: int
    why: str
    weigh: Callable[[Wishes, Offer], Weighed]


PARTS: Final = (
    Part("need", 32, "the reason the person was referred: without it, it is only pleasant", need),
    Part("interest", 24, "what people like to do is what they go on doing", interest),
    Part("near", 10, "every journey is a reason to stay at home", near),
    Part("barriers", 10, "what stands in the way decides whether somebody ever gets there", barriers),
    Part("language", 6, "company needs words; where they are required it is a limit, not a weight", language),
    Part("room", 5, "a full activity that still gets referrals is an old complaint", room),
    Part("cost", 4, "small, for where it matters it is a barrier or a limit as well", cost),
    Part("vouched", 3, "among what nobody doubts, what somebody looked at lately", vouched),
    Part("host", 4, "the first time is the hardest; a name to ask for helps", host),
    Part("days", 2, "a day can often be moved, a liking cannot", days),
)
"""In the order in which a row tells of them. The weights add up to 100."""

DEDUCTIONS: Final[Mapping[str, tuple[int, str]]] = {
    Obstacle.NOT_VERIFIED: (20, "nobody has answered whether it is still right: it sinks below what is"),
    Obstacle.SAID_NOT_NOW: (25, "the person said no; it may be asked again, after everything else"),
    Obstacle.PROVIDER_SAID_NO: (15, "the provider said no once, or did not answer"),
    Obstacle.AGE_TO_ASK: (4, "may turn out not to be for them"),
    Obstacle.GENDER_TO_ASK: (4, "may turn out not to be for them"),
    Obstacle.GROUP_TO_ASK: (4, "may turn out not to be for them"),
}
"""What is taken off besides, and why. A limit that concerns health takes nothing off: the machine does not
judge it, neither way."""

SINKS: Final = (Obstacle.NOT_VERIFIED, Obstacle.SAID_NOT_NOW, Obstacle.PROVIDER_SAID_NO)
"""What nobody puts first, though it be the best for a need."""
