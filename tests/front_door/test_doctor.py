"""What the doctor finds in the record that only it looks for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
import pytest_asyncio

from services.runtime.clock import NetworkClock
from sluss.doctor import overdue_tasks
from sluss.machine.postgres import Postgres
from tests.support.databases import schemas_of


@pytest_asyncio.fixture(scope="module")
async def record(postgres_server: Postgres) -> AsyncIterator[asyncpg.Connection]:
    async with schemas_of(postgres_server, "navigator") as url:
        connection = await asyncpg.connect(url)
        yield connection
        await connection.close()


@pytest.mark.parametrize(
    ("speed", "late", "well"),
    [
        (1.0, timedelta(days=6), True),
        (1.0, timedelta(days=8), False),
        (20_000.0, timedelta(days=60), True),  # four minutes and a half of somebody who has only come to look
        (20_000.0, timedelta(days=300), False),
    ],
)
async def test_a_task_long_overdue_is_nobodys_by_the_wall_clock_too(
    record: asyncpg.Connection, speed: float, late: timedelta, well: bool
) -> None:
    clock = NetworkClock(datetime.now(UTC) - timedelta(hours=1), speed)
    await record.execute("truncate navigator.task")
    await record.execute(
        """insert into navigator.task (task_id, referral_id, kind, why, team, worker, due, opened)
           values ('t-1', 'r-1', 'hold_meeting', 'meeting_booked', 'city', 'bashir', $1, $1)""",
        clock.now() - late,
    )
    found = await overdue_tasks(record, clock)
    assert (str(found.state), found.well) == ("1 overdue", well)
    if not well:
        assert "hold_meeting of bashir (r-1)" in str(found.troubles[0].what)
