"""One trace shows one step: from whoever asks, over command and event, to what another service did."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services.runtime import tracing
from services.runtime.network import NatsNetwork
from services.runtime.web.traced import Traced
from tests.runtime.test_process import FAST, Yard, board, eventually, moor, rows, yard
from tests.support.collector import Seen, collecting
from tests.support.servers import BrokerAccess

__all__ = ["yard"]


@pytest.fixture
def recorded() -> Iterator[InMemorySpanExporter]:
    """The spans of this process."""
    exporter = InMemorySpanExporter()
    tracing.use("test", SimpleSpanProcessor(exporter))
    yield exporter
    tracing.end()


async def test_one_trace_from_a_page_over_command_event_and_bus_to_the_other_services_reaction(
    yard: Yard, broker: BrokerAccess, recorded: InMemorySpanExporter
) -> None:
    client = await broker.connect()
    headers: list[str] = []
    subscription = await client.subscribe("sluss.evt.*.ferry.boarded.v1.*")
    with collecting() as collector:
        told = {"SLUSS_OTLP_ENDPOINT": collector.address, **FAST}
        ferry, harbour = await yard.start("ferry", **told), await yard.start("harbour", **told)
        await ferry.address()
        await harbour.address()
        network = NatsNetwork(client)
        assert (await network.ask(moor("juno", stays=1e7))).ok
        async with AsyncClient(transport=ASGITransport(_pages(network)), base_url="http://test") as visitor:
            assert (await visitor.post("/ferries/juno")).status_code == 200
        heard = await subscription.next_msg(timeout=10)
        headers.append((heard.headers or {})["traceparent"])

        async def logged() -> bool:
            return bool(await rows(yard.database, "harbour", "select 1 from event where key = 'juno'"))

        await eventually(logged)
        for each in (ferry, harbour):
            assert await each.end() == 0

        page = next(span for span in recorded.get_finished_spans() if span.name == "POST /ferries/{ferry}")
        assert page.context is not None
        trace = f"{page.context.trace_id:032x}"
        asked = next(
            span
            for span in recorded.get_finished_spans()
            if span.name == "ask ferry.board" and span.context is not None
        )
        assert asked.context is not None
        assert asked.parent is not None
        assert asked.parent.span_id == page.context.span_id
        steps = {span.name: span for span in collector.spans if span.trace == trace}
        assert set(steps) == {"ferry.board", "sluss.ferry.boarded.v1"}
        served, reacted = steps["ferry.board"], steps["sluss.ferry.boarded.v1"]
        assert (served.service, served.parent) == ("sluss-ferry", f"{asked.context.span_id:016x}")
        assert (reacted.service, reacted.parent) == ("sluss-harbour", served.id)
        assert headers[0].startswith(f"00-{trace}-{served.id}-")
        said = "select traceparent from event where type like '%log.written%'"
        [kept] = await rows(yard.database, "harbour", said)
        assert kept[0].startswith(f"00-{trace}-{reacted.id}-")
        # The other command began a trace of its own, and nobody's name is in any.
        assert len({span.trace for span in _commands(collector.spans)}) == 2
        assert not any(b"Anna" in body for body in collector.raw)


def _pages(network: NatsNetwork) -> FastAPI:
    """A service's pages, with one by which somebody boards."""
    pages = FastAPI()

    @pages.post("/ferries/{ferry}")
    async def go_on_board(ferry: str) -> bool:
        return (await network.ask(board(ferry, "Anna"))).ok

    pages.add_middleware(Traced, service="pages")
    return pages


def _commands(spans: list[Seen]) -> list[Seen]:
    return [span for span in spans if span.name.startswith("ferry.")]


async def test_nothing_is_carried_where_nobody_traces(yard: Yard, broker: BrokerAccess) -> None:
    ferry = await yard.start("ferry", **FAST)
    await ferry.address()
    client = await broker.connect()
    subscription = await client.subscribe("sluss.evt.*.ferry.moored.v1.*")
    assert (await NatsNetwork(client).ask(moor("juno"))).ok
    assert "traceparent" not in ((await subscription.next_msg(timeout=10)).headers or {})
    assert [row[0] for row in await rows(yard.database, "ferry", "select traceparent from event")] == [None]
    assert tracing.current() == ""
    assert tracing.headers() == {}


async def test_a_page_is_named_after_its_route_and_a_fault_after_its_type(
    recorded: InMemorySpanExporter,
) -> None:
    app = FastAPI()

    @app.get("/answer/{token}")
    async def answer(token: str) -> str:
        with pytest.raises(ValueError, match="Anna"), tracing.span("inner"):
            raise ValueError("Anna")
        return tracing.current()

    app.add_middleware(Traced, service="ferry")
    before = f"00-{'1' * 32}-{'2' * 16}-01"
    async with AsyncClient(transport=ASGITransport(app), base_url="http://test") as client:
        inside = (await client.get("/answer/secret?q=Anna", headers={"traceparent": before})).json()
    inner, page = recorded.get_finished_spans()
    assert page.context is not None
    assert page.name == "GET /answer/{token}"
    assert dict(page.attributes or {}) == {
        "sluss.service": "ferry",
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "http.route": "/answer/{token}",
    }
    assert inside.startswith(f"00-{'1' * 32}-{page.context.span_id:016x}-")
    assert inner.status.description == "ValueError"
    assert not inner.events
