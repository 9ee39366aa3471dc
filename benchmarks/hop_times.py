"""Where the time of a referral goes under load, hop by hop: `python -m benchmarks.hop_times [--rate N]`.

Every event says when its transaction began (`recordedtime`), and the broker when it had stored it. So what
each hop spends *waiting* (from the event before being stored to the transaction that takes it) and *working*
(from there until the next event is stored: decision, commit, publishing) can be read from the stream
afterwards, and nothing need be added to what is measured. Beside it, what each process worked per referral.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import psutil
from nats.aio.client import Client
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from rich.console import Console
from rich.table import Table

from benchmarks.contenders import our_network
from benchmarks.hops import HOPS
from benchmarks.measuring import measure, percentile, under_load
from sluss.machine.run_file import running
from sluss_contracts.subjects import EVENT_STREAM

_SLOWEST = 12
_CHUNK = 500
console = Console(highlight=False)


@dataclass(frozen=True)
class Hop:
    """Milliseconds."""

    waiting: float
    working: float


async def main(rate: float, seconds: float, warm_up: int) -> None:
    """Warm up as the benchmark does, load, and tell."""
    with tempfile.TemporaryDirectory(prefix="sluss-hops-") as name:
        async with our_network(Path(name) / "ours") as (client, send, finish):
            warm = await measure(send, finish, warm_up)
            alone = percentile(warm.unloaded, 0.5)
            per_second = rate or 0.4 * warm.per_second
            info = await client.jetstream().stream_info(EVENT_STREAM)
            worked, began = _processor_seconds(Path(name) / "ours"), time.perf_counter()
            took = await under_load(send, finish, per_second, seconds)
            lasted = time.perf_counter() - began
            for process, before in worked.items():
                worked[process] = _processor_seconds(Path(name) / "ours")[process] - before
            ways = await _ways(client, info.state.last_seq + 1)
    _tell(took, {referral: ways[referral] for referral in took}, alone, per_second)
    each = ", ".join(f"{process} {1e3 * used / len(took):.2f}" for process, used in worked.items())
    console.print(
        f"processor ms per referral: {each}; in all {1e3 * sum(worked.values()) / len(took):.2f}, "
        f"{sum(worked.values()) / lasted:.2f} cores"
    )


def _processor_seconds(folder: Path) -> dict[str, float]:
    run = running(folder)
    named = {"nats-server": run.nats.pid, "postgres": run.postgres.pid, "this driver": os.getpid()}
    named |= {each.service: each.pid for each in run.services if each.pid}
    used = {}
    for name, pid in named.items():
        process = psutil.Process(pid)
        family = [process, *(process.children() if name == "postgres" else ())]
        used[name] = sum(sum(one.cpu_times()[:2]) for one in family)
    return used


async def _ways(client: Client, start: int) -> dict[str, list[Hop]]:
    """Each referral's hops, from everything the stream holds beyond a sequence."""
    stored: dict[tuple[str, str], datetime] = {}
    recorded: dict[tuple[str, str], datetime] = {}
    for message in await _messages(client, start):
        event = orjson.loads(message.data)
        which = (event["partitionkey"], event["type"].split(".")[2])
        stored[which] = message.metadata.timestamp
        recorded[which] = datetime.fromisoformat(event["recordedtime"])
    return {
        referral: [
            Hop(
                1e3 * (recorded[referral, said] - stored[referral, read]).total_seconds(),
                1e3 * (stored[referral, said] - recorded[referral, said]).total_seconds(),
            )
            for read, _, said in HOPS
        ]
        for referral, step in stored
        if step == "finished" and (referral, "requested") in stored
    }


async def _messages(client: Client, start: int) -> list[Any]:
    js = client.jetstream(timeout=30)
    reader = await js.pull_subscribe(
        "sluss.evt.*.bench.>",
        stream=EVENT_STREAM,
        config=ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=start, ack_policy=AckPolicy.NONE
        ),
    )
    messages: list[Any] = []
    while pending := (await reader.consumer_info()).num_pending:
        messages += await reader.fetch(min(pending, _CHUNK), timeout=5)
    return messages


def _tell(took: dict[str, float], ways: dict[str, list[Hop]], alone: float, per_second: float) -> None:
    times = list(took.values())
    shares = ", ".join(f"p{100 * share:g} {1e3 * percentile(times, share):.0f}" for share in (0.5, 0.9, 0.99))
    console.print(
        f"{len(took)} referrals at {per_second:.0f}/s: {shares}, longest {1e3 * max(times):.0f} ms; "
        f"p50 alone {1e3 * alone:.1f} ms; p99 / p50 alone {percentile(times, 0.99) / alone:.1f}"
    )
    table = Table(title="Milliseconds waiting + working of each hop", box=None, title_justify="left")
    for column in ("", "in all", "sent at", *(f"{by}: {said}" for _, by, said in HOPS)):
        table.add_column(column, justify="left" if not column else "right")
    for share in (0.5, 0.9, 0.99):
        cells = [
            f"{percentile([w[n].waiting for w in ways.values()], share):.0f}"
            f"+{percentile([w[n].working for w in ways.values()], share):.0f}"
            for n in range(len(HOPS))
        ]
        table.add_row(f"p{100 * share:g} of each", f"{1e3 * percentile(times, share):.0f}", "", *cells)
    order = list(took)
    for referral in sorted(took, key=lambda one: -took[one])[:_SLOWEST]:
        cells = [f"{hop.waiting:.0f}+{hop.working:.0f}" for hop in ways[referral]]
        sent = f"{order.index(referral) / per_second:.2f} s"
        table.add_row("slow", f"{1e3 * took[referral]:.0f}", sent, *cells)
    console.print(table)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(prog="python -m benchmarks.hop_times", description=__doc__)
    asked.add_argument("--rate", type=float, default=0.0, help="referrals a second; 0 is 40 %% of saturation")
    asked.add_argument("--seconds", type=float, default=6.0)
    asked.add_argument("--warm-up", type=int, default=1500, help="referrals in the burst before")
    options = asked.parse_args()
    asyncio.run(main(options.rate, options.seconds, options.warm_up))
