"""Every step from every status: what is said, what is quiet, and which rule refuses the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.referral.domain import consent, ending
from services.referral.domain.consent import NotAMinor
from services.referral.domain.ending import StillHeld
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
from sluss_contracts.consent import ConsentGiven, ConsentWithdrawn
from sluss_contracts.event import Fact
from sluss_contracts.referral import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClosed,
    ReferralDeclined,
    ReferralEnteredInError,
    ReferralForwarded,
    ReferralLinked,
    ReferralRedirected,
    ReferralSubmitted,
)
from sluss_contracts.vocabulary import CaseOutcome, GuardianRule, Whose
from tests.referral.domain.stories import (
    COPIED,
    EVERYTHING,
    FILED,
    REFERRAL,
    RESTING,
    SENDABLE,
    after,
    given,
    refused,
    submitted,
    told,
)
from tests.referral.requests import CLINIC, SCHOOL

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
