"""The written-out migrations make the tables that the code expects."""

from __future__ import annotations

from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from services.referral.store.tables import metadata


async def test_all_migrations_together_make_the_tables_of_the_store(schema: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        ours = set(metadata.tables)
        context = MigrationContext.configure(
            connection,
            opts={
                "include_name": lambda name, kind, _: kind != "table" or name in ours,
                "compare_type": True,
            },
        )
        return list(compare_metadata(context, metadata))

    engine = create_async_engine(
        make_url(schema).set(drivername="postgresql+asyncpg"),
        connect_args={"server_settings": {"search_path": "referral"}},
    )
    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert found == []
