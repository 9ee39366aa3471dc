"""A peer: the six hops as a system of applications of the `eventsourcing` library, in one process.

Each application follows the one before, records its own event together with the position it has processed
(exactly once), in Postgres. `python -m benchmarks.peer_eventsourcing DATABASE_URL COUNT` prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid4

from eventsourcing.application import Application, ProcessingEvent
from eventsourcing.domain import Aggregate, DomainEvent, event
from eventsourcing.system import ProcessApplication, SingleThreadedRunner, System

from benchmarks.hops import HOPS, payload


class Referral(Aggregate):
    """One referral in one application."""

    @event("Said")
    def __init__(self, referral_id: str, body: str) -> None:
        self.referral_id = referral_id
        self.body = body


class Requests(ProcessApplication[UUID]):
    """Where referrals come in."""

    def request(self, body: dict[str, Any]) -> None:
        """Take in one referral; returns when the whole system has processed it."""
        self.save(Referral(body["referral_id"], json.dumps(body)))

    def policy(self, domain_event: DomainEvent, processing_event: ProcessingEvent[UUID]) -> None:
        """Follows nobody."""


def _hop(name: str) -> type[ProcessApplication[UUID]]:
    def policy(self: Any, domain_event: Any, processing_event: ProcessingEvent[UUID]) -> None:
        processing_event.collect_events(Referral(domain_event.referral_id, domain_event.body))

    return type(name.capitalize(), (ProcessApplication,), {"policy": policy})


def main(url: str, count: int) -> None:
    """Measure throughput and latency; latency is that of one call, since the whole system runs within it."""
    at = urlsplit(url)
    os.environ |= {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": at.path.lstrip("/"),
        "POSTGRES_HOST": at.hostname or "",
        "POSTGRES_PORT": str(at.port),
        "POSTGRES_USER": unquote(at.username or ""),
        "POSTGRES_PASSWORD": unquote(at.password or ""),
    }
    applications: list[type[Application[Any]]] = [
        Requests,
        *(_hop(f"{said}{number}") for number, (_, _, said) in enumerate(HOPS)),
    ]
    runner: SingleThreadedRunner[UUID] = SingleThreadedRunner(System(pipes=[applications]))
    runner.start()
    requests = runner.get(Requests)
    for _ in range(20):
        requests.request(payload(str(uuid4())))
    latencies = []
    began = time.perf_counter()
    for _ in range(count):
        at_start = time.perf_counter()
        requests.request(payload(str(uuid4())))
        latencies.append(time.perf_counter() - at_start)
    took = time.perf_counter() - began
    runner.stop()
    print(json.dumps({"per_second": count / took, "latencies": latencies}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
