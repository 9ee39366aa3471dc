"""The board kept fresh for everybody who watches it, at the cost of one query a second for all of them.

One task in each process reads the board as every watched sight sees it, compares, and wakes the watchers.
It sleeps a second and never less than five times what the query took, and stops when nobody watches.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from services.navigator.sights import LaneView, Shown, Sight
from services.navigator.steps import Lane
from services.runtime.ending import end
from services.runtime.logging import failure, logger

log = logger("navigator")

PAUSE = 1.0
"""Seconds between two queries, at least."""
LISTENS_FOR = 300.0
"""Seconds after which a stream ends and the browser comes back, so that an ended session is noticed."""
_FORGET_AFTER = 120.0
_SHARE_OF_TIME = 5

Look = Callable[[Collection[Sight]], Awaitable[Mapping[Sight, Mapping[Lane, LaneView]]]]


@dataclass
class View:
    """The board as one sight sees it, and when each card last changed there."""

    sight: Sight
    number: int
    lanes: Mapping[Lane, LaneView]
    changed: dict[str, int] = field(default_factory=dict)
    """For each referral shown, the number of the view in which its card last became different."""

    def since(self, number: int) -> list[Shown]:
        """The cards that are new or different after that number."""
        return [card for card in self.all() if self.changed[card.referral] > number]

    def all(self) -> list[Shown]:
        """Every card shown."""
        return [card for lane in self.lanes.values() for card in lane.cards]

    def latest(self, most: int) -> list[Shown]:
        """The cards that moved last, over all lanes."""
        return sorted(self.all(), key=lambda card: (card.stepped, card.referral), reverse=True)[:most]


class LiveBoard:
    """Hands out views, and wakes those who watch when there is a newer one."""

    def __init__(self, look: Look, *, pause: float = PAUSE) -> None:
        self._look = look
        self._pause = pause
        # Numbers of another process or sight mean nothing here: a browser that brings one gets everything.
        self._epoch = secrets.token_hex(4)
        self._number = 0
        self._views: dict[Sight, View] = {}
        self._read_at: dict[Sight, float] = {}
        self._watchers: dict[Sight, int] = {}
        self._renewed = asyncio.Condition()
        self._reading = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def name(self, view: View) -> str:
        """What a browser sends back to go on after this view."""
        return f"{self._mark(view.sight)}-{view.number}"

    def number_of(self, name: str | None, sight: Sight) -> int:
        """The number a browser's last view had, or 0 when it must be told everything."""
        mark, _, number = (name or "").partition("-")
        return int(number) if mark == self._mark(sight) and number.isdecimal() and len(number) < 15 else 0

    def _mark(self, sight: Sight) -> str:
        return sha256(f"{self._epoch} {sight.kind} {sight.id}".encode()).hexdigest()[:12]

    async def view(self, sight: Sight) -> View:
        """The board now, at most `PAUSE` seconds old."""
        async with self._reading:
            if time.monotonic() - self._read_at.get(sight, -self._pause) >= self._pause:
                await self._read([sight])
        return self._views[sight]

    async def watch(self, sight: Sight, since: int) -> AsyncIterator[tuple[int, View]]:
        """Each newer view as it comes, with the number of the one before; for `LISTENS_FOR` seconds."""
        self._watchers[sight] = self._watchers.get(sight, 0) + 1
        try:
            view = await self.view(sight)
            self._keep_reading()
            until = time.monotonic() + LISTENS_FOR
            while not self._closed:
                if view.number > since:
                    yield since, view
                    since = view.number
                try:
                    async with asyncio.timeout(until - time.monotonic()), self._renewed:
                        while self._views[sight].number == since and not self._closed:
                            await self._renewed.wait()
                except TimeoutError:
                    return
                view = self._views[sight]
        finally:
            self._watchers[sight] -= 1
            if not self._watchers[sight]:
                del self._watchers[sight]

    async def close(self) -> None:
        """Let every watcher go; call when the service stops, before its web server waits for them."""
        self._closed = True
        if self._task:
            await end(self._task)
        async with self._renewed:
            self._renewed.notify_all()

    def _keep_reading(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read_while_watched())

    async def _read_while_watched(self) -> None:
        took = 0.0
        while self._watchers and not self._closed:
            await asyncio.sleep(max(self._pause, _SHARE_OF_TIME * took))
            began = time.monotonic()
            try:
                async with self._reading:
                    await self._read(list(self._watchers))
            except Exception as error:
                # The database may be away for a while; the page goes on showing what it knew.
                log.warning("board_unread", **failure(error))
            took = time.monotonic() - began

    async def _read(self, sights: Collection[Sight]) -> None:
        if not sights:
            return
        found = await self._look(sights)
        now = time.monotonic()
        renewed = False
        for sight in sights:
            self._read_at[sight] = now
            renewed |= self._renew(sight, found[sight])
        for sight in [old for old, at in self._read_at.items() if now - at > _FORGET_AFTER]:
            if sight not in self._watchers:
                del self._read_at[sight], self._views[sight]
        if renewed:
            async with self._renewed:
                self._renewed.notify_all()

    def _renew(self, sight: Sight, lanes: Mapping[Lane, LaneView]) -> bool:
        """Replace the view if anything in it is different."""
        before = self._views.get(sight)
        if before is not None and before.lanes == lanes:
            return False
        self._number += 1
        known = {card.referral: card for card in before.all()} if before else {}
        view = View(sight, self._number, lanes)
        for card in view.all():
            same = before is not None and known.get(card.referral) == card
            view.changed[card.referral] = before.changed[card.referral] if same and before else self._number
        self._views[sight] = view
        return True
