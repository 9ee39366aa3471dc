"""Ending tasks for certain."""

from __future__ import annotations

import asyncio
from typing import Any

_AGAIN = 0.2


async def end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel tasks and wait until they are over; what they raise meanwhile is dropped.

    To cancel once is not enough. `asyncio.wait_for` of Python 3.11, in which nats-py waits for every answer,
    swallows a cancellation that meets the answer (python/cpython#86296); a task that loops would go on, and
    whoever waits for its end would wait for ever.
    """
    going = {task for task in tasks if not task.done()}
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=_AGAIN)
    await asyncio.gather(*tasks, return_exceptions=True)
