"""Visitors of a demonstration: whoever has signed in as a link worker does that one's work themselves.

Made-up people would otherwise be quicker than anybody can read, and a form out of date when it is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg

from sluss.people.acting import Act, ByLetter, ByLink, LookFirst, TakeBack

STAYS: Final = timedelta(minutes=5)
"""So long after their last page somebody is still there; by the wall clock."""
_PRESENT = """
select distinct actor from web.session
where role in ('link_worker', 'volunteer') and seen > now() - $1::interval
"""


@dataclass(frozen=True, slots=True)
class Visitors:
    """Looks who is there, through a connection that may read the sessions of the pages."""

    connection: asyncpg.Connection

    async def present(self) -> frozenset[str]:
        """The link workers and volunteers whom visitors are just now."""
        return frozenset(row["actor"] for row in await self.connection.fetch(_PRESENT, STAYS))


def of_others(acts: Iterable[Act], present: Collection[str]) -> Iterator[Act]:
    """What is done by people whom no visitor is."""
    return (act for act in acts if _whose(act) not in present)


def _whose(act: Act) -> str | None:
    match act.command:
        case TakeBack():
            return None
        case LookFirst(question=command) | ByLink(otherwise=command) | ByLetter(otherwise=command):
            return command.actor.id
        case command:
            return command.actor.id
