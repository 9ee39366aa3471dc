"""Publishing a way of working: versions follow each other, and what began with one keeps it."""

from __future__ import annotations

from functools import reduce

from services.referral.domain import pathway
from services.referral.domain.pathway import NamedOtherwise, Pathway, UnknownPathway, evolve
from sluss_contracts.event import Fact
from sluss_contracts.pathway import BUILT_IN, Contact, PathwayPublished, PathwayWithdrawn
from tests.referral.domain.stories import refused, told

NAME = BUILT_IN.pathway
OTHERWISE = BUILT_IN.model_copy(update={"contact": Contact(attempts=2)})


def after(*facts: Fact) -> Pathway:
    state: Pathway | None = reduce(evolve, facts, None)  # type: ignore[arg-type]
    assert state is not None
    return state


def published() -> list[Fact]:
    return pathway.publish(None, NAME, BUILT_IN)


def test_the_first_version_is_one_and_the_same_again_is_nothing_new() -> None:
    (fact,) = published()
    assert isinstance(fact, PathwayPublished)
    assert (fact.pathway, fact.version) == (NAME, 1)
    assert pathway.publish(after(fact), NAME, BUILT_IN) == []


def test_anything_else_is_the_next_version() -> None:
    (fact,) = pathway.publish(after(*published()), NAME, OTHERWISE)
    assert isinstance(fact, PathwayPublished)
    assert (fact.version, fact.definition.contact.attempts) == (2, 2)


def test_what_was_withdrawn_may_be_published_again_as_a_new_version() -> None:
    withdrawn = after(*published(), *pathway.withdraw(after(*published()), NAME))
    assert withdrawn.withdrawn
    (fact,) = pathway.publish(withdrawn, NAME, BUILT_IN)
    assert isinstance(fact, PathwayPublished)
    assert fact.version == 2
    assert not evolve(withdrawn, fact).withdrawn


def test_withdrawing_twice_is_withdrawing_once() -> None:
    facts = pathway.withdraw(after(*published()), NAME)
    assert told(facts) == [PathwayWithdrawn]
    assert pathway.withdraw(after(*published(), *facts), NAME) == []


def test_what_was_never_published_is_not_withdrawn() -> None:
    refused(UnknownPathway, lambda: pathway.withdraw(None, "sar-umea"))


def test_a_definition_is_published_under_its_own_name() -> None:
    refused(NamedOtherwise, lambda: pathway.publish(None, "sar-umea", BUILT_IN))
