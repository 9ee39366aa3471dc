"""asyncapi.yaml: valid by the standard's own tools, and complete.

Judged by the standard's JSON Schema always, and by AsyncAPI's own parser where `make test` could install it
(`deploy/install-asyncapi`, which warns where it could not). Without it its two tests do not exist.
"""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sluss_contracts import asyncapi, plain_yaml
from sluss_contracts.command import COMMANDS
from sluss_contracts.event import FACTS, Audience
from tests.contracts.judging import CHECKOUT, SCHEMAS, read, validator

FILE = SCHEMAS / "asyncapi.yaml"
STANDARD = CHECKOUT / "tests" / "data" / "asyncapi" / "asyncapi-3.0.0.schema.json"
NODE = CHECKOUT / ".venv" / "node"
PARSER = (NODE / "node_modules" / "@asyncapi" / "parser").is_dir() and shutil.which("node") is not None
DOCUMENT: dict[str, Any] = yaml.load(FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)  # the quick one


def parts(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def parsed(file: Path) -> dict[str, Any]:
    """What AsyncAPI's own parser makes of a document; severity 0 is an error, 1 a warning."""
    script = CHECKOUT / "tests" / "contracts" / "parse_asyncapi.mjs"
    ran = subprocess.run(
        ["node", str(script), str(NODE), str(file)], capture_output=True, text=True, timeout=120, check=True
    )
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


def test_the_document_is_valid_by_the_standards_schema() -> None:
    assert [error.message for error in validator(read(STANDARD)).iter_errors(DOCUMENT)] == []


def test_the_standards_schema_is_really_applied() -> None:
    broken = copy.deepcopy(DOCUMENT)
    broken["channels"]["case.closed.v1"]["adress"] = "misspelt"
    assert not validator(read(STANDARD)).is_valid(broken)


if PARSER:

    @pytest.mark.slow
    def test_the_document_is_valid_by_asyncapis_own_parser() -> None:
        found = parsed(FILE)
        assert [entry for entry in found["found"] if entry["severity"] <= 1] == []
        assert set(found["operations"]) == set(DOCUMENT["operations"])

    @pytest.mark.slow
    def test_asyncapis_own_parser_finds_what_is_broken(tmp_path: Path) -> None:
        shutil.copytree(SCHEMAS, tmp_path / "schemas")
        broken = copy.deepcopy(DOCUMENT)
        broken["operations"]["notify.says.feedback.issued.v1"]["channel"]["$ref"] = "#/channels/nowhere"
        file = tmp_path / "schemas" / "asyncapi.yaml"
        file.write_text(plain_yaml.written(broken), encoding="utf-8")
        assert [entry for entry in parsed(file)["found"] if entry["severity"] == 0]


def test_the_file_says_exactly_what_the_code_says() -> None:
    assert asyncapi.document() == DOCUMENT


def test_every_reference_leads_somewhere() -> None:
    for part in parts(DOCUMENT):
        match part.get("$ref"):
            case str(inside) if inside.startswith("#/"):
                target: Any = DOCUMENT
                for step in inside.removeprefix("#/").split("/"):
                    target = target[step]
            case str(file):
                assert (SCHEMAS / file).is_file()


def test_every_event_has_its_channel_with_each_parameter_of_its_address() -> None:
    for name, channel in DOCUMENT["channels"].items():
        address = channel["address"] or ""
        declared = {part.split("}")[0] for part in address.split("{")[1:]}
        assert set(channel.get("parameters", {})) == declared, name
    assert {name.removeprefix("sluss.") for name in FACTS} <= DOCUMENT["channels"].keys()


def test_every_event_is_said_by_one_service_and_read_by_those_who_read_it() -> None:
    operations = DOCUMENT["operations"]
    for fact in FACTS.values():
        name = fact.TYPE.removeprefix("sluss.")
        assert operations[f"{fact.SAID_BY}.says.{name}"]["action"] == "send"
        for reader in fact.READ_BY:
            assert operations[f"{reader}.reads.{name}"]["action"] == "receive"
    assert sum(operation["action"] == "send" for operation in operations.values()) == len(FACTS)


def test_every_command_is_answered_by_its_owner() -> None:
    for owner, verb in COMMANDS:
        operation = DOCUMENT["operations"][f"{owner}.answers.{verb}"]
        assert operation["reply"]["messages"] == [{"$ref": "#/channels/answers/messages/answer"}]
        assert DOCUMENT["channels"][f"{owner}.{verb}"]["address"] == f"sluss.cmd.{owner}.{verb}"


def test_every_event_has_headers_and_an_example() -> None:
    for name in FACTS:
        message = DOCUMENT["components"]["messages"][name.removeprefix("sluss.")]
        assert message["traits"] == [{"$ref": "#/components/messageTraits/event"}]
        assert message["examples"][0]["payload"]["type"] == name
        assert message["examples"][0]["headers"]["Nats-Msg-Id"] == message["examples"][0]["payload"]["id"]


def test_a_partner_sees_its_own_door_and_its_own_post_and_nothing_else() -> None:
    seen = {
        name
        for name, channel in DOCUMENT["channels"].items()
        if {"$ref": "#/servers/partner"} in channel["servers"]
    }
    post = {fact.TYPE.removeprefix("sluss.") for fact in FACTS.values() if fact.AUDIENCE is Audience.PARTNER}
    assert seen == post | {"partner.submit"}
    for name, operation in DOCUMENT["operations"].items():
        channel = operation["channel"]["$ref"].removeprefix("#/channels/")
        assert ({"name": "partner"} in operation["tags"]) is name.startswith("partner.")
        if name.startswith("partner."):
            assert channel in seen


@pytest.mark.parametrize(
    "value",
    [
        *("", "yes", "null", "1", "a: b", "- x", "# no", 'quote "', "rad\nbryt", "åäö 🙂", "\\", "x" * 300),
        *([], {}, [[]], [{}], [1, [2, "3"]], {"on": {"1": None}}, {"a b": [True, False, 1.5]}, {"": ""}),
    ],
)
def test_plain_yaml_is_read_back_as_it_was(value: Any) -> None:
    assert yaml.safe_load(plain_yaml.written({"value": value, "list": [value]})) == {
        "value": value,
        "list": [value],
    }
