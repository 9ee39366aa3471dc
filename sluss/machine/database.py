"""The network's database: a role and a schema for each service, every table up to date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from services.runtime.migrate import create_role_and_schema, let_read, migrate
from sluss.catching_up import catch_up
from sluss.machine.errors import WouldNotStart
from sluss.registries import readers

CONSOLE: Final = "console"
"""The service that reads how the others fare."""


async def create_database(server_url: str, name: str) -> None:
    """Makes a database unless it is there."""
    admin = await asyncpg.connect(server_url)
    try:
        if not await admin.fetchval("select true from pg_database where datname = $1", name):
            await admin.execute(f"create database {name}")
    finally:
        await admin.close()


async def bring_up_to_date(admin_url: str, services: Mapping[str, str]) -> list[str]:
    """Makes each service's role, schema and tables, and brings a service that was stopped for longer than the
    bus keeps events what it has missed; on a complete database it changes nothing.

    `services` holds each service's own URL, whose password its role gets. Returns the steps taken, and
    raises `WouldNotStart` naming the service whose tables could not be made.
    """
    admin = await asyncpg.connect(admin_url)
    try:
        for service, url in services.items():
            await create_role_and_schema(admin, service, make_url(url).password or "")
    finally:
        await admin.close()
    taken = []
    for service, url in services.items():
        try:
            taken += [f"{service} {step}" for step in await migrate(url, service)]
        except (SQLAlchemyError, asyncpg.PostgresError) as failure:
            raise WouldNotStart(
                f"{service}'s tables could not be brought up to date: {failure}",
                remedy="nothing was changed; was the data written by a newer version of Sluss?",
            ) from failure
    admin = await asyncpg.connect(admin_url)
    try:
        if CONSOLE in services:
            await let_read(admin, CONSOLE, services)
        brought = await catch_up(admin, readers, services)
    finally:
        await admin.close()
    return taken + [f"{name} was brought {count} events it had missed" for name, count in brought.items()]
