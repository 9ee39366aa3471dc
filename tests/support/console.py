"""The services' event tables and the console's log over them, and somebody who says events as the services
would."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import orjson
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log.gathering import SPEAKERS, Gatherer, connect_to_write
from services.console.web.site import console_web
from services.runtime.calls import Network
from services.runtime.database import open_engine, open_pool
from services.runtime.engine.ids import uuid7
from services.runtime.engine.said import lane_of
from sluss.machine.database import CONSOLE, bring_up_to_date
from sluss.machine.postgres import Postgres
from sluss_contracts.event import FACTS, PREFIX
from sluss_contracts.examples import example_of
from sluss_contracts.subjects import event_subject
from tests.support.databases import as_role, copied

SECRET = "only-for-tests-and-long-enough-to-be-taken"
SCHEMAS = (*SPEAKERS, CONSOLE)


@dataclass
class Record:
    """What the services have said, and the console's log of it."""

    admin: asyncpg.Connection
    """May write every service's tables."""
    admin_url: str
    url: str
    """Of the console's own role."""
    pool: asyncpg.Pool
    engine: AsyncEngine
    gatherer: Gatherer
    writing: Any
    """The gatherer's connection."""
    _sequences: dict[tuple[str, str, str], int] = field(default_factory=dict)

    async def say(
        self,
        name: str,
        *,
        at: datetime | None = None,
        recorded: datetime | None = None,
        cause: str | None = None,
        correlation: str | None = None,
        **data: Any,
    ) -> UUID:
        """Say an event, the example of its type with some data of its own; gives its id."""
        fact = FACTS[f"{PREFIX}.{name}.v1"]
        event = deepcopy(example_of(fact.TYPE))
        event["data"] |= data
        event["data"] = {key: value for key, value in event["data"].items() if value is not None}
        said = fact.model_validate_json(orjson.dumps(event["data"]))
        key, kind, id_ = said.partition_key, said.AGGREGATE, said.aggregate_id
        place = key, kind, id_
        self._sequences[place] = sequence = self._sequences.get(place, 0) + 1
        event |= {
            "id": str(uuid7()),
            "time": (at or datetime.fromisoformat(event["time"])).isoformat(),
            "subject": f"{kind}/{id_}",
            "correlationid": correlation or key,
            "causationid": cause or f"timer/test/{uuid4()}",
            "partitionkey": key,
            "sequence": sequence,
        }
        subject = event_subject(said)
        await self.write(fact.SAID_BY, event, subject, recorded)
        return UUID(event["id"])

    async def write(
        self, service: str, event: Mapping[str, Any], subject: str, recorded: datetime | None = None
    ) -> None:
        """Write an event into its service's table, with the number that its lane gives it."""
        kind, _, id_ = event["subject"].partition("/")
        async with self.admin.transaction():
            number = await self.admin.fetchval(
                f"insert into {service}.head (lane, last, sent) values ($1, 1, 0) "
                "on conflict (lane) do update set last = head.last + 1 returning last",
                lane_of(subject),
            )
            await self.admin.execute(
                f"""insert into {service}.event
                    (lane, number, id, key, kind, aggregate_id, sequence, type, subject, body, recorded)
                    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, coalesce($11, clock_timestamp()))""",
                *(lane_of(subject), number, UUID(event["id"]), event["partitionkey"], kind, id_),
                *(event["sequence"], event["type"], subject, orjson.dumps(event), recorded),
            )

    async def gather(self) -> None:
        """Bring the log up to date."""
        while await self.gatherer.gather():
            pass

    async def empty(self) -> None:
        """Nothing was ever said."""
        self._sequences.clear()
        for service in SPEAKERS:
            tables = ("event", "head", "parked", "dead_letter", "proposal", "operator_action")
            await self.admin.execute(f"truncate {', '.join(f'{service}.{table}' for table in tables)}")
        await self.admin.execute(
            "truncate console.log, console.log_field, console.gathered, console.log_doubt"
        )
        await self.admin.execute("truncate console.audit, console.unmasked")
        await self.admin.execute("update console.log_end set position = 0")


@asynccontextmanager
async def record_of_its_own(server: Postgres) -> AsyncIterator[Record]:
    """A database of its own on this server, dropped at the end. For fixtures that outlive a test."""
    async with copied(server, "console", _prepare) as admin_url:
        own = await asyncpg.connect(admin_url)
        url = as_role(admin_url, CONSOLE)
        pool, engine = await open_pool(url, CONSOLE, 10), open_engine(url, CONSOLE)
        writing = await connect_to_write(url, owner=False)
        try:
            yield Record(own, admin_url, url, pool, engine, Gatherer(writing), writing)
        finally:
            await writing.close()
            await engine.dispose()
            await pool.close()
            await own.close()


async def _prepare(admin_url: str) -> None:
    await bring_up_to_date(admin_url, {each: as_role(admin_url, each) for each in SCHEMAS})


@asynccontextmanager
async def browsing(
    record: Record, *, language: str = "en", network: Network | None = None, client: Client | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which an operator has signed in to the console's pages, without a front before them."""
    app = console_web(record.pool, record.engine, secret=SECRET, demo=True, network=network, client=client)
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(
            transport=transport, base_url="http://sluss.test", headers={"accept-language": language}
        ) as browser,
        app.router.lifespan_context(app),
    ):
        await sign_in(browser, "demo-operator")
        yield browser


async def sign_in(browser: httpx.AsyncClient, operator: str) -> None:
    """As one of the operators of the demonstration."""
    form = token_in((await browser.get("/login")).text)
    await browser.post("/login/demo", data=form | {"person": f"operator/{operator}"})


def token_in(page: str) -> dict[str, str]:
    """The hidden fields that a form sends."""
    return dict(re.findall(r'<input type="hidden" name="(form_token|errand)" value="([^"]+)">', page))
