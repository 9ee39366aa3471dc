"""The generated contracts: in step with the code, open where they are read, closed where they are sent."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator
from pydantic import ValidationError

from sluss_contracts import asyncapi
from sluss_contracts.command import COMMANDS
from sluss_contracts.event import FACTS, Audience, read_event
from sluss_contracts.examples import example_of
from sluss_contracts.generate import main, stale, write
from sluss_contracts.submission import Submission
from tests.contracts.judging import CHECKOUT, read, validator

PUBLISHED = CHECKOUT / "contracts" / "schemas"
SCHEMAS = {path.relative_to(PUBLISHED).as_posix(): read(path) for path in sorted(PUBLISHED.rglob("*.json"))}
SAID = {name: schema for name, schema in SCHEMAS.items() if schema["x-sluss"]["direction"] == "said"}
SENT = {name: schema for name, schema in SCHEMAS.items() if schema["x-sluss"]["direction"] == "sent"}


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    """Every object schema within a schema."""
    if isinstance(schema, dict):
        if "properties" in schema:
            yield schema
        for inner in schema.values():
            yield from objects(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from objects(inner)


def test_what_is_committed_is_what_the_code_makes() -> None:
    """Made by another process on another day: so it is also the same bytes each time."""
    assert stale() == [], "run make schemas and commit the result"


def test_drift_is_noticed_whichever_way_it_came(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path)
    assert stale(tmp_path) == []
    folder = tmp_path / "contracts" / "schemas"
    (folder / "case.closed.v1.json").write_text("{}\n")
    (folder / "case.opened.v1.json").write_text("{}\n")
    (tmp_path / "docs" / "events" / "case.closed.v1.md").unlink()
    assert stale(tmp_path) == [
        "contracts/schemas/case.closed.v1.json",
        "contracts/schemas/case.opened.v1.json",
        "docs/events/case.closed.v1.md",
    ]
    assert len(write(tmp_path)) == 3
    assert stale(tmp_path) == []
    assert main(["--check"]) == (1 if stale() else 0)
    assert main(["--nonsense"]) == 2
    shutil.rmtree(tmp_path)


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_schema_is_one(name: str) -> None:
    Draft7Validator.check_schema(SCHEMAS[name])


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_is_open_to_fields_of_tomorrow(name: str) -> None:
    assert not [part for part in objects(SAID[name]) if part.get("additionalProperties") is False]


@pytest.mark.parametrize("name", SENT)
def test_what_others_send_is_closed(name: str) -> None:
    """Only the envelope of a submission stays open: CloudEvents lets anybody add an attribute."""
    for part in objects(SENT[name]):
        is_envelope = "specversion" in part["properties"]
        assert (part.get("additionalProperties") is False) is not is_envelope


@pytest.mark.parametrize("fact", FACTS.values(), ids=lambda fact: fact.TYPE)
def test_every_event_says_what_it_means_and_what_it_does_not(fact: Any) -> None:
    assert "*not*" in fact.__doc__
    assert fact.SAID_BY
    assert fact.READ_BY


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda command: f"{command.OWNER}.{command.VERB}")
def test_every_command_says_what_it_means(command: Any) -> None:
    assert command.__doc__
    assert command.__doc__ != command.__mro__[1].__doc__


def test_only_what_goes_to_its_receiver_alone_carries_personal_data() -> None:
    for fact in FACTS.values():
        if fact.DATA_CLASS == "personal":
            assert fact.AUDIENCE is not Audience.NETWORK, fact.TYPE


@pytest.mark.parametrize("name", [name for name in FACTS if FACTS[name].AUDIENCE is not Audience.INGRESS])
def test_a_reader_ignores_a_field_it_does_not_know(name: str) -> None:
    event = example_of(name)
    event["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    event["data"]["of_tomorrow"] = {"any": "thing"}
    assert read_event(FACTS[name], json.dumps(event).encode()).data
    schema = SCHEMAS[f"{name.removeprefix('sluss.')}.json"]
    assert validator(schema).is_valid(event)


@pytest.mark.parametrize("name", [name for name in FACTS if FACTS[name].AUDIENCE is not Audience.INGRESS])
def test_a_reader_refuses_an_event_without_a_required_field(name: str) -> None:
    """Schema and code agree on what may be missing, field by field."""
    schema = SCHEMAS[f"{name.removeprefix('sluss.')}.json"]
    payload = schema["definitions"][FACTS[name].__name__]
    for field in payload["properties"]:
        event = example_of(name)
        event["data"].pop(field, None)
        required = field in payload.get("required", ())
        assert validator(schema).is_valid(event) is not required
        if required:
            with pytest.raises(ValidationError, match="Field required"):
                read_event(FACTS[name], json.dumps(event).encode())
        else:
            read_event(FACTS[name], json.dumps(event).encode())


REQUESTED = SCHEMAS["referral.requested.v1.json"]
PLACES = ["", "data", "data/person", "data/person/contact", "data/consent", "data/referrer"]
FIELDS = [
    *("specversion", "id", "type", "time", "person", "area", "needs", "consent", "status", "receivers"),
    *("name", "contact", "language", "phone", "unit", "channel", "pathway", "submission_id", "extra"),
]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.text(max_size=5),
    st.sampled_from([" ", "\n", " \t ", "a\u0000b", [], {}, ["x"], [None]]),
)


@settings(max_examples=300, deadline=None)
@given(
    place=st.sampled_from(PLACES),
    field=st.sampled_from(FIELDS),
    value=ODD,
)
def test_whatever_the_schema_of_a_submission_refuses_the_network_refuses(
    place: str, field: str, value: Any
) -> None:
    """And the other way round: a partner that validates before sending is not refused for its form."""
    submission = example_of("sluss.referral.requested.v1")
    part = submission
    for step in filter(None, place.split("/")):
        part = part[step]
    part[field] = value
    try:
        Submission.model_validate_json(json.dumps(submission), strict=True)
        accepted = True
    except ValidationError:
        accepted = False
    assert validator(REQUESTED).is_valid(submission) is accepted


def test_the_version_of_the_contracts_is_their_packages() -> None:
    project = tomllib.loads((CHECKOUT / "contracts" / "pyproject.toml").read_text())["project"]
    assert project["version"] == asyncapi.VERSION
    assert [name.partition(">")[0] for name in project["dependencies"]] == ["pydantic"]
