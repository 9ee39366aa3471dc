"""Every step from every status: what is said, what is quiet, and which rule refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from services.referral.domain import consent, ending
from services.referral.domain.beginning import Alarm
from services.referral.domain.consent import (
    ConsentIsNotEnough,
    ConsentIsNotToBeReferred,
    NoDecision,
    NotAMinor,
    NothingToConfirm,
)
from services.referral.domain.ending import (
    NotAmongReceivers,
    NothingIsKept,
    ProtectedIsSentOnByHand,
    SameTeam,
    SayWhereToTurn,
    StillHeld,
)
from services.referral.domain.minors import Age
from services.referral.domain.referral import (
    LIFECYCLE,
    Referral,
    ReferralIsOver,
    Status,
    UnknownReferral,
    evolve,
)
from services.runtime.decision import Wait
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.command import Actor
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn, GuardianDecided, WithdrawalConfirmed
from sluss_contracts.event import Fact
from sluss_contracts.pathway import Entry
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralForwarded,
    ReferralHeld,
    ReferralLinked,
    ReferralRedirected,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import CaseOutcome, GuardianRule, LinkKind, Role, Whose
from tests.referral.domain.stories import (
    COPIED,
    EVERYTHING,
    FEEDBACK,
    FILED,
    OTHER,
    REFERRAL,
    RESTING,
    SENDABLE,
    SHARE,
    TO_BE_ASKED,
    after,
    given,
    refused,
    submitted,
    told,
)
from tests.referral.requests import CLINIC, LINK_WORKER, SCHOOL, request

S = Status
Decide = Callable[[Referral | None], "list[Fact]"]
STEPS: dict[str, Decide] = {
    "cancel": lambda held: list(ending.cancel(held, CLINIC, "person_asked")),
    "enter_in_error": lambda held: list(ending.enter_in_error(held, CLINIC, "wrong_person")),
    "decline": lambda held: list(ending.decline(held, Whose.NETWORK, "outside_remit")),
    "redirect_to_team": lambda held: list(ending.redirect_to_team(held, "moved", "linkoping", COPIED)),
    "redirect_to_organisation": lambda held: list(
        ending.redirect_to_organisation(held, "job_coaching", "korpen", SENDABLE)
    ),
    "widen_consent": lambda held: list(consent.record_consent(held, [REFERRAL], ["frivilligcentralen"])),
    "decide_guardian": lambda held: list(consent.decide_guardian(held, GuardianRule.INFORMED)),
    "withdraw_referral": lambda held: list(consent.withdraw(held, [REFERRAL], [])),
    "withdraw_receiver": lambda held: list(consent.withdraw(held, [], ["korpen"], told={"korpen"})),
    "close": lambda held: list(ending.close(held, CaseOutcome.COMPLETED)),  # type: ignore[arg-type]
}
OVER = ReferralIsOver


def _anywhere(*facts: type[Fact]) -> dict[Status, Any]:
    return {status: list(facts) for status in RESTING}


WAYS: dict[str, dict[Status, Any]] = {
    "cancel": {
        S.HELD: [ReferralCancelled], S.OPEN: [ReferralCancelled], S.LINKED: [ReferralCancelled],
        S.CANCELLED: [], S.REDIRECTED: OVER, S.DECLINED: OVER, S.CLOSED: OVER, S.VOID: OVER,
    },
    "enter_in_error": _anywhere(ReferralEnteredInError) | {S.VOID: []},
    "decline": {
        S.HELD: [ReferralDeclined], S.OPEN: [ReferralDeclined], S.DECLINED: [],
        S.LINKED: OVER, S.REDIRECTED: OVER, S.CANCELLED: OVER, S.CLOSED: OVER, S.VOID: OVER,
    },
    "redirect_to_team": {
        S.OPEN: [ReferralRedirected, ReferralSubmitted, ReferralLinked, ReferralAccepted],
        S.HELD: StillHeld, S.REDIRECTED: [],
        S.LINKED: OVER, S.DECLINED: OVER, S.CANCELLED: OVER, S.CLOSED: OVER, S.VOID: OVER,
    },
    "redirect_to_organisation": {
        S.OPEN: [ReferralRedirected, ReferralForwarded],
        S.HELD: StillHeld, S.REDIRECTED: OVER,
        S.LINKED: OVER, S.DECLINED: OVER, S.CANCELLED: OVER, S.CLOSED: OVER, S.VOID: OVER,
    },
    "widen_consent": {
        S.HELD: [ConsentGiven, ReferralAccepted], S.OPEN: [ConsentGiven],
        S.LINKED: OVER, S.REDIRECTED: OVER, S.DECLINED: OVER, S.CANCELLED: OVER, S.CLOSED: OVER, S.VOID: OVER,
    },
    "decide_guardian": {
        S.HELD: NotAMinor, S.OPEN: NotAMinor,
        S.LINKED: OVER, S.REDIRECTED: OVER, S.DECLINED: OVER, S.CANCELLED: OVER, S.CLOSED: OVER, S.VOID: OVER,
    },
    "withdraw_referral": {
        S.HELD: [ConsentWithdrawn, ReferralClosed], S.OPEN: [ConsentWithdrawn, ReferralClosed],
        S.LINKED: [ConsentWithdrawn], S.REDIRECTED: [ConsentWithdrawn], S.DECLINED: [ConsentWithdrawn],
        S.CANCELLED: [ConsentWithdrawn], S.CLOSED: [ConsentWithdrawn], S.VOID: OVER,
    },
    "withdraw_receiver": _anywhere(ConsentWithdrawn) | {S.VOID: OVER},
    "close": _anywhere() | {S.HELD: [ReferralClosed], S.OPEN: [ReferralClosed]},
}  # fmt: skip
EVERY_WAY = [(step, status) for step in WAYS for status in RESTING]


@pytest.mark.parametrize(("step", "status"), EVERY_WAY, ids=lambda each: str(each))
def test_every_step_from_every_status_is_said_quiet_or_refused_by_its_rule(step: str, status: Status) -> None:
    expected = WAYS[step][status]
    if isinstance(expected, list):
        facts = STEPS[step](given(status))
        assert told(facts) == expected
        own = [
            fact for fact in facts if fact.aggregate_id == FILED.referral_id and fact.AGGREGATE == "referral"
        ]
        state = given(status)
        for fact in own:
            state = evolve(state, fact)
    else:
        refused(expected, lambda: STEPS[step](given(status)))


@pytest.mark.parametrize("step", [step for step in STEPS if step != "close"])
def test_of_a_referral_that_is_not_there_nothing_is_said(step: str) -> None:
    refused(UnknownReferral, lambda: STEPS[step](None))


def test_the_case_of_a_referral_not_heard_of_yet_waits() -> None:
    assert isinstance(ending.close(None, CaseOutcome.COMPLETED), Wait)


@pytest.mark.parametrize("step", ["cancel", "enter_in_error", "decline", "redirect_to_team", "close"])
def test_whatever_ends_a_referral_does_so_once(step: str) -> None:
    facts = STEPS[step](given(S.OPEN))
    assert facts
    assert STEPS[step](after(*submitted(**EVERYTHING), *facts)) == []


def test_a_fact_that_cannot_follow_is_a_mistake_of_ours_and_says_so() -> None:
    with pytest.raises(OutOfOrder):
        evolve(given(S.CLOSED), ReferralAccepted(**given(S.CLOSED).same_work()))


@pytest.mark.parametrize("status", [S.VOID])
def test_nothing_follows_what_is_void(status: Status) -> None:
    assert [fact for fact, step in LIFECYCLE.moves.items() if status in step.of and step.to] == []


def test_another_organisation_neither_takes_it_back_nor_learns_that_it_is_there() -> None:
    for act in (ending.cancel, ending.enter_in_error):
        with pytest.raises(UnknownReferral) as foreign:
            act(given(S.OPEN), SCHOOL, "curiosity")
        with pytest.raises(UnknownReferral) as none:
            act(None, SCHOOL, "curiosity")
        assert str(foreign.value) == str(none.value)


def test_who_is_screened_out_is_told_where_to_turn() -> None:
    refused(
        SayWhereToTurn,
        lambda: ending.decline(given(S.OPEN), Whose.ELIGIBILITY, "social_phobia", screened_out=True),
    )
    (declined,) = ending.decline(
        given(S.OPEN), Whose.ELIGIBILITY, "social_phobia", screened_out=True, turn_to="Psykologen, Eken"
    )
    assert isinstance(declined, ReferralDeclined)
    assert (declined.screened_out, declined.turn_to) == (True, "Psykologen, Eken")


def test_redirected_to_a_team_a_new_referral_goes_on_with_all_that_was_agreed() -> None:
    old = given(S.OPEN)
    redirected, begun, tied, accepted = ending.redirect_to_team(old, "moved", "linkoping", COPIED)
    assert isinstance(redirected, ReferralRedirected)
    assert (redirected.to_area, redirected.replaced_by) == ("linkoping", COPIED.referral_id)
    new = after(begun, tied, accepted)
    assert (new.status, new.area, new.replaces) == (S.OPEN, "linkoping", old.referral_id)
    kept = ("person", "organisation", "submission_id", "needs", "purposes", "receivers", "pathway_version")
    assert {name: getattr(new, name) for name in kept} == {name: getattr(old, name) for name in kept}
    assert isinstance(tied, ReferralLinked)
    assert (tied.how, tied.to) == (LinkKind.REPLACES, old.referral_id)


def test_it_is_not_redirected_to_the_team_that_has_it() -> None:
    refused(SameTeam, lambda: ending.redirect_to_team(given(S.OPEN), "moved", request()["area"], COPIED))


def test_of_somebody_who_was_erased_nothing_can_go_along() -> None:
    refused(NothingIsKept, lambda: ending.redirect_to_team(given(S.OPEN), "moved", "linkoping", None))


def test_another_organisation_is_sent_only_who_agreed_to_that_organisation() -> None:
    send = ending.redirect_to_organisation
    refused(NotAmongReceivers, lambda: send(given(S.OPEN), "debt", "skuldradgivningen", SENDABLE))
    unasked = after(*submitted())
    refused(NotAmongReceivers, lambda: send(unasked, "debt", "korpen", SENDABLE))
    anybody = given(S.OPEN).model_copy(update={"receivers": ()})
    refused(NotAmongReceivers, lambda: send(anybody, "debt", "korpen", SENDABLE))
    _, forwarded = send(given(S.OPEN), "job_coaching", "korpen", SENDABLE)
    assert isinstance(forwarded, ReferralForwarded)
    assert (forwarded.organisation, forwarded.name) == ("korpen", SENDABLE.name)


def test_nobody_with_a_protected_identity_is_sent_on_by_itself() -> None:
    person = request()["person"] | {"protection": "confidential"}
    protected = after(*submitted(person=person, **EVERYTHING))
    assert protected.status is S.OPEN, "protected, and helped like anybody"
    refused(
        ProtectedIsSentOnByHand,
        lambda: ending.redirect_to_organisation(protected, "debt", "korpen", SENDABLE),
    )


# Duplicates and coming back


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
    facts = consent.record_consent(given(S.HELD), [REFERRAL], [], duplicate_of=FILED.referral_id)
    assert told(facts) == [ConsentGiven, ReferralAccepted]


def test_coming_back_says_what_it_replaces_and_goes_on_as_any() -> None:
    facts = submitted(replaces=OTHER)
    assert told(facts) == [ReferralSubmitted, ReferralLinked, ReferralAccepted, ReceiptIssued]
    back = after(*facts)
    assert (back.status, back.replaces, back.linked_to) == (S.OPEN, OTHER, None)
    accepted = facts[2]
    assert isinstance(accepted, ReferralAccepted)
    assert accepted.replaces == OTHER


def test_when_the_one_with_the_work_is_taken_back_the_others_go_on_and_only_then() -> None:
    instead = ending.renewed(given(S.LINKED), COPIED)
    assert told(instead) == [ReferralSubmitted, ReferralLinked, ReferralAccepted]
    taken_back = ending.cancel(given(S.OPEN), CLINIC, "person_asked")
    assert told(ending.with_duplicates(given(S.OPEN), taken_back, instead)) == [
        ReferralCancelled, ReferralSubmitted, ReferralLinked, ReferralAccepted,
    ]  # fmt: skip
    late = ending.enter_in_error(given(S.CLOSED), CLINIC, "wrong_person")
    assert told(ending.with_duplicates(given(S.CLOSED), late, instead)) == [ReferralEnteredInError]
    assert ending.with_duplicates(given(S.OPEN), [], instead) == []


# Consent


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
    refused(ConsentIsNotToBeReferred, lambda: consent.record_consent(given(S.HELD), [SHARE], []))


def test_a_no_closes_what_was_held_and_a_withdrawal_what_was_open() -> None:
    def outcome(held: Referral) -> CaseOutcome:
        closed = consent.withdraw(held, [REFERRAL], [])[-1]
        assert isinstance(closed, ReferralClosed)
        return closed.outcome

    assert outcome(given(S.HELD)) is CaseOutcome.PERSON_DECLINED
    assert outcome(given(S.OPEN)) is CaseOutcome.CONSENT_WITHDRAWN


def withdrawn(held: Referral, *purposes: object, receivers: list[str], told: set[str]) -> ConsentWithdrawn:
    fact = consent.withdraw(held, purposes, receivers, told=told)[0]  # type: ignore[arg-type]
    assert isinstance(fact, ConsentWithdrawn)
    return fact


def test_exactly_the_receivers_named_are_asked_and_of_them_those_that_were_told() -> None:
    both = {"korpen", "hemgarden"}
    assert withdrawn(given(S.OPEN), receivers=["korpen"], told=both).shared_with == ("korpen",)
    assert withdrawn(given(S.OPEN), receivers=["korpen"], told={"hemgarden"}).shared_with == ()
    assert withdrawn(given(S.OPEN), SHARE, receivers=[], told=both).shared_with == ("hemgarden", "korpen")
    assert withdrawn(given(S.OPEN), FEEDBACK, receivers=[], told=both).shared_with == ()


def test_with_the_last_named_receiver_goes_the_sharing_itself_lest_nobody_come_to_mean_anybody() -> None:
    one = after(*submitted(**EVERYTHING)).model_copy(update={"receivers": ("korpen",)})
    assert SHARE in withdrawn(one, receivers=["korpen"], told=set()).purposes
    assert SHARE not in withdrawn(given(S.OPEN), receivers=["korpen"], told=set()).purposes


def test_what_was_taken_back_is_not_taken_back_again_and_may_be_given_again() -> None:
    facts = consent.withdraw(given(S.OPEN), [SHARE], ["korpen"])
    once = after(*submitted(**EVERYTHING), *facts)
    assert consent.withdraw(once, [SHARE], ["korpen"]) == []
    (again,) = consent.record_consent(once, [SHARE], ["korpen"])
    anew = evolve(once, again)
    assert (anew.withdrawn_receivers, anew.withdrawn_purposes) == ((), ())
    assert "korpen" in anew.receivers


KORPEN = Actor(id="korpen", role=Role.PROVIDER, organisation="korpen")


def test_a_receiver_confirms_once_for_itself_and_staff_for_any() -> None:
    facts = consent.withdraw(given(S.OPEN), [SHARE], [], told={"korpen", "hemgarden"})
    asked = after(*submitted(**EVERYTHING), *facts)
    (confirmed,) = consent.confirm_withdrawal(asked, "korpen", KORPEN)
    assert isinstance(confirmed, WithdrawalConfirmed)
    assert consent.confirm_withdrawal(evolve(asked, confirmed), "korpen", KORPEN) == []
    assert told(consent.confirm_withdrawal(asked, "hemgarden", LINK_WORKER)) == [WithdrawalConfirmed]
    refused(NothingToConfirm, lambda: consent.confirm_withdrawal(asked, "hemgarden", KORPEN))
    refused(NothingToConfirm, lambda: consent.confirm_withdrawal(given(S.OPEN), "korpen", KORPEN))
    refused(UnknownReferral, lambda: consent.confirm_withdrawal(None, "korpen", KORPEN))


def test_a_referrer_speaks_for_the_person_of_their_own_organisations_referrals_alone() -> None:
    consent.may_speak_of(given(S.OPEN), Actor(id="siv", role=Role.REFERRER, organisation=CLINIC))
    stranger = Actor(id="eva", role=Role.REFERRER, organisation=SCHOOL)
    refused(UnknownReferral, lambda: consent.may_speak_of(given(S.OPEN), stranger))


# Minors


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
    assert after(*submitted(MINOR, person=person)).status is S.OPEN


def test_a_minor_who_is_not_asked_yet_is_asked_first_and_then_the_rule_is_decided() -> None:
    held = after(*submitted(MINOR, **TO_BE_ASKED))
    said_yes = consent.record_consent(held, [REFERRAL], [])
    assert told(said_yes) == [ConsentGiven, ReferralHeld]
    first_the_rule = consent.decide_guardian(held, GuardianRule.CONSENTS)
    assert told(first_the_rule) == [GuardianDecided]
    then = consent.record_consent(evolve(held, first_the_rule[0]), [REFERRAL], [])
    assert told(then) == [ConsentGiven, ReferralAccepted]


# Acute risk


def test_an_alarm_is_raised_where_the_work_is_and_the_receipt_says_that_it_is_acute() -> None:
    alarmed = replace(FILED, alarms=(Alarm("0197-alarm", "reason", "5d0c6a86-0000-4000-8000-000000000003"),))

    def alarm(facts: list[Fact]) -> AlarmRaised:
        (found,) = [fact for fact in facts if isinstance(fact, AlarmRaised)]
        return found

    facts = submitted(alarmed)
    assert (alarm(facts).referral_id, alarm(facts).where) == (FILED.referral_id, "reason")
    assert isinstance(facts[-1], ReceiptIssued)
    assert facts[-1].acute
    assert alarm(submitted(alarmed, **TO_BE_ASKED)).area == request()["area"], "when it is held too"
    assert alarm(submitted(replace(alarmed, duplicate_of=OTHER))).referral_id == OTHER
