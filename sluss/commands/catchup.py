"""`sluss catchup`: what left the bus before a service read it."""

from __future__ import annotations

from sluss.catching_up import catch_up as bring
from sluss.commands.asking import DEFAULT_DATA_DIR, DataDir, ask, console
from sluss.ledger import SERVICES
from sluss.reach import Reached
from sluss.registries import registries


def catchup(data_dir: DataDir = DEFAULT_DATA_DIR) -> None:
    """Bring each service that says it fell behind the events it has missed. Others are left alone."""

    async def errand(there: Reached) -> None:
        brought = await bring(there.ledger.connection, registries, dict.fromkeys(SERVICES))
        for service, count in brought.items():
            console.print(f"{service} was brought {count} events it had missed")
        if not brought:
            console.print("no service has fallen behind")

    ask(data_dir, errand)
