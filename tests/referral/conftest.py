"""The referral service in this process, on a real database and a real broker."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

import asyncpg
import pytest_asyncio
from nats.aio.client import Client
from pydantic import SecretStr

from services.referral.app import service
from services.referral.ingress import Ingress
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.referral.vault.safe import vault
from services.runtime.connecting import connected
from services.runtime.database import open_pool
from services.runtime.ending import end
from services.runtime.health import Health
from services.runtime.network import NatsNetwork
from services.runtime.partner_streams import declare_partner_streams
from services.runtime.running import Running
from services.runtime.serving import Serving
from services.runtime.settings import Settings
from sluss.machine.broker import Broker
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Answer, Command
from sluss_contracts.commands.referral import RegisterOrganisation, RevokeOrganisation
from sluss_contracts.subjects import ingress_stream, submission_subject
from tests.referral.office import Office
from tests.referral.requests import CLINIC, OPERATOR, SCHOOL
from tests.support.desk import schema_of
from tests.support.servers import BrokerAccess


@pytest_asyncio.fixture
async def schema(postgres_server: Postgres) -> str:
    """The URL of an empty, migrated schema, as the service's own role; the vault of this process is open."""
    vault.unlock(MasterKey(os.urandom(32)), IdentityKey(os.urandom(32)))
    return await schema_of(postgres_server, service)


@pytest_asyncio.fixture
async def office(schema: str) -> AsyncIterator[Office]:
    """The service without a broker, with two organisations registered."""
    pool = await open_pool(schema, "referral", 8)
    made = Office(pool)
    await made.register(CLINIC, SCHOOL)
    yield made
    pool.terminate()


@dataclass
class House:
    """The service's commands and ingress, and a partner's and an operator's ways to it."""

    running: Running
    network: NatsNetwork
    client: Client
    _ingress: list[tuple[asyncio.Event, asyncio.Task[None]]] = field(default_factory=list)

    @property
    def pool(self) -> asyncpg.Pool:
        return self.running.pool

    async def ask(self, command: Command) -> Answer:
        return await self.network.ask(command, timeout=10)

    async def register(self, organisation: str) -> None:
        """Into the registry, and streams as `sluss partner add` makes them."""
        answer = await self.ask(
            RegisterOrganisation(
                command_id=uuid4(),
                actor=OPERATOR,
                organisation=organisation,
                name=organisation.title(),
                kind="clinic",
                area="norrkoping-city",
            )
        )
        assert answer.ok, answer.refused
        await declare_partner_streams(self.client.jetstream(), organisation)

    async def revoke(self, organisation: str) -> None:
        revoked = RevokeOrganisation(
            command_id=uuid4(), actor=OPERATOR, organisation=organisation, why="agreement_ended"
        )
        assert (await self.ask(revoked)).ok

    async def submit(self, raw: bytes, *, by: str = CLINIC, headers: dict[str, str] | None = None) -> None:
        """Onto the organisation's stream, as the server stores it when the organisation submits."""
        await self.client.jetstream().publish(submission_subject(by), raw, headers=headers)

    async def receipts(self, *, by: str = CLINIC) -> list[dict[str, Any]]:
        """The receipts the service has issued to an organisation, in order."""
        rows = await self.pool.fetch(
            "select body from event where lane = $1 and kind = 'receipt' order by number", f"out.{by}"
        )
        return [json.loads(row["body"])["data"] for row in rows]

    async def receipt(self, submission_id: str | None = None, *, by: str = CLINIC) -> dict[str, Any]:
        """The latest receipt, of one submission if named, once the ingress stream is empty."""
        await self.emptied(by)
        found = [r for r in await self.receipts(by=by) if submission_id in (None, r.get("submission_id"))]
        assert found, "there is no such receipt"
        return found[-1]

    async def emptied(self, *organisations: str, within: float = 20) -> None:
        """Wait until nothing is left in the ingress streams."""
        js = self.client.jetstream()
        async with asyncio.timeout(within):
            for organisation in organisations:
                while (await js.stream_info(ingress_stream(organisation))).state.messages:
                    await asyncio.sleep(0.02)

    def open(self) -> None:
        """Start an ingress, as another replica if one runs already."""
        stop = asyncio.Event()
        running = replace(self.running, stop=stop)
        self._ingress.append((stop, asyncio.create_task(Ingress(running, vault).run())))

    async def shut(self) -> None:
        """Stop every ingress as a process that is told to stop does."""
        for stop, _ in self._ingress:
            stop.set()
        for _, task in self._ingress:
            await task
        self._ingress.clear()

    async def cut(self) -> None:
        """End every ingress at once, wherever it is."""
        await end(*(task for _, task in self._ingress))
        self._ingress.clear()


async def people(house: House) -> list[str]:
    """The pseudonym of each referral, in the order they were submitted."""
    rows = await house.pool.fetch("select state from aggregate where kind = 'referral' order by id")
    return [row["state"]["person"] for row in rows]


async def said(pool: asyncpg.Pool) -> list[str]:
    """The types of all that the service has said, by their last two words."""
    rows: Sequence[Any] = await pool.fetch("select type from event")
    return [row["type"].removeprefix("sluss.").removesuffix(".v1") for row in rows]


@pytest_asyncio.fixture
async def house(schema: str, broker: BrokerAccess, nats_server: Broker) -> AsyncIterator[House]:
    """The service with two organisations registered, and its ingress not yet open."""
    async with house_on(schema, broker, nats_server) as made:
        yield made


@pytest_asyncio.fixture
async def own_house(schema: str, own_broker: Broker) -> AsyncIterator[House]:
    """The same on a broker of this test alone, whose store may be wiped."""
    creds = own_broker.authority.service_credentials(["test"])["test"]
    access = BrokerAccess(own_broker.url, own_broker.authority, creds)
    async with house_on(schema, access, own_broker) as made:
        yield made
    await access.close()


@asynccontextmanager
async def house_on(schema: str, broker: BrokerAccess, server: Broker) -> AsyncIterator[House]:
    settings = Settings(
        database_url=SecretStr(schema),
        nats_url=broker.url,
        nats_creds=broker.creds,
        nats_monitor_url=server.monitor_url,
        stop_seconds=10,
    )
    async with connected(service, settings, Health(), asyncio.Event()) as running:
        serving = Serving(service, running.pool, running.clock, running.network)
        running.broker.include_router(serving.router())
        await running.broker.start()
        client = await broker.connect()
        made = House(running, NatsNetwork(client), client)
        for organisation in (CLINIC, SCHOOL):
            await made.register(organisation)
        yield made
        await made.cut()
        await serving.close()
