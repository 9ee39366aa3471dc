"""The standard's own examples and schemas (`tests/data/hsds`)."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

DATA = Path(__file__).parents[1] / "data" / "hsds"
SERVICE = "ac148810-d857-441c-9679-408f346de14b"
ORGANIZATION = "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610"
PLACE = "e94c9f38-1e8f-4564-91d4-d53501ab1765"
TERM = "3f7b145d-84af-42d7-8fae-eaca714b02b2"


def example(name: str) -> dict[str, Any]:
    """`service_full`, `organization_list` …, a new copy each time."""
    found: dict[str, Any] = json.loads((DATA / "examples" / f"{name}.json").read_text(encoding="utf-8"))
    return found


@cache
def schema(name: str) -> Draft202012Validator:
    """The compiled schema of `service`, `service_list` …, with the formats that its examples keep to."""
    text = gzip.decompress((DATA / "schema" / f"{name}.json.gz").read_bytes())
    return Draft202012Validator(json.loads(text), format_checker=FormatChecker(["uuid", "date"]))


def assert_valid(name: str, document: Any) -> None:
    """The document keeps to the schema."""
    wrong = [f"{fault.json_path}: {fault.message[:200]}" for fault in schema(name).iter_errors(document)]
    assert not wrong, wrong
