"""Why an activity may suit somebody, what may be in the way, and why they said no.

Said in codes, so that pages, prints and reports put them in their own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from sluss_contracts.offering import Mode
from sluss_contracts.vocabulary import Acceptance, Area, Code, Need, ShortText, Slug, Whose
from sluss_contracts.words import OpenVocabulary


class Fit(OpenVocabulary):
    """Why something may suit somebody."""

    MEETS_NEED = "meets_need"
    SHARES_INTEREST = "shares_interest"
    NEAR = "near"
    FROM_HOME = "from_home"
    SPEAKS_LANGUAGE = "speaks_language"
    EASES_BARRIER = "eases_barrier"
    SUITS_DAYS = "suits_days"
    FREE_OF_CHARGE = "free_of_charge"
    HOSTED = "hosted"
    HAS_ROOM = "has_room"
    DROP_IN = "drop_in"
    VERIFIED = "verified"


class Obstacle(OpenVocabulary):
    """What may be in the way, or rules something out."""

    WITHDRAWN = "withdrawn"
    HIDDEN = "hidden"
    NOT_THIS_PROVIDER = "not_this_provider"
    """The person does not want this provider to know of them, or a link worker says not to ask it."""
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    OTHER_GENDER = "other_gender"
    OTHER_LANGUAGE = "other_language"
    TOO_COSTLY = "too_costly"
    OTHER_MODE = "other_mode"
    TOO_FAR = "too_far"
    SAID_NO = "said_no"
    """The person looked at it and said no, for a reason that does not pass."""
    ASKED_ALREADY = "asked_already"
    NOTHING_IN_COMMON = "nothing_in_common"
    # What rules nothing out by itself.
    FULL = "full"
    NOT_VERIFIED = "not_verified"
    OTHER_AREA = "other_area"
    COSTS = "costs"
    COST_NOT_SAID = "cost_not_said"
    AGE_TO_ASK = "age_to_ask"
    GENDER_TO_ASK = "gender_to_ask"
    GROUP_TO_ASK = "group_to_ask"
    JUDGED_TOGETHER = "judged_together"
    """The provider names a limit that concerns health: the link worker and the person judge it together."""
    LIMITED_TIMES = "limited_times"
    NEED_NOT_MET = "need_not_met"
    BARRIER_STANDS = "barrier_stands"
    OTHER_DAYS = "other_days"
    NOTHING_COMING = "nothing_coming"
    SAID_NOT_NOW = "said_not_now"
    """The person looked at it and said no, for a reason that may have passed."""
    PROVIDER_SAID_NO = "provider_said_no"


class Unknown(OpenVocabulary):
    """What nobody has said, so that nobody takes silence for an answer."""

    OTHERS_WHO_COME = "others_who_come"
    """How many come by themselves: the network counts those it has asked for."""
    COST = "cost"
    TIMES = "times"
    PLACE = "place"


class Mismatch(OpenVocabulary):
    """Why an alternative that was looked at was declined."""

    NOT_MY_KIND = "not_my_kind"
    BEEN_THERE = "been_there"
    NOT_SAFE = "not_safe"
    SOMEBODY_THERE = "somebody_there"
    """Somebody the person knows, and does not want to meet."""
    TOO_MANY_PEOPLE = "too_many_people"
    WRONG_TIME = "wrong_time"
    TOO_FAR = "too_far"
    TOO_COSTLY = "too_costly"
    NOT_WELL_ENOUGH = "not_well_enough"
    NOT_FOR_MY_AGE = "not_for_my_age"
    NOT_FOR_MY_GENDER = "not_for_my_gender"
    LANGUAGE = "language"
    NOT_ACCESSIBLE = "not_accessible"
    FULL = "full"
    NO_HOST = "no_host"
    NOBODY_TO_COME_ALONG = "nobody_to_come_along"


WHOSE: Final[Mapping[Mismatch, Whose]] = {
    **dict.fromkeys(Mismatch, Whose.PERSON),
    Mismatch.NOT_FOR_MY_AGE: Whose.ELIGIBILITY,
    Mismatch.NOT_FOR_MY_GENDER: Whose.ELIGIBILITY,
    Mismatch.LANGUAGE: Whose.PROVIDER,
    Mismatch.NOT_ACCESSIBLE: Whose.PROVIDER,
    Mismatch.FULL: Whose.PROVIDER,
    Mismatch.NO_HOST: Whose.PROVIDER,
    Mismatch.NOBODY_TO_COME_ALONG: Whose.NETWORK,
}
"""Whose reason each is: who could do something about it."""

PASSES: Final[frozenset[Mismatch]] = frozenset(
    {
        Mismatch.WRONG_TIME,
        Mismatch.TOO_FAR,
        Mismatch.TOO_COSTLY,
        Mismatch.TOO_MANY_PEOPLE,
        Mismatch.NOT_WELL_ENOUGH,
        Mismatch.FULL,
        Mismatch.LANGUAGE,
        Mismatch.NO_HOST,
        Mismatch.NOBODY_TO_COME_ALONG,
    }
)
"""Reasons that may pass, with help or with time: what was declined for one of them sinks in the next list.
For any other reason, or a word this version does not know, it is not shown to the same person again."""


class Weekday(StrEnum):
    """A day of the week, in the order in which `datetime.weekday` counts them."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class _Value(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Position(_Value):
    """A point to measure distance from. It is asked with, and kept nowhere."""

    latitude: float = Field(ge=-90, le=90)
    """WGS 84, degrees."""
    longitude: float = Field(ge=-180, le=180)


class Ground(_Value):
    """One thing said for or against an activity."""

    code: Code
    """A `Fit` or an `Obstacle`."""
    about: tuple[Annotated[str, Field(max_length=200)], ...] = ()
    """What it is about: needs, interests, barriers, days, as words of those vocabularies; for groups and
    limits the provider's own words, for a price kronor and what they are for (`Per`)."""
    amount: int | None = None
    """Places left, people in line, kronor a month, kilometres, an age, or times, whichever it speaks of."""
    sv: str = ""
    en: str = ""


class Match(_Value):
    """An activity beside what somebody wants. `points` order a list, after the best for each need, and mean
    nothing outside of it."""

    activity: Slug
    provider: Slug
    provider_name: ShortText | None = None
    title: ShortText
    area: Area
    mode: Mode
    acceptance: Acceptance
    venue: ShortText | None = None
    starts: AwareDatetime | None = None
    """The next session the network knows of."""
    free: int | None = None
    """Places left for somebody who asks now, as far as the network knows; None where nobody needs one."""
    waiting: int | None = None
    """How many stand in line, as far as the network knows."""
    points: int = Field(ge=0, le=100)
    parts: dict[Code, int] = Field(default_factory=dict)
    """What each part gave, of the points it could give."""
    fits: tuple[Ground, ...] = ()
    in_the_way: tuple[Ground, ...] = ()
    ruled_out: tuple[Ground, ...] = ()
    """Limits it breaks; a row that breaks one is no suggestion, and is shown only where it is asked for."""
    unknown: tuple[Unknown, ...] = ()

    @property
    def because(self) -> tuple[str, ...]:
        """What to give as the reason when a place is asked for, or when it is put on a shortlist."""
        return tuple(ground.code for ground in self.fits)


class Unanswered(_Value):
    """A need that nothing meets, and what stood in the way: what may be recorded as unmet."""

    need: Need
    area: Area
    why: Code
