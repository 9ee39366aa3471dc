"""How the engine's database connections are made: search path, JSON both ways, and time-outs for owners."""

from __future__ import annotations

from typing import Any

import asyncpg
import orjson

Connection = asyncpg.Connection
"""An asyncpg connection, taken from a pool or made by `connect`."""

_OWNER_SETTINGS = {
    # A frozen or cut-off owner must not hold its slots: the server ends the session, and with it the locks.
    "idle_session_timeout": "4000",
    "idle_in_transaction_session_timeout": "4000",
    "tcp_keepalives_idle": "2",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
    # An owner runs the same few statements for ever, and all of them find their rows by key. To plan one
    # anew for each batch takes as long as to run it.
    "plan_cache_mode": "force_generic_plan",
}


async def initialise(connection: Any) -> None:
    """Make `json` and `jsonb` columns Python values. For pools: `create_pool(init=initialise)`."""
    for name in ("json", "jsonb"):
        await connection.set_type_codec(
            name, schema="pg_catalog", encoder=_dump, decoder=orjson.loads, format="text"
        )


def _dump(value: Any) -> str:
    return orjson.dumps(value).decode()


async def connect(url: str, schema: str, *, owner: bool = False) -> Any:
    """A connection outside any pool, in one service's schema.

    `owner` gives it the time-outs of a connection that holds advisory locks: it must say something at
    least every four seconds, or the server ends it.
    """
    settings = {"search_path": schema, "application_name": f"sluss-{schema}{'-owner' if owner else ''}"}
    if owner:
        settings |= _OWNER_SETTINGS
    connection = await asyncpg.connect(url, server_settings=settings, timeout=5, command_timeout=30)
    await initialise(connection)
    return connection
