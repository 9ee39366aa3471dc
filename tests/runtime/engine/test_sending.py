"""How numbered events go out: few in waves in which none overtakes another of its key, many as one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from services.runtime.engine.ids import uuid7
from services.runtime.engine.prices import Prices
from services.runtime.engine.sending import NUMBER, send, waves
from services.runtime.engine.unit import Numbered
from services.runtime.topology import declare_event_stream
from sluss_contracts.event import write_event
from sluss_contracts.subjects import EVENT_STREAM, event_subject
from tests.runtime.engine.lab import NoteWritten
from tests.runtime.engine.playing import an_event
from tests.support.servers import BrokerAccess


def numbered(stories: Sequence[str]) -> list[Numbered]:
    """One event of each story named, in this order."""
    events = [an_event(NoteWritten(story=story, n=1)) for story in stories]
    return [
        Numbered("1", number, uuid7(), event.partitionkey, event_subject(event.data), write_event(event))
        for number, event in enumerate(events, 1)
    ]


def test_no_wave_holds_two_events_of_one_key() -> None:
    cut = waves(numbered(["a", "b", "a", "c", "a"]))
    assert [[event.key for event in wave] for wave in cut] == [["a", "b", "c"], ["a"], ["a"]]


def test_strictly_each_event_is_a_wave_of_its_own() -> None:
    assert [len(wave) for wave in waves(numbered(["a", "b"]), strictly=True)] == [1, 1]


@pytest.mark.parametrize(
    ("stories", "requests"),
    [
        pytest.param([f"story-{n}" for n in range(8)], 8, id="few"),
        pytest.param([f"story-{n}" for n in range(24)], 1, id="many"),
        pytest.param(["story"] * 5, 5, id="a few of one key"),
        pytest.param(["story"] * 10, 1, id="many of one key"),
    ],
)
async def test_a_batch_is_made_where_it_is_cheaper_and_the_stream_holds_all_either_way(
    stories: list[str], requests: int, broker: BrokerAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await broker.connect()
    js = client.jetstream()
    await declare_event_stream(js)
    asked: list[str] = []
    request = client.request

    async def counting(subject: str, *args: Any, **named: Any) -> Any:
        asked.append(subject)
        return await request(subject, *args, **named)

    monkeypatch.setattr(client, "request", counting)
    reached = await send(
        client, EVENT_STREAM, numbered(stories), Prices(batch=0.0033), strictly=False, singly=False
    )
    assert (len(asked), reached) == (requests, len(stories))
    numbers = []
    for sequence in range(1, reached + 1):
        message = await js.get_msg(EVENT_STREAM, sequence)
        numbers.append(int((message.headers or {})[NUMBER]))
    assert sorted(numbers) == list(range(1, len(stories) + 1))
