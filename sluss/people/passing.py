"""How time passes in a simulation that leads its network's clock: by leaps, when nothing is left to do.

What everybody does is decided by their lives and the network's time alone. At a fixed speed a busy machine
lets people come too late for what they would otherwise have done in time; led, the same
lives are lived on any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta

import asyncpg

from services.runtime.led_clock import Leader, next_step
from sluss.ledger import SERVICES

STEP = timedelta(hours=6)
"""How far time leaps at least; what comes within one step comes at its end."""
_FARTHEST = timedelta(days=1)
"""How far at most: no day is passed over, since not everything that is to come can be known."""
_STILL = 0.06
"""Seconds without a word after which everything that had to follow has been said; longer where it has taken
longer to be answered."""
_STUCK = 8.0
"""Seconds without a word after which time goes on although somebody still tries something."""
_WHILE_STUCK = 1.0
"""Seconds between leaps as long as it is so."""
_ONCE_A_DAY = ("session_over", "lay_out", "ask_whether_right", "hide")
"""What becomes due of a whole catalogue at every hour, and is seen to once a day."""
_OVERDUE = " union all ".join(
    f"select count(*) filter (where due <= $1) as overdue,"
    f" min(due) filter (where due > $1 and kind <> all($2::text[])) as next"
    f" from {service}.timer"
    for service in SERVICES
)


class Passing:
    """Lets time go on. `record` may read the services' due dates."""

    def __init__(self, leader: Leader, record: asyncpg.Connection) -> None:
        self._leader = leader
        self._record = record
        self._said = asyncio.get_running_loop().time()
        self._slowest = 0.0
        self._nothing_was_due = False

    def something_was_said(self) -> None:
        """There are news: what follows from them is to be waited for."""
        self._nothing_was_due = False
        self._said = asyncio.get_running_loop().time()

    def was_answered_after(self, seconds: float) -> None:
        """How quick the network is just now."""
        self._slowest = max(seconds, 0.9 * self._slowest)

    async def go_on(self, *, busy: bool, coming: Iterable[datetime]) -> None:
        """Leap to the next moment at which something is, if all is still.

        `busy` is whether somebody does something, `coming` what they will do later.
        """
        still = asyncio.get_running_loop().time() - self._said
        stuck = still > _STUCK
        pause = 0.0 if self._nothing_was_due else max(_STILL, 2 * self._slowest)
        if not stuck and (busy or still < pause):
            return
        now = self._leader.clock.now()
        rows = await self._record.fetch(_OVERDUE, now, _ONCE_A_DAY)
        if not stuck and any(row["overdue"] for row in rows):
            return
        moments = [*(row["next"] for row in rows if row["next"]), *(at for at in coming if at > now)]
        farthest = next_step(now, _FARTHEST)
        next_ = min(moments, default=farthest)
        until = min(next_step(next_ - timedelta(microseconds=1), STEP), farthest)
        self._leader.let_pass(until)
        self.something_was_said()
        self._nothing_was_due = next_ > until
        if stuck:
            self._said -= _STUCK - _WHILE_STUCK
