"""Looking at everything there is to see from the record and the broker, part by part."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from nats.aio.client import Client

from services.console.loops.looking import open_loops, ran_out, silent
from services.console.standing import judging, judging_broker
from services.console.standing.backlog import backlog_of
from services.console.standing.broker import AWAY, Stream, servers_of, streams_of
from services.console.standing.clocks import clock_of, speed_of
from services.console.standing.database import database_state
from services.console.standing.finding import Finding, Trouble, words
from services.console.standing.partners import refusals
from services.console.standing.processes import of_processes, processes_of
from services.console.standing.readers import readers
from services.runtime.clock import Clock
from services.runtime.languages import mark
from sluss_contracts.subjects import EVENT_STREAM

SERVICES: Final = ("referral", "navigator", "provider", "notify")
"""Those that say and read events, in the order a referral passes them."""


async def examine_record(connection: Any, clock: Clock, *, processes: bool = True) -> AsyncIterator[Finding]:
    """What the database tells. `connection` may read every service's runtime tables and the console's.

    Without `processes` it is left out what each of them says of itself, for whoever asks them.
    """
    yield judging.of_database(await database_state(connection))
    if processes:
        yield of_processes({name: await processes_of(connection, name) for name in (*SERVICES, "console")})
    for reader in await readers(connection, SERVICES):
        yield judging.of_reader(reader)
        backlog = await backlog_of(connection, reader.service, judging.UNSENT_TOO_LONG)
        yield judging.of_backlog(backlog, silent=reader.silence is not None)
    found = [await clock_of(connection, name, clock) for name in SERVICES]
    yield judging.of_clocks([each for each in found if each], speed_of(clock))
    yield judging.of_refusals(await refusals(connection))
    for loops in await open_loops(connection, clock.now()):
        yield judging.of_loops(loops)
    yield judging.of_offers(await ran_out(connection))
    yield judging.of_silence(await silent(connection, clock.now()))


async def examine_broker(client: Client, monitors: Sequence[str]) -> AsyncIterator[Finding]:
    """What the broker tells."""
    yield judging_broker.of_servers(await servers_of(monitors))
    try:
        found = await streams_of(client)
    except AWAY:
        trouble = Trouble(words(mark("its streams cannot be asked")), ("sluss doctor",), "broker-restarted")
        yield Finding("streams", words(mark("streams")), words(mark("unknown")), (trouble,))
        return
    yield judging_broker.of_streams(found, _age(found))


def _age(found: Sequence[Stream]) -> Any:
    created = next((stream.created for stream in found if stream.name == EVENT_STREAM), None)
    return datetime.now(UTC) - created if created else None
