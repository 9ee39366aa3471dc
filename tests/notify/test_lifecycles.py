"""What may follow what, for everything this service owns: every legal step, and every illegal one refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from services.notify.domain import deadline, evaluation, feedback, followup, message, notice, series
from services.notify.registry import service
from services.runtime.lifecycle import Lifecycle, OutOfOrder
from sluss_contracts.event import FACTS, Audience, Fact
from tests.notify.given import EVERY, one

KINDS = (deadline, evaluation, feedback, followup, message, notice, series)


def ways_to(lifecycle: Lifecycle[Any]) -> dict[Any, list[Fact]]:
    """How something comes to be in each status: the shortest story."""
    found: dict[Any, list[Fact]] = {None: []}
    waiting: list[Any] = [None]
    while waiting:
        status = waiting.pop(0)
        for fact in lifecycle.moves:
            if lifecycle.allows(status, fact) and (after := lifecycle.after(status, fact)) not in found:
                found[after] = [*found[status], one(fact)]
                waiting.append(after)
    return found


def steps() -> Iterator[Any]:
    for kind in KINDS:
        for status, story in ways_to(kind.LIFECYCLE).items():
            for fact in kind.LIFECYCLE.moves:
                name = f"{kind.LIFECYCLE.kind}-{status or 'nothing'}-{fact.FACT}"
                yield pytest.param(kind.LIFECYCLE, kind.evolve, status, story, one(fact), id=name)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.LIFECYCLE.kind)
def test_every_status_can_be_reached(kind: Any) -> None:
    assert set(ways_to(kind.LIFECYCLE)) == {None, *kind.LIFECYCLE.statuses}


@pytest.mark.parametrize(("lifecycle", "evolve", "status", "story", "fact"), list(steps()))
def test_a_fact_leads_where_the_table_says_and_nowhere_else(
    lifecycle: Lifecycle[Any],
    evolve: Callable[[Any, Fact], Any],
    status: Any,
    story: list[Fact],
    fact: Fact,
) -> None:
    given = None
    for each in story:
        given = evolve(given, each)
    assert (given.status if given else None) == status
    if lifecycle.allows(status, type(fact)):
        assert evolve(given, fact).status == lifecycle.after(status, type(fact))
    else:
        with pytest.raises(OutOfOrder):
            evolve(given, fact)


def test_every_fact_this_service_says_is_in_a_table() -> None:
    said = {fact for fact in FACTS.values() if service.name == fact.SAID_BY}
    assert said == {type(fact) for fact in EVERY} | {f for f in said if f.AUDIENCE is Audience.PARTNER}
    assert {type(fact) for fact in EVERY} == {fact for kind in KINDS for fact in kind.LIFECYCLE.moves}


def test_what_is_over_stays_over() -> None:
    assert {kind.LIFECYCLE.kind: set(kind.LIFECYCLE.last()) for kind in KINDS} == {
        "deadline": {deadline.Status.MET, deadline.Status.PASSED},
        # A late answer is an answer, so a lapsed evaluation may still be answered.
        "evaluation": {evaluation.Status.ANSWERED, evaluation.Status.CANCELLED},
        "feedback": {feedback.Status.ACKNOWLEDGED, feedback.Status.WITHHELD},
        "followup": {followup.Status.DONE, followup.Status.LAPSED, followup.Status.CANCELLED},
        # A channel may have taken what was held back a moment too late.
        "message": {message.Status.SENT, message.Status.FAILED},
        "notice": {notice.Status.SENT, notice.Status.FAILED, notice.Status.SUPPRESSED},
        "series": {series.Status.IMPORTED},
    }
