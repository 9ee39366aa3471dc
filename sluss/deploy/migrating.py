"""Roles, schemas and tables of a prepared deployment's database."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from services.runtime.migrate import create_role_and_schema, migrate
from sluss.deploy.preparing import SERVICES
from sluss.machine.folder import load_secrets


async def migrate_all(folder: Path) -> list[str]:
    """Makes what is missing, as the administrator and then as each service. The steps taken."""
    secrets = load_secrets(folder / "keys" / "secrets.json", SERVICES)
    admin = await asyncpg.connect((folder / "keys" / "admin_url").read_text())
    try:
        for service in SERVICES:
            await create_role_and_schema(admin, service, secrets.database[service])
    finally:
        await admin.close()
    taken = []
    for service in SERVICES:
        url = (folder / "services" / service / "sluss_database_url").read_text()
        taken += [f"{service} {step}" for step in await migrate(url, service)]
    return taken
