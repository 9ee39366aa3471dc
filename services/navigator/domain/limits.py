"""What rules an activity out for somebody, whatever speaks for it.

Only what is known rules out: where the person's age or gender is not known, the row says that it is to be
asked. A limit that concerns health never rules out; a link worker judges it together with the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from services.navigator.domain.wishes import HIDDEN, Offer, Standing, Wishes, kilometres
from sluss_contracts.matching import Obstacle
from sluss_contracts.offering import Mode


class Point(NamedTuple):
    """One thing that speaks for or against an activity."""

    code: str
    about: tuple[str, ...] = ()
    amount: int | None = None


def price_of(offer: Offer) -> tuple[str, ...]:
    """What it costs as its provider says it: kronor, and for what (`Per`)."""
    return () if offer.kronor is None else (str(offer.kronor), offer.per)


NEAREST_FIRST: Final = (
    Obstacle.ASKED_ALREADY,
    Obstacle.TOO_FAR,
    Obstacle.TOO_COSTLY,
    Obstacle.OTHER_MODE,
    Obstacle.OTHER_LANGUAGE,
    Obstacle.HIDDEN,
    Obstacle.SAID_NO,
    Obstacle.NOT_THIS_PROVIDER,
    Obstacle.TOO_YOUNG,
    Obstacle.TOO_OLD,
    Obstacle.OTHER_GENDER,
    Obstacle.NOTHING_IN_COMMON,
    Obstacle.WITHDRAWN,
)
"""The hard limits, the one that somebody could do most about first."""


def broken_by(wishes: Wishes, offer: Offer) -> tuple[Point, ...]:
    """The limits that keep this activity from this person; empty where it may be suggested."""
    return tuple(_broken(wishes, offer))


def _broken(wishes: Wishes, offer: Offer) -> Iterator[Point]:
    if offer.standing in HIDDEN:
        yield Point(Obstacle.WITHDRAWN if offer.standing is Standing.WITHDRAWN else Obstacle.HIDDEN)
    if offer.provider in wishes.never:
        yield Point(Obstacle.NOT_THIS_PROVIDER)
    if offer.activity in wishes.asked:
        yield Point(Obstacle.ASKED_ALREADY)
    if offer.activity in wishes.no_more:
        yield Point(Obstacle.SAID_NO, (wishes.no_more[offer.activity],))
    yield from _whom_it_is_not_for(wishes, offer)
    if wishes.language_required and wishes.language not in offer.languages:
        yield Point(Obstacle.OTHER_LANGUAGE, offer.languages)
    if wishes.at_most is not None and offer.a_month is not None and offer.a_month > wishes.at_most:
        yield Point(Obstacle.TOO_COSTLY, price_of(offer), offer.a_month)
    if not _in_a_way_wanted(wishes, offer):
        yield Point(Obstacle.OTHER_MODE, (offer.mode,))
    elif (far := _too_far(wishes, offer)) is not None:
        yield far
    if not shared(wishes.needs, offer.needs) and not shared(wishes.interests, offer.interests):
        yield Point(Obstacle.NOTHING_IN_COMMON)


def _whom_it_is_not_for(wishes: Wishes, offer: Offer) -> Iterator[Point]:
    if wishes.ages is not None:
        if offer.from_age is not None and wishes.ages.most < offer.from_age:
            yield Point(Obstacle.TOO_YOUNG, (), offer.from_age)
        if offer.to_age is not None and wishes.ages.least > offer.to_age:
            yield Point(Obstacle.TOO_OLD, (), offer.to_age)
    if wishes.gender is not None and offer.genders and wishes.gender not in offer.genders:
        yield Point(Obstacle.OTHER_GENDER, offer.genders)


def _in_a_way_wanted(wishes: Wishes, offer: Offer) -> bool:
    match wishes.mode:
        case Mode.ON_SITE:
            return offer.on_site
        case Mode.DIGITAL:
            return offer.from_home
        case _:
            return True


def _too_far(wishes: Wishes, offer: Offer) -> Point | None:
    """By distance where both ends are known, else by area. What one does from home is nowhere too far."""
    if taken_part_from_home(wishes, offer):
        return None
    if wishes.within_km is not None and (away := distance(wishes, offer)) is not None:
        return Point(Obstacle.TOO_FAR, (offer.area,), away) if away > wishes.within_km else None
    if offer.area in (wishes.area, *wishes.neighbours, *wishes.also):
        return None
    return Point(Obstacle.TOO_FAR, (offer.area,))


def taken_part_from_home(wishes: Wishes, offer: Offer) -> bool:
    """Whether this person would take part from home."""
    return offer.from_home and wishes.mode != Mode.ON_SITE


def distance(wishes: Wishes, offer: Offer) -> int | None:
    """Kilometres from where the person is to where it takes place, where both are known."""
    if wishes.near is None or offer.position is None:
        return None
    return kilometres(wishes.near, offer.position)


def shared(wanted: tuple[str, ...], offered: tuple[str, ...]) -> tuple[str, ...]:
    """What is wanted and offered, in the order in which it is wanted."""
    return tuple(word for word in wanted if word in offered)
