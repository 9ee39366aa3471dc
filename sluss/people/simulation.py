"""Referrals from submission to closure, with simulated people at every door.

Organisations submit over NATS with their own credentials; link workers and providers see the picture, take
their time (in the network's clock) and send commands. Whatever goes wrong on the way is met as a person
would meet it: ask again with the same id, look again, do the next thing.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import asyncpg

from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.decision import Transient
from services.runtime.ending import end
from sluss.ledger import Ledger
from sluss.people.acting import ByLink, LookFirst, TakeBack
from sluss.people.arrivals import LOOK_EVERY, Arrivals
from sluss.people.browsing import Browser
from sluss.people.distributor import Distributor
from sluss.people.lives import Book, Life, Turn
from sluss.people.outcome import Outcome, Progress
from sluss.people.picture import Case, Picture
from sluss.people.referrer import Referrer
from sluss.people.staff import Act, acts
from sluss.people.upsets import upsets
from sluss_contracts.command import Command

__all__ = ["Outcome", "Progress", "Simulation"]

_HASTE = 0.3
"""Seconds between two referrals of a demonstration's beginning."""
_AT_ONCE = 24
"""How many people act at the same moment."""
_TRIES = 6
"""How often somebody tries what a rule refuses; the picture may be a moment old."""


class Simulation:
    """One run. `referrers` are the connected organisations; `seed` makes the people repeatable. With a
    `browser` some providers answer on pages."""

    def __init__(
        self,
        network: Network,
        ledger: Ledger,
        clock: Clock,
        referrers: Sequence[Referrer],
        *,
        seed: int = 7,
        browser: Browser | None = None,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._network = network
        self._ledger = ledger
        self._clock = clock
        self._seed = seed
        self._browser = browser
        self._upset = False
        self._on_progress = on_progress
        self._picture = Picture()
        self._arrivals = Arrivals(referrers, self._picture, clock)
        self._distributor = Distributor(network, seed)
        self._acting: dict[str, asyncio.Task[None]] = {}
        self._acted: dict[str, set[str]] = {}  # by what the act was about, mostly a referral
        self._tries: Counter[str] = Counter()
        self._doors = asyncio.Semaphore(_AT_ONCE)
        self._events = 0
        self._refusals: Counter[str] = Counter()
        self._last_refusal: dict[str, str] = {}

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
                task = asyncio.create_task(self._arrivals.submit_and_forget(book.next()))
                self._acting[f"submit:{self._arrivals.submitted}"] = task
                await asyncio.sleep(_HASTE if self._arrivals.submitted < hasty else seconds_between())

        submitting = asyncio.create_task(submit())
        try:
            while True:
                await self._look_and_act()
                self._forget()
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._stop(submitting)

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
                await asyncio.sleep(LOOK_EVERY)
        finally:
            await self._stop(submitting)

    def _nothing_to_come(self, progress: Progress, until: datetime | None) -> bool:
        if progress.fed_back < progress.wanted or self._acting:
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

    async def _stop(self, submitting: asyncio.Task[None]) -> None:
        await end(submitting, *self._acting.values())

    async def _look_and_act(self) -> None:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            while news := await self._ledger.news():
                self._events += len(news)
                for entry in news:
                    self._picture.see(entry)
                    if entry.key in self._picture.closed or entry.name == "session.scheduled":
                        self._acted.pop(entry.key, None)  # nobody acts on that again
                        self._last_refusal.pop(entry.key, None)
        now = self._clock.now()
        self._acting = {what: task for what, task in self._acting.items() if not task.done()}
        by_links = self._browser is not None
        doing = acts(self._picture, now, self._seed, self._arrivals.lives, by_links=by_links)
        for act in chain(doing, upsets(self._picture, now, self._seed) if self._upset else ()):
            done = self._acted.get(act.command.partition_key, ())
            if act.not_before <= now and act.what not in done and act.what not in self._acting:
                self._acting[act.what] = asyncio.create_task(self._do(act))
        if "distributor" not in self._acting and self._distributor.has_work(self._picture, now):
            self._acting["distributor"] = asyncio.create_task(self._distributor.send_out_and_collect(now))

    async def _do(self, act: Act) -> None:
        async with self._doors:
            if isinstance(act.command, TakeBack):
                await self._take_back(act.command)
                self._is_done(act)
                return
            command = act.command
            if isinstance(command, ByLink):
                if await self._answered_by(command):
                    self._is_done(act)
                    return
                command = command.otherwise
            if isinstance(command, LookFirst):
                looked = await self._look(command)
                if looked is None:
                    return  # the service that knows is away, or does not say yet: look again
                command = looked
            if self._tries[act.what]:  # what was refused is answered from memory, so this is another try
                command = command.model_copy(update={"command_id": uuid4()})
            for _ in range(20):
                try:
                    answer = await self._network.ask(command, timeout=5)
                except Transient:
                    await asyncio.sleep(0.5)
                    continue
                if answer.refused is None:
                    self._is_done(act)
                    return
                if answer.refused.code == Transient.code:  # whom the service asked in turn is away
                    await asyncio.sleep(0.5)
                    continue
                self._refusals[answer.refused.code] += 1
                self._last_refusal[command.partition_key] = (
                    f"{command.VERB} refused: {answer.refused.code} ({answer.refused.message})"
                )
                # The picture may be a moment old, or somebody was first: look again, then try anew.
                self._tries[act.what] += 1
                await asyncio.sleep(1.0)
                if self._tries[act.what] >= _TRIES:
                    self._is_done(act)
                return

    async def _look(self, first: LookFirst) -> Command | None:
        with suppress(Transient):
            answer = await self._network.ask(first.question, timeout=5)
            if answer.refused is None:
                return first.then(answer)
            self._refusals[answer.refused.code] += 1
            refusal = f"{first.question.VERB} refused: {answer.refused.code} ({answer.refused.message})"
            self._last_refusal[first.partition_key] = refusal
        await asyncio.sleep(0.5)
        return None

    async def _answered_by(self, link: ByLink) -> bool:
        with suppress(Transient):
            shown = await self._network.ask(link.question, timeout=5)
            if shown.refused is None and self._browser is not None:
                return await self._browser.answer(shown.result["address"], link.said)
        return False

    async def _take_back(self, errand: TakeBack) -> None:
        referrer = self._arrivals.referrers[errand.organisation]
        said = {"referral_id": errand.partition_key, "why": errand.why}
        if errand.entered_in_error:
            said |= {"entered_in_error": True}  # type: ignore[dict-item]
        at = self._clock.now()
        receipt = await referrer.take_back(errand.submission_id, said, at)
        if receipt["status"] == "refused":
            self._refusals[str(receipt.get("code"))] += 1

    def _is_done(self, act: Act) -> None:
        about = act.command.partition_key
        self._tries.pop(act.what, None)
        self._acted.setdefault(about, set()).add(act.what)

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
        return Outcome(progress, stuck, self._refusals, referrals)

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
        last = self._last_refusal.get(referral)
        life = self._arrivals.referred.get(referral)
        turn = f" [{life.name}, {life.turn}]" if life and life.turn is not Turn.USUAL else ""
        return f"waits for {waits}{old}" + (f"; {last}" if last else "") + turn
