"""Fixtures every test may use; they are described in `tests/support/servers.py`."""

from tests.support.servers import (
    broker,
    nats_server,
    own_broker,
    own_postgres,
    postgres,
    postgres_server,
)

__all__ = ["broker", "nats_server", "own_broker", "own_postgres", "postgres", "postgres_server"]
