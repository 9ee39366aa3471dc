"""Consent: asked for, given, taken back and confirmed; and who may speak of it."""

from __future__ import annotations

from dataclasses import replace

from services.referral.domain import consent
from services.referral.domain.consent import (
    ConsentIsNotEnough,
    ConsentIsNotToBeReferred,
    NothingToConfirm,
)
from services.referral.domain.referral import Referral, Status, UnknownReferral, evolve
from sluss_contracts.command import Actor
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn, WithdrawalConfirmed
from sluss_contracts.pathway import Entry
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralClosed,
    ReferralHeld,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import CaseOutcome, Role
from tests.referral.domain.stories import (
    EVERYTHING,
    FEEDBACK,
    FILED,
    REFERRAL,
    SHARE,
    after,
    given,
    refused,
    submitted,
    told,
)
from tests.referral.requests import CLINIC, LINK_WORKER, SCHOOL


def test_the_pathway_says_what_must_be_agreed_to_before_anything_goes_onward() -> None:
    asks_more = Entry(consent=(REFERRAL, SHARE))
    facts = submitted(replace(FILED, entry=asks_more))
    assert told(facts) == [ReferralSubmitted, ReferralHeld, ReceiptIssued]
    held = after(*facts)
    refused(ConsentIsNotEnough, lambda: consent.record_consent(held, [REFERRAL], [], entry=asks_more))
    assert told(consent.record_consent(held, [SHARE], [], entry=asks_more)) == [
        ConsentGiven,
        ReferralAccepted,
    ]


def test_a_yes_to_something_else_leaves_it_held() -> None:
    refused(ConsentIsNotToBeReferred, lambda: consent.record_consent(given(Status.HELD), [SHARE], []))


def test_a_no_closes_what_was_held_and_a_withdrawal_what_was_open() -> None:
    def outcome(held: Referral) -> CaseOutcome:
        closed = consent.withdraw(held, [REFERRAL], [])[-1]
        assert isinstance(closed, ReferralClosed)
        return closed.outcome

    assert outcome(given(Status.HELD)) is CaseOutcome.PERSON_DECLINED
    assert outcome(given(Status.OPEN)) is CaseOutcome.CONSENT_WITHDRAWN


def withdrawn(held: Referral, *purposes: object, receivers: list[str], told: set[str]) -> ConsentWithdrawn:
    fact = consent.withdraw(held, purposes, receivers, told=told)[0]  # type: ignore[arg-type]
    assert isinstance(fact, ConsentWithdrawn)
    return fact


def test_exactly_the_receivers_named_are_asked_and_of_them_those_that_were_told() -> None:
    both = {"korpen", "hemgarden"}
    assert withdrawn(given(Status.OPEN), receivers=["korpen"], told=both).shared_with == ("korpen",)
    assert withdrawn(given(Status.OPEN), receivers=["korpen"], told={"hemgarden"}).shared_with == ()
    assert withdrawn(given(Status.OPEN), SHARE, receivers=[], told=both).shared_with == (
        "hemgarden",
        "korpen",
    )
    assert withdrawn(given(Status.OPEN), FEEDBACK, receivers=[], told=both).shared_with == ()


def test_with_the_last_named_receiver_goes_the_sharing_itself_lest_nobody_come_to_mean_anybody() -> None:
    one = after(*submitted(**EVERYTHING)).model_copy(update={"receivers": ("korpen",)})
    assert SHARE in withdrawn(one, receivers=["korpen"], told=set()).purposes
    assert SHARE not in withdrawn(given(Status.OPEN), receivers=["korpen"], told=set()).purposes


def test_what_was_taken_back_is_not_taken_back_again_and_may_be_given_again() -> None:
    facts = consent.withdraw(given(Status.OPEN), [SHARE], ["korpen"])
    once = after(*submitted(**EVERYTHING), *facts)
    assert consent.withdraw(once, [SHARE], ["korpen"]) == []
    (again,) = consent.record_consent(once, [SHARE], ["korpen"])
    anew = evolve(once, again)
    assert (anew.withdrawn_receivers, anew.withdrawn_purposes) == ((), ())
    assert "korpen" in anew.receivers


KORPEN = Actor(id="korpen", role=Role.PROVIDER, organisation="korpen")


def test_a_receiver_confirms_once_for_itself_and_staff_for_any() -> None:
    facts = consent.withdraw(given(Status.OPEN), [SHARE], [], told={"korpen", "hemgarden"})
    asked = after(*submitted(**EVERYTHING), *facts)
    (confirmed,) = consent.confirm_withdrawal(asked, "korpen", KORPEN)
    assert isinstance(confirmed, WithdrawalConfirmed)
    assert consent.confirm_withdrawal(evolve(asked, confirmed), "korpen", KORPEN) == []
    assert told(consent.confirm_withdrawal(asked, "hemgarden", LINK_WORKER)) == [WithdrawalConfirmed]
    refused(NothingToConfirm, lambda: consent.confirm_withdrawal(asked, "hemgarden", KORPEN))
    refused(NothingToConfirm, lambda: consent.confirm_withdrawal(given(Status.OPEN), "korpen", KORPEN))
    refused(UnknownReferral, lambda: consent.confirm_withdrawal(None, "korpen", KORPEN))


def test_a_referrer_speaks_for_the_person_of_their_own_organisations_referrals_alone() -> None:
    consent.may_speak_of(given(Status.OPEN), Actor(id="siv", role=Role.REFERRER, organisation=CLINIC))
    stranger = Actor(id="eva", role=Role.REFERRER, organisation=SCHOOL)
    refused(UnknownReferral, lambda: consent.may_speak_of(given(Status.OPEN), stranger))
