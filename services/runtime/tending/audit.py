"""What operators have done in a service, written down where it was done and never changed.

Errands about dead letters, and every command of the network that an operator has given, or somebody at the
command line under whatever name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from sluss_contracts.command import Actor, Command

_WRITE = """
insert into operator_action (errand_id, actor, account, action, letters, proposal, reason, outcome)
values ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb)
"""
_COMMAND = """
insert into operator_action (errand_id, actor, account, action, letters, reason, outcome)
values ($1, $2, $3, $4, '{}', '', $5::text::jsonb) on conflict (errand_id) do nothing
"""
_BEFORE = "select outcome from operator_action where errand_id = $1"


async def write_down(
    connection: Any,
    errand: Any,
    actor: Actor,
    *,
    letters: Sequence[int] = (),
    proposal: int | None = None,
    outcome: dict[str, Any],
) -> None:
    """In the transaction that does it. `UniqueViolationError` when the errand was done meanwhile."""
    told = orjson.dumps(outcome).decode()
    row = (errand.id, actor.id, actor.account, errand.errand, list(letters), proposal, errand.reason, told)
    await connection.execute(_WRITE, *row)


async def write_down_command(connection: Any, command: Command) -> None:
    """That somebody has given a command and it was carried out, in the transaction that does it. What it
    said stays where it belongs; its verb, and the key of what it was about, are told here."""
    about = {"about": command.partition_key} if command.KEY_FIELD else {}
    told = orjson.dumps(about).decode()
    by = command.actor
    row = (command.command_id, by.id, by.account, f"{command.OWNER}.{command.VERB}", told)
    await connection.execute(_COMMAND, *row)


async def done_before(connection: Any, errand_id: Any) -> dict[str, Any] | None:
    """What this very errand came to, if it has been done."""
    outcome: dict[str, Any] | None = await connection.fetchval(_BEFORE, errand_id)
    return outcome
