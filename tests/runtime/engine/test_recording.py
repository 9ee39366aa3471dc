"""What a unit leaves behind is the same whichever way its rows are handed to Postgres."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.runtime.engine import recording
from services.runtime.engine.recording import Leaving, array_literal, is_small, record

_TABLES = (
    "select key, kind, id, sequence, opens, state::text from aggregate order by key, kind, id",
    "select lane, last from head order by lane",
    """select lane, number, id, key, kind, aggregate_id, sequence, type, subject, traceparent, body
       from event order by lane, number""",
    "select slot, sequence from position where sequence > 0 order by slot",
)
_RECORDED = "select recorded, now() as began from event order by number"


def _left(*, n: int = 1, text: str = "s1", trace: str = "", found: int = 0, slot: int | None = 3) -> Leaving:
    said = UUID(int=n), text, "note", text, n, "sluss.note.written.v1", f"sluss.evt.3.note.{n}", trace, b"{}"
    return Leaving(
        states=[(text, "note", text, n, not found, '{"seen": [1]}')],
        counts={"3": 1},
        events=[("3", 0, *said)],
        positions={} if slot is None else {slot: 40 + n},
        loaded={text: found} if found else {},
    )


async def _leaves(lab: Any, *units: Leaving) -> list[Any]:
    """What is in the tables and what was answered, after these; none of it stays."""
    transaction = lab.transaction()
    await transaction.start()
    try:
        answers = [await record(lab, left, publishes=["3"], channel="c") for left in units]
        tables = [await lab.fetch(table) for table in _TABLES]
        return [answers, *([tuple(row) for row in rows] for rows in tables)]
    finally:
        await transaction.rollback()


@pytest.mark.parametrize(
    "left",
    [
        _left(),
        _left(slot=None),
        _left(trace="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        _left(text='å "quoted" {a,b} \\ NULL'),
        _left(text="nobody else has begun anything", found=7),
    ],
    ids=["first", "no position", "traced", "hard to write", "raced"],
)
async def test_a_row_that_is_written_out_is_what_it_is_in_an_array(
    lab: Any, left: Leaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_small(left)
    later = _left(n=2, text=left.states[0][0], found=1)
    written_out = await _leaves(lab, left, later)
    monkeypatch.setattr(recording, "is_small", lambda _: False)
    in_arrays = await _leaves(lab, left, later)
    assert written_out == in_arrays
    assert [raced for _, raced in written_out[0]] == [bool(left.loaded), False]
    assert len(written_out[3]) == 2
    assert written_out[4] == [(3, 42)]


async def test_events_of_one_unit_were_recorded_at_one_moment_however_long_ago_the_transaction_began(
    lab: Any,
) -> None:
    async with lab.transaction():
        await lab.execute("select pg_sleep(0.05)")
        first, second = _left(), _left(n=2, found=1)
        both = Leaving(first.states, {"3": 2}, [("3", 1, *first.events[0][2:]), *second.events])
        await record(lab, both, publishes=["3"], channel="c")
        moments = [row["recorded"] - row["began"] for row in await lab.fetch(_RECORDED)]
    assert len(moments) == 2
    assert moments[0] == moments[1] >= timedelta(seconds=0.05)


@pytest.mark.parametrize(
    "texts", [[], [""], ["plain", "two words", "NULL", "null"], ['"', "\\", '\\"', "{a,b}", "å, ä\n\tö"]]
)
async def test_an_array_literal_is_read_as_what_was_written(lab: Any, texts: list[str]) -> None:
    assert await lab.fetchval("select $1::text::text[]", array_literal(texts)) == texts
