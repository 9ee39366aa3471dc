"""Real servers for tests: one Postgres and one nats-server per test session, a clean corner of each per test.

Fixtures (all asynchronous, on the session's one event loop):

`postgres`
    The URL of a fresh, empty database (`postgresql://…`, superuser), dropped after the test.
`broker`
    A `BrokerAccess`: the server's URL and credentials of a fresh CORE account with JetStream, so streams of
    one test are invisible to another. `await broker.connect()` gives a nats-py client, closed for you.
    `broker.authority` signs for this account, e.g. `Partners(broker.authority, broker.url)`.
`postgres_server`, `nats_server`
    The shared servers themselves. Never stop, restart or wipe these.
`own_postgres`, `own_broker`
    A server of this test alone (about 1 s and 0.1 s to start), to be killed, frozen, restarted, wiped.
    `own_broker.store` is the JetStream folder.

All run with the product's own settings: fsync on, `sync_interval: always`. The shared Postgres, which lives
no longer than the session, keeps its files in memory where there is room, so that syncing takes no time; what
a killed session leaves there is removed by the next one.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import nats
import pytest
import pytest_asyncio
from nats.aio.client import Client

from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from sluss.partners.authority import Authority
from sluss.partners.claims import publish_account
from sluss.partners.tokens import Key, Kind
from tests.support.room import room


@dataclass
class BrokerAccess:
    """How a test reaches the broker as one of our own services."""

    url: str
    authority: Authority
    creds: Path
    _clients: list[Client] = field(default_factory=list)

    async def connect(self, credentials: Path | None = None, *, inbox: str = "_INBOX") -> Client:
        """A client of the CORE account, or of whoever the credentials belong to."""
        client = await nats.connect(
            self.url, user_credentials=str(credentials or self.creds), inbox_prefix=inbox.encode()
        )
        self._clients.append(client)
        return client

    async def close(self) -> None:
        for client in self._clients:
            if not client.is_closed:
                await client.close()


def wipe(store: Path) -> None:
    """Delete the store of a broker that may be at work in it: what it removes by itself meanwhile (the files
    of a batch) is gone as well."""
    for _ in range(20):
        shutil.rmtree(store, ignore_errors=True)
        if not store.exists():
            return
    raise AssertionError(f"{store} cannot be deleted")


_IN_MEMORY = Path("/dev/shm")  # noqa: S108, what is made there has a name nobody guesses
_ROOM = 4 << 30
"""Bytes that must be free there; a session leaves a few hundred megabytes."""


@pytest_asyncio.fixture(scope="session")
async def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Postgres]:
    roomy = _IN_MEMORY.is_dir() and shutil.disk_usage(_IN_MEMORY).free > _ROOM
    place = _IN_MEMORY if roomy else tmp_path_factory.mktemp("machine")
    with room(place) as folder:
        server = Postgres(folder / "postgres")
        await server.start()
        yield server
        await server.stop()


@pytest_asyncio.fixture(scope="session")
async def nats_server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Broker]:
    folder = tmp_path_factory.mktemp("machine")
    server = Broker(folder / "nats", Authority(folder / "keys"))
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def postgres(postgres_server: Postgres) -> AsyncIterator[str]:
    name = f"test_{secrets.token_hex(6)}"
    connection = await asyncpg.connect(postgres_server.url())
    try:
        await connection.execute(f"create database {name}")
        yield postgres_server.url(database=name)
        await connection.execute(f"drop database {name} with (force)")
    finally:
        await connection.close()


@pytest_asyncio.fixture
async def broker(nats_server: Broker, tmp_path: Path) -> AsyncIterator[BrokerAccess]:
    shared = nats_server.authority
    authority = another_core(shared, tmp_path / "keys")
    system = await nats.connect(nats_server.url, user_credentials=str(shared.system_credentials()))
    try:
        await publish_account(system, authority.core_token())
    finally:
        await system.close()
    creds = authority.service_credentials(["test"])["test"]
    access = BrokerAccess(nats_server.url, authority, creds)
    yield access
    js = (await access.connect()).jetstream()
    for stream in await js.streams_info():
        await js.delete_stream(stream.config.name or "")
    await access.close()


@pytest_asyncio.fixture
async def own_postgres(tmp_path: Path) -> AsyncIterator[Postgres]:
    server = Postgres(tmp_path / "postgres")
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture
async def own_broker(tmp_path: Path) -> AsyncIterator[Broker]:
    server = Broker(tmp_path / "nats", Authority(tmp_path / "keys"))
    await server.start()
    yield server
    await server.stop()


def another_core(shared: Authority, folder: Path) -> Authority:
    """The same operator with a CORE account of its own: a network beside the others on one server."""
    folder.mkdir(mode=0o700)
    seeds = {
        "operator": shared.operator.seed,
        "system": shared.system.seed,
        "core": Key.new(Kind.ACCOUNT).seed,
    }
    (folder / "operator.json").write_text(json.dumps(seeds))
    return Authority(folder)
