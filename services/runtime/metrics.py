"""`/metrics`: what a service process tells Prometheus. Numbers about work, never anything about a person.

Nothing is counted here while events pass: the engine keeps a few sums of its own anyway, and they are read
when somebody asks. What only the database knows is asked for at that moment, within a second; where it does
not answer, those numbers are left out and `sluss_database_up` says why. Labels are slots, verbs, codes of
rules and outcomes, all written in the code, so that their number is bounded: no ids, no organisations.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from nats.aio.client import Client
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric

from services.runtime.database import DATABASE_AWAY
from services.runtime.engine.owner import Owner
from services.runtime.health import Health
from services.runtime.tables import dead_letter, event, head, parked, timer

_PATIENCE = 1.0
"""Seconds that the database gets to answer one scrape."""
_MOST_CODES = 40
"""Codes that are told apart; they are named in the code, yet a table may hold those of older versions."""
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

_STANDING = f"""
select coalesce(sum(h.last - h.sent) filter (where not h.lane like 'out.%'), 0)::bigint as unsent_network,
       coalesce(sum(h.last - h.sent) filter (where h.lane like 'out.%'), 0)::bigint as unsent_partners,
       (select extract(epoch from now() - min(e.recorded))::float8 from {head.name} o
          join {event.name} e on e.lane = o.lane and e.number = o.sent + 1) as unsent_age,
       (select count(*) from {parked.name}) as parked,
       (select extract(epoch from now() - min(since))::float8 from {parked.name}) as parked_age,
       (select coalesce(max(tries), 0) from {parked.name}) as parked_tries,
       (select extract(epoch from now() - min(died))::float8 from {dead_letter.name}
          where resolved is null) as dead_age,
       (select count(*) from {timer.name} where not_before is not null) as timers_failing
from {head.name} h
"""
_DEAD = f"""
select code, count(*) as count from {dead_letter.name} where resolved is null
group by code order by count(*) desc limit {_MOST_CODES}
"""


@dataclass(slots=True)
class CommandCounts:
    """What became of the commands this process was sent."""

    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Histogram = field(
        default_factory=lambda: Histogram(
            "sluss_command_seconds",
            "From a command's arrival to its answer",
            ["verb"],
            buckets=_BUCKETS,
            registry=None,
        )
    )

    def answered(self, verb: str, outcome: str, seconds: float) -> None:
        """One more: `done`, or the code of the rule that refused it."""
        self.outcomes[verb, outcome] += 1
        self.seconds.labels(verb).observe(seconds)


@dataclass(slots=True)
class _Database:
    """What one scrape found in the service's schema; empty when it did not answer."""

    standing: Mapping[str, Any] | None = None
    dead: Mapping[str, int] = field(default_factory=dict)


class Metrics:
    """One service process, as Prometheus sees it. `expose` once there is something to see."""

    def __init__(self, service: str, version: str = "") -> None:
        self.commands = CommandCounts()
        self._service = service
        self._version = version
        self._database = _Database()
        self._owner: Owner | None = None
        self._health: Health | None = None
        self._pool: asyncpg.Pool | None = None
        self._client: Client | None = None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(self)

    def expose(self, *, owner: Owner, health: Health, pool: asyncpg.Pool, client: Client) -> None:
        """From now on these are asked, too."""
        self._owner, self._health, self._pool, self._client = owner, health, pool, client

    async def scrape(self) -> bytes:
        """Everything, in Prometheus' text format."""
        self._database = await self._ask_database()
        return generate_latest(self._registry)

    async def _ask_database(self) -> _Database:
        if self._pool is None:
            return _Database()
        try:
            async with asyncio.timeout(_PATIENCE), self._pool.acquire() as connection:
                standing = await connection.fetchrow(_STANDING)
                dead = {row["code"]: row["count"] for row in await connection.fetch(_DEAD)}
        except (TimeoutError, *DATABASE_AWAY):
            return _Database()
        return _Database(standing, dead)

    def describe(self) -> Iterable[Metric]:
        """Nothing, so that registering does not collect."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """For the registry: the families as they are now."""
        yield _gauge("sluss_info", "The service", 1, service=self._service, version=self._version)
        yield from self._of_commands()
        if self._owner is not None:
            yield from _of_owner(self._owner)
        if self._health is not None:
            ailing = self._health.reasons()
            yield _gauge("sluss_ready", "1 when fit for work", float(not ailing))
            yield _gauges(
                "sluss_ailing", "1 for each part that is not well", "part", dict.fromkeys(ailing, 1)
            )
            yield _gauges(
                "sluss_cares", "1 for each part to be seen to", "part", dict.fromkeys(self._health.cares(), 1)
            )
        if self._client is not None:
            yield _gauge("sluss_broker_connected", "1 while connected", float(self._client.is_connected))
            yield _counter(
                "sluss_broker_reconnects", "Connections made anew", self._client.stats["reconnects"]
            )
        if self._pool is not None:
            yield from _of_pool(self._pool)
            yield from _of_database(self._database)

    def _of_commands(self) -> Iterator[Metric]:
        answered = CounterMetricFamily(
            "sluss_commands", "Commands, by what became of them", labels=["verb", "outcome"]
        )
        for (verb, outcome), count in sorted(self.commands.outcomes.items()):
            answered.add_metric([verb, outcome], count)
        yield answered
        yield from self.commands.seconds.collect()


def _of_owner(owner: Owner) -> Iterator[Metric]:
    counts = owner.counts
    received = CounterMetricFamily(
        "sluss_events", "Events read from the bus, by what became of them", labels=["outcome"]
    )
    for outcome in ("applied", "duplicate", "parked", "dead"):
        received.add_metric([outcome], getattr(counts, outcome))
    yield received
    yield _counter("sluss_batches", "Transactions over events that were read", counts.batches)
    yield _counter("sluss_batches_seconds", "Seconds these took in all", counts.seconds)
    yield _counter("sluss_published", "Events put on the bus", owner.published)
    yield _gauge("sluss_slots_owned", "Lanes this process takes care of", len(owner.slots))
    yield _gauge("sluss_stalled", "1 when what should move does not", float(owner.ailing() is not None))
    yield _gauge("sluss_streams_in_trouble", "Streams that take nothing", len(owner.troubles))
    yield _gauge(
        "sluss_event_stream_write_age_seconds",
        "Since the event stream last took a write",
        time.monotonic() - owner.probed,
    )
    lag = owner.lag(time.time())
    yield _gauge("sluss_consumer_pending_events", "Events there are for us, not handled yet", lag.events)
    slots = [str(slot) for slot in sorted(lag.seconds)]
    yield _gauges(
        "sluss_consumer_lag_seconds",
        "How long the oldest event not handled has been on the bus",
        "slot",
        {slot: lag.seconds[int(slot)] for slot in slots},
    )
    yield _gauges(
        "sluss_consumer_waiting_events",
        "Events read and not handled",
        "slot",
        {slot: lag.waiting.get(int(slot), 0) for slot in slots},
    )


def _of_pool(pool: asyncpg.Pool) -> Iterator[Metric]:
    size, idle = pool.get_size(), pool.get_idle_size()
    yield _gauges("sluss_database_connections", "Of the pool", "state", {"used": size - idle, "idle": idle})
    yield _gauge("sluss_database_connections_limit", "The pool's largest size", pool.get_max_size())


def _of_database(found: _Database) -> Iterator[Metric]:
    standing = found.standing
    yield _gauge("sluss_database_up", "1 when the database answered this scrape", float(standing is not None))
    if standing is None:
        return
    unsent = {"network": standing["unsent_network"], "partners": standing["unsent_partners"]}
    yield _gauges("sluss_unpublished_events", "Committed and not on the bus", "to", unsent)
    yield _gauge("sluss_unpublished_age_seconds", "Of the oldest of them", standing["unsent_age"] or 0.0)
    yield _gauge("sluss_parked_events", "Events to be tried again", standing["parked"])
    yield _gauge("sluss_parked_age_seconds", "Of the oldest of them", standing["parked_age"] or 0.0)
    yield _gauge("sluss_parked_tries", "Tries of the one that failed most", standing["parked_tries"])
    yield _gauges("sluss_dead_letters", "Nobody has dealt with them", "code", found.dead)
    yield _gauge("sluss_dead_letters_age_seconds", "Of the oldest of them", standing["dead_age"] or 0.0)
    yield _gauge("sluss_timers_failing", "Due dates that could not be acted upon", standing["timers_failing"])


def _gauge(name: str, about: str, value: float, **labels: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _gauges(name: str, about: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, about, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family


def _counter(name: str, about: str, value: float) -> CounterMetricFamily:
    family = CounterMetricFamily(name, about)
    family.add_metric([], value)
    return family
