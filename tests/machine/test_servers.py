"""The real servers of the single machine: what survives, what is refused, whose address it is."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import nats
import psutil
import pytest

from sluss.machine.broker import Broker
from sluss.machine.errors import DataInUse
from sluss.machine.postgres import Postgres
from tests.support.servers import BrokerAccess


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
