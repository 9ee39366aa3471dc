"""Deciding on a batch of events inside a transaction: absorb, look up, handle, or set aside.

A handler that fails takes only its own key out of the batch. What fails outside a handler (a statement in a
lookup, an absorber or a projection) is raised, and takes the transaction down: see `taking`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from traceback import extract_tb
from typing import Any

import asyncpg
from pydantic import ValidationError

from services.runtime import tracing
from services.runtime.decision import Done, Refusal, Transient, Wait
from services.runtime.engine.ids import new_id
from services.runtime.engine.incoming import Incoming
from services.runtime.engine.parking import TRIES, Blocked, SetAside
from services.runtime.engine.unit import Unit
from services.runtime.service import Ctx, Handler, Service

_PLAIN_SPOKEN = ("services", "sluss_contracts", "nats")
"""Packages whose errors are worded without the values that led to them."""


async def decide(
    service: Service, unit: Unit, events: Sequence[Incoming], blocked: Blocked, aside: SetAside
) -> None:
    """Take the events through the service's absorbers and handlers, in order.

    What they say is queued in the unit; what cannot be handled goes to `aside`, and later events that must
    not overtake it as well. The unit must have loaded the events' keys.
    """
    free = [one for one in events if not blocked.holds(one)]
    await _absorb(service, unit, free)
    contexts = await _look_up(service, unit, free)
    for one in events:
        if blocked.holds(one):
            aside.queue(one)
            continue
        handler = service.handlers.get(one.fact)
        outcome = await _traced(service, unit, one, handler, contexts[handler]) if handler else None
        match outcome:
            case Wait(why=why):
                aside.park(one, why, waiting=True)
                blocked.add(one.key, one.source, waiting=True)
            case Exception() as error if set_aside(aside, one, error):
                blocked.add(one.key, one.source, waiting=False)
            case None:
                if one.parked is not None:
                    aside.handled.append(one.parked)
                if blocked.waits(one.key):
                    aside.woken.add(one.key)


def set_aside(aside: SetAside, one: Incoming, error: Exception) -> bool:
    """Refused for ever, or failed too often: a dead letter. Anything else may work later: parked, and then
    True."""
    match error:
        case Refusal():
            aside.bury(one, error.code, str(error))
        case asyncpg.DataError():  # text that no column takes, a number out of range: it will not get better
            aside.bury(one, "unstorable", told(error))
        case _ if one.tries >= TRIES and not isinstance(error, Transient):
            aside.bury(one, "failed", f"failed {one.tries} times, last with {told(error)}")
        case _:
            aside.park(one, told(error), waiting=False)
            return True
    return False


def told(error: BaseException) -> str:
    """What went wrong, fit to be kept and shown: names of things, never the values they held.

    Postgres repeats whole rows in its details, pydantic its input, Python whatever it was given (`KeyError`).
    So only errors of our own, of the broker and of the operating system keep the first line of their message;
    of any other the type and the line of code are told.
    """
    kind = type(error).__name__
    if isinstance(error, asyncpg.PostgresError):
        about = (error.table_name, error.column_name, error.constraint_name)
        return f"{kind} ({error.sqlstate}) {' '.join(name for name in about if name)}".rstrip()
    if isinstance(error, ValidationError):
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        places = (".".join(map(str, fault["loc"])) for fault in faults)
        return f"{kind}: {error.title}: {', '.join(places)}"[:300]
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0] in _PLAIN_SPOKEN:
        return f"{kind}: {error}".splitlines()[0][:300]
    frames = extract_tb(error.__traceback__)
    return f"{kind} at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else kind


async def _absorb(service: Service, unit: Unit, events: Sequence[Incoming]) -> None:
    for facts, write in service.absorbers:
        if wanted := [one.event for one in events if one.fact in facts and not one.absorbed]:
            await write(unit.tx, wanted)
    for one in events:
        one.absorbed = True


async def _look_up(service: Service, unit: Unit, events: Iterable[Incoming]) -> dict[Handler, Ctx]:
    """One context per handler, with what its lookup has found for the whole batch."""
    batches: dict[Handler, list[Any]] = {}
    for one in events:
        if handler := service.handlers.get(one.fact):
            batches.setdefault(handler, []).append(one.event)
    given = await service.give(unit.tx) if service.give and batches else None
    return {
        handler: Ctx(
            now=unit.tx.now,
            new_id=new_id,
            given=given,
            looked_up=await handler.look_up(unit.tx, batch) if handler.look_up else None,
        )
        for handler, batch in batches.items()
    }


async def _traced(
    service: Service, unit: Unit, one: Incoming, handler: Handler, ctx: Ctx
) -> Wait | Exception | None:
    """Handle it as a step of the trace that it came with."""
    if not tracing.enabled():
        return await _handle(unit, one, handler, ctx)
    about = {"sluss.service": service.name, "sluss.event_id": str(one.id), "sluss.key": one.key}
    kind = tracing.SpanKind.CONSUMER
    with tracing.span(one.fact.TYPE, kind=kind, parent=one.traceparent, about=about) as span:
        outcome = await _handle(unit, one, handler, ctx)
        if span is not None and outcome is not None:
            span.set_attribute("sluss.outcome", getattr(outcome, "code", type(outcome).__name__))
    return outcome


async def _handle(unit: Unit, one: Incoming, handler: Handler, ctx: Ctx) -> Wait | Exception | None:
    """None when it was applied. What the handler raises is an outcome; what the database raises is not."""
    try:
        decision = handler(unit.held(one.key), one.event, ctx)
    except Exception as error:
        return error
    if isinstance(decision, Wait):
        return decision
    facts = decision.facts if isinstance(decision, Done) else decision
    if facts:
        await unit.reach(facts)
        try:
            unit.say(facts, cause=str(one.id), correlation=one.event.correlationid)
        except Exception as error:
            return error
    return None
