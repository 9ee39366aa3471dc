"""The streams are declared once and for all, and a broker that could lose what it acknowledged is refused."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import pytest

from services.runtime.broker import server_id
from services.runtime.topology import (
    MAX_AGE,
    UnsafeBroker,
    declare_event_stream,
    event_stream,
    require_durable_writes,
)
from sluss.machine.broker import Broker
from sluss_contracts.subjects import EVENT_STREAM
from tests.support.servers import BrokerAccess


async def test_the_event_stream_is_what_the_design_says(broker: BrokerAccess) -> None:
    js = (await broker.connect()).jetstream()
    info = await declare_event_stream(js)
    config = info.config
    assert config.subjects == ["sluss.evt.>"]
    assert (config.max_age, config.duplicate_window) == (MAX_AGE, 120)
    assert config.allow_atomic
    assert not config.allow_rollup_hdrs
    assert config.storage == "file"


async def test_declaring_again_keeps_what_is_in_it(broker: BrokerAccess) -> None:
    js = (await broker.connect()).jetstream()
    created = (await declare_event_stream(js)).created
    await js.publish("sluss.evt.0.case.claimed.v1.x", b"{}")
    again = await asyncio.gather(*(declare_event_stream(js) for _ in range(5)))
    assert {info.created for info in again} == {created}
    assert (await js.stream_info(EVENT_STREAM)).state.messages == 1


async def test_a_stream_of_an_older_shape_is_brought_up_to_date(broker: BrokerAccess) -> None:
    js = (await broker.connect()).jetstream()
    older = event_stream()
    older.max_age = 3600
    await js.add_stream(older)
    assert (await declare_event_stream(js)).config.max_age == MAX_AGE


async def test_our_own_broker_is_safe(broker: BrokerAccess, nats_server: Broker) -> None:
    client = await broker.connect()
    await require_durable_writes([nats_server.monitor_url], server_id(client))


async def test_the_monitoring_of_another_server_proves_nothing(
    broker: BrokerAccess, nats_server: Broker
) -> None:
    with pytest.raises(UnsafeBroker, match="monitoring of another NATS server"):
        await require_durable_writes([nats_server.monitor_url], "NSOMEBODYELSE")


async def test_a_broker_whose_monitoring_is_silent_is_refused() -> None:
    with pytest.raises(UnsafeBroker, match="does not answer"):
        await require_durable_writes(["http://127.0.0.1:1"], "N")


@pytest.mark.parametrize(
    ("jetstream", "complaint"),
    [
        ('jetstream {{ store_dir: "{store}" }}', "sync_interval: always"),
        ('jetstream {{ store_dir: "{store}", sync_interval: "10s" }}', "sync_interval: always"),
        ("", "without JetStream"),
    ],
)
async def test_a_broker_that_flushes_now_and_then_is_refused(
    tmp_path: Path, jetstream: str, complaint: str
) -> None:
    async with plain_server(tmp_path, jetstream.format(store=tmp_path / "store")) as (url, monitor):
        client = await nats.connect(url)
        try:
            with pytest.raises(UnsafeBroker, match=complaint):
                await require_durable_writes([monitor], server_id(client))
        finally:
            await client.close()


@asynccontextmanager
async def plain_server(folder: Path, jetstream: str) -> AsyncIterator[tuple[str, str]]:
    """A nats-server as somebody might set it up who has not read our documentation."""
    configuration = folder / "nats.conf"
    configuration.write_text(
        f'listen: "127.0.0.1:-1"\nhttp: "127.0.0.1:-1"\nports_file_dir: "{folder}"\n{jetstream}\n'
    )
    program = Path(sys.prefix) / "bin" / "nats-server"
    process = await asyncio.create_subprocess_exec(
        program, "-c", configuration, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(10):
            while not (found := list(folder.glob("*.ports"))) or not found[0].read_text().strip():
                await asyncio.sleep(0.02)
        ports = json.loads(found[0].read_text())
        yield ports["nats"][0], ports["monitoring"][0]
    finally:
        process.terminate()
        await process.wait()
