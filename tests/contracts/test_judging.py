"""The judges themselves: a validator that lets everything through would pass every other test."""

from __future__ import annotations

from typing import Any

import pytest

from sluss_contracts.examples import example_of
from tests.contracts.judging import CLOUDEVENTS, SCHEMAS, read, validator


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("specversion", ""),
        ("id", ""),
        ("source", "not a reference"),
        ("time", "2027-03-01 08:00"),
        ("time", 5),
        ("time", "2027-02-30T08:00:00Z"),
        ("time", "2027-03-01T08:00:00"),
        ("dataschema", "no-scheme"),
        ("type", 1),
    ],
)
def test_the_standards_schema_is_applied_with_its_formats(attribute: str, value: Any) -> None:
    event = {**example_of("sluss.case.closed.v1"), attribute: value}
    assert not validator(read(CLOUDEVENTS)).is_valid(event)


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("id", "7"), ("type", "sluss.case.opened.v1"), ("sequence", 0), ("sequence", "1"), ("partitionkey", "")],
)
def test_our_own_schema_is_applied_with_its_formats(attribute: str, value: Any) -> None:
    event = {**example_of("sluss.case.closed.v1"), attribute: value}
    assert not validator(read(SCHEMAS / "case.closed.v1.json")).is_valid(event)
