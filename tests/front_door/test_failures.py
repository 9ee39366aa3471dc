"""What was asked wrongly is answered with place and remedy; a fault of ours leaves a trace without values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sluss import cli
from sluss.commands.asking import WrongValue, by, judged
from sluss.commands.submit import submit
from sluss.reach import Failure, RefusedByRule
from sluss_contracts.command import Fault, Refused
from sluss_contracts.commands.meetings import BookMeeting
from sluss_contracts.commands.planning import GoalInWords
from sluss_contracts.submission import MAX_SUBMISSION
from sluss_contracts.vocabulary import Role

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SECRET = "Aino, 19390217-9802"


def booking(**wrong: Any) -> None:
    BookMeeting(**{**by("anna", Role.LINK_WORKER), "referral_id": "r1", "starts": NOW, **wrong})


@pytest.mark.parametrize(
    ("build", "told"),
    [
        (lambda: booking(minutes=-5), "minutes: Give 5 or more."),
        (lambda: booking(minutes=10_000), "minutes: Give 480 or less."),
        (lambda: booking(kind="party"), "kind: Use one of"),
        (lambda: GoalInWords(words=SECRET * 1_000), "words: Give at most"),
        (lambda: by("a" * 200, Role.LINK_WORKER), "id: Give at most 120 characters."),
    ],
)
def test_a_wrong_value_is_told_by_place_and_remedy(build: Any, told: str) -> None:
    with pytest.raises(WrongValue) as caught, judged():
        build()
    assert told in str(caught.value)
    assert SECRET not in str(caught.value)


def test_a_file_larger_than_the_network_takes_is_refused_before_it_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "referral.json"
    file.write_text(json.dumps({"reason": "x" * MAX_SUBMISSION}))
    with pytest.raises(RefusedByRule) as caught:
        submit(file, "varby-vardcentral", data_dir=tmp_path)
    assert caught.value.code == "too_large"
    assert str(MAX_SUBMISSION) in caught.value.remedy


def complaints(kind: type[Exception] = Exception) -> Iterator[type[Exception]]:
    """Every kind of the command line's own that has a code."""
    for narrower in kind.__subclasses__():
        if narrower.__module__.startswith("sluss.") and isinstance(getattr(narrower, "code", None), str):
            yield narrower
        yield from complaints(narrower)


def test_a_code_is_written_in_one_way_whoever_complains() -> None:
    """Small letters with `_` between words, as those of rules and receipts are: a script compares them."""
    cli.build()  # every command, and with it every complaint, is there
    codes = {str(vars(kind)["code"]) for kind in complaints() if "code" in vars(kind)}
    assert {"unknown_id", "data_in_use", "not_running", "faulty_file", "not_a_partner"} <= codes
    assert [code for code in codes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", code)] == []


def broken(secret: str) -> None:
    try:
        raise LookupError(secret)
    except LookupError as first:
        raise ExceptionGroup(secret, [ValueError(secret)]) from first


def test_the_trace_of_a_fault_names_places_and_repeats_no_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    for _ in range(2):
        with pytest.raises(ExceptionGroup) as caught:
            broken(SECRET)
        assert cli._explain(caught.value) == cli.FAILED
    one, other = tmp_path.iterdir()
    assert one.stat().st_mode & 0o077 == 0
    trace = one.read_text()
    assert trace == other.read_text()
    for part in ("ExceptionGroup", "ValueError", "LookupError", "test_failures.py", "broken"):
        assert part in trace
    assert SECRET not in trace + capsys.readouterr().err


def test_of_several_that_failed_together_one_may_be_its_own_cause(tmp_path: Path) -> None:
    first = OSError(SECRET)
    first.__cause__ = ExceptionGroup(SECRET, [first])
    assert list(cli._trace(first)) == ["builtins.OSError", "builtins.ExceptionGroup"]


def test_a_complaint_names_the_code_first_then_each_fault_on_its_own_line_and_what_helps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    faults = (
        Fault(path="/data/area", code="missing", remedy="Say where."),
        Fault(path="", code="too_large", remedy="Say less."),
    )
    refusal = RefusedByRule.by(Refused(code="invalid", message="It says no.", faults=faults))
    assert cli._explain(refusal) == cli.FAILED
    assert capsys.readouterr().err.splitlines() == [
        "sluss: It says no. [invalid]",
        "       /data/area: Say where.",
        "       the whole: Say less.",
    ]


@pytest.mark.parametrize(
    "content", [None, b"", b"{", b"\xff\xfe\xfd", b'{"a":' * 5000 + b"1" + b"}" * 5000, b"[]", b'{"area": 1}']
)
def test_a_file_that_holds_no_referral_is_told_before_anything_is_sent(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "referral.json"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Failure, match=r"referral\.json") as told:
        submit(file, data_dir=tmp_path)
    assert told.value.remedy
