"""`sluss validate` judges as the network does; `sluss trigger` gives something to try."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sluss.commands.trigger import trigger
from sluss.commands.validate import NotValid, validate
from sluss.reach import Failure
from sluss_contracts.event import FACTS, Audience, read_event
from sluss_contracts.examples import FOLDER, example_of
from sluss_contracts.submission import ENVELOPES

BROKEN = Path(__file__).resolve().parents[1] / "data"


def written(tmp_path: Path, document: Any) -> Path:
    path = tmp_path / "referral.json"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    return path


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.stem)
def test_every_example_is_valid(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    validate(path)
    assert f"is a valid sluss.{path.stem}" in capsys.readouterr().out


def test_a_faulty_submission_is_told_place_code_and_remedy(tmp_path: Path) -> None:
    submission = example_of("sluss.referral.requested.v1")
    submission["data"]["need"] = submission["data"].pop("needs")
    with pytest.raises(NotValid) as caught:
        validate(written(tmp_path, submission))
    assert "/data/needs: missing." in str(caught.value)
    assert "unknown_field" in str(caught.value)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "sluss.referral.requested.v9"}, "unknown_version"),
        ({"type": "sluss.referral.wished.v1"}, "unknown_type"),
        ({"source": "/org/Somebody Else"}, "foreign_source"),
        ({"specversion": "0.3"}, "not_a_cloudevent"),
    ],
)
def test_the_envelope_is_judged_too(tmp_path: Path, change: dict[str, Any], code: str) -> None:
    with pytest.raises(NotValid, match=code):
        validate(written(tmp_path, example_of("sluss.referral.requested.v1") | change), "eken-vardcentral")


def test_another_organisations_submission_would_be_refused(tmp_path: Path) -> None:
    with pytest.raises(NotValid, match="foreign_source"):
        validate(written(tmp_path, example_of("sluss.referral.requested.v1")), "almen-vardcentral")


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"null", b'"text"', b'{"a":' * 2000])
def test_what_is_no_document_is_refused_and_nothing_crashes(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(NotValid, match="would be refused"):
        validate(written(tmp_path, raw))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        validate(tmp_path / "nothing.json")


def test_an_event_of_the_network_can_be_checked(tmp_path: Path) -> None:
    event = example_of("sluss.case.closed.v1")
    del event["data"]["outcome"]
    with pytest.raises(NotValid, match="/data/outcome: missing"):
        validate(written(tmp_path, event))


@pytest.mark.parametrize("name", FACTS)
def test_triggering_without_a_receiver_prints_a_fresh_valid_event(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    trigger(name)
    event = json.loads(capsys.readouterr().out)
    assert event["id"] != example_of(name)["id"]
    if FACTS[name].AUDIENCE is Audience.INGRESS:
        assert ENVELOPES[FACTS[name]].model_validate(event).data.submission_id == event["id"]
    else:
        read_event(FACTS[name], json.dumps(event).encode())


def test_nobody_speaks_for_a_service() -> None:
    with pytest.raises(Failure, match="only the navigator service"):
        trigger("case.closed", "eken-vardcentral")


@pytest.mark.parametrize("organisation", ["", "a b", "../operator", "Å"])
def test_what_is_no_organisations_id_is_refused(organisation: str) -> None:
    with pytest.raises(Failure, match="no organisation's id"):
        trigger("receipt.issued", organisation)


def test_a_misspelt_event_is_answered_with_the_nearest() -> None:
    with pytest.raises(Failure) as caught:
        trigger("recept.issued")
    assert "sluss.receipt.issued.v1" in caught.value.remedy
