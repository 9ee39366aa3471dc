"""What silence asks for: it lands on somebody once, and not at all where it happened in the meantime."""

from __future__ import annotations

import pytest

from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import (
    DeadlineKind,
)
from tests.navigator.heard import (
    FEEDBACK_SENT,
    HELD,
    SEEKING,
    accepted,
    declined,
    passed,
)
from tests.navigator.spec import (
    Journey,
    assigned,
    booked,
    closed,
    queued,
    reached,
)


@pytest.mark.parametrize(
    ("until", "kind"),
    [
        ((HELD,), DeadlineKind.CONSENT_ASKED),
        ((queued(),), DeadlineKind.CASE_CLAIMED),
        ((assigned(),), DeadlineKind.PERSON_REACHED),
        (SEEKING, DeadlineKind.OFFER_ANSWERED),
        ((assigned(), closed()), DeadlineKind.FEEDBACK_SENT),
    ],
)
def test_silence_lands_on_somebody_once(until: tuple[Fact, ...], kind: DeadlineKind) -> None:
    story = Journey(*until)
    story.hear(passed(kind))
    story.hear(passed(kind))
    assert story.waiting.count(f"chase_deadline: {kind}") == 1


@pytest.mark.parametrize(
    ("until", "kind"),
    [
        ((HELD, assigned()), DeadlineKind.CONSENT_ASKED),
        ((assigned(),), DeadlineKind.CASE_CLAIMED),
        ((assigned(), reached()), DeadlineKind.PERSON_REACHED),
        ((*SEEKING, accepted()), DeadlineKind.OFFER_ANSWERED),
        ((assigned(), closed()), DeadlineKind.PERSON_REACHED),
    ],
)
def test_what_happened_in_the_meantime_is_not_chased(until: tuple[Fact, ...], kind: DeadlineKind) -> None:
    assert Journey(*until).hear(passed(kind)) == []


@pytest.mark.parametrize(
    ("until", "kind", "then"),
    [
        ((assigned(),), DeadlineKind.PERSON_REACHED, reached()),
        ((assigned(),), DeadlineKind.PERSON_REACHED, booked()),
        (SEEKING, DeadlineKind.OFFER_ANSWERED, accepted()),
        (SEEKING, DeadlineKind.OFFER_ANSWERED, declined()),
        ((assigned(), closed()), DeadlineKind.FEEDBACK_SENT, FEEDBACK_SENT),
    ],
)
def test_the_chase_ends_when_it_happens_after_all(
    until: tuple[Fact, ...], kind: DeadlineKind, then: Fact
) -> None:
    story = Journey(*until, passed(kind), then)
    assert "chase_deadline: happened" in story.done()
