"""Places in a dead letter's data: one field each, whatever stands around it."""

from __future__ import annotations

import pytest

from services.runtime.tending.places import NothingThere, at, changed, data_of, fields_of, kept

CAME = {"needs": ["grief"], "goals": [{"words": "walk", "by": 3}, {"words": "sing"}], "worker": "aida"}


def test_a_place_is_one_of_names_and_numbers() -> None:
    assert at(CAME, "goals[1].words") == "sing"
    for nowhere in ("", ".", "goals.words", "goals[2]", "goals[-1]", "worker[0]", "Needs"):
        with pytest.raises(NothingThere):
            at(CAME, nowhere)


def test_a_field_has_no_fields_within_it() -> None:
    assert [*fields_of(CAME["goals"], "goals")] == ["goals[0].words", "goals[0].by", "goals[1].words"]
    assert [*fields_of(["a", "b"], "needs")] == ["needs"]


def test_null_keeps_what_came() -> None:
    edited = {"needs": None, "goals": [{"words": None, "by": 4}], "worker": "bo", "note": None}
    assert kept(CAME, edited) == {
        "needs": ["grief"],
        "goals": [{"words": "walk", "by": 4}],
        "worker": "bo",
        "note": None,
    }


def test_what_is_changed_is_told_by_its_place() -> None:
    after = {**CAME, "worker": "bo", "goals": [{"words": "walk", "by": 4}, {"words": "sing"}], "new": 1}
    assert [*changed(CAME, after)] == ["goals[0].by", "new", "worker"]
    assert [*changed(CAME, {**CAME, "needs": []})] == ["needs"]
    assert [*changed(CAME, CAME)] == []


def test_only_a_document_with_data_has_places() -> None:
    assert data_of(b'{"data": {"a": 1}}') == {"a": 1}
    for body in (b"\xff", b"[]", b"{}", b'{"data": []}'):
        assert data_of(body) is None
