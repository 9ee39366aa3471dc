"""Waking those who watch the log when it has grown, at the cost of one small query for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from services.console.log.finding import Row, Wanted, last_position, since
from services.runtime.database import DATABASE_AWAY
from services.runtime.ending import end
from services.runtime.logging import failure, logger

PAUSE = 0.2
"""Seconds between two looks at where the log ends."""
LISTENS_FOR = 300.0
"""Seconds after which a stream ends and the browser comes back, so that an ended session is noticed."""
AT_ONCE = 200
"""Rows in one message; more wait for the next, which follows at once."""

log = logger("console")


class Follower:
    """Knows where the log ends while anybody watches."""

    def __init__(self, engine: AsyncEngine, *, pause: float = PAUSE) -> None:
        self._engine = engine
        self._pause = pause
        self._end = 0
        self._grown = asyncio.Condition()
        self._watchers = 0
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def follow(
        self, wanted: Wanted, after: int, *, listens_for: float = LISTENS_FOR
    ) -> AsyncIterator[tuple[int, list[Row]]]:
        """What has come after a position, again and again: where the reader then is, and the rows wanted.

        No row is left out and none told twice, however many come: what does not fit waits in the table.
        """
        self._watchers += 1
        self._begin()
        until = asyncio.get_running_loop().time() + listens_for
        try:
            while not self._closed:
                ends = await last_position(self._engine)  # looked up first: what comes later comes next time
                rows = await since(self._engine, wanted, after, most=AT_ONCE)
                if rows:
                    after = rows[-1].position if len(rows) == AT_ONCE else max(ends, rows[-1].position)
                    yield after, rows
                if len(rows) < AT_ONCE:
                    after = max(after, ends)
                    if not await self._more(after, until):
                        return
        finally:
            self._watchers -= 1

    async def close(self) -> None:
        """End every stream, because the process ends."""
        self._closed = True
        async with self._grown:
            self._grown.notify_all()
        if self._task is not None:
            await end(self._task)

    def _begin(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look(), name="log followed")

    async def _more(self, after: int, until: float) -> bool:
        """Wait until the log has grown; False when the time is over."""
        try:
            async with asyncio.timeout_at(until), self._grown:
                await self._grown.wait_for(lambda: self._closed or self._end > after)
        except TimeoutError:
            return False
        return not self._closed

    async def _look(self) -> None:
        while self._watchers and not self._closed:
            try:
                ends = await last_position(self._engine)
            except (*DATABASE_AWAY, SQLAlchemyError) as error:
                log.warning("log_unread", **failure(error))
                ends = self._end
            if ends > self._end:
                async with self._grown:
                    self._end = ends
                    self._grown.notify_all()
            await asyncio.sleep(self._pause)
