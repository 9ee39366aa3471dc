"""What an operator does at the command line beside the network's own commands, written into the audit log.

Commands and errands are written down by the service that carries them out; this is for what no service does.
"""

from __future__ import annotations

import asyncio
import getpass

import asyncpg

from services.console.audit import write_down
from services.runtime.database import open_pool
from sluss.machine.database import CONSOLE
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role


async def written_down(database: str, what: str, *, about: str) -> bool:
    """Write it into the audit log of the network with this database; whether that could be done.

    A name is a claim here as at the whole command line: it is that of the account somebody works in.
    """
    try:
        async with asyncio.timeout(5):
            pool = await open_pool(database, CONSOLE, 1)
            try:
                await write_down(pool, Actor(id=getpass.getuser(), role=Role.OPERATOR), what, about=about)
            finally:
                pool.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True
