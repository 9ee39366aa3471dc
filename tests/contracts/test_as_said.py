"""The bytes the engine puts on the wire are the contract's, for every event there is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from services.runtime.engine.said import Saying
from sluss_contracts.event import FACTS, Audience, read_event, write_event
from sluss_contracts.examples import example_of
from tests.contracts.judging import CLOUDEVENTS, SCHEMAS, read, validator

SAID = [name for name in FACTS if FACTS[name].AUDIENCE is not Audience.INGRESS]
NOON = datetime(2027, 3, 28, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("cause", [None, "01a40025-84b0-7457-8c4b-a2ea74ad4bf1"])
@pytest.mark.parametrize("name", SAID)
def test_an_event_as_the_engine_writes_it_keeps_every_contract(name: str, cause: str | None) -> None:
    fact = FACTS[name]
    payload = read_event(fact, json.dumps(example_of(name)).encode()).data
    saying = Saying(f"/sluss/{fact.SAID_BY}", NOON, NOON + timedelta(microseconds=1234))
    body = saying.wrap(payload, 7, cause=cause, correlation=None).body
    document = json.loads(body)
    for schema in (CLOUDEVENTS, SCHEMAS / f"{name.removeprefix('sluss.')}.json"):
        assert [error.message for error in validator(read(schema)).iter_errors(document)] == []
    assert write_event(read_event(fact, body)) == body
    assert ("causationid" in document) is (cause is not None)
