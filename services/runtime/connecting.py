"""From settings to a `Running`: everything a service stands on, checked before it is used."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, TypeVar

import asyncpg
from nats.aio.client import Client
from nats.errors import Error as NatsError

from services.runtime.broker import Broker, make_broker, server_id
from services.runtime.database import DATABASE_AWAY, open_engine, open_pool
from services.runtime.ending import end
from services.runtime.health import Health
from services.runtime.logging import failure, logger
from services.runtime.migrate import SchemaBehind, missing
from services.runtime.network import NatsNetwork
from services.runtime.running import Running
from services.runtime.service import Service
from services.runtime.settings import Settings
from services.runtime.topology import declare_event_stream, require_durable_writes

T = TypeVar("T")

PATIENCE = 60.0
"""Seconds that the database and the broker may take to appear when a service starts."""
_AGAIN = 0.5
_NOT_YET = (
    *DATABASE_AWAY,
    NatsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
)
"""Roles and databases may be made while we start."""


class Unreachable(Exception):
    """The database or the broker did not appear in time, or does not let this service in."""

    code = "unreachable"


class ToldToStop(Exception):
    """The signal to stop came before the service stood."""


@asynccontextmanager
async def connected(
    service: Service, settings: Settings, health: Health, stop: asyncio.Event
) -> AsyncIterator[Running]:
    """Connect, and disconnect at the end of the block.

    Raises `Unreachable`, `SchemaBehind`, `topology.UnsafeBroker`, or `ToldToStop`.
    """
    log = logger(service.name)
    url = settings.database_url.get_secret_value()

    async def until(what: str, attempt: Callable[[], Awaitable[T]]) -> T:
        return await _unless(stop, _appearing(what, attempt, log))

    if lacking := await until("database", lambda: missing(url, service.name)):
        remedy = f"run `python -m services.runtime.migrate {service.name}`"
        raise SchemaBehind(f"the schema lacks {', '.join(lacking)}: {remedy}")
    broker = make_broker(service.name, settings)
    async with AsyncExitStack() as stack:
        client = await until("broker", broker.connect)
        stack.push_async_callback(_close, broker, client)
        await require_durable_writes(settings.monitor_urls, server_id(client))
        js = client.jetstream(timeout=10)
        await until("broker", lambda: declare_event_stream(js, replicas=settings.stream_replicas))
        pool = await open_pool(url, service.name, settings.database_connections)
        stack.push_async_callback(_end, pool)
        engine = open_engine(url, service.name)
        stack.push_async_callback(engine.dispose)
        yield Running(
            service=service,
            settings=settings,
            clock=settings.clock(),
            broker=broker,
            nats=client,
            pool=pool,
            engine=engine,
            network=NatsNetwork(client),
            health=health,
            stop=stop,
        )


async def _appearing(what: str, attempt: Callable[[], Awaitable[T]], log: Any) -> T:
    """Try again until it is there; what starts together with us may be slower."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await attempt()
                except _NOT_YET as error:
                    log.warning("waiting", kind=what, **failure(error))
                    await asyncio.sleep(_AGAIN)
    raise Unreachable(f"the {what} was not there within {PATIENCE:.0f} s: check its address and the password")


async def _unless(stop: asyncio.Event, work: Awaitable[T]) -> T:
    """The result of `work`, or `ToldToStop` if that comes first."""
    task = asyncio.ensure_future(work)
    told = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ToldToStop
        return task.result()
    finally:
        await end(task, told)


async def _close(broker: Broker, client: Client) -> None:
    broker.closing = True
    with contextlib.suppress(NatsError, OSError):
        if not client.is_closed:
            await client.close()


async def _end(pool: Any) -> None:
    """Give the connections back within bounds: a page may still be reading."""
    try:
        async with asyncio.timeout(5):
            await pool.close()
    except TimeoutError:
        pool.terminate()
