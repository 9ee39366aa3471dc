"""Given, when, then: a rule told as a story of facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.provider.domain.enrolment import Enrolment, evolve
from services.runtime.decision import Refusal
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Actor
from sluss_contracts.enrolment import (
    AnotherTimeSuggested,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentExpired,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.event import Fact
from sluss_contracts.vocabulary import Role, Whose

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KORPEN, HEMGARDEN = "korpen", "hemgarden"
WALK, CHOIR = "walk", "choir"
ASKED = {"command_id": UUID(int=1), "actor": Actor(id="maud", role=Role.PROVIDER, organisation="korpen")}
ALVA = {"enrolment_id": "alva-walk", "referral_id": "alva"}
_PLACE: dict[str, Any] = {**ALVA, "activity": WALK, "provider": KORPEN}


def offered(to: str = KORPEN) -> Fact:
    return EnrolmentOffered(
        **{**_PLACE, "provider": to}, person="p1", alias="Ask Ejder", answer_by=NOON + timedelta(days=7)
    )


def accepted() -> Fact:
    return EnrolmentAccepted(**_PLACE, person="p1")


def declined() -> Fact:
    return EnrolmentDeclined(**_PLACE, whose=Whose.PROVIDER, reason="group_is_full")


def waitlisted(position: int = 1) -> Fact:
    return EnrolmentWaitlisted(**_PLACE, person="p1", position=position)


def ended(*, told: bool = True) -> Fact:
    return EnrolmentEnded(**_PLACE, whose=Whose.PERSON, reason="person_stopped", told=told)


def expired() -> Fact:
    return EnrolmentExpired(**_PLACE)


def suggested(starts: datetime = NOON + timedelta(days=3), host: str | None = "Maud") -> Fact:
    return AnotherTimeSuggested(**_PLACE, starts=starts, host=host, answer_by=NOON + timedelta(days=5))


def wish(activity: str = WALK, enrolment_id: str = "alva-walk") -> CaseEnrolmentRequested:
    return CaseEnrolmentRequested(
        referral_id="alva", person="p1", enrolment_id=enrolment_id, activity=activity
    )


class _Then:
    def __init__(self, said: Sequence[Fact] | None, refused: Refusal | None) -> None:
        self._said, self._refused = said, refused

    def then(self, *facts: Fact) -> None:
        assert self._refused is None, f"refused with {self._refused!r}"
        assert list(self._said or ()) == list(facts)

    def then_nothing(self) -> None:
        self.then()

    def then_refused(self, rule: type[Refusal]) -> None:
        if self._refused is None:
            pytest.fail(f"not refused; said {self._said}")
        assert type(self._refused) is rule


def state_of(*facts: Fact) -> Enrolment:
    """What an enrolment has become."""
    state: Enrolment | None = None
    for fact in facts:
        state = evolve(state, fact)
    assert state is not None
    return state


class _Given:
    def __init__(self, facts: Sequence[Fact]) -> None:
        self._state = state_of(*facts) if facts else None

    def when(self, decide: Callable[..., Sequence[Fact]], *args: Any, **named: Any) -> _Then:
        try:
            return _Then(decide(self._state, *args, **named), None)
        except Refusal as refused:
            return _Then(None, refused)


def given(*facts: Fact) -> _Given:
    """The story of one enrolment so far; none means nothing has happened."""
    return _Given(facts)
