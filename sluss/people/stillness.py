"""Whether a network is still: everything that was said has been heard, and nothing is on its way.

Known from the record alone. Each service writes down which events it has taken in, in the transaction that
holds what came of them; so where every event a service reads is in its inbox, nothing more follows from any.
No wait for silence could tell that from a slow machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.notify.domain.hours import allowed_from
from services.runtime.service import Service
from sluss.ledger import Entry
from sluss.people.referrer import Referrer

_ONCE_A_DAY = ("session_over", "lay_out", "ask_whether_right", "hide")
"""What becomes due of a whole catalogue at every hour, and is seen to once a day."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the services have still to do."""

    left: int
    """How much of it is due, or on its way from one to another."""
    letters: int
    """How many messages and feedbacks wait for their courier: nobody's next step depends on them."""
    next: datetime | None
    """When more becomes due (network time); None where nothing will."""


class Stillness:
    """Compares what was said with what was heard.

    `record` may read the services' tables of a network that began empty. `services` are its readers by name,
    `referrers` the organisations that listen.
    """

    def __init__(
        self, record: asyncpg.Connection, services: Mapping[str, Service], referrers: Sequence[Referrer]
    ) -> None:
        self._record = record
        self._names = tuple(services)
        self._reads = {name: {fact.TYPE for fact in service.reads()} for name, service in services.items()}
        self._to_hear: Counter[str] = Counter()
        self._referrers = {f"out.{each.organisation}": each for each in referrers}
        self._to_fetch: Counter[str] = Counter()
        self._work = _work_of(self._names)

    def said(self, news: Iterable[Entry]) -> None:
        """These have been said, and are to be heard by whom they concern."""
        for entry in news:
            if entry.lane.isdigit():
                self._to_hear.update(name for name, types in self._reads.items() if entry.type in types)
            elif entry.lane in self._referrers:
                self._to_fetch[entry.lane] += 1

    def begin(self) -> None:
        """What partners were told up to now has been fetched by those who listened before."""
        self._to_fetch.clear()

    async def work(self, now: datetime) -> Work:
        """What is left at this moment of the network's time. What `said` has not been told of is left too,
        for whoever has heard it is ahead of us."""
        unfetched = sum(self._referrers[lane].fetched < told for lane, told in self._to_fetch.items())
        rows = await self._record.fetch(self._work, now, _ONCE_A_DAY)
        unheard = sum(row["left"] != self._to_hear[row["service"]] for row in rows if row["what"] == "heard")
        left = Counter[str]()
        for row in rows:
            left[row["what"]] += row["left"]
        moments = [row["next"] for row in rows if row["next"]]
        if left["letters"] and (morning := allowed_from(now)) > now:
            left["letters"] = 0  # nobody is written to at night
            moments.append(morning)
        letters = left["letters"] + left["feedback"]
        return Work(unfetched + unheard + left["due"], letters, min(moments, default=None))


def _work_of(services: Iterable[str]) -> str:
    """One statement over everything that waits in these services: `$1` is now, `$2` the kinds of due dates
    that are no reason to wake."""
    parts = []
    for name in services:
        parts += [
            f"select '{name}' as service, 'heard' as what, count(*) as left, null::timestamptz as next"
            f" from {name}.inbox",
            f"select '{name}', 'due', count(*), null from {name}.parked",
            f"select '{name}', 'due', count(*) filter (where due <= $1),"
            f" min(due) filter (where due > $1 and kind <> all($2::text[])) from {name}.timer",
        ]
    for tray in ("message", "notice"):
        parts.append(
            "select 'notify', 'letters', count(*) filter (where send_after is null or send_after <= $1),"
            f" min(send_after) filter (where send_after > $1) from notify.{tray} where state <> 'over'"
        )
    parts.append("select 'notify', 'feedback', count(*), null from notify.feedback where state <> 'over'")
    return " union all ".join(parts)
