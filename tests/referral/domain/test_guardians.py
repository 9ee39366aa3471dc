"""A referral of a minor: held until somebody decides about the guardian."""

from __future__ import annotations

from dataclasses import replace

from services.referral.domain import consent
from services.referral.domain.consent import NoDecision
from services.referral.domain.minors import Age
from services.referral.domain.referral import Status, evolve
from sluss_contracts.consent import ConsentGiven, GuardianDecided
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import ReferralAccepted, ReferralHeld
from sluss_contracts.vocabulary import GuardianRule
from tests.referral.domain.stories import (
    FILED,
    REFERRAL,
    TO_BE_ASKED,
    after,
    refused,
    submitted,
    told,
)
from tests.referral.requests import request

MINOR = replace(FILED, age=Age(15))


def test_a_minor_without_a_rule_is_held_until_somebody_decides() -> None:
    facts = submitted(MINOR)
    receipt = facts[-1]
    assert isinstance(receipt, ReceiptIssued)
    assert (receipt.status, receipt.code) == ("held", "guardian_to_be_decided")
    held = after(*facts)
    refused(NoDecision, lambda: consent.decide_guardian(held, GuardianRule.TO_BE_DECIDED))
    decided = consent.decide_guardian(held, GuardianRule.WITHHELD)
    assert told(decided) == [GuardianDecided, ReferralAccepted]
    accepted = decided[1]
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.guardian_rule is GuardianRule.WITHHELD
    going_on = after(*facts, *decided)
    assert consent.decide_guardian(going_on, GuardianRule.WITHHELD) == []
    assert told(consent.decide_guardian(going_on, GuardianRule.INFORMED)) == [GuardianDecided]


def test_a_professional_who_has_decided_says_so_with_the_referral() -> None:
    person = request()["person"] | {"guardian_rule": "informed"}
    assert after(*submitted(MINOR, person=person)).status is Status.OPEN


def test_a_minor_who_is_not_asked_yet_is_asked_first_and_then_the_rule_is_decided() -> None:
    held = after(*submitted(MINOR, **TO_BE_ASKED))
    said_yes = consent.record_consent(held, [REFERRAL], [])
    assert told(said_yes) == [ConsentGiven, ReferralHeld]
    first_the_rule = consent.decide_guardian(held, GuardianRule.CONSENTS)
    assert told(first_the_rule) == [GuardianDecided]
    then = consent.record_consent(evolve(held, first_the_rule[0]), [REFERRAL], [])
    assert told(then) == [ConsentGiven, ReferralAccepted]
