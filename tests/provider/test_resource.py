"""The library: put there, corrected, taken out, and on whose shelf it stands."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from services.provider.domain import resource
from services.provider.domain.refusals import UnknownResource
from services.provider.domain.resource import LIFECYCLE, Resource, Status
from services.runtime.lifecycle import OutOfOrder
from sluss_contracts.commands.catalogue import PublishResource, WithdrawResource
from sluss_contracts.event import Fact
from sluss_contracts.resource import (
    ForWhom,
    ResourceAmended,
    ResourceKind,
    ResourcePublished,
    ResourceWithdrawn,
)
from sluss_contracts.vocabulary import Role
from tests.provider.offers import COORDINATOR, refused
from tests.provider.spec import NOON

SAID: dict[str, Any] = {
    "resource": "tala-om-det",
    "kind": ResourceKind.BOOK,
    "title": "Tala om det",
    "languages": ("sv",),
}
WITHDRAW = WithdrawResource(**COORDINATOR, resource="tala-om-det", why="out_of_print")


def published(**other: Any) -> Fact:
    return ResourcePublished(**{**SAID, "by": Role.COORDINATOR, "at": NOON, **other})


def amended(**other: Any) -> Fact:
    return ResourceAmended(**{**SAID, "by": Role.COORDINATOR, "at": NOON, **other})


def withdrawn() -> Fact:
    return ResourceWithdrawn(resource="tala-om-det", why="out_of_print")


def known(*story: Fact) -> Resource | None:
    state: Resource | None = None
    for fact in story:
        state = resource.evolve(state, fact)
    return state


def publish(**other: Any) -> PublishResource:
    return PublishResource(**COORDINATOR, **{**SAID, **other})


def test_it_is_put_there_once_and_corrected_by_saying_otherwise() -> None:
    assert resource.publish(None, publish(), NOON) == [published()]
    assert resource.publish(known(published()), publish(), NOON + timedelta(days=1)) == []
    assert resource.publish(known(published()), publish(author="E. Ek"), NOON) == [amended(author="E. Ek")]


def test_it_is_taken_out_once_and_may_be_put_back() -> None:
    assert resource.withdraw(known(published()), WITHDRAW) == [withdrawn()]
    gone = known(published(), withdrawn())
    assert resource.withdraw(gone, WITHDRAW) == []
    assert resource.publish(gone, publish(), NOON) == [published()]
    refused(UnknownResource, resource.withdraw, None, WITHDRAW)


def test_what_is_for_link_workers_is_shown_to_those_who_guide_or_moderate() -> None:
    within = {role for role in Role if ForWhom.LINK_WORKERS in resource.shelves(role)}
    assert within == {Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.OPERATOR}
    assert all(ForWhom.EVERYBODY in resource.shelves(role) for role in Role)


STORIES: dict[Status | None, list[Fact]] = {
    None: [],
    Status.PUBLISHED: [published()],
    Status.WITHDRAWN: [published(), withdrawn()],
}
FACTS = {type(fact): fact for fact in (published(), amended(), withdrawn())}


@pytest.mark.parametrize("fact", LIFECYCLE.moves)
@pytest.mark.parametrize("before", STORIES)
def test_every_fact_follows_exactly_the_states_of_the_table(before: Status | None, fact: type[Fact]) -> None:
    if LIFECYCLE.allows(before, fact):
        after = resource.evolve(known(*STORIES[before]), FACTS[fact])
        assert after.status == (LIFECYCLE.moves[fact].to or before)
    else:
        with pytest.raises(OutOfOrder):
            resource.evolve(known(*STORIES[before]), FACTS[fact])
