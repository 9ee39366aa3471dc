"""Ids sort by the time they were made, and no two are the same."""

from __future__ import annotations

from services.runtime.engine.ids import new_id, uuid7


def test_ids_are_uuids_of_version_seven() -> None:
    assert {(id.version, id.variant) for id in (uuid7() for _ in range(100))} == {
        (7, "specified in RFC 4122")
    }


def test_later_ids_sort_after_earlier_ones_within_a_millisecond_too() -> None:
    made = [new_id() for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
