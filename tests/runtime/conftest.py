"""A migrated database and, where wanted, a whole service in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest_asyncio
from nats.aio.client import Client
from pydantic import SecretStr

from services.runtime.broker import heard, make_broker
from services.runtime.clock import NetworkClock
from services.runtime.database import open_pool
from services.runtime.migrate import create_role_and_schema, migrate
from services.runtime.network import NatsNetwork
from services.runtime.serving import Serving
from services.runtime.settings import Settings
from sluss.machine.broker import Broker
from tests.runtime.ferries import SERVICES, ferry_service
from tests.support.servers import BrokerAccess

PASSWORD = "only-for-tests"


@dataclass(frozen=True)
class Database:
    """One database with the schemas of ferry and harbour."""

    admin: str

    def url(self, service: str) -> str:
        """As the service's own role."""
        parts = urlsplit(self.admin)
        return urlunsplit(parts._replace(netloc=f"{service}:{PASSWORD}@{parts.hostname}:{parts.port}"))


async def prepare(admin_url: str) -> Database:
    """Roles, schemas and tables for both services."""
    made = Database(admin_url)
    admin = await asyncpg.connect(admin_url)
    try:
        for service in SERVICES:
            await create_role_and_schema(admin, service, PASSWORD)
    finally:
        await admin.close()
    for service in SERVICES:
        await migrate(made.url(service), service)
    return made


@pytest_asyncio.fixture
async def database(postgres: str) -> Database:
    return await prepare(postgres)


@pytest_asyncio.fixture
async def pool(database: Database) -> AsyncIterator[asyncpg.Pool]:
    """The ferry service's pool."""
    opened = await open_pool(database.url("ferry"), "ferry", 8)
    yield opened
    opened.terminate()


def settings_for(
    database: Database, broker: BrokerAccess, server: Broker, service: str = "ferry"
) -> Settings:
    return Settings(
        database_url=SecretStr(database.url(service)),
        nats_url=broker.url,
        nats_creds=broker.creds,
        nats_monitor_url=server.monitor_url,
        stop_seconds=10,
    )


@dataclass
class Ferryport:
    """The ferry service's commands, served in this process over the real broker."""

    serving: Serving
    network: NatsNetwork
    client: Client
    pool: asyncpg.Pool


@pytest_asyncio.fixture
async def port(
    database: Database, broker: BrokerAccess, nats_server: Broker, pool: asyncpg.Pool
) -> AsyncIterator[Ferryport]:
    listening = make_broker("ferry", settings_for(database, broker, nats_server))
    connection = await listening.connect()
    client = await broker.connect()
    serving = Serving(ferry_service(), pool, NetworkClock(), NatsNetwork(client))
    listening.include_router(serving.router())
    await listening.start()
    await heard(connection)
    yield Ferryport(serving, NatsNetwork(client), client, pool)
    await serving.close()
    await listening.stop()
