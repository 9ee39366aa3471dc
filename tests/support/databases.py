"""Databases of a test's own: each is a copy of one that was migrated once, since copying is quicker."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from services.runtime.migrate import create_role_and_schema, migrate
from sluss.machine.postgres import Postgres

PASSWORD = "only-for-tests"
"""Of every service's role."""

_originals: dict[tuple[str, str], str] = {}


@asynccontextmanager
async def copied(
    server: Postgres, kind: str, prepare: Callable[[str], Awaitable[object]]
) -> AsyncIterator[str]:
    """The URL, as the superuser, of a new database that is dropped at the end.

    `prepare` is given the URL of an empty one and makes the original, once for each kind and server. When it
    returns, nobody may be connected to that any more.
    """
    name = f"{kind}_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(server.url())
    try:
        if (server.url(), kind) not in _originals:
            await admin.execute(f"create database {name}_original")
            await prepare(server.url(database=f"{name}_original"))
            _originals[server.url(), kind] = f"{name}_original"
        await admin.execute(f"create database {name} template {_originals[server.url(), kind]}")
        yield server.url(database=name)
        await admin.execute(f"drop database {name} with (force)")
    finally:
        await admin.close()


@asynccontextmanager
async def schemas_of(server: Postgres, *services: str) -> AsyncIterator[str]:
    """The same, with every table of these services."""

    async def prepare(url: str) -> None:
        await make_schemas(url, services)

    async with copied(server, "_".join(services), prepare) as url:
        yield url


async def make_schemas(url: str, services: Iterable[str]) -> None:
    """Each service's role, schema and tables, in the database at `url`."""
    for service in services:
        admin = await asyncpg.connect(url)
        try:
            await create_role_and_schema(admin, service, PASSWORD)
        finally:
            await admin.close()
        await migrate(as_role(url, service), service)


def as_role(url: str, service: str) -> str:
    """The same database as a service's own role sees it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=f"{service}:{PASSWORD}@{parts.hostname}:{parts.port}"))
