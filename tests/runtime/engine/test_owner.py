"""From one service's commit to the next one's: in order, once, and with what cannot be handled set aside."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from services.runtime.decision import Decision, Wait
from services.runtime.engine.sending import NUMBER
from services.runtime.service import Ctx, Held
from services.runtime.tx import Tx
from sluss_contracts.event import Event, read_event
from sluss_contracts.subjects import EVENT_STREAM, slot_of
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import NoteRead, NoteWritten, reader, writer
from tests.runtime.engine.playing import every, owning, trails, until, write_notes
from tests.support.servers import BrokerAccess


async def test_what_one_service_says_the_next_one_reads_in_order(
    database: str, open_connection: Open, broker: BrokerAccess
) -> None:
    stories = [f"story-{n}" for n in range(30)]
    lab, other = await open_connection("lab"), await open_connection("reader")
    async with (
        owning(writer()[0], database, await broker.connect()),
        owning(reader()[0], database, await broker.connect()),
    ):
        for n in range(1, 8):
            for story in stories:
                await write_notes(lab, story, n)

        async def all_read() -> bool:
            return await trails(other) == every(stories, 7)

        await until(all_read)
    assert await lab.fetchval("select sum(last - sent) from head") == 0
    assert await other.fetchval("select sum(last - sent) from head") == 0
