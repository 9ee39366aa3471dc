"""The real servers of the single machine: what survives, what is refused, whose address it is."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from pathlib import Path
from uuid import uuid4

import asyncpg
import nats
import psutil
import pytest

from sluss.machine.broker import Broker
from sluss.machine.errors import DataInUse
from sluss.machine.postgres import Postgres
from sluss.machine.staging import Staging
from sluss_contracts.subjects import EVENT_STREAM
from tests.support.servers import BrokerAccess

pytestmark = pytest.mark.slow


async def test_committed_rows_survive_a_killed_postgres_at_the_same_address(own_postgres: Postgres) -> None:
    url = own_postgres.url()
    connection = await asyncpg.connect(url)
    await connection.execute("create table kept as select 1 as x")
    await own_postgres.kill()
    await own_postgres.start()
    assert own_postgres.url() == url
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("select x from kept") == 1
    assert await connection.fetchval("show fsync") == "on"
    assert await connection.fetchval("show synchronous_commit") == "on"
    await connection.close()


async def test_a_second_postgres_on_the_same_folder_is_refused(
    own_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(_seconds: float) -> None:
        return None

    monkeypatch.setattr("sluss.machine.postgres.asyncio.sleep", at_once)
    with pytest.raises(DataInUse, match=str(own_postgres.pid)):
        await Postgres(own_postgres.folder).start()


async def test_a_first_start_that_was_cut_off_is_simply_made_again(tmp_path: Path) -> None:
    half = tmp_path / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18")
    server = Postgres(tmp_path / "postgres")
    await server.start()
    assert not half.exists()
    await server.stop()


async def test_a_wrong_password_does_not_open_the_database(own_postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(own_postgres.url(password="guessed"))
    assert own_postgres.password_file.stat().st_mode & 0o077 == 0


async def test_acknowledged_messages_survive_a_killed_broker_at_the_same_address(own_broker: Broker) -> None:
    creds = str(own_broker.authority.service_credentials()["referral"])
    url = own_broker.url
    client = await nats.connect(url, user_credentials=creds)
    await client.jetstream().add_stream(name="KEPT", subjects=["kept"])
    await client.jetstream().publish("kept", b"1")
    await client.close()
    await own_broker.kill()
    await own_broker.start()
    assert own_broker.url == url
    client = await nats.connect(url, user_credentials=creds)
    assert (await client.jetstream().get_last_msg("KEPT", "kept")).data == b"1"
    await client.close()


async def test_the_broker_flushes_every_write(own_broker: Broker) -> None:
    assert (await own_broker.varz())["jetstream"]["config"]["sync_always"] is True


async def test_nobody_enters_the_broker_without_credentials(own_broker: Broker) -> None:
    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await nats.connect(own_broker.url, allow_reconnect=False)


async def test_the_keys_are_for_the_owner_only(own_broker: Broker) -> None:
    folder = own_broker.authority.folder
    own_broker.authority.service_credentials()
    assert folder.stat().st_mode & 0o077 == 0
    assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())


async def test_two_tests_do_not_see_each_others_streams(broker: BrokerAccess) -> None:
    js = (await broker.connect()).jetstream()
    assert await js.streams_info() == []


_PARENT = """
import asyncio, pathlib, sys
from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from sluss.partners.authority import Authority

async def main():
    folder = pathlib.Path(sys.argv[1])
    postgres, broker = Postgres(folder / "postgres"), Broker(folder / "nats", Authority(folder / "keys"))
    await postgres.start()
    await broker.start()
    print(postgres.pid, broker.pid, flush=True)
    await asyncio.sleep(600)

asyncio.run(main())
"""


async def test_servers_die_with_the_process_that_started_them(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pids = [int(pid) for pid in (await parent.stdout.readline()).split()]
    assert len(pids) == 2
    assert all(psutil.pid_exists(pid) for pid in pids)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    for _ in range(100):
        if not any(_runs(pid) for pid in pids):
            break
        await asyncio.sleep(0.1)
    assert not any(_runs(pid) for pid in pids)


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def publish_a_batch(broker: Broker) -> int:
    """Two events together into a stream that is made when there is none. The last one's sequence."""
    client = await nats.connect(
        broker.url, user_credentials=str(broker.authority.service_credentials(["x"])["x"])
    )
    stream = {"name": EVENT_STREAM, "subjects": ["e.>"], "storage": "file", "allow_atomic": True}
    await client.request(f"$JS.API.STREAM.CREATE.{EVENT_STREAM}", json.dumps(stream).encode())
    headers = {"Nats-Batch-Id": uuid4().hex, "Nats-Batch-Sequence": "1"}
    await client.publish("e.1", b"one", headers=headers)
    headers |= {"Nats-Batch-Sequence": "2", "Nats-Batch-Commit": "1"}
    answer = json.loads((await client.request("e.2", b"two", headers=headers)).data)
    await client.close()
    return int(answer["seq"])


async def staged_in(broker: Broker) -> Path:
    """Where the server stages batches, once that is in memory."""
    async with asyncio.timeout(10):
        while True:
            for batches in broker.store.glob(f"jetstream/*/streams/{EVENT_STREAM}/batches"):
                if batches.is_symlink():
                    return batches.readlink()
            await asyncio.sleep(0.05)


async def test_batches_are_staged_in_memory_and_kept_on_the_disk(own_broker: Broker) -> None:
    broker = own_broker
    assert await publish_a_batch(broker) == 2
    place = await staged_in(broker)
    assert place.stat().st_mode & 0o077 == 0
    assert await publish_a_batch(broker) == 4
    assert not any(place.iterdir()), "what has been committed is staged no more"
    await broker.kill()
    assert not place.exists()
    await broker.start()
    assert await publish_a_batch(broker) == 6, "what was acknowledged before is there"
    assert await staged_in(broker) == place
    await broker.stop()
    assert not place.exists()


async def test_a_place_that_somebody_else_may_enter_is_not_used(tmp_path: Path) -> None:
    memory, store = tmp_path / "memory", tmp_path / "store"
    memory.mkdir()
    stream = store / "jetstream" / "account" / "streams" / EVENT_STREAM
    stream.mkdir(parents=True)
    ours = Staging(store, memory)
    await ours.begin()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    place = (stream / "batches").readlink()
    await ours.end()
    place.mkdir()
    place.chmod(0o777)
    (stream / "batches").unlink()
    await ours.begin()
    await asyncio.sleep(0)
    assert not (stream / "batches").is_symlink()
    assert place.exists(), "it is not ours to remove"


async def test_what_a_killed_run_left_in_memory_goes_when_the_next_one_begins(tmp_path: Path) -> None:
    memory = tmp_path / "memory"
    memory.mkdir()
    running, starting = Staging(tmp_path / "one", memory), Staging(tmp_path / "two", memory)
    await running.begin()
    (place,) = memory.iterdir()
    left = place.with_name(place.name[:-16] + 16 * "0")
    left.mkdir(mode=0o700)
    (left / "a batch").write_text("promised to nobody")
    await starting.begin()
    assert place.exists(), "it is held by a run that lives"
    assert not left.exists()
    await starting.end()
    await running.end()
    assert not any(memory.iterdir())


async def test_where_there_is_no_memory_the_server_stages_on_the_disk(tmp_path: Path) -> None:
    staging = Staging(tmp_path / "store", tmp_path / "no such folder")
    await staging.begin()
    await staging.end()
    assert not list(tmp_path.iterdir())
