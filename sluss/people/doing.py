"""Acts on their way: sent as commands, met with refusals, tried again, done.

Whatever goes wrong is met as a person would meet it: ask again with the same id, look again, do the next
thing. About one referral one thing is done at a time, in the order in which they come up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import uuid4

from services.runtime.calls import Network
from services.runtime.decision import Transient
from services.runtime.ending import end
from sluss.people.acting import Act, ByLetter, ByLink, LookFirst, TakeBack
from sluss.people.browsing import Browser
from sluss.people.letterbox import Letterbox
from sluss_contracts.command import Command

_AT_ONCE = 24
"""How many people act at the same moment."""
_TRIES = 6
"""How often somebody tries what a rule refuses; the picture may be a moment old."""
_ASKED_AGAIN = 20
"""How often the same is asked of a service that does not answer."""
_PAUSE = 0.5
"""Seconds before that."""
_LOOKS_AGAIN = 1.0
"""Seconds before a refused act is tried anew."""


class Doing:
    """What everybody does just now, and what they have done.

    `take_back` has a referrer take a referral back; with a `browser` some providers answer on pages,
    with a `letterbox` some people do.
    With `looks_about`, after one thing the next about the same referral waits for `look_about`.
    """

    def __init__(
        self,
        network: Network,
        take_back: Callable[[TakeBack], Awaitable[None]],
        browser: Browser | None = None,
        letterbox: Letterbox | None = None,
        *,
        looks_about: bool = False,
    ) -> None:
        self.refusals: Counter[str] = Counter()
        """How often each rule refused what somebody tried."""
        self.last_refusal: dict[str, str] = {}
        """By what the act was about, mostly a referral."""
        self._network = network
        self._take_back = take_back
        self._browser = browser
        self._letterbox = letterbox
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._busy: set[str] = set()
        self._looks_about = looks_about
        self._watching: set[str] = set()
        self._done: dict[str, set[str]] = {}
        self._tries: Counter[str] = Counter()
        self._doors = asyncio.Semaphore(_AT_ONCE)

    @property
    def something(self) -> bool:
        """Whether anybody is at it; asked after `start`."""
        return bool(self._tasks)

    def start(self, to_do: Iterable[Act], now: datetime) -> list[datetime]:
        """Begin what has come up and is not done. When the others will come up."""
        self._tasks = {what: task for what, task in self._tasks.items() if not task.done()}
        coming = []
        for act in sorted(to_do, key=lambda act: (act.not_before, act.what)):
            about = act.command.partition_key
            if act.what in self._done.get(about, ()) or act.what in self._tasks:
                continue
            if act.not_before > now:
                coming.append(act.not_before)
            elif about not in self._busy and about not in self._watching:
                self._busy.add(about)
                self._tasks[act.what] = asyncio.create_task(self._do(act))
        return coming

    def look_about(self) -> bool:
        """What came of it all can be seen: whoever waited for that goes on. Whether anybody did."""
        anybody = bool(self._watching)
        self._watching.clear()
        return anybody

    def beside(self, what: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do something that is no act, unless it is being done."""
        if what not in self._tasks or self._tasks[what].done():
            self._tasks[what] = asyncio.create_task(work())

    def forget(self, about: str) -> None:
        """Nobody acts on this again."""
        self._done.pop(about, None)
        self.last_refusal.pop(about, None)

    async def finish(self) -> None:
        """Wait until everything begun is done or given up for now."""
        await asyncio.gather(*self._tasks.values())

    @property
    def remembered(self) -> int:
        """About how many referrals something is remembered that was done."""
        return len(self._done)

    async def stop(self, *others: asyncio.Task[Any]) -> None:
        """Leave off, whatever it is."""
        await end(*others, *self._tasks.values())

    async def _do(self, act: Act) -> None:
        try:
            async with self._doors:
                if await self._is_done(act):
                    self._tries.pop(act.what, None)
                    self._done.setdefault(act.command.partition_key, set()).add(act.what)
        finally:
            self._busy.discard(act.command.partition_key)
            if self._looks_about:
                self._watching.add(act.command.partition_key)

    async def _is_done(self, act: Act) -> bool:
        """Try it once, with patience. Whether it is done, or given up."""
        if isinstance(act.command, TakeBack):
            await self._take_back(act.command)
            return True
        command = act.command
        if isinstance(command, ByLink):
            if await self._is_answered_by(command):
                return True
            command = command.otherwise
        if isinstance(command, ByLetter):
            if self._letterbox and await self._letterbox.answer(command.message_id, command.said):
                return True
            command = command.otherwise
        if isinstance(command, LookFirst):
            looked = await self._look(command)
            if looked is None:
                return False  # the service that knows is away, or does not say yet: look again
            command = looked
        if self._tries[act.what]:  # what was refused is answered from memory, so this is another try
            command = command.model_copy(update={"command_id": uuid4()})
        for _ in range(_ASKED_AGAIN):
            try:
                answer = await self._network.ask(command, timeout=5)
            except Transient:
                await asyncio.sleep(_PAUSE)
                continue
            if answer.refused is None:
                return True
            if answer.refused.code == Transient.code:  # whom the service asked in turn is away
                await asyncio.sleep(_PAUSE)
                continue
            self._was_refused(command, answer.refused.code, answer.refused.message)
            # The picture may be a moment old, or somebody was first: look again, then try anew.
            self._tries[act.what] += 1
            await asyncio.sleep(_LOOKS_AGAIN)
            return self._tries[act.what] >= _TRIES
        return False

    async def _look(self, first: LookFirst) -> Command | None:
        with suppress(Transient):
            answer = await self._network.ask(first.question, timeout=5)
            if answer.refused is None:
                return first.then(answer)
            self._was_refused(first.question, answer.refused.code, answer.refused.message)
        await asyncio.sleep(_PAUSE)
        return None

    async def _is_answered_by(self, link: ByLink) -> bool:
        with suppress(Transient):
            shown = await self._network.ask(link.question, timeout=5)
            if shown.refused is None and self._browser is not None:
                return await self._browser.answer(shown.result["address"], link.said)
        return False

    def _was_refused(self, command: Command, code: str, message: str) -> None:
        self.refusals[code] += 1
        self.last_refusal[command.partition_key] = f"{command.VERB} refused: {code} ({message})"
