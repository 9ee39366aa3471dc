"""Faults: the place, a stable code and a remedy, and never what was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from sluss_contracts.command import Fault
from sluss_contracts.examples import example_of
from sluss_contracts.faults import MOST, faults_of, pointer
from sluss_contracts.submission import Submission


def refused(raw: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(ValidationError) as caught:
        Submission.model_validate_json(raw, strict=True)
    return faults_of(caught.value)


def with_(place: str, value: Any) -> str:
    submission = example_of("sluss.referral.requested.v1")
    part = submission
    *steps, last = place.strip("/").split("/")
    for step in steps:
        part = part[step]
    if value is ...:
        del part[last]
    else:
        part[last] = value
    return json.dumps(submission)


@pytest.mark.parametrize(
    ("place", "value", "code"),
    [
        ("/data/consent", ..., "missing"),
        ("/data/need", ["company"], "unknown_field"),
        ("/data/person/name", 7, "wrong_type"),
        ("/data/person", "Siv Exempel", "wrong_type"),
        ("/data/area", "Norrköping Centrum", "wrong_format"),
        ("/data/pathway", None, "wrong_type"),
        ("/data/referrer/channel", "fax", "unknown_word"),
        ("/data/consent/status", "maybe", "unknown_word"),
        ("/data/needs", [], "too_short"),
        ("/data/needs", ["company"] * 13, "too_long"),
        ("/data/reason", "x" * 4001, "too_long"),
        ("/data/reason", "bell \u0007", "wrong_format"),
        ("/type", "sluss.referral.wished.v1", "unknown_word"),
        ("/time", "2027-03-01T08:00:00", "wrong_format"),
        ("/time", "yesterday", "wrong_format"),
        ("/time", 1, "wrong_type"),
    ],
)
def test_each_kind_of_fault_has_its_code_and_its_place(place: str, value: Any, code: str) -> None:
    [fault] = refused(with_(place, value))
    assert (fault.path, fault.code) == (place, code)
    assert fault.remedy.endswith((".", "$")), "a remedy is a sentence, or ends in the pattern to match"


def test_bytes_that_are_no_json_have_one_fault_at_the_root() -> None:
    for raw in (b"", b"{", b"\xff\xfe", b"nope", b'{"a":' * 500):
        assert [(fault.path, fault.code) for fault in refused(raw)] == [("", "not_json")]


def test_a_fault_never_repeats_what_was_sent() -> None:
    submission = example_of("sluss.referral.requested.v1")
    person = submission["data"]["person"]
    secret = "19460823-9986"
    submission["data"] |= {
        "area": secret,
        secret: secret,
        "needs": [secret],
        "referrer": {"unit": 7, "channel": secret, "Siv Exempel": 1},
        "person": {"language": secret, "name": {secret: person["name"]}},
    }
    told = json.dumps([fault.model_dump() for fault in refused(json.dumps(submission))])
    assert secret not in told
    assert "Siv" not in told


def test_a_pointer_stops_before_a_name_that_is_no_field() -> None:
    assert pointer(("data", "needs", 3)) == "/data/needs/3"
    assert pointer(("data", "Siv Exempel", "x")) == "/data"
    assert pointer(()) == ""


def test_a_document_wrong_all_over_gets_no_endless_receipt() -> None:
    submission = example_of("sluss.referral.requested.v1")
    submission["data"]["consent"]["receivers"] = ["NO"] * 500
    assert len(refused(json.dumps(submission))) == MOST


@pytest.mark.parametrize(
    ("place", "value", "remedy"),
    [
        ("/data/area", "Norrköping Centrum", "Write small letters a–ö, digits and hyphens, at most 63"),
        ("/data/pathway", "Open network", "Write small letters a–z, digits and hyphens, at most 63"),
        ("/data/submission_id", "two words", "Write letters a–z and A–Z, digits, hyphens and underscores"),
        ("/data/person/language", "svenska", "Write two or three small letters, as in sv."),
        ("/data/reason", "bell \u0007", "Write words, without control characters."),
        ("/data/reason", 7, "Give text."),
        ("/data/needs", "company", "Give a list."),
        ("/data/consent", True, "Give an object."),
        ("/data/person/born", "old", "Give a whole number."),
        ("/data/reason", "x" * 4001, "Give at most 4000 characters."),
        ("/data/needs", ["company"] * 13, "Give at most 12."),
    ],
)
def test_how_to_write_something_is_told_in_words(place: str, value: Any, remedy: str) -> None:
    (fault,) = refused(with_(place, value))
    assert fault.remedy.startswith(remedy)
