"""Dead letters at a quay, and whoever tends them in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from services.runtime.clock import SetClock
from services.runtime.database import open_pool
from services.runtime.engine.said import Saying
from services.runtime.network import NobodyAnswers
from services.runtime.tending.errands import Errand
from services.runtime.tending.tending import Tending
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.looking import ReadMasked
from sluss_contracts.vocabulary import Role
from tests.runtime.conftest import Database
from tests.runtime.ferries import PassengerBoarded, harbour_service, new

STOWAWAY = "a stowaway"
NOON = datetime(2027, 1, 1, 12, tzinfo=UTC)
BURY = """
insert into dead_letter (event_id, key, subject, body, code, reason) values ($1, $2, $3, $4, $5, $6)
returning number
"""


def refusal(answer: Answer) -> str:
    assert answer.refused is not None, answer
    return answer.refused.code


def by(
    who: str, reason: str = "it was mended", id: UUID | None = None, *, account: str | None = None
) -> dict[str, Any]:
    actor = Actor(id=who, role=Role.OPERATOR, account=account)
    return {"id": id or new(), "actor": actor, "reason": reason}


async def actions(connection: Any) -> list[dict[str, Any]]:
    """What was written down about dead letters, the latest first."""
    rows = await connection.fetch(
        "select actor, action, letters, proposal, reason, outcome from operator_action "
        "where letters <> '{}' order by number desc"
    )
    return [dict(row) for row in rows]


@dataclass
class AccessLog:
    """Whoever keeps who has looked at whom; the true one is in tests/console/test_masking.py."""

    noted: list[ReadMasked] = field(default_factory=list)
    away: bool = False

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.away:
            raise NobodyAnswers("nobody keeps it just now")
        assert isinstance(command, ReadMasked)
        self.noted.append(command)
        return Answer(command_id=command.command_id, result={"noted": True})


@dataclass
class Quay:
    """The harbour's dead letters and who tends them, in this process."""

    tending: Tending
    pool: asyncpg.Pool
    numbers: list[int]
    vault: AccessLog
    clock: SetClock

    async def does(self, errand: Errand) -> dict[str, Any]:
        answer = await self.tending.answer(errand.model_dump_json().encode())
        assert answer.refused is None, answer
        return answer.result

    async def refuses(self, errand: Errand) -> str:
        return refusal(await self.tending.answer(errand.model_dump_json().encode()))

    async def waiting(self) -> list[str]:
        """The keys of what will be tried again."""
        return [row["key"] for row in await self.pool.fetch("select key from parked order by key")]


@pytest.fixture
async def quay(database: Database) -> AsyncIterator[Quay]:
    """Three stowaways and something that is no event."""
    pool = await open_pool(database.url("harbour"), "harbour", 4)
    numbers = []
    for key in ("alma", "iris", "juno"):
        fact = PassengerBoarded(ferry=key, passenger=STOWAWAY)
        said = Saying("/sluss/ferry", NOON, NOON).wrap(fact, 1, cause="test", correlation=None)
        row = (
            said.id,
            key,
            said.subject,
            said.body,
            "not_on_the_list",
            "The harbour knows nobody of that name.",
        )
        numbers.append(await pool.fetchval(BURY, *row))
    numbers.append(
        await pool.fetchval(BURY, None, None, "sluss.evt.1.x", b"\xff", "unreadable", "no subject")
    )
    vault, clock = AccessLog(), SetClock(datetime.now(UTC))
    yield Quay(Tending(harbour_service(), pool, clock, vault), pool, numbers, vault, clock)
    pool.terminate()
