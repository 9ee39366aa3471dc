"""Everything a unit leaves behind, recorded in one round trip.

Most units are small: one event about one aggregate. Postgres takes rows that are written out in a third less
time than arrays that it must unfold, and many rows in arrays far sooner than written out. So the one
statement there is has its rows in either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]

_RECORD = """
with states as (
  insert into aggregate (key, kind, id, sequence, opens, state)
  select key, kind, id, sequence, opens, state::jsonb from {states} order by key, kind, id
  on conflict (key, kind, id) do update set sequence = excluded.sequence, state = excluded.state
), numbers as (
  insert into head as h (lane, last)
  select lane, count from {counts} order by lane
  on conflict (lane) do update set last = h.last + excluded.last
  returning lane, last
), said as (
  insert into event (lane, number, id, key, kind, aggregate_id, sequence, type, subject, traceparent, body,
                     recorded)
  select lane, numbers.last - behind, id, key, kind, aggregate_id, sequence, type, subject,
         nullif(traceparent, ''), body, statement_timestamp()
  from {events} join numbers using (lane)
), read as (
  update position p set sequence = greatest(p.sequence, positions.sequence)
  from {positions} where p.slot = positions.slot
)
select lane, last, case when not lane = any($1::text[]) then pg_notify($2, lane || ' ' || last) end
from numbers
union all
select null, count(*), null
from {loaded} where held <> (select count(*) from aggregate a where a.key = loaded.key)
"""
"""The heads' rows stay locked until the commit, which follows at once: so numbers are given in the order of
commits, and a lane has no gaps.

The last row counts the keys under which another transaction has begun something since they were loaded:
whoever waited for a lock sees the new versions of the rows there were, and not the rows that came. Where
there was none, the row that `opens` a key lets only one of two through."""

_COLUMNS = {
    "states": "key text, kind text, id text, sequence int, opens bool, state text",
    "counts": "lane text, count bigint",
    "events": "lane text, behind bigint, id uuid, key text, kind text, aggregate_id text, sequence int, "
    "type text, subject text, traceparent text, body bytea",
    "positions": "slot smallint, sequence bigint",
    "loaded": "key text, held int",
}
_WIDTH = {name: len(columns.split(", ")) for name, columns in _COLUMNS.items()}
_NO_SLOT, _NO_KEY = (-1, 0), ("", 0)
"""Rows that say nothing: there is no such slot, and under no key there is nothing."""


@dataclass(slots=True)
class Leaving:
    """What a unit leaves behind."""

    states: Sequence[Row]
    """Key, kind, id, sequence, whether it is the first under its key, state as JSON."""
    counts: Mapping[str, int]
    """How many events are said in each lane."""
    events: Sequence[Row]
    """Lane, how many of the unit's events come after it in the lane, id, key, kind, aggregate's id,
    sequence, type, subject, traceparent (empty for none), body."""
    positions: Mapping[int, int] = field(default_factory=dict)
    """Slot to stream sequence."""
    loaded: Mapping[str, int] = field(default_factory=dict)
    """How many aggregates there were under each key that was loaded and not empty."""


async def record(
    connection: Any, left: Leaving, *, publishes: Collection[str], channel: str
) -> tuple[dict[str, int], bool]:
    """Write it. The last number of each lane, and whether somebody else has begun something under a key.

    Whoever listens on `channel` is told of lanes that are not among `publishes`.
    """
    rows = {
        "states": left.states,
        "counts": list(left.counts.items()),
        "events": left.events,
        "positions": list(left.positions.items()),
        "loaded": list(left.loaded.items()),
    }
    if is_small(left):
        rows["positions"] = rows["positions"] or [_NO_SLOT]
        rows["loaded"] = rows["loaded"] or [_NO_KEY]
        statement, arguments = _ONE, [value for (row,) in rows.values() for value in row]
    else:
        statement = _MANY
        arguments = [column for name in rows for column in _arrays(rows[name], _WIDTH[name])]
    heads = await connection.fetch(statement, list(publishes), channel, *arguments)
    last: dict[str | None, int] = {head["lane"]: head["last"] for head in heads}
    raced = bool(last.pop(None))
    return {lane: number for lane, number in last.items() if lane is not None}, raced


def is_small(left: Leaving) -> bool:
    """Whether there is at most one row of each kind."""
    return len(left.states) == len(left.events) == 1 and len(left.positions) < 2 and len(left.loaded) < 2


def array_literal(values: Iterable[Any]) -> str:
    """A Postgres array in text form; the values' own text must not be NULL."""
    texts = [str(value) for value in values]
    joined = '","'.join(texts)
    if "\\" in joined or joined.count('"') != 2 * (len(texts) - 1):
        joined = '","'.join(text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return f'{{"{joined}"}}' if texts else "{}"


def _arrays(rows: Sequence[Row], width: int) -> list[Any]:
    """Columns as array literals, the last one as a list.

    asyncpg looks at every element of a list to see whether it is a list itself; a literal it passes on, and
    the server takes it apart a good deal faster.
    """
    if not rows:
        return ["{}"] * (width - 1) + [[]]
    *columns, last = zip(*rows, strict=True)
    return [*(array_literal(column) for column in columns), list(last)]


def _statement(*, written_out: bool) -> str:
    """With one row of each kind written out, or with any number in arrays."""
    sources, parameter = {}, 3
    for name, columns in _COLUMNS.items():
        names, types = zip(*(column.split() for column in columns.split(", ")), strict=True)
        if written_out:
            values = [f"${n}::{type}" for n, type in enumerate(types, parameter)]
            rows = f"(values ({', '.join(values)}))"
        else:
            arrays = [f"${n}::text::{type}[]" for n, type in enumerate(types, parameter)]
            arrays[-1] = arrays[-1].replace("::text", "", 1)
            rows = f"unnest({', '.join(arrays)})"
        sources[name] = f"{rows} {name}({', '.join(names)})"
        parameter += len(types)
    return _RECORD.format_map(sources)


_ONE, _MANY = _statement(written_out=True), _statement(written_out=False)
