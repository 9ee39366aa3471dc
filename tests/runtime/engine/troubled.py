"""What the fault tests share: somebody who writes all the while, and what must hold whatever happens."""

from __future__ import annotations

import asyncio
from typing import Any

import nats
from nats.aio.client import Client

from sluss.machine.broker import Broker
from tests.runtime.engine.playing import every, trails, write_notes

STORIES = [f"story-{n}" for n in range(60)]


async def owner_locks(connection: Any) -> int:
    """How many advisory locks the owners of this database hold."""
    query = "select count(*) from pg_locks where locktype = 'advisory' and granted and objsubid = 2"
    count: int = await connection.fetchval(
        query + " and database = (select oid from pg_database where datname = current_database())"
    )
    return count


async def must_hold(connection: Any) -> None:
    """No gap in any lane or aggregate, and no event taken in twice."""
    for question in (
        "select lane from event group by lane having max(number) <> count(*) or min(number) <> 1",
        "select h.lane from head h where last <> (select count(*) from event e where e.lane = h.lane)",
        "select key from event group by key, kind, aggregate_id having max(sequence) <> count(*)",
        "select key from aggregate a where sequence <> (select count(*) from event e"
        " where (e.key, e.kind, e.aggregate_id) = (a.key, a.kind, a.id))",
    ):
        assert await connection.fetch(question) == [], question


class Writing:
    """Somebody who writes the next note of every story, again and again, until told to stop."""

    def __init__(self, connection: Any, pace: float = 0.003, text: str = "") -> None:
        self.notes = 0
        """How many each story has once `finish` has returned."""
        self._connection, self._pace, self._text = connection, pace, text
        self._enough = False
        self._task = asyncio.create_task(self._run())

    async def finish(self) -> int:
        self._enough = True
        await self._task
        return self.notes

    async def _run(self) -> None:
        while not self._enough:
            self.notes += 1
            for story in STORIES:
                await write_notes(self._connection, story, self.notes, text=self._text)
                await asyncio.sleep(self._pace)


async def nats_client(server: Broker) -> Client:
    credentials = server.authority.service_credentials(["lab"])["lab"]
    return await nats.connect(
        server.url,
        user_credentials=str(credentials),
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.1,
        error_cb=_quiet,
    )


async def _quiet(error: Exception) -> None:
    """A broker that is killed is meant to be gone."""


async def all_read(connection: Any, notes: int, kind: str = "reading") -> bool:
    return await trails(connection, kind) == every(STORIES, notes)


async def seen_twice_or_out_of_order(connection: Any, kind: str = "reading") -> list[str]:
    return [
        s for s, seen in (await trails(connection, kind)).items() if seen != list(range(1, len(seen) + 1))
    ]
