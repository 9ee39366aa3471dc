"""A peer: the six hops as taskiq tasks over NATS JetStream, each with its own durable transaction.

Four worker processes (`taskiq worker benchmarks.peer_taskiq:broker`). A task records that it ran, writes the
referral's state and the next event in one transaction, then sends the next task, as taskiq is commonly used.
Reads its addresses from BENCH_NATS_URL, BENCH_NATS_CREDS and BENCH_DATABASE_URL.
"""

from __future__ import annotations

import json
import os
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
from taskiq import TaskiqEvents, TaskiqState
from taskiq_nats import PullBasedJetStreamBroker

from benchmarks.hops import HOPS

TABLES = """
create table if not exists inbox (consumer text, id uuid, primary key (consumer, id));
create table if not exists state (id uuid primary key, step text not null, steps int not null);
create table if not exists event (number bigint generated always as identity primary key, id uuid, body json);
"""

broker = PullBasedJetStreamBroker(
    [os.environ.get("BENCH_NATS_URL", "nats://127.0.0.1:4222")],
    stream_name="TASKIQ",
    subject="taskiq.tasks",
    pull_consume_batch=100,
    pull_consume_timeout=0.2,
    user_credentials=os.environ.get("BENCH_NATS_CREDS"),
)


@broker.on_event(TaskiqEvents.WORKER_STARTUP)
async def connect(state: TaskiqState) -> None:
    """A pool and a connection for each worker process."""
    state.pool = await asyncpg.create_pool(os.environ["BENCH_DATABASE_URL"], min_size=4, max_size=10)
    state.nats = await nats.connect(
        os.environ["BENCH_NATS_URL"], user_credentials=os.environ.get("BENCH_NATS_CREDS")
    )


@broker.task
async def hop(number: int, message: str, event: dict[str, Any]) -> None:
    """Carry out hop `number` once for this message, and send the next."""
    read, _, said = HOPS[number]
    referral = UUID(event["referral_id"])
    following = uuid4()
    async with broker.state.pool.acquire() as connection, connection.transaction():
        fresh = await connection.fetchval(
            "insert into inbox values ($1, $2) on conflict do nothing returning true", read, UUID(message)
        )
        if not fresh:
            return
        await connection.execute(
            """insert into state values ($1, $2, 1)
               on conflict (id) do update set step = excluded.step, steps = state.steps + 1""",
            referral,
            said,
        )
        await connection.execute(
            "insert into event (id, body) values ($1, $2)", following, json.dumps({**event, "step": said})
        )
    if said == "finished":
        await broker.state.nats.publish(f"done.{referral}", b"")
    else:
        await hop.kiq(number + 1, str(following), event)
