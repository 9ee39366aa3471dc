"""The service as a process: killed at every point of a submission's way, it answers each exactly once."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from services.referral.app import service
from services.referral.domain import organisation
from services.runtime.clock import NetworkClock
from services.runtime.engine.connection import connect
from services.runtime.engine.unit import unit_of_work
from services.runtime.partner_streams import declare_partner_streams
from sluss.machine.broker import Broker
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.subjects import ingress_stream, outgoing_stream, submission_subject
from tests.referral.requests import CANARIES, CLINIC, OPERATOR, letter
from tests.support.pages import SECRET
from tests.support.servers import BrokerAccess

pytestmark = [pytest.mark.slow(minutes=1), pytest.mark.timeout(120)]


@pytest.fixture
def environment(schema: str, broker: BrokerAccess, nats_server: Broker, tmp_path: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("SLUSS_")},
        "SLUSS_DATABASE_URL": schema,
        "SLUSS_NATS_URL": broker.url,
        "SLUSS_NATS_CREDS": str(broker.creds),
        "SLUSS_NATS_MONITOR_URL": nats_server.monitor_url,
        "SLUSS_REFERRAL_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
        "SLUSS_REFERRAL_IDENTITY_KEY": base64.b64encode(os.urandom(32)).decode(),
        "SLUSS_READY_FILE": str(tmp_path / "ready.json"),
        "SLUSS_WEB_SECRET": SECRET,
    }


@asynccontextmanager
async def running(environment: dict[str, str], **extra: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """The service until the block ends; its log is in `SLUSS_READY_FILE`'s folder."""
    ready = Path(environment["SLUSS_READY_FILE"])
    ready.unlink(missing_ok=True)
    with ready.with_name("log").open("ab") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.referral", env=environment | extra, stdout=log, stderr=log
        )
    try:
        async with asyncio.timeout(60):
            while not ready.exists() and process.returncode is None:
                await asyncio.sleep(0.05)
        yield process
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def register(broker: BrokerAccess, database: str) -> None:
    """The organisation into the registry, with its streams, before any process runs."""
    await declare_partner_streams((await broker.connect()).jetstream(), CLINIC)
    wish = RegisterOrganisation(
        command_id=uuid4(),
        actor=OPERATOR,
        organisation=CLINIC,
        name="Vårdcentralen City",
        kind="clinic",
        area="norrkoping-city",
    )
    connection = await connect(database, service.name)
    async with unit_of_work(connection, service, NetworkClock()) as unit:
        await unit.load([CLINIC])
        unit.say(organisation.register(None, wish), cause=str(wish.command_id))
    await connection.close()


async def issued(broker: BrokerAccess, count: int) -> list[dict[str, Any]]:
    """The receipts on the organisation's stream, each once, when there are that many."""
    js = (await broker.connect()).jetstream()
    receipts: dict[str, dict[str, Any]] = {}
    read = 0
    async with asyncio.timeout(90):
        while len(receipts) < count:
            last = (await js.stream_info(outgoing_stream(CLINIC))).state.last_seq
            for sequence in range(read + 1, last + 1):
                event = json.loads((await js.get_msg(outgoing_stream(CLINIC), sequence)).data or b"")
                receipts[event["id"]] = event["data"]
            read = last
            await asyncio.sleep(0.1)
    return list(receipts.values())


@pytest.mark.parametrize("point", ["received", "in_transaction", "committed"])
async def test_killed_on_the_way_each_submission_is_answered_exactly_once(
    environment: dict[str, str], broker: BrokerAccess, schema: str, point: str
) -> None:
    await register(broker, schema)
    js = (await broker.connect()).jetstream()
    wanted = [f"r{n}" for n in range(120)]
    for submission_id in wanted:
        await js.publish(submission_subject(CLINIC), letter(submission_id, person={}))
    async with running(environment, SLUSS_FAULT_POINT=point) as doomed:
        assert await asyncio.wait_for(doomed.wait(), 60) == -signal.SIGKILL
    # Unanswered letters come again at once, rather than after the consumer's patience.
    await js.delete_consumer(ingress_stream(CLINIC), "referral")
    async with running(environment):
        receipts = await issued(broker, len(wanted))
        async with asyncio.timeout(30):
            while (await js.stream_info(ingress_stream(CLINIC))).state.messages:
                await asyncio.sleep(0.1)
    assert sorted(receipt["submission_id"] for receipt in receipts) == sorted(wanted)
    connection = await connect(schema, service.name)
    counts = await connection.fetch(
        "select type, count(*) as n from event where type like '%ref%' group by 1"
    )
    await connection.close()
    assert {row["type"]: row["n"] for row in counts} == {
        "sluss.referral.submitted.v1": 120,
        "sluss.referral.accepted.v1": 120,
    }


async def test_the_log_tells_of_submissions_without_a_word_of_them(
    environment: dict[str, str], broker: BrokerAccess, schema: str
) -> None:
    await register(broker, schema)
    async with running(environment, SLUSS_LOG_LEVEL="debug"):
        js = (await broker.connect()).jetstream()
        await js.publish(submission_subject(CLINIC), letter("good"))
        await js.publish(submission_subject(CLINIC), letter("bad", needs=[]))
        await js.publish(submission_subject(CLINIC), b"{" + " ".join(CANARIES).encode())
        assert {receipt["status"] for receipt in await issued(broker, 3)} == {"accepted", "refused"}
    log = Path(environment["SLUSS_READY_FILE"]).with_name("log").read_text()
    assert "ready" in log
    assert not [canary for canary in CANARIES if canary in log]


@pytest.mark.parametrize("key", ["", "c2hvcnQ=", "not base64!"])
async def test_without_proper_keys_it_does_not_start_and_names_the_variable(
    environment: dict[str, str], key: str
) -> None:
    environment["SLUSS_REFERRAL_MASTER_KEY"] = key
    async with running(environment) as process:
        assert await process.wait() == 78
    log = Path(environment["SLUSS_READY_FILE"]).with_name("log").read_text()
    assert "SLUSS_REFERRAL_MASTER_KEY" in log
    assert not key or key not in log
