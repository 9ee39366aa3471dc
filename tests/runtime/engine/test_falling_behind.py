"""A service that was away for longer than the bus keeps events: it says so, and gets them from the tables."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from services.runtime.engine import cursors
from sluss.catching_up import catch_up
from sluss.machine.postgres import Postgres
from sluss_contracts.subjects import EVENT_STREAM
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import reader, writer
from tests.runtime.engine.playing import every, owning, trails, until, write_notes
from tests.support.servers import BrokerAccess

STORIES = ["s1", "s2", "s3"]
SERVICES: dict[str, object] = {"lab": None, "reader": None}


async def test_what_left_the_bus_unread_is_brought_from_the_tables_in_order_and_once(
    database: str, open_connection: Open, broker: BrokerAccess, postgres_server: Postgres
) -> None:
    lab, other = await open_connection("lab"), await open_connection("reader")
    client = await broker.connect()
    admin = await asyncpg.connect(postgres_server.url(database=database.rsplit("/", 1)[1]))

    async def read(n: int) -> bool:
        return await trails(other) == every(STORIES, n)

    async def write(*numbers: int) -> None:
        for n in numbers:
            for story in STORIES:
                await write_notes(lab, story, n)

    async def published() -> bool:
        return not await lab.fetchval("select sum(last - sent) from head")

    async with owning(writer()[0], database, client):
        async with owning(reader()[0], database, await broker.connect()):
            await write(1, 2)
            await until(lambda: read(2))
        await write(3, 4)
        await until(published)
        # Eight days go by: the bus has forgotten, and so would a purge make it.
        await client.jetstream().purge_stream(EVENT_STREAM)
        await other.execute("update position set caught_up = now() - interval '8 days'")
        async with owning(reader()[0], database, await broker.connect()) as owner:

            async def says_so() -> bool:
                return "sluss catchup" in (owner.ailing() or "")

            await until(says_so)
            await write(5)
            await until(published)
            await asyncio.sleep(1)
            assert await read(2), "nothing is acted on before what came earlier"
            assert await catch_up(admin, lambda: {"reader": reader()[0]}, SERVICES) == {"reader": 9}
            await until(lambda: read(5))

            async def well() -> bool:
                return owner.ailing() is None

            await until(well)
        assert await catch_up(admin, lambda: {"reader": reader()[0]}, SERVICES) == {}
    assert await other.fetchval("select count(*) from parked") == 0
    assert await other.fetchval("select count(*) from dead_letter") == 0
    await admin.close()


async def test_who_reads_to_the_end_writes_down_that_it_has(
    database: str, open_connection: Open, broker: BrokerAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where nothing is said: a quiet service has not fallen behind."""
    monkeypatch.setattr(cursors, "_NOTE_EVERY", 0.1)
    other: Any = await open_connection("reader")
    await other.execute("update position set caught_up = now() - interval '6 days'")
    async with owning(reader()[0], database, await broker.connect()):

        async def noted() -> bool:
            return bool(
                await other.fetchval("select min(caught_up) > now() - interval '1 minute' from position")
            )

        await until(noted)


async def test_what_is_known_is_kept_until_what_was_missed_has_been_brought(lab: Any) -> None:
    """Counted from now, the inbox of a service away for weeks would forget what tells known from missed."""
    from services.runtime.engine.retention import KEPT, prune

    await lab.execute(
        "insert into inbox (event_id, taken) values (gen_random_uuid(), now() - make_interval(secs => $1))",
        KEPT + 3600,
    )
    await lab.execute("update position set caught_up = now() - interval '20 days' where slot = 3")
    assert await prune(lab) == 0
    await lab.execute("update position set caught_up = now()")
    assert await prune(lab) == 1
