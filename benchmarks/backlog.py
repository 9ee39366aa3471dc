"""An hour's backlog for a service that stood still: how long it takes to drain, and whether anybody notices.

`python -m benchmarks.backlog [--referrals N]` starts the whole network, holds the navigator still (SIGSTOP),
lets three organisations refer N people, and lets it go on. While it catches up a fourth organisation refers
one person after another and measures how long each receipt takes.

A referral waits for the navigator as two events at least, submitted and accepted. All of them are new and
must be assigned, and the other services say ten things more about each on the same cores meanwhile: an hour
of ordinary life, most of which is small, is less.
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

from services.navigator.app import service as navigator_service
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
_ACCEPTED = "select count(*) from referral.event where type = 'sluss.referral.accepted.v1'"
_WAITING = """
select count(*) from (
  select id from referral.event where type = any($1)
  union all select id from notify.event where type = any($1)
) said where not exists (select from navigator.inbox where event_id = said.id)
"""
"""Events of others that the navigator reacts to and has not taken in."""
_TAKEN = "select count(*) from navigator.aggregate where kind = 'case'"
_UNSENT = "select sum(last - sent) from referral.head where lane not like 'out.%'"

console = Console(highlight=False)


async def main(referrals: int) -> bool:
    """Build the backlog, drain it, say how it went. Whether both goals were met."""
    with tempfile.TemporaryDirectory(prefix="sluss-backlog-") as name:
        data = Path(name) / "data"
        network = Network(data)
        await network.start()
        try:
            async with reached(data) as there:
                await _settle(there, Path(name), referrals)
                async with referring(there) as (*senders, other):
                    return await _measure(data, there.ledger.connection, referrals, senders, other)
        finally:
            await network.stop()


async def _measure(
    data: Path, record: asyncpg.Connection, referrals: int, senders: Sequence[Referrer], other: Referrer
) -> bool:
    (navigator,) = (service.pid for service in running(data).services if service.service == "navigator")
    os.kill(navigator, signal.SIGSTOP)
    known: set[str] = set()
    try:
        began = time.monotonic()
        with console.status("building the backlog"):
            await _refer(record, senders, referrals, known)
        events = await record.fetchval(_WAITING, [fact.TYPE for fact in navigator_service.reads()])
        console.print(
            f"{events} events of {referrals} referrals wait for the navigator, "
            f"after {time.monotonic() - began:.0f} s"
        )
        assert await record.fetchval(_TAKEN) == 0, "the navigator was to stand still"
    finally:
        os.kill(navigator, signal.SIGCONT)
    began, worked = time.monotonic(), _processor_seconds(navigator)
    receipts: list[float] = []
    newcomers = asyncio.create_task(_one_after_another(other, receipts, known))
    try:
        with console.status("draining it"):
            while await record.fetchval(_TAKEN) < referrals:
                assert not newcomers.done(), newcomers.result()
                await asyncio.sleep(0.25)
        seconds = time.monotonic() - began
        worked = _processor_seconds(navigator) - worked
    finally:
        newcomers.cancel()
    minutes = seconds / 60 * HOUR / events
    how = f"reckoned from {events} in {seconds:.1f} s"
    _tell(minutes <= _GOAL_MINUTES, f"an hour's backlog drains in {minutes:.1f} minutes ({how}; goal <= 6)")
    own = worked / referrals * 1e3
    console.print(
        f"{'':7} {referrals / seconds:.0f} referrals a second, {own:.2f} ms of the navigator's own each"
    )
    slowest = max(receipts)
    text = f"the slowest of {len(receipts)} receipts meanwhile took {slowest:.2f} s (goal <= 2)"
    _tell(slowest <= _GOAL_SECONDS, text)
    return minutes <= _GOAL_MINUTES and slowest <= _GOAL_SECONDS


async def _refer(
    record: asyncpg.Connection, senders: Sequence[Referrer], referrals: int, known: set[str]
) -> None:
    """Submissions through the partners' own door, until so many are accepted and on the bus."""
    chance = Random(1)
    for first in range(0, referrals, _CHUNK):
        count = min(_CHUNK, referrals - first)
        await asyncio.gather(*(_submit(senders[n % len(senders)], chance, known) for n in range(count)))
        while await record.fetchval(_ACCEPTED) < first + count - 5 * _CHUNK:
            await asyncio.sleep(0.02)
    while await record.fetchval(_ACCEPTED) < referrals or await record.fetchval(_UNSENT):
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


async def _settle(there: Reached, folder: Path, referrals: int) -> None:
    """The demonstration's town without activities, with link workers enough for everybody referred."""
    entries = files("sluss.registry").joinpath("demo.toml").read_text().split("\n[[")
    entries = [entry for entry in entries if not entry.startswith("activity]]")]
    entries += [_ROOMY.format(number=number) for number in range(2 * referrals // 500 + 2)]
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
    asked.add_argument("--referrals", type=int, default=3_000, help=f"an hour is at most {HOUR // 2}")
    raise SystemExit(0 if asyncio.run(main(asked.parse_args().referrals)) else 1)
