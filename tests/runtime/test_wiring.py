"""What FastStream is told: nothing is subscribed that no contract declares, nothing is dropped by default."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any, cast

import orjson
import pytest
from faststream import AckPolicy
from faststream.nats import NatsBroker
from faststream.nats.message import NatsMessage
from pydantic import SecretStr

from services.runtime.broker import decode, make_broker, make_router
from services.runtime.clock import NetworkClock
from services.runtime.serving import Serving
from services.runtime.settings import Settings
from sluss_contracts.command import COMMANDS
from sluss_contracts.subjects import command_subject
from tests.runtime.ferries import ferry_service
from tests.support.servers import BrokerAccess

SETTINGS = Settings(
    database_url=SecretStr("unused"), nats_url="nats://127.0.0.1:1", nats_monitor_url="unused"
)


def wired() -> NatsBroker:
    broker = make_broker("ferry", SETTINGS)
    nothing: Any = None
    serving = Serving(ferry_service(), nothing, NetworkClock(), nothing)
    broker.include_router(serving.router())
    return broker


OWNERS = ("referral", "navigator", "provider", "notify")


@pytest.mark.parametrize("name", OWNERS)
def test_a_service_carries_out_every_command_the_contracts_give_it_and_no_other(name: str) -> None:
    service = import_module(f"services.{name}.app").service
    assert set(service.commands) == {
        command for (owner, _), command in COMMANDS.items() if owner == service.name
    }


@pytest.mark.parametrize("name", OWNERS)
def test_a_service_is_fed_only_events_that_name_it_as_a_reader(name: str) -> None:
    service = import_module(f"services.{name}.app").service
    assert {fact.TYPE for fact in service.reads() if name not in fact.READ_BY} == set()


async def test_a_connection_closed_for_good_is_noticed(broker: BrokerAccess) -> None:
    noticed = asyncio.Event()

    async def notice() -> None:
        noticed.set()

    settings = SETTINGS.model_copy(update={"nats_url": broker.url, "nats_creds": broker.creds})
    client = await make_broker("ferry", settings, on_closed=notice).connect()
    await client.close()
    await asyncio.wait_for(noticed.wait(), 5)


async def test_a_connection_closed_on_purpose_is_no_alarm(broker: BrokerAccess) -> None:
    noticed = asyncio.Event()

    async def notice() -> None:
        noticed.set()

    settings = SETTINGS.model_copy(update={"nats_url": broker.url, "nats_creds": broker.creds})
    made = make_broker("ferry", settings, on_closed=notice)
    await made.start()
    await made.stop()
    assert not noticed.is_set()


def test_exactly_the_declared_commands_are_subscribed() -> None:
    subjects = {cast(Any, subscriber).subject.template for subscriber in wired().subscribers}
    declared = {command_subject(command.OWNER, command.VERB) for command in ferry_service().commands}
    assert subjects == declared


def test_no_subscriber_leaves_acknowledging_to_the_framework() -> None:
    broker = wired()
    late = make_router()

    @late.subscriber("sluss.out.clinic.>", stream="OUT_clinic", pull_sub=True, durable="partner")
    async def fetch(message: bytes) -> None: ...

    broker.include_router(late)
    policies = {subscriber.ack_policy for subscriber in cast(Any, broker).subscribers}
    assert policies == {AckPolicy.MANUAL}


def test_replicas_share_commands_in_one_queue_group() -> None:
    assert {cast(Any, subscriber).queue for subscriber in wired().subscribers} == {"ferry"}


def test_the_connection_never_gives_up() -> None:
    options = make_broker("ferry", SETTINGS)._connection_kwargs
    assert options["max_reconnect_attempts"] == -1
    assert options["closed_cb"] is not None


async def test_cloud_events_are_decoded_as_json() -> None:
    document = {"specversion": "1.0"}
    for kind, expected in [
        ("application/cloudevents+json", document),
        ("application/cloudevents+json; charset=utf-8", document),
        ("application/json", document),
        ("application/octet-stream", orjson.dumps(document)),
    ]:
        message = NatsMessage(raw_message=cast(Any, None), body=orjson.dumps(document), content_type=kind)
        assert await decode(message) == expected
