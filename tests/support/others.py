"""Other services, as a test lets them speak: what they say comes as it would from the bus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from services.runtime.clock import Clock
from services.runtime.engine.ids import uuid7
from services.runtime.engine.incoming import Incoming, Readings
from sluss_contracts.event import Event, Fact, write_event
from sluss_contracts.subjects import event_subject


class Others:
    """Every event is numbered as the service that says it would number it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._said: Counter[tuple[str, str]] = Counter()

    def say(self, fact: Fact) -> Event[Any]:
        """The fact as the next event about its aggregate."""
        name = (fact.AGGREGATE, fact.aggregate_id)
        self._said[name] += 1
        return Event[Any].of(
            fact,
            id=uuid7(),
            source=f"/sluss/{fact.SAID_BY}",
            time=self._clock.now(),
            correlationid=fact.partition_key,
            sequence=self._said[name],
            recordedtime=self._clock.wall(),
        )


def incoming(readings: Readings, events: Iterable[Event[Any]]) -> list[Incoming]:
    """Events as a service reads them, each of which it must want to read."""
    batch = [readings.read(event_subject(each.data), write_event(each)) for each in events]
    read = [each for each in batch if isinstance(each, Incoming)]
    assert len(read) == len(batch), batch
    return read
