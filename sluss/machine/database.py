"""The network's database: a role and a schema for each service, every table up to date."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from services.runtime.migrate import create_role_and_schema
from sluss.machine.child import Child
from sluss.machine.errors import WouldNotStart
from sluss.machine.folder import Secrets
from sluss.machine.postgres import Postgres
from sluss.machine.settings import DATABASE, database_url, environment


async def prepare_database(postgres: Postgres, secrets: Secrets, services: Sequence[str], logs: Path) -> None:
    """Makes what is missing; run on a complete database it changes nothing. Raises `WouldNotStart`."""
    admin = await asyncpg.connect(postgres.url())
    try:
        if not await admin.fetchval("select true from pg_database where datname = $1", DATABASE):
            await admin.execute(f"create database {DATABASE}")
    finally:
        await admin.close()
    admin = await asyncpg.connect(postgres.url(database=DATABASE))
    try:
        for name in services:
            await create_role_and_schema(admin, name, secrets.database[name])
    finally:
        await admin.close()
    async with asyncio.TaskGroup() as migrating:
        for name in services:
            migrating.create_task(_migrate(name, database_url(postgres, name, secrets), logs))


async def _migrate(service: str, url: str, logs: Path) -> None:
    log = logs / f"{service}-migrate.log"
    child = await Child.spawn(
        f"migrate {service}",
        [sys.executable, "-m", "services.runtime.migrate", service],
        log=log,
        environment=environment({"SLUSS_DATABASE_URL": url}),
    )
    if await child.wait():
        raise WouldNotStart(
            f"{service}'s tables could not be brought up to date: {child.last_words(2)}",
            remedy=f"the whole story is in {log}",
        )
