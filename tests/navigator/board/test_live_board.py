"""The board's live updates: cheap however many watch, and exact however one comes back."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from services.navigator.sights import WHOLE_NETWORK, LaneView, Shown, Sight
from services.navigator.steps import Lane
from services.navigator.web.live_board import LiveBoard, View
from tests.support.pages import Database, Teller, pages_over, served, some_way

MORNING = datetime(2026, 3, 10, 8, 0, tzinfo=UTC)


class Network:
    """A board one can move cards on, that counts how often it is looked at."""

    def __init__(self) -> None:
        self.looks = 0
        self.lanes = {lane: LaneView() for lane in Lane}
        self.away = False

    def put(self, referral: str, lane: Lane, minute: int) -> None:
        for view in self.lanes.values():
            view.cards = [card for card in view.cards if card.referral != referral]
        moved = MORNING + timedelta(minutes=minute)
        self.lanes[lane].cards.insert(0, Shown(referral, "clinic", lane, None, MORNING, moved, str(minute)))
        for view in self.lanes.values():
            view.count = len(view.cards)

    async def look(self, sights: Collection[Sight]) -> Mapping[Sight, Mapping[Lane, LaneView]]:
        self.looks += 1
        if self.away:
            raise ConnectionRefusedError
        copy = {lane: LaneView(view.count, list(view.cards)) for lane, view in self.lanes.items()}
        return dict.fromkeys(sights, copy)


@pytest.fixture
def network() -> Network:
    network = Network()
    network.put("r1", Lane.RECEIVED, 1)
    network.put("r2", Lane.RECEIVED, 2)
    return network


async def _next(live: LiveBoard, since: int, sight: Sight = WHOLE_NETWORK) -> tuple[int, View]:
    async with asyncio.timeout(10):
        async for before, view in live.watch(sight, since):
            return before, view
    raise AssertionError("the stream ended")


async def test_a_browser_with_nothing_is_told_everything(network: Network) -> None:
    live = LiveBoard(network.look, pause=0.05)
    before, view = await _next(live, 0)
    assert {card.referral for card in view.since(before)} == {"r1", "r2"}
    await live.close()


async def test_a_browser_that_comes_back_is_told_what_it_missed(network: Network) -> None:
    live = LiveBoard(network.look, pause=0.05)
    seen = (await live.view(WHOLE_NETWORK)).number
    network.put("r1", Lane.ASSIGNED, 3)
    before, view = await _next(live, seen)
    assert [card.referral for card in view.since(before)] == ["r1"]
    assert [card.referral for card in view.lanes[Lane.ASSIGNED].cards] == ["r1"]
    await live.close()


async def test_nothing_new_says_nothing(network: Network) -> None:
    live = LiveBoard(network.look, pause=0.02)
    seen = (await live.view(WHOLE_NETWORK)).number
    watching = asyncio.create_task(_next(live, seen))
    await asyncio.sleep(0.3)
    assert not watching.done()
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await live.close()


async def test_a_view_of_another_process_or_sight_is_worth_nothing(network: Network) -> None:
    live, other = LiveBoard(network.look), LiveBoard(network.look)
    name = live.name(await live.view(WHOLE_NETWORK))
    assert live.number_of(name, WHOLE_NETWORK) == 1
    assert other.number_of(name, WHOLE_NETWORK) == 0
    assert live.number_of(name, Sight("team", "city")) == 0


@pytest.mark.parametrize("name", [None, "", "-", "x-1", "1", "-1", "🙂", "a" * 5000, "e-" + "9" * 40])
async def test_a_nonsense_name_is_worth_nothing(network: Network, name: str | None) -> None:
    assert LiveBoard(network.look).number_of(name, WHOLE_NETWORK) == 0


async def test_a_hundred_watchers_cost_no_more_than_one(network: Network) -> None:
    live = LiveBoard(network.look, pause=0.25)
    sights = [WHOLE_NETWORK, Sight("team", "city"), Sight("organisation", "clinic")]

    async def watch(number: int) -> int:
        told = 0
        async for _ in live.watch(sights[number % 3], 0):
            told += 1
        return told

    began = time.monotonic()
    watching = [asyncio.create_task(watch(number)) for number in range(100)]
    for minute in range(10, 18):
        network.put("r1", list(Lane)[minute % 7], minute)
        await asyncio.sleep(0.2)
    await live.close()
    took = time.monotonic() - began
    told = await asyncio.gather(*watching)
    assert min(told) >= 3
    assert network.looks <= took / 0.25 + len(sights)


async def test_many_page_views_within_a_second_read_once(network: Network) -> None:
    live = LiveBoard(network.look)
    views = await asyncio.gather(*(live.view(WHOLE_NETWORK) for _ in range(50)))
    assert network.looks == 1
    assert len({view.number for view in views}) == 1


async def test_nobody_watching_costs_nothing(network: Network) -> None:
    live = LiveBoard(network.look, pause=0.02)
    await _next(live, 0)
    await asyncio.sleep(0.1)
    looks = network.looks
    await asyncio.sleep(0.3)
    assert network.looks == looks


async def test_a_database_that_was_away_is_caught_up_with(network: Network) -> None:
    live = LiveBoard(network.look, pause=0.05)
    seen = (await live.view(WHOLE_NETWORK)).number
    watching = asyncio.create_task(_next(live, seen))
    await asyncio.sleep(0.02)
    network.away = True
    network.put("r2", Lane.PLAN, 9)
    await asyncio.sleep(0.3)
    assert not watching.done()
    network.away = False
    _, view = await watching
    assert [card.referral for card in view.lanes[Lane.PLAN].cards] == ["r2"]
    await live.close()


async def test_closing_lets_every_watcher_go(network: Network) -> None:
    live = LiveBoard(network.look)
    watching = [asyncio.create_task(_all(live)) for _ in range(5)]
    await asyncio.sleep(0.1)
    async with asyncio.timeout(2):
        await live.close()
        await asyncio.gather(*watching)


async def _all(live: LiveBoard) -> None:
    async for _ in live.watch(WHOLE_NETWORK, 0):
        pass


async def test_the_stream_goes_on_after_the_last_event_a_browser_had(
    database: Database, teller: Teller
) -> None:
    ways = [some_way(teller, number) for number in range(3)]
    for way in ways:
        await teller.tell(*way.steps(teller.now)[0])
    async with served(pages_over(database, teller)) as address, httpx.AsyncClient(base_url=address) as client:
        first = await _message(client, {})
        assert first["lanes"]["received"]["count"] == 3
        assert len(first["cards"]) == 3

        await teller.tell(*ways[1].steps(teller.now)[1])
        then = await _message(client, {"last-event-id": first["id"]})
        assert list(then["cards"]) == [ways[1].referral]
        assert then["lanes"]["assigned"]["cards"] == [ways[1].referral]
        assert then["lanes"]["received"]["count"] == 2


async def _message(client: httpx.AsyncClient, headers: dict[str, str]) -> dict[str, Any]:
    """The next update of the stream, with its id."""
    headers = {"accept": "text/event-stream", **headers}
    told: dict[str, str] = {}
    async with client.stream("GET", "/board/stream", headers=headers, timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        async for line in answer.aiter_lines():
            field, _, value = line.partition(": ")
            if line:
                told[field] = value
            elif "data" in told:
                break
    return {**orjson.loads(told["data"]), "id": told["id"]}
