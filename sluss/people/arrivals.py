"""Referrals on their way in: who submits whom and when, and what each submission became."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

from services.runtime.clock import Clock
from sluss.people.lives import Life, Turn
from sluss.people.picture import Picture
from sluss.people.referrer import Referrer

LOOK_EVERY = 0.25
"""Seconds between two looks at the picture."""


class Arrivals:
    """What connected organisations submit, and what they hear of it."""

    def __init__(self, referrers: Sequence[Referrer], picture: Picture, clock: Clock) -> None:
        self.referrers = {referrer.organisation: referrer for referrer in referrers}
        self.submitted = 0
        self.lives: dict[str, Life] = {}
        """By submission."""
        self.referred: dict[str, Life] = {}
        """By the referral that was made of it."""
        self.without: dict[str, str] = {}
        """Submission id -> what it has instead of a referral."""
        self.in_flight = 0
        """Submissions that have no receipt yet."""
        self.next_comes: datetime | None = None
        """When the next one is submitted, where that has been decided."""
        self._picture = picture
        self._clock = clock

    async def at(self, lives: Sequence[Life], per_second: float) -> None:
        """Submit all of them, about so many each second."""
        async with asyncio.TaskGroup() as group:
            for life in lives:
                self.submitted += 1
                group.create_task(self.submit(life))
                await asyncio.sleep(1 / per_second)

    async def within(self, lives: Sequence[Life], began: datetime, arrivals: timedelta) -> None:
        """Submit each when it comes, `arrivals` after `began` at the latest (network time)."""
        async with asyncio.TaskGroup() as group:
            for life in sorted(lives, key=lambda life: life.comes):
                self.next_comes = began + arrivals * life.comes
                while (seconds := self._clock.seconds_until(self.next_comes)) > 0:
                    await asyncio.sleep(seconds)
                self.submitted += 1
                group.create_task(self.submit(life))
                await asyncio.sleep(0)  # it is on its way before time goes on
            self.next_comes = None

    async def submit(self, life: Life) -> None:
        """Submit one, once its moment has come, until there is a receipt."""
        self.lives[life.submission_id] = life
        referrer = self.referrers[life.organisation]
        self.without[life.submission_id] = f"{life.name} waits for {life.after}, which it follows"
        payload = {**life.payload, **(await self._once_more(life))}
        self.without[life.submission_id] = f"{life.organisation} has had no receipt for this submission"
        self.in_flight += 1
        try:
            receipt = await referrer.submit(life.submission_id, payload, self._clock.now())
        finally:
            self.in_flight -= 1
        if receipt.get("referral_id"):
            del self.without[life.submission_id]
            self.referred[receipt["referral_id"]] = life
        else:
            why = f"{receipt['status']}, {receipt.get('code')}"
            self.without[life.submission_id] = f"{life.organisation}'s receipt makes no referral of it: {why}"

    async def submit_and_forget(self, life: Life) -> None:
        """Submit one where there is no end at which to count."""
        await self.submit(life)
        self.without.pop(life.submission_id, None)
        self.referrers[life.organisation].receipts.pop(life.submission_id, None)

    def told(self, referral: str, life: Life) -> bool:
        """Whether the sender has heard how it ended; of what was void there is nothing to hear."""
        void = life.turn is Turn.BY_MISTAKE and referral in self._picture.closed
        return void or "closure" in self.referrers[life.organisation].feedback.get(referral, {})

    def forget_the_closed(self) -> None:
        """Let go of what nobody will ask for again."""
        for referral in self.referred.keys() & self._picture.closed.keys():
            self.lives.pop(self.referred.pop(referral).submission_id, None)
        for referrer in self.referrers.values():
            referrer.feedback.clear()

    async def _once_more(self, life: Life) -> dict[str, str]:
        """The second of a pair waits for its moment; whoever comes back says which referral it follows."""
        if life.after is None:
            return {}
        while True:
            first = next((r for r, mine in self.referred.items() if mine.submission_id == life.after), None)
            if first is not None and life.after in self.lives:
                comes_back = self.lives[life.after].turn is Turn.COMES_BACK
                if comes_back and first in self._picture.closed:
                    return {"replaces": first}
                case = self._picture.cases.get(first)
                if not comes_back and case is not None and case.facts["contact.attempted"]:
                    return {}
            await asyncio.sleep(LOOK_EVERY)
