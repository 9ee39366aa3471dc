"""Minors: whose guardian is asked, told or left out is decided by a human, before anything goes onward.

Föräldrabalken 6 kap. 11 § gives a guardian the right to decide in a child's matters, with growing regard to
the child's own will; offentlighets- och sekretesslagen 12 kap. 3 § lets it be withheld from the guardian
where telling would do the child considerable harm. Neither is for a program to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sluss_contracts.vocabulary import GuardianRule

OF_AGE = 18
"""Years; where the pathway names no other age (föräldrabalken 9 kap. 1 §)."""


@dataclass(frozen=True, slots=True)
class Age:
    """How old somebody is at the least."""

    years: int


def age_by_number(twelve_digits: str, today: date) -> Age:
    """By a personnummer, or a samordningsnummer (whose day has 60 added; folkbokföringslagen 18 a §)."""
    year, month, day = int(twelve_digits[:4]), int(twelve_digits[4:6]), int(twelve_digits[6:8])
    day -= 60 if day > 60 else 0
    return Age(today.year - year - ((today.month, today.day) < (month, day)))


def age_by_year(born: int, today: date) -> Age:
    """By year of birth alone: who may still be under age this year is taken to be."""
    return Age(today.year - born - 1)


def rule_at_entry(decided: GuardianRule | None, age: Age | None, youngest: int | None) -> GuardianRule:
    """The rule a referral begins with: what a professional decided, for somebody who is a minor.

    Of unknown age, the word of whoever refers is taken.
    """
    of_age = youngest if youngest is not None else OF_AGE
    if age is None:
        return decided or GuardianRule.NOT_A_MINOR
    if age.years >= of_age:
        return GuardianRule.NOT_A_MINOR
    return GuardianRule.TO_BE_DECIDED if decided in (None, GuardianRule.NOT_A_MINOR) else decided
