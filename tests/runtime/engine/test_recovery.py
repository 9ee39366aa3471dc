"""A broker that has lost its store is filled again; a database turned back is only noticed."""

from __future__ import annotations

import asyncio
import shutil
from functools import partial
from typing import Any

import asyncpg
import pytest
from nats.js.errors import NotFoundError

from services.runtime.engine.connection import connect
from services.runtime.engine.recovery import life_of
from services.runtime.engine.sending import NUMBER
from services.runtime.engine.unit import unit_of_work
from services.runtime.topology import declare_event_stream
from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from sluss_contracts.subjects import EVENT_STREAM
from tests.runtime.engine.conftest import Open
from tests.runtime.engine.lab import SlipPrinted, reader, third, writer
from tests.runtime.engine.playing import CLOCK, owning, until, write_notes
from tests.runtime.engine.troubled import (
    Writing,
    all_read,
    must_hold,
    nats_client,
)
from tests.support.servers import BrokerAccess, wipe

pytestmark = [pytest.mark.faults, pytest.mark.slow(minutes=1)]


async def wiped_and_healed(
    store: Broker, database: str, connections: dict[str, Any], wipe: Any, text: str = ""
) -> None:
    """Three services at work, the broker loses everything, and everything arrives all the same."""
    client = [await nats_client(store) for _ in range(3)]
    try:
        async with (
            owning(writer()[0], database, client[0]) as first,
            owning(reader()[0], database, client[1]) as second,
            owning(third()[0], database, client[2]) as third_owner,
        ):
            writing = Writing(connections["lab"], text=text)
            await until(lambda: connections["reader"].fetchval("select count(*) > 300 from event"), within=40)
            await wipe()
            notes = await writing.finish()
            await until(lambda: all_read(connections["reader"], notes), within=60)
            await until(lambda: all_read(connections["third"], notes, "file"), within=60)
            for owner in (first, second, third_owner):
                assert owner.ailing() is None
    finally:
        for each in client:
            await each.close()
    for connection in connections.values():
        await must_hold(connection)
        assert await connection.fetchval("select count(*) from dead_letter") == 0


async def test_a_broker_restarted_with_an_empty_store_is_filled_from_the_event_tables(
    own_broker: Broker, database: str, open_connection: Open
) -> None:
    connections = {name: await open_connection(name) for name in ("lab", "reader", "third")}

    async def wipe() -> None:
        await asyncio.sleep(0.5)
        await own_broker.kill()
        shutil.rmtree(own_broker.store)
        await own_broker.start()

    await wiped_and_healed(own_broker, database, connections, wipe)


async def test_what_a_partner_was_told_is_in_its_stream_again_after_the_store_is_lost(
    own_broker: Broker, database: str, open_connection: Open
) -> None:
    lab, service = await open_connection("lab"), writer()[0]
    client = await nats_client(own_broker)

    async def told() -> list[int]:
        js = client.jetstream()
        try:
            last = (await js.stream_info("OUT_varden")).state.last_seq
        except NotFoundError:
            return []
        messages = [await js.get_msg("OUT_varden", n) for n in range(1, last + 1)]
        return [int((message.headers or {})[NUMBER]) for message in messages]

    async with owning(service, database, client):
        for wiped in (False, True):
            if wiped:
                await own_broker.kill()
                shutil.rmtree(own_broker.store)
                await own_broker.start()
            async with unit_of_work(lab, service, CLOCK) as unit:
                await unit.load(["s1"])
                slips = [
                    SlipPrinted(slip=f"slip-{wiped}-{n}", story="s1", organisation="varden") for n in range(3)
                ]
                unit.say(slips, cause="test")

            async def all_told(count: int = 6 if wiped else 3) -> bool:
                return await told() == list(range(1, count + 1))

            await until(all_told, within=40)
    await client.close()


async def test_a_service_says_within_fifteen_seconds_that_it_cannot_deliver(
    own_broker: Broker, database: str
) -> None:
    client = await nats_client(own_broker)
    async with owning(reader()[0], database, client) as owner:
        await asyncio.sleep(1)
        assert owner.ailing() is None
        await own_broker.kill()

        async def says_so() -> bool:
            return owner.ailing() is not None

        await until(says_so, within=15)
        await own_broker.start()

        async def well_again() -> bool:
            return owner.ailing() is None

        await until(well_again, within=20)
    await client.close()


async def test_a_store_deleted_under_a_running_broker_is_noticed_by_publishing_and_healed(
    own_broker: Broker, database: str, open_connection: Open
) -> None:
    connections = {name: await open_connection(name) for name in ("lab", "reader", "third")}
    client = await nats_client(own_broker)
    await declare_event_stream(client.jetstream())
    before = await life_of(client, EVENT_STREAM)
    assert before

    async def wiped() -> None:
        wipe(own_broker.store)

        async def made_again() -> bool:
            life = await life_of(client, EVENT_STREAM)
            return life is not None and life.created != before.created

        await until(made_again, within=60)

    # Large notes, since the broker writes on in the deleted file until that is full (8 MB).
    await wiped_and_healed(own_broker, database, connections, wiped, text="x" * 20_000)
    await client.close()


async def test_a_database_turned_back_is_noticed_and_nothing_is_published_over_what_was_lost(
    database: str, postgres_server: Postgres, broker: BrokerAccess
) -> None:
    client = await broker.connect()
    now = database.rsplit("/", 1)[1]
    older = f"{now}_older"
    admin = await asyncpg.connect(postgres_server.url())
    for notes, copy in ((range(1, 11), True), (range(11, 21), False)):
        lab = await connect(database, "lab")
        async with owning(writer()[0], database, client):
            await write_notes(lab, "s1", *notes)
            await until(partial(lab.fetchval, "select sum(last - sent) = 0 from head"))
        await lab.close()
        if copy:
            await admin.execute(f"create database {older} template {now}")
    turned_back = postgres_server.url(database=older)
    lab = await connect(turned_back, "lab")
    before = (await client.jetstream().stream_info(EVENT_STREAM)).state.last_seq
    async with owning(writer()[0], turned_back, client) as owner:
        await write_notes(lab, "s1", 99)

        async def alarmed() -> bool:
            return "the bus holds event number 20, the table ends at 1" in (owner.ailing() or "")

        await until(alarmed)
    js = client.jetstream()
    after = (await js.stream_info(EVENT_STREAM)).state.last_seq
    added = [(await js.get_msg(EVENT_STREAM, n)).subject for n in range(before + 1, after + 1)]
    assert all(".probe." in (subject or "") for subject in added)
    await lab.close()
    await admin.execute(f"drop database {older} with (force)")
    await admin.close()
