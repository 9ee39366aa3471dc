"""Forgetting no sooner than the bus can repeat."""

from __future__ import annotations

from typing import Any

from services.runtime.engine.retention import KEPT, prune
from services.runtime.topology import MAX_AGE


async def test_the_inbox_is_kept_longer_than_an_event_that_is_published_again_stays_on_the_bus(
    lab: Any,
) -> None:
    assert KEPT > 2 * MAX_AGE
    await lab.execute(
        "insert into inbox (event_id, taken)"
        " select gen_random_uuid(), now() - make_interval(secs => $1) - (n - 5) * interval '1 minute'"
        " from generate_series(1, 10) n",
        KEPT,
    )
    await lab.execute("update position set caught_up = now()")
    assert await prune(lab) == 6
    assert await lab.fetchval("select count(*) from inbox") == 4
    assert await prune(lab) == 0
