"""How time passes in a simulation that leads its network's clock: by leaps, when nothing is left to do.

What everybody does is decided by their lives and the network's time alone. At a fixed speed a busy machine
lets people come too late for what they would otherwise have done in time; led, the same
lives are lived on any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from services.runtime.led_clock import Leader, next_step
from sluss.ledger import Entry
from sluss.people.stillness import Stillness

STEP = timedelta(hours=6)
"""How far time leaps at least; what comes within one step comes at its end."""
_FARTHEST = timedelta(days=1)
"""How far at most: no day is passed over, since not everything that is to come can be known."""
_STUCK = 30.0
"""Seconds without a word after which time goes on although somebody still tries something."""
_WHILE_STUCK = 1.0
"""Seconds between leaps as long as it is so."""


class Passing:
    """Lets time go on, whenever the network is still."""

    def __init__(self, leader: Leader, stillness: Stillness) -> None:
        self._leader = leader
        self._stillness = stillness
        self._moved = asyncio.get_running_loop().time()

    def begin(self) -> None:
        """From here on people act."""
        self._stillness.begin()

    def hear(self, news: Iterable[Entry]) -> None:
        """There are news: what follows from them is to be waited for."""
        self._stillness.said(news)
        self._moved = asyncio.get_running_loop().time()

    async def go_on(self, *, busy: bool, coming: Iterable[datetime], look_about: Callable[[], bool]) -> None:
        """Leap to the next moment at which something is, if all is still.

        `busy` is whether somebody does something, `coming` what they will do later. `look_about` lets go on
        who has done something and waits to see what comes of it; whether there was anybody.
        """
        elapsed = asyncio.get_running_loop().time() - self._moved
        stuck = elapsed > _STUCK
        if busy and not stuck:
            return
        now = self._leader.clock.now()
        work = await self._stillness.work(now)
        if work.left and not stuck:
            return
        if look_about():
            return
        if work.letters and not stuck:
            return
        moments = [*([work.next] if work.next else []), *(at for at in coming if at > now)]
        farthest = next_step(now, _FARTHEST)
        next_ = min(moments, default=farthest)
        self._leader.let_pass(min(next_step(next_ - timedelta(microseconds=1), STEP), farthest))
        self._moved = asyncio.get_running_loop().time() - (_STUCK - _WHILE_STUCK if stuck else 0.0)
