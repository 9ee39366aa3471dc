"""How old somebody is at the least, and whose word decides about a guardian."""

from __future__ import annotations

from datetime import date

import pytest

from services.referral.domain.minors import Age, age_by_number, age_by_year, rule_at_entry
from sluss_contracts.vocabulary import GuardianRule

RULE = GuardianRule


@pytest.mark.parametrize(
    ("number", "today", "years"),
    [
        ("200803022383", date(2026, 3, 1), 17),
        ("200803022383", date(2026, 3, 2), 18),
        ("200803622383", date(2026, 3, 2), 18),  # a samordningsnummer: 60 is added to the day
        ("200402292383", date(2026, 2, 28), 21),
        ("200402292383", date(2026, 3, 1), 22),
    ],
)
def test_age_by_number_turns_on_the_birthday(number: str, today: date, years: int) -> None:
    assert age_by_number(number, today).years == years


def test_by_year_of_birth_who_may_still_be_under_age_is_taken_to_be() -> None:
    assert age_by_year(2008, date(2026, 12, 31)) == Age(17)
    assert age_by_year(2007, date(2026, 1, 1)) == Age(18)


@pytest.mark.parametrize(
    ("decided", "age", "youngest", "rule"),
    [
        (None, Age(18), None, RULE.NOT_A_MINOR),
        (None, Age(17), None, RULE.TO_BE_DECIDED),
        (RULE.WITHHELD, Age(17), None, RULE.WITHHELD),
        (RULE.NOT_A_MINOR, Age(17), None, RULE.TO_BE_DECIDED),
        (RULE.INFORMED, Age(30), None, RULE.NOT_A_MINOR),
        (None, Age(16), 16, RULE.NOT_A_MINOR),
        (None, Age(15), 16, RULE.TO_BE_DECIDED),
        (None, None, None, RULE.NOT_A_MINOR),
        (RULE.CONSENTS, None, None, RULE.CONSENTS),
    ],
)
def test_the_rule_is_decided_by_a_professional_and_only_for_a_minor(
    decided: GuardianRule | None, age: Age | None, youngest: int | None, rule: GuardianRule
) -> None:
    assert rule_at_entry(decided, age, youngest) is rule
