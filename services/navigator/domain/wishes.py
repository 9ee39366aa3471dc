"""What somebody wants of an activity, and what is known of an activity: the two sides of a match."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from math import asin, cos, radians, sin, sqrt
from typing import Final, NamedTuple

from sluss_contracts.matching import Position
from sluss_contracts.offering import Mode, Per
from sluss_contracts.vocabulary import Acceptance, GuardianRule

EARTH_KM: Final = 6371.0


class Standing(StrEnum):
    """Whether anybody vouches for an activity, as its provider's events tell."""

    PUBLISHED = "published"
    """Said to be right when it was published or corrected, and nobody has been asked since."""
    VERIFIED = "verified"
    VERIFICATION_DUE = "verification_due"
    """Somebody has been asked whether it is still right, and has not answered: it sinks."""
    EXPIRED = "expired"
    """Nobody answered: it is hidden, and takes nobody new."""
    WITHDRAWN = "withdrawn"


HIDDEN: Final = (Standing.EXPIRED, Standing.WITHDRAWN)
"""Nobody new is sent there."""


class Ages(NamedTuple):
    """What is known of somebody's age: at least, and at most. The same twice where it is known."""

    least: int
    most: int


MINOR: Final = Ages(0, 17)


def age_told_by(rule: GuardianRule | None) -> Ages | None:
    """What the case knows of the person's age: that a rule for minors applies. Nothing else tells it."""
    return None if rule in (None, GuardianRule.NOT_A_MINOR) else MINOR


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is looked for, and what must not be."""

    needs: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    barriers: tuple[str, ...] = ()
    area: str = ""
    neighbours: tuple[str, ...] = ()
    """Areas of the same team: close enough to be worth a word."""
    also: tuple[str, ...] = ()
    """Further areas the person says they can get to."""
    near: Position | None = None
    within_km: int | None = None
    language: str = "sv"
    language_required: bool = False
    days: tuple[int, ...] = ()
    """0 is Monday."""
    at_most: int | None = None
    """Kronor a month."""
    mode: str | None = None
    ages: Ages | None = None
    """None: not known."""
    gender: str | None = None
    never: frozenset[str] = frozenset()
    """Providers that must not be asked."""
    no_more: Mapping[str, str] = field(default_factory=dict)
    """Activities the person said no to for good, each with the reason."""
    not_now: Mapping[str, str] = field(default_factory=dict)
    """Activities the person said no to for a reason that may pass."""
    asked: frozenset[str] = frozenset()
    """Activities where a place is asked for, or held."""
    turned_down: Mapping[str, str] = field(default_factory=dict)
    """Activities whose provider said no, or did not answer, each with the reason."""

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return not (self.needs or self.interests)


@dataclass(frozen=True)
class Offer:
    """One activity as its provider describes it, and how it stands."""

    activity: str
    provider: str
    title: str
    needs: tuple[str, ...]
    area: str
    languages: tuple[str, ...]
    capacity: int
    acceptance: str = Acceptance.REQUIRED.value
    interests: tuple[str, ...] = ()
    mode: str = Mode.ON_SITE.value
    venue: str | None = None
    position: Position | None = None
    kronor: int | None = None
    """None: not said."""
    per: str = Per.TIME.value
    from_age: int | None = None
    to_age: int | None = None
    genders: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    times: int | None = None
    health: str | None = None
    access: tuple[str, ...] = ()
    hosted: bool = False
    standing: Standing = Standing.PUBLISHED
    taken: int = 0
    """Places held by those the network has asked for."""
    waiting: int = 0
    """How many of them stand in line: they come before whoever asks now."""
    coming: tuple[datetime, ...] = ()
    """The next sessions, in local time, the first one first."""
    provider_name: str | None = None

    @property
    def free(self) -> int | None:
        """Places left for somebody who asks now, as far as the network knows; None where nobody needs one."""
        return None if self.drop_in else max(0, self.capacity - self.taken - self.waiting)

    @property
    def drop_in(self) -> bool:
        """Whether one may simply come."""
        return self.acceptance == Acceptance.DROP_IN

    @property
    def from_home(self) -> bool:
        """Whether one can take part from wherever one is."""
        return self.mode in (Mode.DIGITAL, Mode.BOTH)

    @property
    def on_site(self) -> bool:
        """Whether one can come in person; so for ways of taking part that this version does not know."""
        return self.mode != Mode.DIGITAL

    @cached_property
    def a_month(self) -> int | None:
        """What it costs in kronor a month, rounded up; None where it is not said."""
        return None if self.kronor is None else a_month(self.kronor, self.per)


def a_month(kronor: int, per: str) -> int:
    """A price as kronor a month, rounded up: a time is taken to be once a week, a term five months. What is
    paid once for the whole counts in the month it is paid."""
    times, months = {
        Per.TIME: (4, 1),
        Per.MONTH: (1, 1),
        Per.TERM: (1, 5),
        Per.YEAR: (1, 12),
        Per.WHOLE: (1, 1),
    }[Per(per)]
    return -(-kronor * times // months)


def kilometres(one: Position, other: Position) -> int:
    """The distance as the crow flies, in whole kilometres (haversine)."""
    north, south = radians(one.latitude), radians(other.latitude)
    across = radians(other.longitude - one.longitude)
    a = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(across / 2) ** 2
    return round(2 * EARTH_KM * asin(sqrt(a)))
