"""An activity's story in facts, for whoever tells a rule of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.provider.domain import activity
from services.provider.domain.activity import Activity
from services.runtime.decision import Refusal
from sluss_contracts.activity import (
    ActivityAmended,
    ActivityExpired,
    ActivityProposed,
    ActivityPublished,
    ActivityVerified,
    ActivityWithdrawn,
    VerificationDue,
)
from sluss_contracts.command import Actor
from sluss_contracts.contact import ActivityContactGiven
from sluss_contracts.event import Fact
from sluss_contracts.moderation import ActivityReviewed
from sluss_contracts.vocabulary import Need, PrescriptionKind, Role
from tests.provider.spec import HEMGARDEN, KORPEN, NOON, WALK

OF_HEMGARDEN = {
    "command_id": UUID(int=2),
    "actor": Actor(id="sven", role=Role.PROVIDER, organisation=HEMGARDEN),
}
COORDINATOR = {"command_id": UUID(int=3), "actor": Actor(id="siv", role=Role.COORDINATOR)}
NEXT_YEAR = NOON + timedelta(days=180)
SAID: dict[str, Any] = {
    "activity": WALK,
    "provider": KORPEN,
    "title": "Promenad med fika",
    "kind": PrescriptionKind.PHYSICAL,
    "needs": (Need.COMPANY,),
    "area": "hageby",
    "languages": ("sv",),
    "capacity": 8,
}
WHEN = (NOON, NEXT_YEAR)
"""Something is said now, and asked again next year."""
SAID_THEN: dict[str, Any] = {"at": NOON, "ask_again": NEXT_YEAR}


def proposed(by: Role = Role.COORDINATOR) -> Fact:
    return ActivityProposed(**SAID, by=by, at=NOON)


def published(by: Role = Role.PROVIDER, **other: Any) -> Fact:
    return ActivityPublished(**{**SAID, **SAID_THEN, "by": by, **other})


def amended(by: Role = Role.PROVIDER, **other: Any) -> Fact:
    return ActivityAmended(**{**SAID, **SAID_THEN, "by": by, **other})


def verified(by: Role = Role.PROVIDER) -> Fact:
    whose = KORPEN if by is Role.PROVIDER else None
    return ActivityVerified(activity=WALK, by=by, ask_again=NEXT_YEAR, provider=whose, at=NOON)


def reviewed() -> Fact:
    return ActivityReviewed(activity=WALK, at=NOON)


def contact_given(**other: Any) -> Fact:
    return ActivityContactGiven(
        **{"activity": WALK, "at": NOON, "name": "Maud", "phone": "011-12 34 56", **other}
    )


def asked_about() -> Fact:
    return VerificationDue(activity=WALK, provider=KORPEN, hidden_at=NEXT_YEAR)


def hidden() -> Fact:
    return ActivityExpired(activity=WALK)


def withdrawn() -> Fact:
    return ActivityWithdrawn(activity=WALK, why="no_leader")


def known(*story: Fact) -> Activity | None:
    state: Activity | None = None
    for fact in story:
        state = activity.evolve(state, fact)
    return state


def refused(rule: type[Refusal], decide: Callable[..., object], *args: Any, **named: Any) -> None:
    with pytest.raises(Refusal) as said:
        decide(*args, **named)
    assert type(said.value) is rule
