"""An hour's backlog for a service that stood still: how long it takes to drain, and whether anybody notices.

`python -m benchmarks.backlog [--events N]` starts the whole network, holds the navigator still (SIGSTOP),
lets three organisations refer people until N events wait for it, and lets it go on. While it catches up a
fourth organisation refers one person after another and measures how long each receipt takes.

Every one of the N is a new referral to be assigned, with all that the other services then say about it, and
they work on the same cores: an hour of ordinary life, most of which is small, is less.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from random import Random
from uuid import uuid4

import asyncpg
import nats.errors
import nats.js.errors
import psutil
from rich.console import Console

from sluss.machine.network import Network
from sluss.machine.run_file import running
from sluss.partners.accounts import Partners
from sluss.partners.authority import Authority
from sluss.people.persons import made_up_person, referral_of
from sluss.people.referrer import SUBMIT, Referrer
from sluss.people.town import ORGANISATIONS, referring
from sluss.reach import Reached, reached
from sluss.registry.importing import import_registry

HOUR = 180_000
"""Events: an hour at 50 a second."""
_GOAL_MINUTES, _GOAL_SECONDS = 6.0, 2.0
_CHUNK = 100
"""Submissions in flight; far fewer than an ingress stream takes."""
_ROOMY = """link_worker]]
id = "worker-{number}"
name = "Worker {number}"
team = "team-centrum"
areas = ["norrkoping-centrum", "norrkoping-soder", "hageby", "vilbergen"]
languages = ["sv", "en", "ar", "so", "fi"]
skills = ["company"]
gender = "woman"
capacity = 500
engagement = "employed"
"""
_WAITING = "select count(*) from referral.event where type = 'sluss.referral.accepted.v1'"
_TAKEN = "select count(*) from navigator.aggregate where kind = 'case'"
_UNSENT = "select sum(last - sent) from referral.head where lane not like 'out.%'"

console = Console(highlight=False)


async def main(events: int) -> bool:
    """Build the backlog, drain it, say how it went. Whether both goals were met."""
    with tempfile.TemporaryDirectory(prefix="sluss-backlog-") as name:
        data = Path(name) / "data"
        network = Network(data)
        await network.start()
        try:
            async with reached(data) as there:
                await _settle(there, Path(name), events)
                async with referring(there) as (*senders, other):
                    return await _measure(data, there.ledger.connection, events, senders, other)
        finally:
            await network.stop()


async def _measure(
    data: Path, record: asyncpg.Connection, events: int, senders: Sequence[Referrer], other: Referrer
) -> bool:
    (navigator,) = (service.pid for service in running(data).services if service.service == "navigator")
    os.kill(navigator, signal.SIGSTOP)
    known: set[str] = set()
    try:
        began = time.monotonic()
        with console.status("building the backlog"):
            await _refer(record, senders, events, known)
        console.print(f"{events} events wait for the navigator, after {time.monotonic() - began:.0f} s")
        before = await record.fetchval(_TAKEN)
        assert before == 0, "the navigator was to stand still"
    finally:
        os.kill(navigator, signal.SIGCONT)
    began, worked = time.monotonic(), _processor_seconds(navigator)
    receipts: list[float] = []
    newcomers = asyncio.create_task(_one_after_another(other, receipts, known))
    try:
        with console.status("draining it"):
            while await record.fetchval(_TAKEN) < events:
                assert not newcomers.done(), newcomers.result()
                await asyncio.sleep(0.25)
        seconds = time.monotonic() - began
        worked = _processor_seconds(navigator) - worked
    finally:
        newcomers.cancel()
    minutes = seconds / 60 * HOUR / events
    how = "measured" if events == HOUR else f"extrapolated from {events} in {seconds:.1f} s"
    _tell(minutes <= _GOAL_MINUTES, f"an hour's backlog drains in {minutes:.1f} minutes ({how}; goal <= 6)")
    console.print(f"{'':7} of that the navigator's own processor time: {worked / events * 1e3:.2f} ms each")
    slowest = max(receipts)
    text = f"the slowest of {len(receipts)} receipts meanwhile took {slowest:.2f} s (goal <= 2)"
    _tell(slowest <= _GOAL_SECONDS, text)
    return minutes <= _GOAL_MINUTES and slowest <= _GOAL_SECONDS


async def _refer(
    record: asyncpg.Connection, senders: Sequence[Referrer], events: int, known: set[str]
) -> None:
    """Submissions through the partners' own door, until so many are accepted and on the bus."""
    chance = Random(1)
    for first in range(0, events, _CHUNK):
        count = min(_CHUNK, events - first)
        await asyncio.gather(*(_submit(senders[n % len(senders)], chance, known) for n in range(count)))
        while await record.fetchval(_WAITING) < first + count - 5 * _CHUNK:
            await asyncio.sleep(0.02)
    while await record.fetchval(_WAITING) < events or await record.fetchval(_UNSENT):
        await asyncio.sleep(0.1)


async def _submit(referrer: Referrer, chance: Random, known: set[str]) -> None:
    """Hand one in; the same bytes again when the stream is full or the answer is lost."""
    raw = Referrer.envelope(referrer.organisation, str(uuid4()), _referral(chance, known))
    while True:
        with suppress(nats.errors.Error, nats.js.errors.Error):
            answer = await referrer.client.request(SUBMIT, raw, timeout=10)
            if b'"error"' not in answer.data:
                return
        await asyncio.sleep(0.1)


def _referral(chance: Random, known: set[str]) -> dict[str, object]:
    """Somebody nobody has referred: whoever is referred twice has one case, and would not be counted."""
    person = made_up_person(chance, known)
    return {**referral_of(chance, "Enhet 1", "Lena"), "person": person, "consent": {"status": "given"}}


async def _one_after_another(referrer: Referrer, receipts: list[float], known: set[str]) -> None:
    chance = Random(2)
    while True:
        began = time.monotonic()
        payload = {
            **_referral(chance, known),
            "consent": {"status": "to_be_asked"},
        }  # held: no case, not counted
        raw = Referrer.envelope(referrer.organisation, submission := str(uuid4()), payload)
        await referrer.send(submission, raw)
        receipts.append(time.monotonic() - began)
        await asyncio.sleep(0.2)


async def _settle(there: Reached, folder: Path, events: int) -> None:
    """The demonstration's town without activities, with link workers enough for everybody referred."""
    entries = files("sluss.registry").joinpath("demo.toml").read_text().split("\n[[")
    entries = [entry for entry in entries if not entry.startswith("activity]]")]
    entries += [_ROOMY.format(number=number) for number in range(2 * events // 500 + 2)]
    file = folder / "town.toml"
    file.write_text("\n[[".join(entries))
    await import_registry(there, file)
    partners = Partners(Authority(there.run.keys), there.run.nats.url)
    for organisation in ORGANISATIONS:
        await partners.add(organisation)


def _processor_seconds(pid: int) -> float:
    used = psutil.Process(pid).cpu_times()
    return used.user + used.system


def _tell(met: bool, text: str) -> None:
    console.print(f"{'[green]met[/green]    ' if met else '[red]not met[/red]'} {text}")


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m benchmarks.backlog", description=__doc__)
    asked.add_argument("--events", type=int, default=20_000, help=f"an hour is {HOUR}")
    raise SystemExit(0 if asyncio.run(main(asked.parse_args().events)) else 1)
