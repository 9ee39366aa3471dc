"""What should not have been sent: a version nobody reads, bytes that are no event, too much. And a channel
that takes nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from uuid import uuid4

import nats.errors
import nats.js.errors

from services.console.letters.asking import tend
from services.runtime.tending.errands import Dismiss, Which
from sluss.incidents.incident import Kept
from sluss.machine.run_file import RunFile
from sluss.people.referrer import CONNECT_WITHIN, SUBMIT, Referrer, connected
from sluss.reach import Failure
from sluss.submitting import as_operator
from sluss_contracts.command import Actor
from sluss_contracts.event import CONTENT_TYPE, FACTS, PREFIX
from sluss_contracts.subjects import EVENT_STREAM, event_filter, slot_of
from sluss_contracts.vocabulary import Role

_FEW, _MANY = 5, 1500
_AT_ONCE = 50
_TRIES = 6
"""Of ten seconds each: a stream whose store was lost takes nothing until it is made anew."""
_POISON = b'{"specversion": "1.0", "id": "broken", "data": '


async def send_unknown_version(run: RunFile) -> Kept:
    """One organisation has begun to send a version that nobody here reads."""
    return {"organisation": await _submit(run, _FEW, type=f"{PREFIX}.referral.requested.v9")}


async def flood(run: RunFile) -> Kept:
    """One organisation's program sends the same mistake over and over."""
    return {"organisation": await _submit(run, _MANY, type=f"{PREFIX}.referral.requested.v1")}


async def nothing_to_take_back(run: RunFile, kept: Kept) -> None:
    """What was sent was answered: every one was refused."""


async def poison(run: RunFile) -> Kept:
    """Bytes that are no event, where the navigator, notify and the console expect one."""
    fact = FACTS[f"{PREFIX}.referral.accepted.v1"]
    key = f"poison-{uuid4()}"
    client = await as_operator(run)
    try:
        subject = event_filter(fact, slot_of(key)).removesuffix("*") + key
        headers = {"content-type": CONTENT_TYPE}
        stored = await client.jetstream().publish(subject, _POISON, stream=EVENT_STREAM, headers=headers)
    finally:
        await client.close()
    return {
        "key": key,
        "sequence": stored.seq,
        "readers": [name for name in fact.READ_BY if name != "console"],
    }


async def clean_up(run: RunFile, kept: Kept) -> None:
    """The bytes are taken off the bus, and whatever dead letters are left of them are put aside."""
    client = await as_operator(run)
    actor = Actor(id="incident", role=Role.OPERATOR)
    try:
        with suppress(nats.js.errors.Error):
            await client.jetstream().delete_msg(EVENT_STREAM, kept["sequence"])
        for reader in kept["readers"]:
            which = Which(key=kept["key"])
            await tend(client, reader, Dismiss(id=uuid4(), actor=actor, reason="an incident", which=which))
    finally:
        await client.close()


async def close_channel(run: RunFile) -> Kept:
    """The folder that messages go to is no folder any longer."""
    away = run.messages.with_name(f"{run.messages.name}.away")
    if away.exists():
        raise Failure("the channel is down already", remedy="sluss incident end channel-down")
    run.messages.rename(away)
    run.messages.write_text("This is no folder: sluss incident end channel-down\n")
    return {}


async def open_channel(run: RunFile, kept: Kept) -> None:
    """It is one again, with everything that was in it and whatever has come since."""
    away = run.messages.with_name(f"{run.messages.name}.away")
    if run.messages.is_file():
        run.messages.unlink()
    if away.exists():
        for file in run.messages.iterdir() if run.messages.is_dir() else ():
            file.rename(away / file.name)
        if run.messages.is_dir():
            run.messages.rmdir()
        away.rename(run.messages)


async def _submit(run: RunFile, count: int, *, type: str) -> str:
    """Send so many submissions that say nothing of anybody, and wait for the broker alone. By whom.

    Raises `Failure` when the broker has taken none: nothing has happened then, and nobody should look for it.
    """
    credentials = next(iter(sorted((run.keys / "partners").glob("*.creds"))), None)
    if credentials is None:
        raise Failure("no organisation is connected yet", remedy="wait until the people have settled")
    organisation = credentials.stem
    client = await connected(organisation, run.nats.url, credentials, CONNECT_WITHIN)
    room = asyncio.Semaphore(_AT_ONCE)

    async def one() -> bool:
        said = Referrer.envelope(organisation, str(uuid4()), {}, type=type)
        async with room:
            for _ in range(_TRIES):
                with suppress(nats.errors.Error, nats.js.errors.Error):
                    await client.request(SUBMIT, said, timeout=10)
                    return True
        return False

    try:
        taken = await asyncio.gather(*(one() for _ in range(count)))
    finally:
        await client.close()
    if not any(taken):
        raise Failure("the broker takes no submission", remedy="sluss doctor")
    return organisation
