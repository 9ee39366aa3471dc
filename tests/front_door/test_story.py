"""A referral's story is readable: every event of the network in words, with the waiting between."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sluss.ledger import Entry
from sluss.story import open_tasks, tell, waited_text

EXAMPLES = sorted((Path(__file__).parents[2] / "contracts" / "examples").glob("*.json"))
AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def entry(event: dict[str, object]) -> Entry:
    return Entry("any", "0", 1, str(event["type"]), "key", AT, event)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_event_type_has_words(example: Path) -> None:
    event = json.loads(example.read_text())
    event.setdefault("time", AT.isoformat())
    (moment,) = tell([entry(event)], everything=True)
    assert moment.what
    assert "_" not in moment.what.split(" (")[0].replace("task_id", "")


def said(name: str, at: datetime, **data: object) -> Entry:
    return entry({"type": f"sluss.{name}.v1", "time": at.isoformat(), "data": data})


def test_the_wait_since_the_step_before_is_told() -> None:
    moments = list(
        tell(
            [said("referral.accepted", AT), said("followup.due", AT + timedelta(days=3, hours=4, minutes=2))]
        )
    )
    assert [waited_text(m.waited) for m in moments] == ["", "3 d 4 h"]


@pytest.mark.parametrize(
    ("waited", "text"),
    [
        (timedelta(seconds=59), ""),
        (timedelta(minutes=12), "12 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=2), "2 d"),
    ],
)
def test_a_wait_reads_as_a_person_would_say_it(waited: timedelta, text: str) -> None:
    assert waited_text(waited) == text


def test_bookkeeping_is_left_out_unless_asked_for() -> None:
    quiet = said("deadline.set", AT, kind="offer_answered", due=AT.isoformat())
    assert list(tell([quiet])) == []
    assert len(list(tell([quiet], everything=True))) == 1


def test_what_a_referral_waits_for_is_what_was_opened_and_not_done() -> None:
    opened = [
        said("task.opened", AT, task_id=i, kind="contact_person", due=f"2026-12-0{i}") for i in ("2", "1")
    ]
    assert [t["task_id"] for t in open_tasks(opened)] == ["1", "2"]
    assert [t["task_id"] for t in open_tasks([*opened, said("task.done", AT, task_id="1", how="done")])] == [
        "2"
    ]
