"""A service's shared connections: a pool that writes, and an engine for pages that only reads."""

from __future__ import annotations

import asyncpg
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from services.runtime.engine.connection import initialise

DATABASE_AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # a connection that died in the pool, as asyncpg puts it
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.QueryCanceledError,
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,
)
"""What it looks like when Postgres is down, restarting or overwhelmed: the work itself is not to blame."""


async def open_pool(url: str, schema: str, size: int) -> asyncpg.Pool:
    """At most `size` connections for commands, timers and pages. The ordered lanes have their own."""
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        timeout=10,
        command_timeout=30,
        init=initialise,
        server_settings=_session(schema, "pool") | {"statement_timeout": "30s"},
    )


def open_engine(url: str, schema: str, size: int = 5) -> AsyncEngine:
    """For pages, which read with SQLAlchemy and may not write: every transaction is read-only."""
    return create_async_engine(
        make_url(url).set(drivername="postgresql+asyncpg"),
        pool_size=size,
        max_overflow=0,
        pool_timeout=10,
        connect_args={
            "server_settings": _session(schema, "pages")
            | {"default_transaction_read_only": "on", "statement_timeout": "10s"}
        },
    )


def _session(schema: str, purpose: str) -> dict[str, str]:
    return {
        "search_path": schema,
        "application_name": f"sluss-{schema}-{purpose}",
        # A frozen or cut-off process must not hold its row locks for ever.
        "idle_in_transaction_session_timeout": "15s",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "2",
        "tcp_keepalives_count": "3",
    }
