"""One example of every event: valid by the standard, by our schemas and by our readers, and one story."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

import sluss_contracts
from sluss_contracts.event import FACTS, Audience, Fact, read_event, write_event
from sluss_contracts.examples import example_of
from sluss_contracts.submission import ENVELOPES, Submission
from tests.contracts.judging import CHECKOUT, CLOUDEVENTS, EXAMPLES, SCHEMAS, read, validator

assert sluss_contracts.__all__

TYPES = sorted(FACTS)
SAID = [name for name in TYPES if FACTS[name].AUDIENCE is not Audience.INGRESS]
PUBLISHED = read(CHECKOUT / "contracts" / "published.json")


def schema_of(fact: type[Fact]) -> dict[str, Any]:
    found: dict[str, Any] = read(SCHEMAS / f"{fact.TYPE.removeprefix('sluss.')}.json")
    return found


def test_every_event_has_an_example_and_no_example_is_of_nothing() -> None:
    assert {path.stem for path in EXAMPLES.iterdir()} == {name.removeprefix("sluss.") for name in TYPES}


@pytest.mark.parametrize("name", TYPES)
def test_an_example_is_a_cloudevent(name: str) -> None:
    assert [error.message for error in validator(read(CLOUDEVENTS)).iter_errors(example_of(name))] == []


@pytest.mark.parametrize("name", TYPES)
def test_an_example_keeps_the_standards_rule_for_attribute_names(name: str) -> None:
    """CloudEvents 1.0: lower-case letters and digits, values neither null nor nested but for the data."""
    for attribute, value in example_of(name).items():
        assert re.fullmatch(r"[a-z0-9]{1,20}", attribute)
        assert attribute == "data" or isinstance(value, str | int)


@pytest.mark.parametrize("name", TYPES)
def test_an_example_is_valid_by_its_own_schema(name: str) -> None:
    schema = schema_of(FACTS[name])
    assert [error.message for error in validator(schema).iter_errors(example_of(name))] == []


@pytest.mark.parametrize("name", SAID)
def test_an_event_read_and_written_is_the_same_bytes(name: str) -> None:
    raw = json.dumps(example_of(name), ensure_ascii=False, separators=(",", ":")).encode()
    assert write_event(read_event(FACTS[name], raw)) == raw


@pytest.mark.parametrize("name", SAID)
def test_an_example_was_said_by_whoever_may_say_it(name: str) -> None:
    event, fact = read_event(FACTS[name], json.dumps(example_of(name)).encode()), FACTS[name]
    assert event.source == f"/sluss/{fact.SAID_BY}"
    assert event.subject == f"{fact.AGGREGATE}/{event.data.aggregate_id}"
    assert event.partitionkey == event.data.partition_key


def test_an_example_of_a_submission_is_one() -> None:
    raw = (EXAMPLES / "referral.requested.v1.json").read_bytes()
    assert Submission.model_validate_json(raw).data.person.name


@pytest.mark.parametrize("name", [name for name in TYPES if FACTS[name].AUDIENCE is Audience.INGRESS])
def test_an_example_of_what_a_partner_sends_is_in_its_envelope(name: str) -> None:
    raw = json.dumps(example_of(name)).encode()
    assert ENVELOPES[FACTS[name]].model_validate_json(raw).type == name


@pytest.mark.parametrize("name", sorted(PUBLISHED["examples"]))
def test_an_event_as_it_was_published_can_still_be_read(name: str) -> None:
    """The archive is never rewritten: what was valid when it was said stays valid within the version."""
    example = PUBLISHED["examples"][name]
    fact = FACTS[example["type"]]
    assert [error.message for error in validator(schema_of(fact)).iter_errors(example)] == []
    raw = json.dumps(example).encode()
    if fact.AUDIENCE is Audience.INGRESS:
        ENVELOPES[fact].model_validate_json(raw)
    else:
        read_event(fact, raw)


def test_the_examples_tell_one_story_without_contradicting_themselves() -> None:
    said = [example_of(name) for name in SAID]
    assert len({event["id"] for event in said}) == len(said)
    versions: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for event in said:
        assert UUID(event["id"]).version == 7
        at = datetime.fromisoformat(event["time"])
        assert UUID(event["id"]).int >> 80 == int(at.timestamp() * 1000), "an id carries its time"
        versions[event["subject"]].append((event["sequence"], at))
    for subject, steps in versions.items():
        numbers = [number for number, _ in sorted(steps)]
        assert len(set(numbers)) == len(numbers), f"{subject} has two events of one number"
        assert [at for _, at in sorted(steps)] == sorted(at for _, at in steps), f"{subject} runs backwards"


def test_the_person_in_the_story_is_nobody() -> None:
    person = example_of("sluss.referral.requested.v1")["data"]["person"]
    numbers = read(CHECKOUT / "tests" / "data" / "personnummer" / "structured.json")
    assert person["identity_number"] in numbers["ssn"]["string"]["valid"]
    assert re.fullmatch(r"\+467017406(0[5-9]|[1-9]\d)", person["contact"]["phone"]), "kept for fiction"
    assert person["contact"]["email"].endswith("@example.org")


def test_no_example_inside_the_network_tells_who_the_person_is() -> None:
    person = example_of("sluss.referral.requested.v1")["data"]["person"]
    given = person["name"].split()[0]
    secrets = [person["identity_number"], person["name"], given, *person["contact"].values()]
    for name in SAID:
        text = json.dumps(example_of(name), ensure_ascii=False)
        assert not [secret for secret in secrets if secret in text]
