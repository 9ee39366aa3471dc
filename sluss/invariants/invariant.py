"""What an invariant is, and how one is asked of what services have said."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final

import asyncpg

from sluss.ledger import SERVICES

NAMED: Final = 20
"""At most so many violations of an invariant are named."""
Check = Callable[[asyncpg.Connection], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Invariant:
    """A sentence that must be true, and how to look for where it is not."""

    id: str
    sentence: str
    violations: Check


def all_said(services: Iterable[str]) -> str:
    """Services' events as one relation."""
    return " union all ".join(
        f"""select '{service}' as service, lane, number, id, key, kind, aggregate_id, sequence, type,
                   body, recorded from {service}.event"""
        for service in services
    )


def query(sql: str, services: Iterable[str] = SERVICES) -> Check:
    """A check by a statement that selects a sentence for each violation from `said`, all that was said."""
    said = all_said(services)

    async def ask(connection: asyncpg.Connection) -> list[str]:
        rows = await connection.fetch(f"with said as ({said}) {sql} limit {NAMED}")
        return [str(row[0]) for row in rows]

    return ask
