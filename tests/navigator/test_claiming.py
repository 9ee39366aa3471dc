"""Five hundred people reach for the same case: one gets it, and everybody else is told who."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest_asyncio
from pydantic import SecretStr

from services.navigator.app import service
from services.runtime.broker import make_broker
from services.runtime.network import NatsNetwork
from services.runtime.settings import Settings
from sluss.machine.broker import Broker
from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.navigator import ClaimCase
from sluss_contracts.vocabulary import Role
from tests.navigator.office import Office, accepted
from tests.support.servers import BrokerAccess

CLAIMANTS = 500


@pytest_asyncio.fixture
async def network(
    office: Office, navigator_url: str, broker: BrokerAccess, nats_server: Broker
) -> AsyncIterator[NatsNetwork]:
    """The bus, with two replicas of the navigator answering commands on it."""
    settings = Settings(
        database_url=SecretStr(navigator_url),
        nats_url=broker.url,
        nats_creds=broker.creds,
        nats_monitor_url=nats_server.monitor_url,
    )
    replicas = []
    for _ in range(2):
        listening, serving = make_broker(service.name, settings), office.serving()
        await listening.connect()
        listening.include_router(serving.router())
        await listening.start()
        replicas.append((listening, serving))
    yield NatsNetwork(await broker.connect())
    for listening, serving in replicas:
        await serving.close()
        await listening.stop()


async def test_five_hundred_concurrent_claims_have_one_winner(office: Office, network: NatsNetwork) -> None:
    await office.team()
    await _employ(office, CLAIMANTS)
    await office.hear(accepted("r1"))
    assert await office.whose("r1") == ("city", None)

    async def reach_for_it(worker: str) -> Answer:
        by = Actor(id=worker, role=Role.LINK_WORKER)
        claim = ClaimCase(command_id=uuid4(), actor=by, referral_id="r1", worker=worker)
        return await network.ask(claim, timeout=60)

    names = [f"worker-{number}" for number in range(CLAIMANTS)]
    answers = await asyncio.gather(*map(reach_for_it, names))
    (winner,) = [name for name, answer in zip(names, answers, strict=True) if answer.ok]
    assert await office.whose("r1") == ("city", winner)
    assert Counter(answer.refused.code for answer in answers if answer.refused) == {
        "already_claimed": CLAIMANTS - 1
    }
    assert all(winner in answer.refused.message for answer in answers if answer.refused)
    assert await office.value("select count(*) from event where type = 'sluss.case.claimed.v1'") == 1
    assert await office.value("select sum(load) from link_worker") == 1
    assert await office.value("select count(*) from task where done is null") == 1


async def test_the_same_claim_sent_twice_is_one_claim(office: Office, network: NatsNetwork) -> None:
    await office.team()
    await _employ(office, 1)
    await office.hear(accepted("r1"))
    by = Actor(id="worker-0", role=Role.LINK_WORKER)
    claim = ClaimCase(command_id=uuid4(), actor=by, referral_id="r1", worker="worker-0")
    first, second = await asyncio.gather(network.ask(claim), network.ask(claim))
    assert first == second
    assert first.events


async def _employ(office: Office, workers: int) -> None:
    """Link workers without a place for what the network would give them."""
    await office.pool.execute(
        """
        with employed as (
          insert into link_worker (worker, team, areas, languages, skills, volunteer, capacity)
          select 'worker-' || n, 'city', '{centrum}', '{sv}', '{}', false, 0
          from generate_series(0, $1::int - 1) n
          returning worker, team, areas, languages, capacity
        )
        insert into aggregate (key, kind, id, sequence, opens, state)
        select worker, 'linkworker', worker, 1, true, to_jsonb(employed) || jsonb_build_object('name', worker)
        from employed
        """,
        workers,
    )
