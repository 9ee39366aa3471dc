"""The owner's connection: where one transaction ends, the next has begun.

To begin a transaction is a round trip of its own, and a twentieth of what an event that comes alone has to
wait for. Begun in the same breath as the last one was committed, it costs nothing. It has no snapshot and no
locks until its first statement; only what Postgres calls `now()` may be as old as the commit before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg


class BegunAhead:
    """An asyncpg connection on which transactions follow each other. For one task at a time.

    A statement outside one stands by itself, as on any connection: what was begun ahead is given up.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._inside = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Committed at the end of the block, rolled back when it raises. Not to be nested."""
        if self._inside:
            raise asyncpg.InterfaceError("a transaction is under way on this connection")
        if not self._begun():
            await self._connection.execute("begin")
        self._inside = True
        try:
            yield
        except BaseException:
            with suppress(asyncpg.InterfaceError, asyncpg.PostgresError, OSError):  # the first error counts
                await self._connection.execute("rollback")
            raise
        else:
            await self._connection.execute("commit; begin")
        finally:
            self._inside = False

    async def fetch(self, *statement: Any) -> Any:
        """All rows."""
        await self._outside()
        return await self._connection.fetch(*statement)

    async def fetchrow(self, *statement: Any) -> Any:
        """The first row or None."""
        await self._outside()
        return await self._connection.fetchrow(*statement)

    async def fetchval(self, *statement: Any) -> Any:
        """The first column of the first row or None."""
        await self._outside()
        return await self._connection.fetchval(*statement)

    async def execute(self, *statement: Any) -> Any:
        """Run it."""
        await self._outside()
        return await self._connection.execute(*statement)

    async def executemany(self, *statement: Any) -> None:
        """Run it for each row of arguments."""
        await self._outside()
        await self._connection.executemany(*statement)

    def is_closed(self) -> bool:
        """Whether it is of no more use."""
        return bool(self._connection.is_closed())

    def terminate(self) -> None:
        """Cut it off at once; what was not committed is lost, and so are the locks."""
        self._connection.terminate()

    async def _outside(self) -> None:
        if not self._inside and self._begun():
            await self._connection.execute("rollback")

    def _begun(self) -> bool:
        return not self._connection.is_closed() and bool(self._connection.is_in_transaction())
