"""Referrals from submission to closure, with simulated people at every door.

Organisations submit over NATS with their own credentials; link workers and providers see the picture, take
their time (in the network's clock) and send commands (`doing`). Where somebody leads the clock, time waits
for them (`passing`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from itertools import chain
from typing import Any

import asyncpg

from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.led_clock import Leader
from sluss.ledger import Ledger
from sluss.people.acting import TakeBack
from sluss.people.arrivals import LOOK_EVERY, Arrivals
from sluss.people.browsing import Browser
from sluss.people.distributor import Distributor
from sluss.people.doing import Doing
from sluss.people.letterbox import Letterbox
from sluss.people.lives import Book, Life, Turn
from sluss.people.outcome import Outcome, Progress
from sluss.people.passing import Passing
from sluss.people.picture import Case, Picture
from sluss.people.referrer import Referrer
from sluss.people.staff import acts
from sluss.people.stillness import Stillness
from sluss.people.upsets import upsets
from sluss.people.visitors import Visitors, of_others
from sluss.registries import registries

__all__ = ["Outcome", "Progress", "Simulation"]

_HASTE = 0.3
"""Seconds between two referrals of a demonstration's beginning."""
_GLANCE = 0.02
"""Seconds between two looks where time waits for people."""


class Simulation:
    """One run. `referrers` are the connected organisations; `seed` makes the people repeatable. With a
    `browser` some providers answer on pages, with a `letterbox` some people answer what it leads to. Whom
    `visitors` are just now does nothing by themselves."""

    def __init__(
        self,
        network: Network,
        ledger: Ledger,
        clock: Clock,
        referrers: Sequence[Referrer],
        *,
        seed: int = 7,
        leader: Leader | None = None,
        browser: Browser | None = None,
        letterbox: Letterbox | None = None,
        visitors: Visitors | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        """`leader` leads the network's clock, where somebody does."""
        self._ledger = ledger
        self._clock = clock
        self._seed = seed
        self._browser = browser
        self._letterbox = letterbox
        self._visitors = visitors
        self._upset = False
        self._on_progress = on_progress
        self._passing = (
            Passing(leader, Stillness(ledger.connection, registries(), referrers)) if leader else None
        )
        self._picture = Picture()
        self._arrivals = Arrivals(referrers, self._picture, clock)
        self._distributor = Distributor(network, seed)
        self._doing = Doing(network, self._take_back, browser, letterbox, looks_about=leader is not None)
        self._coming: list[datetime] = []
        self._events = 0

    async def run(
        self, referrals: int, *, patience: float, per_second: float = 20.0, at_most: float = float("inf")
    ) -> Outcome:
        """Submit `referrals` at about `per_second` and act until all have ended, or nothing has moved for
        `patience` seconds, or `at_most` seconds are over (wall clock). All of these go well in the end."""
        book = Book(self._seed, simple=True, organisations=tuple(self._arrivals.referrers))
        lives = book.write(referrals)
        coming = self._arrivals.at(lives, per_second)
        return await self._until_over(lives, coming, patience, at_most=at_most)

    async def live(
        self, lives: Sequence[Life], *, arrivals: timedelta, lasting: timedelta, patience: float
    ) -> Outcome:
        """Let these lives be lived: their referrals come within `arrivals`, and all goes on for `lasting`
        (both in the network's time), or until nothing more is to come of anybody."""
        await self._look()
        if self._passing:
            self._passing.begin()
        began = self._clock.now()
        coming = self._arrivals.within(lives, began, arrivals)
        return await self._until_over(lives, coming, patience, until=began + lasting)

    async def run_forever(self, seconds_between: Callable[[], float], *, at_first: int = 0) -> None:
        """For a demonstration: new referrals keep coming, people keep acting, until cancelled.

        Where nobody has ever been referred, `at_first` referrals come within seconds, so that there is
        something to see at once.
        """
        self._upset = True
        await self._look_and_act()
        hasty = 0 if self._picture.cases or self._picture.closed else at_first
        book = Book(self._seed, organisations=tuple(self._arrivals.referrers))

        async def submit() -> None:
            while True:
                self._arrivals.submitted += 1
                life = book.next()
                what = f"submit:{self._arrivals.submitted}"
                self._doing.beside(what, partial(self._arrivals.submit_and_forget, life))
                await asyncio.sleep(_HASTE if self._arrivals.submitted < hasty else seconds_between())

        submitting = asyncio.create_task(submit())
        try:
            while True:
                await self._look_and_act()
                self._forget()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._doing.stop(submitting)

    async def _until_over(
        self,
        lives: Sequence[Life],
        coming: Any,
        patience: float,
        until: datetime | None = None,
        at_most: float = float("inf"),
    ) -> Outcome:
        submitting = asyncio.create_task(coming)
        loop = asyncio.get_running_loop()
        began = still_since = loop.time()
        latest = -1
        try:
            while True:
                await self._look_and_act()
                progress = self._progress(len(lives))
                self._on_progress(progress)
                if submitting.done():
                    submitting.result()
                    if self._nothing_to_come(progress, until):
                        return self._outcome(progress)
                moved = progress.events + progress.fed_back + progress.receipted
                if moved != latest or self._something_due(until):
                    still_since, latest = loop.time(), moved
                elif loop.time() - still_since > patience:
                    return self._outcome(progress)
                if loop.time() - began > at_most:
                    return self._outcome(progress)
                await self._let_time_pass()
        finally:
            await self._doing.stop(submitting)

    async def _let_time_pass(self) -> None:
        if self._passing is None:
            await asyncio.sleep(LOOK_EVERY)
            return
        await asyncio.sleep(_GLANCE)
        now = self._clock.now()
        coming = [at for at in (*self._coming, self._arrivals.next_comes) if at]
        late = self._doing.something or self._arrivals.in_flight > 0 or any(at <= now for at in coming)
        await self._passing.go_on(busy=late, coming=coming, look_about=self._doing.look_about)

    def _nothing_to_come(self, progress: Progress, until: datetime | None) -> bool:
        # Notify tells of an end, and referral closes, each when it hears of it: either may be first.
        told_and_closed = progress.fed_back >= progress.wanted and progress.closed >= progress.receipted
        if not told_and_closed or self._doing.something:
            return False
        return until is None or self._clock.now() >= until or not self._something_due(until)

    def _something_due(self, until: datetime | None) -> bool:
        """Whether an evaluation is still to come before the end, though all cases may be closed."""
        if until is None or self._clock.now() >= until:
            return False
        return any(each.due < until for each in self._picture.evaluations.values())

    def _forget(self) -> None:
        """What nobody will ask for again, where there is no end at which to count."""
        self._arrivals.forget_the_closed()
        waiting_since = [enrolment.since for enrolment in self._picture.enrolments.values()]
        self._picture.forget_sessions(min(waiting_since, default=self._clock.now()))

    async def _look(self) -> None:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            while news := await self._ledger.news():
                self._events += len(news)
                if self._passing:
                    self._passing.hear(news)
                for entry in news:
                    self._picture.see(entry)
                    if entry.key in self._picture.closed or entry.name == "session.scheduled":
                        self._doing.forget(entry.key)

    async def _look_and_act(self) -> None:
        await self._look()
        now = self._clock.now()
        by_links = self._browser is not None
        by_letters = self._letterbox is not None
        lives = self._arrivals.lives
        doing = acts(self._picture, now, self._seed, lives, by_links=by_links, by_letters=by_letters)
        befalling = upsets(self._picture, now, self._seed) if self._upset else ()
        present = await self._present()
        self._coming = self._doing.start(of_others(chain(doing, befalling), present), now)
        if self._distributor.has_work(self._picture, now):
            self._doing.beside("distributor", partial(self._distributor.send_out_and_collect, now))

    async def _present(self) -> frozenset[str]:
        if self._visitors:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                return await self._visitors.present()
        return frozenset()

    async def _take_back(self, errand: TakeBack) -> None:
        referrer = self._arrivals.referrers[errand.organisation]
        said = {"referral_id": errand.partition_key, "why": errand.why}
        if errand.entered_in_error:
            said |= {"entered_in_error": True}  # type: ignore[dict-item]
        at = self._clock.now()
        receipt = await referrer.take_back(errand.submission_id, said, at)
        if receipt["status"] == "refused":
            self._doing.refusals[str(receipt.get("code"))] += 1

    def _progress(self, wanted: int) -> Progress:
        referred = self._arrivals.referred
        told = sum(self._arrivals.told(referral, life) for referral, life in referred.items())
        closed = len(self._picture.closed.keys() & referred.keys())
        now = self._clock.now()
        return Progress(self._arrivals.submitted, len(referred), closed, told, wanted, self._events, now)

    def _outcome(self, progress: Progress) -> Outcome:
        stuck = dict(self._arrivals.without)
        for referral, life in self._arrivals.referred.items():
            if referral not in self._picture.closed:
                stuck[referral] = self._waits_for(referral, self._picture.cases.get(referral))
            elif not self._arrivals.told(referral, life):
                stuck[referral] = f"closed, but {life.organisation} has not been told"
        referrals = {life.submission_id: referral for referral, life in self._arrivals.referred.items()}
        return Outcome(progress, stuck, self._doing.refusals, referrals)

    def _waits_for(self, referral: str, case: Case | None) -> str:
        if case is None:
            return "receipted, but its events have not been seen"
        tasks = [t for t in self._picture.tasks.values() if t["referral_id"] == referral]
        waits = (
            ", ".join(f"{t['kind']} since {t['since']:%Y-%m-%d %H:%M}" for t in tasks)
            or "nothing: no open task"
        )
        late = self._clock.now() - timedelta(days=60)
        old = " (for over 60 days)" if any(t["since"] < late for t in tasks) else ""
        last = self._doing.last_refusal.get(referral)
        life = self._arrivals.referred.get(referral)
        turn = f" [{life.name}, {life.turn}]" if life and life.turn is not Turn.USUAL else ""
        return f"waits for {waits}{old}" + (f"; {last}" if last else "") + turn
