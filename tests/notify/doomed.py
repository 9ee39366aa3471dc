"""`python -m tests.notify.doomed {message|feedback} URL FOLDER`: one courier's round in a process of its own.

With `SLUSS_FAULT_POINT` set the process kills itself at that point, as a power cut would.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path

from services.notify.app import service
from services.notify.channels import Channels, Folder
from services.notify.feedback_courier import FeedbackCourier
from services.notify.message_courier import MessageCourier
from services.runtime.clock import SetClock
from services.runtime.database import open_pool
from tests.notify.conftest import Vault
from tests.notify.story import NOON

LEASE = timedelta(seconds=1)


COURIERS = {"message": MessageCourier, "feedback": FeedbackCourier}


async def one_round(what: str, url: str, folder: str) -> None:
    """Carry what there is, once."""
    pool = await open_pool(url, service.name, 2)
    await COURIERS[what](pool, Vault(), SetClock(NOON), Channels([Folder(Path(folder))]), lease=LEASE).round()
    pool.terminate()


if __name__ == "__main__":
    asyncio.run(one_round(*sys.argv[1:]))
