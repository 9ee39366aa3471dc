"""What an operator does at the command line beside the network's own commands, written into the audit log.

Commands and errands are written down by the service that carries them out; this is for what no service does.
A name is a claim here as at the whole command line; the account at the machine stands beside it.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Any

import asyncpg

from services.console.audit import write_down
from services.console.log.entry import Entry
from services.console.unmasking import unmask, visible
from services.runtime.database import open_engine, open_pool
from services.runtime.decision import Refusal, Transient
from services.runtime.network import reach
from sluss.account import acting, own_name
from sluss.machine.database import CONSOLE
from sluss.reach import NoAnswer, RefusedByRule, Whereabouts
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role


async def written_down(database: str, what: str, *, about: str) -> bool:
    """Write it into the audit log of the network with this database; whether that could be done."""
    try:
        async with asyncio.timeout(5):
            pool = await open_pool(database, CONSOLE, 1)
            try:
                await write_down(pool, operator(), what, about=about)
            finally:
                pool.terminate()
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    return True


def operator(name: str = "") -> Actor:
    """Whoever types."""
    return acting(name or own_name(), Role.OPERATOR)


async def see_masked(
    where: Whereabouts, entry: Entry, place: str, *, by: Actor, purpose: str, note: str
) -> tuple[Any, datetime]:
    """One masked field of one event, and how long this operator may see it; in both logs before it is shown.

    Raises `RefusedByRule` with what the console says.
    """
    pool, engine = await open_pool(where.database, CONSOLE, 1), open_engine(where.database, CONSOLE, 1)
    try:
        async with reach(where.broker, where.credentials) as network:
            await unmask(pool, network, entry, place, actor=by, purpose=purpose, note=note)
        return (await visible(engine, entry, by))[place]
    except Refusal as refusal:
        raise RefusedByRule(str(refusal), code=refusal.code) from None
    except Transient as silent:
        raise NoAnswer(str(silent), remedy="see `sluss doctor`") from None
    finally:
        await engine.dispose()
        pool.terminate()
