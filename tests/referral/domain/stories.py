"""Referrals in every status, each come to by its own facts, and what a decision says or refuses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest

from services.referral.domain import ending
from services.referral.domain.beginning import Filed, submit
from services.referral.domain.ending import Copied, Sendable
from services.referral.domain.referral import Referral, Status, evolve
from services.runtime.decision import Refusal, Wait
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.event import Fact
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import ReferralForwarded
from sluss_contracts.request import ContactWays, ReferralRequested
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, Whose
from tests.referral.requests import CLINIC, request

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILED = Filed(
    referral_id="0197-referral",
    person="5d0c6a86-0000-4000-8000-000000000001",
    referrer="5d0c6a86-0000-4000-8000-000000000002",
    reason="5d0c6a86-0000-4000-8000-000000000003",
)
OTHER = "0197-other"
COPIED = Copied("0198-new", {"referrer": "5d0c6a86-0000-4000-8000-000000000004"})
SENDABLE = Sendable("0198-forwarding", "Siv Exempel", ContactWays(phone="+46701740605"))
TO_BE_ASKED: dict[str, Any] = {"consent": {"status": "to_be_asked"}}
EVERYTHING: dict[str, Any] = {
    "consent": {
        "status": "given",
        "purposes": ["referral", "share_with_provider", "feedback_to_referrer"],
        "receivers": ["korpen", "hemgarden"],
    }
}


def submitted(filed: Filed = FILED, **changed: Any) -> list[Fact]:
    """What a submission becomes."""
    return list(submit(ReferralRequested.model_validate(request(**changed)), filed, CLINIC, NOON))


def after(*facts: Fact) -> Referral:
    """The state that a referral's own facts fold into."""
    own = [f for f in facts if not isinstance(f, (ReceiptIssued, AlarmRaised, ReferralForwarded))]
    own = [fact for fact in own if fact.aggregate_id == own[0].aggregate_id]
    state: Referral | None = reduce(evolve, own, None)
    assert state is not None
    return state


def told(facts: Sequence[Fact] | Wait) -> list[type[Fact]]:
    """The types of what was said."""
    assert not isinstance(facts, Wait)
    return [type(fact) for fact in facts]


def _then(*steps: Callable[[Referral], Sequence[Fact] | Wait]) -> list[Fact]:
    facts = submitted(**EVERYTHING)
    for step in steps:
        more = step(after(*facts))
        assert not isinstance(more, Wait)
        facts += more
    return facts


def _ending(status: Status) -> list[Fact]:
    match status:
        case Status.HELD:
            return submitted(**TO_BE_ASKED)
        case Status.OPEN:
            return _then()
        case Status.LINKED:
            return submitted(replace(FILED, duplicate_of=OTHER), **EVERYTHING)
        case Status.REDIRECTED:
            return _then(lambda held: ending.redirect_to_team(held, "lives_there", "linkoping", COPIED))
        case Status.DECLINED:
            return _then(lambda held: ending.decline(held, Whose.NETWORK, "outside_remit"))
        case Status.CANCELLED:
            return _then(lambda held: ending.cancel(held, CLINIC, "person_asked"))
        case Status.CLOSED:
            return _then(lambda held: ending.close(held, CaseOutcome.COMPLETED))
        case Status.VOID:
            return _then(lambda held: ending.enter_in_error(held, CLINIC, "wrong_person"))
        case _:
            raise AssertionError(f"nothing rests in {status}")


RESTING = [status for status in Status if status is not Status.SUBMITTED]


def given(status: Status) -> Referral:
    """A referral that stands so."""
    found = after(*_ending(status))
    assert found.status is status
    return found


def refused(rule: type[Refusal], decide: Callable[[], Any]) -> None:
    """The decision is refused by this very rule."""
    with pytest.raises(Refusal) as refusal:
        decide()
    assert type(refusal.value) is rule
    assert refusal.value.code == rule.code


REFERRAL = ConsentPurpose.REFERRAL
SHARE = ConsentPurpose.SHARE_WITH_PROVIDER
FEEDBACK = ConsentPurpose.FEEDBACK_TO_REFERRER
