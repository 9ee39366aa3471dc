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
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from uuid import uuid4

import asyncpg

from services.runtime.calls import Network
from services.runtime.clock import Clock
from services.runtime.decision import Transient
from sluss.ledger import Ledger
from sluss.people.persons import referral_of
from sluss.people.picture import Case, Picture
from sluss.people.referrer import Referrer
from sluss.people.staff import Act, acts

_LOOK_EVERY = 0.25
"""Seconds between two looks at the picture."""
_HASTE = 0.3
"""Seconds between two referrals of a demonstration's beginning."""
_AT_ONCE = 24
"""How many people act at the same moment."""
_STAFF = ("Lena", "Johan", "Miriam", "Peter")


@dataclass(frozen=True)
class Progress:
    """How far a simulation has come."""

    submitted: int
    receipted: int
    closed: int
    fed_back: int
    """Referrals whose sender has been told of the closure."""
    wanted: int
    events: int


@dataclass
class Outcome:
    """What became of a simulation."""

    progress: Progress
    stuck: dict[str, str] = field(default_factory=dict)
    """Referrals that did not reach their end, each with what it waits for; by submission id where nobody
    made a referral of it."""
    refusals: Counter[str] = field(default_factory=Counter)
    """How often each rule refused what somebody tried; not an error by itself."""

    @property
    def complete(self) -> bool:
        """Whether every referral reached its end and every sender heard of it."""
        return not self.stuck and self.progress.fed_back >= self.progress.wanted


class Simulation:
    """One run. `referrers` are the connected organisations; `seed` makes the people repeatable."""

    def __init__(
        self,
        network: Network,
        ledger: Ledger,
        clock: Clock,
        referrers: Sequence[Referrer],
        *,
        seed: int = 7,
        on_progress: Callable[[Progress], None] = lambda _: None,
    ) -> None:
        self._network = network
        self._ledger = ledger
        self._clock = clock
        self._referrers = referrers
        self._seed = seed
        self._on_progress = on_progress
        self._picture = Picture()
        self._acting: dict[str, asyncio.Task[None]] = {}
        self._acted: dict[str, set[str]] = {}  # by what the act was about, mostly a referral
        self._doors = asyncio.Semaphore(_AT_ONCE)
        self._mine: dict[str, str] = {}  # referral id -> organisation
        self._without: dict[str, str] = {}  # submission id -> what it has instead of a referral
        self._submitted = 0
        self._events = 0
        self._refusals: Counter[str] = Counter()
        self._last_refusal: dict[str, str] = {}

    async def run(self, referrals: int, *, patience: float, per_second: float = 20.0) -> Outcome:
        """Submit `referrals` at about `per_second` and act until all have ended, or nothing has moved for
        `patience` seconds (wall clock)."""
        submitting = asyncio.create_task(self._submit_all(referrals, per_second))
        loop = asyncio.get_running_loop()
        still_since, latest = loop.time(), -1
        try:
            while True:
                await self._look_and_act()
                progress = self._progress(referrals)
                self._on_progress(progress)
                if submitting.done():
                    submitting.result()
                    if progress.fed_back >= referrals and not self._acting:
                        return self._outcome(progress)
                moved = progress.events + progress.fed_back + progress.receipted
                if moved != latest:
                    still_since, latest = loop.time(), moved
                elif loop.time() - still_since > patience:
                    return self._outcome(progress)
                await asyncio.sleep(_LOOK_EVERY)
        finally:
            await self._stop(submitting)

    async def run_forever(self, seconds_between: Callable[[], float], *, at_first: int = 0) -> None:
        """For a demonstration: new referrals keep coming, people keep acting, until cancelled.

        Where nobody has ever been referred, `at_first` referrals come within seconds, so that there is
        something to see at once.
        """
        await self._look_and_act()
        hasty = 0 if self._picture.cases or self._picture.closed else at_first

        async def refer(referrer: Referrer) -> None:
            submission_id = await self._submit(referrer, chance)
            self._without.pop(submission_id, None)
            del referrer.receipts[submission_id]

        chance = Random(f"{self._seed}:demo")

        async def submit() -> None:
            while True:
                referrer = self._referrers[self._submitted % len(self._referrers)]
                self._submitted += 1
                task = asyncio.create_task(refer(referrer))
                self._acting[f"submit:{self._submitted}"] = task
                await asyncio.sleep(_HASTE if self._submitted < hasty else seconds_between())

        submitting = asyncio.create_task(submit())
        try:
            while True:
                await self._look_and_act()
                self._forget()
                await asyncio.sleep(_LOOK_EVERY)
        finally:
            await self._stop(submitting)

    def _forget(self) -> None:
        """What nobody will ask for again, where there is no end at which to count."""
        self._mine.clear()
        for referrer in self._referrers:
            referrer.feedback.clear()
        waiting_since = [enrolment.since for enrolment in self._picture.enrolments.values()]
        self._picture.forget_sessions(min(waiting_since, default=self._clock.now()))

    async def _stop(self, submitting: asyncio.Task[None]) -> None:
        for task in (submitting, *self._acting.values()):
            task.cancel()
        await asyncio.gather(submitting, *self._acting.values(), return_exceptions=True)

    async def _submit_all(self, referrals: int, per_second: float) -> None:
        chance = Random(f"{self._seed}:submissions")
        async with asyncio.TaskGroup() as group:
            for number in range(referrals):
                referrer = self._referrers[number % len(self._referrers)]
                self._submitted += 1
                group.create_task(self._submit(referrer, chance))
                await asyncio.sleep(1 / per_second)

    async def _submit(self, referrer: Referrer, chance: Random) -> str:
        payload = referral_of(chance, f"Enhet {chance.randint(1, 4)}", chance.choice(_STAFF))
        submission_id = str(uuid4())
        self._without[submission_id] = f"{referrer.organisation} has had no receipt for this submission"
        receipt = await referrer.submit(submission_id, payload, self._clock.now())
        if receipt.get("referral_id"):
            del self._without[submission_id]
            self._mine[receipt["referral_id"]] = referrer.organisation
        else:
            why = f"{receipt['status']}, {receipt.get('code')}"
            self._without[submission_id] = f"{referrer.organisation}'s receipt makes no referral of it: {why}"
        return submission_id

    async def _look_and_act(self) -> None:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            while news := await self._ledger.news():
                self._events += len(news)
                for entry in news:
                    self._picture.see(entry)
                    if entry.name in ("referral.closed", "session.scheduled"):  # nobody acts on that again
                        self._acted.pop(entry.key, None)
                        self._last_refusal.pop(entry.key, None)
        now = self._clock.now()
        self._acting = {what: task for what, task in self._acting.items() if not task.done()}
        for act in acts(self._picture, now, self._seed):
            done = self._acted.get(act.command.partition_key, ())
            if act.not_before <= now and act.what not in done and act.what not in self._acting:
                self._acting[act.what] = asyncio.create_task(self._do(act))

    async def _do(self, act: Act) -> None:
        async with self._doors:
            for _ in range(20):
                try:
                    answer = await self._network.ask(act.command, timeout=5)
                except Transient:
                    await asyncio.sleep(0.5)
                    continue
                if answer.refused is None:
                    self._is_done(act)
                    return
                self._refusals[answer.refused.code] += 1
                self._last_refusal[act.command.partition_key] = (
                    f"{act.command.VERB} refused: {answer.refused.code} ({answer.refused.message})"
                )
                # The picture may be a moment old, or somebody was first: look again, then try anew.
                await asyncio.sleep(1.0)
                if answer.refused.code not in ("try_again", "internal_error"):
                    self._is_done(act)
                return

    def _is_done(self, act: Act) -> None:
        about = act.command.partition_key
        if about not in self._picture.closed:  # nobody acts on it any more, nothing is to be remembered
            self._acted.setdefault(about, set()).add(act.what)

    def _progress(self, wanted: int) -> Progress:
        told = sum(
            "closure" in referrer.feedback.get(referral, {})
            for referral, organisation in self._mine.items()
            for referrer in self._referrers
            if referrer.organisation == organisation
        )
        closed = len(self._picture.closed & self._mine.keys())
        return Progress(self._submitted, len(self._mine), closed, told, wanted, self._events)

    def _outcome(self, progress: Progress) -> Outcome:
        stuck = dict(self._without)
        for referral, organisation in self._mine.items():
            if referral not in self._picture.closed:
                stuck[referral] = self._waits_for(referral, self._picture.cases.get(referral))
                continue
            referrer = next(r for r in self._referrers if r.organisation == organisation)
            if "closure" not in referrer.feedback.get(referral, {}):
                stuck[referral] = f"closed, but {organisation} has not been told"
        return Outcome(progress, stuck, self._refusals)

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
        return f"waits for {waits}{old}" + (f"; {last}" if last else "")
