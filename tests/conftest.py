"""Fixtures every test may use, described in `tests/support/servers.py`; and which tests are slow."""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Iterator

import pytest

from tests.support.servers import (
    broker,
    nats_server,
    own_broker,
    own_postgres,
    postgres,
    postgres_server,
)

__all__ = ["broker", "nats_server", "own_broker", "own_postgres", "postgres", "postgres_server"]

_STARTED = {"own_broker", "own_postgres", "net", "yard"}
"""Fixtures that start servers or services: whatever takes one is slow, as CONTRIBUTING says."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is loaded and collected stays to the end: no search for garbage goes through it. Later ones are
    rare, since a test leaves little."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 10, 10)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow by what it takes, and begin with the longest files: no worker is left with one."""
    minutes: dict[object, float] = defaultdict(float)
    for item in items:
        if _STARTED & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
        for mark in item.iter_markers("slow"):
            minutes[item.path] = max(minutes[item.path], mark.kwargs.get("minutes", 0.0))
    items.sort(key=lambda item: -minutes[item.path])
