"""Commands that are many: each part decided by its own handler, all of it in one transaction.

What a rule refuses of one group ends that group alone. Nothing of it was said, so the transaction goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from services.runtime.decision import Done, NotAllowed, Refusal, Transient, Wait
from services.runtime.engine.ids import new_id
from services.runtime.engine.unit import Unit
from services.runtime.service import Ctx, Handler, Held, Service
from sluss_contracts.command import Answer, Command, Refused


class Stale(Refusal):
    """Somebody was quicker: what the command is about has changed since it was looked at. Look again."""

    code = "stale"


async def decide_together(unit: Unit, service: Service, given: Command) -> Answer:
    """Carry out what `given` holds. Lookups read once for all parts of a kind: they see what stood before."""
    parts = service.commands[type(given)].parts
    assert parts is not None, "only what is many is decided so"
    groups = parts(given)
    await unit.load(part.partition_key for group in groups for part in group)
    looked_up = await _look_up(unit, service, groups)
    common = await service.give(unit.tx) if service.give else None
    said: list[UUID] = []
    refused: dict[str, Any] = {}
    for number, group in enumerate(groups):
        try:
            for part in group:
                said += await _decide(unit, service, part, looked_up[type(part)], common)
        except Refusal as refusal:
            told = Refused(code=refusal.code, message=str(refusal), faults=tuple(refusal.faults))
            refused[str(number)] = told.model_dump(mode="json")
    return Answer(command_id=given.command_id, events=tuple(said), result={"refused": refused})


async def _look_up(
    unit: Unit, service: Service, groups: Sequence[Sequence[Command]]
) -> dict[type[Command], Any]:
    kinds: dict[type[Command], list[Command]] = {}
    for group in groups:
        for part in group:
            kinds.setdefault(type(part), []).append(part)
    found = {}
    for kind, parts in kinds.items():
        handler = service.commands[kind]
        if handler.prepare_with or handler.parts:
            raise TypeError(f"{kind.VERB} cannot be part of a command that is many")
        found[kind] = await handler.look_up(unit.tx, parts) if handler.look_up else None
    return found


async def _decide(unit: Unit, service: Service, part: Command, looked_up: Any, common: Any) -> Sequence[UUID]:
    handler = service.commands[type(part)]
    if handler.by is not None and part.actor.role not in handler.by:
        raise NotAllowed(f"a {part.actor.role.value} may not {part.VERB}")
    held = unit.held(part.partition_key)
    require_expected(unit, service, part, held)
    return (await carry_out(unit, handler, held, part, looked_up, common)).events


async def carry_out(
    unit: Unit, handler: Handler, held: Held, given: Command, looked_up: Any, common: Any
) -> Answer:
    """Ask the handler of one command, and say what it decides. Raises `Transient` where it must wait."""
    decision = handler(held, given, Ctx(unit.tx.now, new_id, looked_up, given.actor, common))
    if isinstance(decision, Wait):
        raise Transient(decision.why)
    facts = decision.facts if isinstance(decision, Done) else decision
    result = decision.result if isinstance(decision, Done) else {}
    await unit.reach(facts)
    said = unit.say(facts, cause=str(given.command_id))
    return Answer(command_id=given.command_id, events=tuple(said), result=result)


def require_expected(unit: Unit, service: Service, given: Command, held: Held) -> None:
    """The sequence meant is that of the aggregate named by the command's own key, as a case by its
    referral; where several kinds share the id, of the one declared first. Raises `Stale`."""
    if given.expected_sequence is None:
        return
    key = given.partition_key
    kinds = (kind for kind, known in service.aggregates.items() if held.get(known, key))
    kind = next(kinds, None)
    actual = unit.sequence(key, kind, key) if kind else 0
    if actual != given.expected_sequence:
        raise Stale(f"{key} is at sequence {actual}, not {given.expected_sequence}: look again, then decide.")
