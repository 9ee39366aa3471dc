"""Alive is not ready: `/livez` answers as long as the process runs, `/readyz` says why it is not fit."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from services.runtime.health import Front, Health, Pulse, serving_http
from services.runtime.metrics import Metrics
from services.runtime.settings import Settings

SETTINGS = Settings(database_url=SecretStr("unused"), nats_url="unused", nats_monitor_url="unused")


@asynccontextmanager
async def visiting(front: Front) -> AsyncIterator[httpx.AsyncClient]:
    async with serving_http(front, SETTINGS) as address, httpx.AsyncClient(base_url=address) as client:
        yield client


async def test_a_service_is_alive_before_it_is_ready() -> None:
    health = Health()
    async with visiting(Front("ferry", health, Metrics("ferry").scrape)) as client:
        assert (await client.get("/livez")).json() == {"service": "ferry", "status": "alive"}
        starting = await client.get("/readyz")
        assert starting.status_code == 503
        assert starting.json()["reasons"] == {"process": "starting"}
        health.started()
        assert (await client.get("/readyz")).status_code == 200
        health.stopping()
        assert (await client.get("/readyz")).json()["reasons"] == {"process": "stopping"}
        assert (await client.get("/livez")).status_code == 200


async def test_every_reason_is_named() -> None:
    health = Health()
    health.started()
    health.watch("database", lambda: "silent for 20 s")
    health.watch("broker", lambda: None)
    health.watch("owner", lambda: "slot 3 stalled")
    assert health.reasons() == {"database": "silent for 20 s", "owner": "slot 3 stalled"}


async def test_what_somebody_should_see_to_leaves_a_service_ready() -> None:
    health = Health()
    health.started()
    said: list[str | None] = [None, None]
    for number in range(2):  # two couriers share a channel
        health.care("channel", lambda number=number: said[number])  # type: ignore[misc]
    async with visiting(Front("ferry", health, Metrics("ferry").scrape)) as client:
        assert "cares" not in (await client.get("/readyz")).json()
        said[1] = "it takes nothing"
        answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready")
    assert answer.json()["cares"] == {"channel": "it takes nothing"}


async def test_a_pulse_stops_after_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse = Pulse(patience=15)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 14)
    assert pulse() is None
    monkeypatch.setattr(time, "monotonic", lambda: now + 16)
    assert pulse() == "silent for 16 s"
    pulse.beat()
    assert pulse() is None


async def test_pages_are_served_beside_the_health_checks_while_the_service_runs() -> None:
    opened: list[str] = []

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        opened.append("open")
        yield
        opened.append("closed")

    pages = FastAPI(lifespan=lifespan)

    @pages.get("/cases")
    async def cases() -> str:
        return "cases"

    health = Health()
    front = Front("ferry", health, Metrics("ferry").scrape)
    async with visiting(front) as client:
        assert (await client.get("/cases")).status_code == 503
        health.started()
        async with front.carrying(pages):
            assert (await client.get("/cases")).json() == "cases"
            assert (await client.get("/livez")).json()["status"] == "alive"
        assert (await client.get("/cases")).status_code == 404
    assert opened == ["open", "closed"]
