"""What operators have done, written down where it was done and never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from sluss_contracts.command import Actor

_WRITE = """
insert into operator_action (errand_id, actor, action, letters, correction, reason, outcome)
values ($1, $2, $3, $4, $5, $6, $7::text::jsonb)
"""
_BEFORE = "select outcome from operator_action where errand_id = $1"


@dataclass(frozen=True, slots=True)
class Action:
    """One of them."""

    service: str
    number: int
    at: datetime
    actor: str
    action: str
    letters: tuple[int, ...]
    correction: int | None
    reason: str
    outcome: dict[str, Any]


async def write_down(
    connection: Any,
    errand: Any,
    actor: Actor,
    *,
    letters: Sequence[int] = (),
    correction: int | None = None,
    outcome: dict[str, Any],
) -> None:
    """In the transaction that does it. `UniqueViolationError` when the errand was done meanwhile."""
    told = orjson.dumps(outcome).decode()
    row = (errand.id, actor.id, errand.errand, list(letters), correction, errand.reason, told)
    await connection.execute(_WRITE, *row)


async def done_before(connection: Any, errand_id: Any) -> dict[str, Any] | None:
    """What this very errand came to, if it has been done."""
    outcome: dict[str, Any] | None = await connection.fetchval(_BEFORE, errand_id)
    return outcome


async def actions(
    connection: Any, services: Sequence[str], *, most: int = 100, after: int = 0
) -> list[Action]:
    """What was done in these services, the latest first."""
    each = " union all ".join(
        f"select '{name}' as service, number, at, actor, action, letters, correction, reason, outcome "
        f"from {name}.operator_action"
        for name in services
    )
    rows = await connection.fetch(f"{each} order by at desc, number desc limit $1 offset $2", most, after)
    return [
        Action(
            row["service"],
            row["number"],
            row["at"],
            row["actor"],
            row["action"],
            tuple(row["letters"]),
            row["correction"],
            row["reason"],
            row["outcome"] if isinstance(row["outcome"], dict) else orjson.loads(row["outcome"]),
        )
        for row in rows
    ]
