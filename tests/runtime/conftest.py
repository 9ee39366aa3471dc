"""A migrated database and, where wanted, a whole service in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import asyncpg
import pytest_asyncio
from nats.aio.client import Client
from pydantic import SecretStr

from services.runtime.broker import heard, make_broker
from services.runtime.clock import NetworkClock
from services.runtime.database import open_pool
from services.runtime.network import NatsNetwork
from services.runtime.serving import Serving
from services.runtime.settings import Settings
from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from tests.runtime.ferries import SERVICES, ferry_service
from tests.support.databases import as_role, make_schemas, schemas_of
from tests.support.servers import BrokerAccess


@dataclass(frozen=True)
class Database:
    """One database with the schemas of ferry and harbour."""

    admin: str

    def url(self, service: str) -> str:
        """As the service's own role."""
        return as_role(self.admin, service)


async def prepare(admin_url: str) -> Database:
    """Roles, schemas and tables for both services."""
    await make_schemas(admin_url, SERVICES)
    return Database(admin_url)


@pytest_asyncio.fixture
async def database(postgres_server: Postgres) -> AsyncIterator[Database]:
    async with schemas_of(postgres_server, *SERVICES) as url:
        yield Database(url)


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
