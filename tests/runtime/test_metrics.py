"""What Prometheus is told: whole, bounded, and nothing about anybody."""

from __future__ import annotations

import asyncio
import re

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.runtime.engine.incoming import Delivery
from services.runtime.engine.lag import lag_of
from services.runtime.network import NatsNetwork
from tests.runtime.ferries import CAPTAIN, Board, Moor, new
from tests.runtime.test_process import FAST, Yard, board, eventually, moor, yard
from tests.support.servers import BrokerAccess

__all__ = ["yard"]

Sample = dict[tuple[str, ...], float]


async def scraped(address: str) -> tuple[str, dict[str, Sample]]:
    """The text, and each family's samples by the values of their labels (in the order of these' names)."""
    async with httpx.AsyncClient() as client:
        reply = await client.get(f"{address}/metrics")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    found: dict[str, Sample] = {}
    for family in text_string_to_metric_families(reply.text):
        for sample in family.samples:
            labels = tuple(value for _, value in sorted(sample.labels.items()))
            found.setdefault(sample.name, {})[labels] = sample.value
    return reply.text, found


async def test_a_service_tells_of_its_work_and_of_nobody(yard: Yard, broker: BrokerAccess) -> None:
    ferry, harbour = await yard.start("ferry", **FAST), await yard.start("harbour", **FAST)
    ferry_at, harbour_at = await ferry.address(), await harbour.address()
    network = NatsNetwork(await broker.connect())
    assert (await network.ask(moor("juno", stays=3600 * 24))).ok
    assert (await network.ask(board("juno", "Anna"))).ok
    taken = await network.ask(board("juno", "Bo"))
    assert taken.refused is not None

    async def handled() -> bool:
        _, found = await scraped(harbour_at)
        return found["sluss_events_total"]["applied",] == 1

    async def noted() -> bool:
        """What is on the bus is written down twice a second."""
        _, found = await scraped(ferry_at)
        return found["sluss_unpublished_events"] == {("network",): 0, ("partners",): 0}

    await eventually(handled)
    await eventually(noted)
    text, told = await scraped(ferry_at)
    assert told["sluss_commands_total"] == {
        ("done", "board"): 1,
        (taken.refused.code, "board"): 1,
        ("done", "moor"): 1,
    }
    assert told["sluss_command_seconds_count"]["board",] == 2
    assert told["sluss_published_total"] == {(): 2}
    assert told["sluss_ready"] == told["sluss_database_up"] == told["sluss_broker_connected"] == {(): 1}
    assert told["sluss_stalled"] == told["sluss_dead_letters_age_seconds"] == {(): 0}
    assert told["sluss_database_connections_limit"] == {(): 10}
    assert told["process_resident_memory_bytes"][()] > 1e6

    read, heard = await scraped(harbour_at)
    assert set(heard["sluss_consumer_lag_seconds"]) == {(str(slot),) for slot in range(16)}
    assert heard["sluss_slots_owned"] == {(): 16}
    assert heard["sluss_batches_total"][()] >= 1
    assert heard["sluss_batches_seconds_total"][()] > 0

    for each in (text, read):
        assert re.findall(r"juno|Anna|Bo\b|[0-9a-f]{8}-[0-9a-f]{4}-", each) == []


async def test_what_is_behind_dead_or_unpublished_is_seen(yard: Yard, broker: BrokerAccess) -> None:
    """A row that somebody holds keeps the harbour from handling what it has read."""
    ferry, harbour = await yard.start("ferry", **FAST), await yard.start("harbour", **FAST)
    await ferry.address()
    harbour_at = await harbour.address()
    network = NatsNetwork(await broker.connect())
    assert (await network.ask(Moor(command_id=new(), actor=CAPTAIN, ferry="juno", stays=1e7))).ok
    holding = await asyncpg.connect(yard.database.url("harbour"))
    try:
        async with holding.transaction():
            await holding.execute("lock table inbox in exclusive mode")
            assert (await network.ask(Board(command_id=new(), actor=CAPTAIN, ferry="juno", passenger="A"))).ok

            async def behind() -> bool:
                _, found = await scraped(harbour_at)
                return (
                    found["sluss_consumer_pending_events"][()] == 1
                    and max(found["sluss_consumer_lag_seconds"].values()) > 0.2
                )

            await eventually(behind)
            _, found = await scraped(harbour_at)
            assert [n for n in found["sluss_consumer_waiting_events"].values() if n] == [1]
    finally:
        await holding.close()

    async def caught_up() -> bool:
        _, found = await scraped(harbour_at)
        return not any(found["sluss_consumer_lag_seconds"].values())

    await eventually(caught_up)


def test_a_service_that_is_starting_already_answers() -> None:
    from services.runtime.metrics import Metrics

    text = asyncio.run(Metrics("ferry").scrape()).decode()
    assert 'sluss_info{service="ferry"' in text
    assert "sluss_consumer_lag_seconds" not in text


@pytest.mark.parametrize(
    ("unhandled", "pending", "unknown", "seconds", "events"),
    [
        ([], 0, None, {1: 0, 2: 0}, 0),
        ([(1, 90.0), (1, 95.0)], 0, None, {1: 10, 2: 0}, 2),
        # What the broker still has came after the last one here.
        ([(1, 90.0), (1, 95.0)], 7, None, {1: 10, 2: 5}, 9),
        # No reader: whatever came since then.
        ([], 0, 30.0, {1: 30, 2: 30}, 0),
        ([(2, 60.0)], 0, 30.0, {1: 30, 2: 40}, 1),
    ],
)
def test_lag(
    unhandled: list[tuple[int, float]],
    pending: int,
    unknown: float | None,
    seconds: dict[int, float],
    events: int,
) -> None:
    here = [Delivery(slot, n, "a.subject", b"", stored) for n, (slot, stored) in enumerate(unhandled)]
    lag = lag_of([1, 2], here, pending, now=100.0, unknown=unknown)
    assert lag.seconds == seconds
    assert lag.events == events
