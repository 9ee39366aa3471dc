"""The people of a demonstration, as a process of their own: `python -m sluss.people DATA_DIR`.

Settles the town, has forty people referred at once where nobody was before, then lets referrals come for as
long as the network runs.
"""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from random import Random

from services.runtime.decision import Transient
from sluss.machine.errors import MachineError
from sluss.people.browsing import Browser
from sluss.people.letterbox import Letterbox
from sluss.people.simulation import Simulation
from sluss.people.town import referring, settle
from sluss.people.visitors import Visitors
from sluss.reach import reached

_PATIENCE = 3.0
"""Seconds before trying again when the network is not there yet, or has gone for a moment."""

_AT_FIRST = 40
"""People referred within seconds of the very first start, so that the board is alive at once."""


async def live(data_dir: Path) -> None:
    """Until cancelled: whatever breaks, the people come back."""
    chance = Random()
    while True:
        try:
            async with reached(data_dir) as there:
                await settle(there)
                async with referring(there) as referrers:
                    people = Simulation(
                        there.network,
                        there.ledger,
                        there.clock,
                        referrers,
                        seed=7,
                        browser=Browser(),
                        letterbox=Letterbox(there.run.messages),
                        visitors=Visitors(there.ledger.connection),
                    )
                    await people.run_forever(lambda: chance.uniform(3, 9), at_first=_AT_FIRST)
        except (MachineError, Transient, OSError, TimeoutError) as trouble:
            print(f"the people wait: {trouble}", file=sys.stderr, flush=True)
        await asyncio.sleep(_PATIENCE)


def main() -> None:
    """End quietly on SIGTERM and Ctrl-C."""

    async def until_told() -> None:
        living = asyncio.create_task(live(Path(sys.argv[1])))
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, living.cancel)
        with suppress(asyncio.CancelledError):
            await living

    asyncio.run(until_told())


if __name__ == "__main__":
    main()
