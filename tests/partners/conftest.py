"""Two partner organisations on one network, each known to the test by its credentials alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import nats
import pytest_asyncio
from nats.aio.client import Client
from nats.js import JetStreamContext

from sluss.partners.accounts import Partners
from tests.support.servers import BrokerAccess

CLINIC = "varby-vardcentral"
SCHOOL = "hogsby-skola"


@dataclass
class Organisation:
    """An organisation at its own keyboard: a NATS client, and what the server complained about."""

    name: str
    client: Client
    complaints: list[str] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def js(self) -> JetStreamContext:
        return self.client.jetstream(timeout=1)

    async def refused(self) -> str:
        """Waits for the server's complaint about the last thing said; empty if it had none."""
        await self.client.flush()
        await asyncio.sleep(0.05)
        said = "; ".join(self.complaints)
        self.complaints.clear()
        return said


@dataclass
class TwoPartners:
    """A clinic and a school on one network, and the network's own connection to look from inside."""

    partners: Partners
    url: str
    core: JetStreamContext
    clinic: Organisation
    school: Organisation

    async def stored(self, stream: str) -> int:
        """How many messages a stream holds, seen from inside."""
        return (await self.core.stream_info(stream)).state.messages

    async def login(self, name: str, credentials: Path) -> Organisation:
        return await login(self.url, name, credentials)


@pytest_asyncio.fixture
async def two(broker: BrokerAccess) -> AsyncIterator[TwoPartners]:
    partners = Partners(broker.authority, broker.url)
    clinic = await login(broker.url, CLINIC, await partners.add(CLINIC))
    school = await login(broker.url, SCHOOL, await partners.add(SCHOOL))
    core = (await broker.connect()).jetstream(timeout=1)
    yield TwoPartners(partners, broker.url, core, clinic, school)
    for organisation in (clinic, school):
        await organisation.client.close()


async def login(url: str, name: str, credentials: Path) -> Organisation:
    complaints: list[str] = []
    ended = asyncio.Event()

    async def complain(error: Exception) -> None:
        complaints.append(str(error))

    async def end() -> None:
        ended.set()

    client = await nats.connect(
        url,
        user_credentials=str(credentials),
        inbox_prefix=f"_INBOX.{name}".encode(),
        error_cb=complain,
        closed_cb=end,
        allow_reconnect=False,
    )
    return Organisation(name, client, complaints, ended)
