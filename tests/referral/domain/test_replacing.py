"""Which earlier referral a new one may say that it replaces, and what nobody learns by trying."""

from __future__ import annotations

import pytest

from services.referral.domain.referral import Status
from services.referral.domain.replacing import why_not_replace
from sluss_contracts.submission import RefusedBecause
from tests.referral.domain.stories import FILED, given
from tests.referral.requests import CLINIC, SCHOOL

UNKNOWN, OPEN = RefusedBecause.REPLACES_UNKNOWN, RefusedBecause.REPLACES_OPEN
SAME, ANOTHER = FILED.person, "5d0c6a86-0000-4000-8000-000000000009"


@pytest.mark.parametrize(
    ("status", "organisation", "numbered", "person", "why_not"),
    [
        (Status.CLOSED, CLINIC, True, SAME, None),
        (Status.CLOSED, CLINIC, True, ANOTHER, UNKNOWN),
        (Status.CLOSED, CLINIC, True, None, UNKNOWN),
        (Status.CLOSED, CLINIC, False, None, None),
        (Status.CLOSED, SCHOOL, True, SAME, None),
        (Status.CLOSED, SCHOOL, False, None, UNKNOWN),
        (Status.REDIRECTED, SCHOOL, True, SAME, None),
        (Status.OPEN, CLINIC, True, SAME, OPEN),
        (Status.HELD, CLINIC, False, None, OPEN),
        (Status.OPEN, SCHOOL, True, SAME, UNKNOWN),
    ],
)
def test_it_is_of_the_same_person_and_over(
    status: Status, organisation: str, numbered: bool, person: str | None, why_not: RefusedBecause | None
) -> None:
    found = why_not_replace(given(status), organisation, numbered=numbered, person=person)
    assert found is why_not


def test_what_is_not_there_is_refused_as_what_is_anothers() -> None:
    assert why_not_replace(None, CLINIC, numbered=True, person=SAME) is UNKNOWN
