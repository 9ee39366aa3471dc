"""The broker is a cache: killed, or its whole store deleted, it comes back from the event tables."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator

import nats.errors
import nats.js.errors
import pytest
import pytest_asyncio

from services.runtime.engine.recovery import life_of
from sluss_contracts.subjects import EVENT_STREAM, probe_subject
from tests.faults.town import Town, town, under

pytestmark = [pytest.mark.faults, pytest.mark.slow(minutes=1), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def there(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(tmp_path_factory.mktemp("broker")) as there:
        yield there


async def test_a_killed_broker_is_started_again_and_nothing_is_missing(there: Town) -> None:
    before = there.run.nats.pid
    await there.assert_whole(await under(there, lambda: there.kill(before), referrals=15))
    assert there.run.nats.pid != before


async def test_the_whole_store_is_deleted_and_the_broker_restarted(there: Town) -> None:
    def wipe() -> None:
        there.kill(there.run.nats.pid)
        shutil.rmtree(there.run.nats.store, ignore_errors=True)

    await there.assert_whole(await under(there, wipe, referrals=15))


async def test_the_whole_store_is_deleted_under_the_running_broker(there: Town) -> None:
    pid, before = there.run.nats.pid, await life_of(there.client, EVENT_STREAM)

    async def wipe() -> None:
        shutil.rmtree(there.run.nats.store, ignore_errors=True)
        await fill(there, probe_subject("ballast"), EVENT_STREAM)

    await there.assert_whole(await under(there, wipe, referrals=15))
    assert there.run.nats.pid == pid, "the broker was restarted; this test is about one left running"
    after = await life_of(there.client, EVENT_STREAM)
    assert before
    assert after
    assert before.created != after.created, "the store was lost, and nobody has noticed"


async def fill(there: Town, subject: str, stream: str) -> None:
    """The broker writes on in a deleted file, as if all were well, until that is full (8 MB)."""
    js = there.client.jetstream(timeout=1)
    for _ in range(12):
        with contextlib.suppress(TimeoutError, nats.errors.Error, nats.js.errors.Error):
            await js.publish(subject, b"{}" + b" " * 900_000, stream=stream)
