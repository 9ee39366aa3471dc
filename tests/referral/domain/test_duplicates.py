"""A second referral of the same person: a duplicate of the open one, or coming back after it."""

from __future__ import annotations

from dataclasses import replace

from services.referral.domain import consent, ending
from services.referral.domain.referral import Status
from sluss_contracts.consent import ConsentGiven
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralEnteredInError,
    ReferralLinked,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import LinkKind
from tests.referral.domain.stories import (
    COPIED,
    FILED,
    OTHER,
    REFERRAL,
    TO_BE_ASKED,
    after,
    given,
    submitted,
    told,
)
from tests.referral.requests import CLINIC


def test_the_same_persons_second_referral_hangs_on_to_the_open_one_and_its_receipt_looks_like_any() -> None:
    ordinary, linked = submitted(), submitted(replace(FILED, duplicate_of=OTHER))
    assert told(linked) == [ReferralSubmitted, ReferralLinked, ReceiptIssued]
    link = linked[1]
    assert isinstance(link, ReferralLinked)
    assert (link.how, link.to) == (LinkKind.DUPLICATE_OF, OTHER)
    assert linked[-1] == ordinary[-1]
    assert after(*linked).linked_to == OTHER


def test_a_duplicate_whose_person_is_not_asked_is_held_like_any_and_linked_by_their_yes() -> None:
    held = submitted(replace(FILED, duplicate_of=OTHER), **TO_BE_ASKED)
    assert held == submitted(**TO_BE_ASKED)
    given_, linked = consent.record_consent(after(*held), [REFERRAL], [], duplicate_of=OTHER)
    assert isinstance(given_, ConsentGiven)
    assert isinstance(linked, ReferralLinked)


def test_a_referral_is_no_duplicate_of_itself() -> None:
    facts = consent.record_consent(given(Status.HELD), [REFERRAL], [], duplicate_of=FILED.referral_id)
    assert told(facts) == [ConsentGiven, ReferralAccepted]


def test_coming_back_says_what_it_replaces_and_goes_on_as_any() -> None:
    facts = submitted(replaces=OTHER)
    assert told(facts) == [ReferralSubmitted, ReferralLinked, ReferralAccepted, ReceiptIssued]
    back = after(*facts)
    assert (back.status, back.replaces, back.linked_to) == (Status.OPEN, OTHER, None)
    accepted = facts[2]
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.replaces == OTHER


def test_when_the_one_with_the_work_is_taken_back_the_others_go_on_and_only_then() -> None:
    instead = ending.renewed(given(Status.LINKED), COPIED)
    assert told(instead) == [ReferralSubmitted, ReferralLinked, ReferralAccepted]
    taken_back = ending.cancel(given(Status.OPEN), CLINIC, "person_asked")
    assert told(ending.with_duplicates(given(Status.OPEN), taken_back, instead)) == [
        ReferralCancelled, ReferralSubmitted, ReferralLinked, ReferralAccepted,
    ]  # fmt: skip
    late = ending.enter_in_error(given(Status.CLOSED), CLINIC, "wrong_person")
    assert told(ending.with_duplicates(given(Status.CLOSED), late, instead)) == [ReferralEnteredInError]
    assert ending.with_duplicates(given(Status.OPEN), [], instead) == []
