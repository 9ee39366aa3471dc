"""How every contender is measured: latency alone, throughput of a burst, latency under part of that load."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

UNLOADED = 120
"""Referrals sent one after another, each when the one before has finished."""
_LATEST = 120.0
"""Seconds to wait for the last of a burst."""


@dataclass
class Finish:
    """Remembers when each referral came out at the far end."""

    at: dict[str, float] = field(default_factory=dict)
    _wanted: int = 0
    _all: asyncio.Event = field(default_factory=asyncio.Event)

    def crossed(self, referral: str) -> None:
        """A referral has come through."""
        self.at.setdefault(referral, time.perf_counter())
        if len(self.at) >= self._wanted:
            self._all.set()

    async def after(self, count: int) -> None:
        """Wait until so many have come through in all. TimeoutError names how many have."""
        self._wanted = count
        self._all.clear()
        if len(self.at) < count:
            try:
                await asyncio.wait_for(self._all.wait(), _LATEST)
            except TimeoutError:
                raise TimeoutError(f"{len(self.at)} of {count} referrals came through") from None


@dataclass(frozen=True)
class Figures:
    """Of one contender in one round. Seconds; `loaded` is empty where it was not measured."""

    per_second: float
    unloaded: Sequence[float]
    loaded: Sequence[float] = ()


Send = Callable[[Sequence[str]], Awaitable[None]]
"""Hands in referrals by id, and returns when they are safely in."""


async def measure(send: Send, finish: Finish, burst: int, *, load: float | None = None) -> Figures:
    """Measure a running contender. `load` is the share of its own throughput for the loaded latency."""
    through = len(finish.at)
    unloaded = []
    for _ in range(UNLOADED + 10):
        referral, began = str(uuid4()), time.perf_counter()
        await send([referral])
        through += 1
        await finish.after(through)
        unloaded.append(finish.at[referral] - began)
    referrals = [str(uuid4()) for _ in range(burst)]
    began = time.perf_counter()
    for start in range(0, burst, 250):
        await send(referrals[start : start + 250])
    through += burst
    await finish.after(through)
    per_second = burst / (max(finish.at[r] for r in referrals) - began)
    loaded = await under_load(send, finish, per_second * load) if load else {}
    return Figures(per_second, unloaded[10:], list(loaded.values()))


async def under_load(send: Send, finish: Finish, per_second: float, seconds: float = 6.0) -> dict[str, float]:
    """Open loop: referrals come at their own pace, whether the one before has finished or not. How long each
    took, by its id."""
    through, sent = len(finish.at), {}
    began = time.perf_counter()
    sending: set[asyncio.Task[None]] = set()
    for number in range(int(per_second * seconds)):
        wait = began + number / per_second - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        referral = str(uuid4())
        sent[referral] = time.perf_counter()
        task = asyncio.create_task(_one(send, referral))
        sending.add(task)
        task.add_done_callback(sending.discard)
    await asyncio.gather(*sending)
    await finish.after(through + len(sent))
    return {referral: finish.at[referral] - at for referral, at in sent.items()}


async def _one(send: Send, referral: str) -> None:
    await send([referral])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
