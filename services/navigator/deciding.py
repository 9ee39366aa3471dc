"""What every reaction of the navigator shares: the case, who asks, its way of working, and its tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from services.navigator.domain import case as cases
from services.navigator.domain import journey, standing
from services.navigator.domain.agenda import Agenda
from services.navigator.domain.case import Case
from services.navigator.domain.rules import UnknownCase
from services.navigator.registry import CASE, TASK
from services.runtime.decision import Done
from services.runtime.pathways import Pathways
from services.runtime.service import Ctx, Held
from sluss_contracts.command import Actor
from sluss_contracts.event import Event, Fact
from sluss_contracts.pathway import BUILT_IN, Pathway
from sluss_contracts.vocabulary import Role

CASEWORK: Final = frozenset({Role.LINK_WORKER, Role.VOLUNTEER, Role.COORDINATOR, Role.OPERATOR, Role.SERVICE})
"""May take steps in cases: link workers and volunteers in their own, the others for them."""
REGISTRY: Final = frozenset({Role.COORDINATOR, Role.OPERATOR, Role.SERVICE})
"""May register teams, link workers and instruments."""


def with_tasks(
    held: Held, case: Case | None, facts: Sequence[Fact], ctx: Ctx, *, besides: Fact | None = None
) -> list[Fact]:
    """The facts of a case and, after them, those of the tasks they end and open. `besides` is what another
    service said that asks for something by itself."""
    if not facts and besides is None:
        return []
    first = case or cases.evolve(None, facts[0])
    agenda = agenda_of(held, first.referral_id, first, ctx)
    after = journey.follow_all(case, facts, agenda)
    if besides is not None:
        journey.follow(after, besides, agenda)
    return [*facts, *agenda.facts]


def step(held: Held, referral_id: str, ctx: Ctx, decide: Callable[[Case], Sequence[Fact]]) -> list[Fact]:
    """One step in a case that is there, with the tasks that follow. Raises `UnknownCase`."""
    case = the_case(held, referral_id)
    return with_tasks(held, case, decide(case), ctx)


def made(
    held: Held,
    referral_id: str,
    ctx: Ctx,
    decide: Callable[[Case], tuple[str, Sequence[Fact]]],
    *,
    named: str,
) -> Done:
    """The same for a step that makes something, whose id is told as `named`."""
    case = the_case(held, referral_id)
    made_id, facts = decide(case)
    return Done(with_tasks(held, case, facts, ctx), {named: made_id})


def heard(
    held: Held, case: Case | None, event: Event[Any], ctx: Ctx, *, home: str | None = None
) -> list[Fact]:
    """What somebody else said, as far as it asks something of somebody here. `home` is the team that answers
    while nothing is held of the referral."""
    agenda = agenda_of(held, event.data.referral_id, case, ctx, home=home)
    journey.follow(case, event.data, agenda)
    return list(agenda.facts)


def agenda_of(
    held: Held, referral_id: str, case: Case | None, ctx: Ctx, *, home: str | None = None
) -> Agenda:
    """The tasks as they are, owned by whoever has the case, or by the team that was asked before it."""
    tasks = held.all(TASK)
    owner = case or next(iter(tasks.values()), None)
    if owner is None and home is None:
        raise UnknownCase(f"nothing is known of referral {referral_id}")
    return Agenda(
        referral_id,
        tasks,
        team=owner.team if owner else str(home),
        worker=owner.worker if owner else None,
        now=ctx.now,
        new_id=ctx.new_id,
        pathway=pathway_of(case, ctx),
        rests_until=datetime.combine(case.paused_until, time(12), UTC)
        if case and case.paused_until
        else None,
    )


def pathway_of(case: Case | None, ctx: Ctx) -> Pathway:
    """How work goes with this case. It is known: a case is taken on when its pathway is."""
    ways: Pathways = ctx.given
    return ways.of(case.pathway, case.pathway_version) if case else BUILT_IN


def the_case(held: Held, referral_id: str) -> Case:
    """The case. Raises `UnknownCase`."""
    return standing.known(held.one(CASE), referral_id)


def by_whom(ctx: Ctx) -> Actor:
    """Who sent the command."""
    if ctx.actor is None:
        raise TypeError("a command has an actor")
    return ctx.actor
