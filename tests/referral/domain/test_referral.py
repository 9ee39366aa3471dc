"""A referral from submission to closure, told as given, when, then."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from typing import Any

import pytest

from services.referral.domain import consent, ending, receipts
from services.referral.domain.beginning import Filed, submit
from services.referral.domain.consent import ConsentIsNotToBeReferred
from services.referral.domain.referral import (
    CONSENT_TO_BE_ASKED,
    GUARDIAN_TO_BE_DECIDED,
    Referral,
    ReferralIsOver,
    Status,
    UnknownReferral,
    evolve,
)
from services.runtime.decision import Wait
from sluss_contracts.command import Fault
from sluss_contracts.consent import ConsentGiven
from sluss_contracts.event import Fact
from sluss_contracts.receipt import HELD_UNTIL, ReceiptIssued, ReferralRefused
from sluss_contracts.referral import ReferralAccepted, ReferralClosed, ReferralHeld, ReferralSubmitted
from sluss_contracts.request import ReferralRequested
from sluss_contracts.submission import RefusedBecause
from sluss_contracts.vocabulary import CaseOutcome, ConsentPurpose, ReceiptStatus
from tests.referral.requests import CANARIES, CLINIC, request

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FILED = Filed(
    referral_id="0197-referral",
    person="5d0c6a86-0000-4000-8000-000000000001",
    referrer="5d0c6a86-0000-4000-8000-000000000002",
    reason="5d0c6a86-0000-4000-8000-000000000003",
)
TO_BE_ASKED = {"consent": {"status": "to_be_asked"}}


def submitted(**changed: Any) -> list[Fact]:
    asked = ReferralRequested.model_validate(request(**changed))
    return list(submit(asked, FILED, CLINIC, NOON))


def after(*facts: Fact) -> Referral:
    """The state that the referral's own facts fold into."""
    own = [fact for fact in facts if not isinstance(fact, ReceiptIssued)]
    state: Referral | None = reduce(evolve, own, None)
    assert state is not None
    return state


def said(facts: Any) -> list[type[Fact]]:
    return [type(fact) for fact in facts]


def test_whoever_is_told_that_it_is_held_is_told_until_when() -> None:
    assert set(HELD_UNTIL) == {CONSENT_TO_BE_ASKED, GUARDIAN_TO_BE_DECIDED}


def test_a_submission_with_consent_is_accepted_and_receipted() -> None:
    facts = submitted()
    assert said(facts) == [ReferralSubmitted, ReferralAccepted, ReceiptIssued]
    receipt = facts[-1]
    assert isinstance(receipt, ReceiptIssued)
    assert (receipt.status, receipt.code) == (ReceiptStatus.ACCEPTED, "accepted")
    assert (receipt.submission_id, receipt.referral_id) == ("remiss-1", FILED.referral_id)
    assert after(*facts).status is Status.OPEN


def test_a_submission_whose_consent_is_to_be_asked_is_held_and_not_accepted() -> None:
    facts = submitted(**TO_BE_ASKED)
    assert said(facts) == [ReferralSubmitted, ReferralHeld, ReceiptIssued]
    receipt = facts[-1]
    assert isinstance(receipt, ReceiptIssued)
    assert (receipt.status, receipt.code) == (ReceiptStatus.HELD, "consent_to_be_asked")
    held = after(*facts)
    assert (held.status, held.purposes) == (Status.HELD, ())


def test_everything_of_one_referral_is_ordered_together_its_receipt_too() -> None:
    assert {fact.partition_key for fact in submitted()} == {FILED.referral_id}


@pytest.mark.parametrize("said_of_consent", [{}, TO_BE_ASKED])
def test_no_fact_says_who_the_person_is(said_of_consent: dict[str, Any]) -> None:
    told = " ".join(fact.model_dump_json() for fact in submitted(**said_of_consent))
    assert not [canary for canary in CANARIES if canary in told]


def test_a_yes_lets_a_held_referral_go_on() -> None:
    held = after(*submitted(**TO_BE_ASKED))
    facts = consent.record_consent(held, [ConsentPurpose.REFERRAL], [])
    assert said(facts) == [ConsentGiven, ReferralAccepted]
    accepted = facts[1]
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.requested_gender == "woman", "what was asked for at submission is not lost on the way"
    assert after(*submitted(**TO_BE_ASKED), *facts).status is Status.OPEN


def test_a_yes_to_something_else_does_not_let_it_go_on() -> None:
    held = after(*submitted(**TO_BE_ASKED))
    with pytest.raises(ConsentIsNotToBeReferred):
        consent.record_consent(held, [ConsentPurpose.SHARE_WITH_PROVIDER], ["korpen"])


def test_the_same_yes_twice_is_one_yes() -> None:
    held = after(*submitted())
    assert consent.record_consent(held, [ConsentPurpose.REFERRAL], []) == []


def test_a_wider_consent_is_noted_and_keeps_what_was_agreed_before() -> None:
    facts = consent.record_consent(after(*submitted()), [ConsentPurpose.SHARE_WITH_PROVIDER], ["korpen"])
    assert said(facts) == [ConsentGiven]
    widened = after(*submitted(), *facts)
    assert ConsentPurpose.REFERRAL in widened.purposes
    assert ConsentPurpose.SHARE_WITH_PROVIDER in widened.purposes
    assert widened.receivers == ("korpen",)


def test_consent_is_not_recorded_for_what_is_over_or_was_never_there() -> None:
    closed = after(*submitted(), *_closed())
    with pytest.raises(ReferralIsOver):
        consent.record_consent(closed, [ConsentPurpose.REFERRAL], [])
    with pytest.raises(UnknownReferral):
        consent.record_consent(None, [ConsentPurpose.REFERRAL], [])


def _closed() -> list[Fact]:
    facts = ending.close(after(*submitted()), CaseOutcome.COMPLETED)
    assert not isinstance(facts, Wait)
    return list(facts)


def test_the_referral_closes_with_its_case_once() -> None:
    (closed,) = _closed()
    assert isinstance(closed, ReferralClosed)
    assert (closed.organisation, closed.outcome) == (CLINIC, CaseOutcome.COMPLETED)
    assert ending.close(after(*submitted(), closed), CaseOutcome.FAILED) == []


def test_a_case_of_a_referral_not_known_yet_waits() -> None:
    assert isinstance(ending.close(None, CaseOutcome.COMPLETED), Wait)


def test_what_is_no_referral_is_answered_with_its_faults() -> None:
    fault = Fault(path="/data/area", code="missing", remedy="Add the field; it is required.")
    facts = receipts.refuse(
        receipt_id="0197-receipt",
        organisation=CLINIC,
        submission_id="remiss-1",
        code=RefusedBecause.INVALID,
        faults=(fault,),
        now=NOON,
    )
    assert said(facts) == [ReferralRefused, ReceiptIssued]
    receipt = facts[1]
    assert isinstance(receipt, ReceiptIssued)
    assert (receipt.status, receipt.code, receipt.faults) == (ReceiptStatus.REFUSED, "invalid", (fault,))
    assert receipt.referral_id is None
