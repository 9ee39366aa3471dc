"""A page looks at as much of the log however long it is: by the plans of what operators wait for."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import postgresql

from services.console.log import finding, partitions
from services.console.log.entry import token_of
from services.console.log.finding import PAGE, Wanted, newest
from tests.support.console import Record

MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)
FEW, MANY = 4_000, 40_000
_EVENTS = """
insert into console.log (position, event_id, service, lane, number, type, key, kind, aggregate_id, sequence,
                         referral, person, organisation, correlation, outcome, time, recorded, shown)
select $1::bigint + n::bigint * 60000000, uuidv7(), 'navigator', '0', n, 'type' || n % 8, 'k',
       'case', 'k', 1, 'ref-' || n % 50, 'who-' || n % 50, 'org-' || n / 8 % 8, 'ref-' || n % 50,
       'code' || n / 64 % 8, now(), now(), '{}'
from generate_series($2::int, $3::int) n
"""
_FIELDS = """
insert into console.log_field (token, position)
select $4::bigint, $1::bigint + n::bigint * 60000000 from generate_series($2::int, $3::int) n where n % 40 = 0
"""
PAGES = {
    "everything": Wanted(),
    "a type": Wanted(types=("type7",)),
    "an organisation": Wanted(organisation="org-7"),
    "an organisation and a type": Wanted(organisation="org-7", types=("type7",)),
    "a referral": Wanted(referral="ref-7"),
    "a person": Wanted(person="who-7"),
    "a correlation": Wanted(correlation="ref-7"),
    "an outcome": Wanted(outcome="code7"),
    "a coded field": Wanted(fields=(("worker", "aida"),)),
    "a coded field and a type": Wanted(fields=(("worker", "aida"),), types=("type0",)),
    "a time": Wanted(since=MARCH, until=APRIL),
}


async def _fill(record: Record, first: int, last: int) -> None:
    start = partitions.position_at(MARCH)
    await record.admin.execute(_EVENTS, start, first, last)
    await record.admin.execute(_FIELDS, start, first, last, token_of("worker", "aida"))
    await record.admin.execute("analyze console.log")
    await record.admin.execute("analyze console.log_field")


async def _looked_at(record: Record, wanted: Wanted, monkeypatch: pytest.MonkeyPatch) -> tuple[int, str]:
    """Pages of the database that a page of the log looks at, and its plan."""
    asked: list[Select[Any]] = []

    async def keep(_: object, statement: Select[Any]) -> list[Any]:
        asked.append(statement)
        return []

    with monkeypatch.context() as patched:
        patched.setattr(finding, "_rows", keep)
        await newest(record.engine, wanted, most=PAGE)
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    text = str(asked[0].compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    await record.admin.execute("set search_path to console")
    (explained,) = json.loads(await record.admin.fetchval(f"explain (analyze, buffers, format json) {text}"))
    plan = explained["Plan"]
    assert plan["Actual Rows"] == PAGE
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], json.dumps(plan)


async def test_a_page_looks_at_no_more_among_many_than_twice_what_it_does_among_few(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    for month in (MARCH, APRIL):
        await partitions.make(record.writing, month)
    await _fill(record, 0, FEW - 1)
    few = {name: (await _looked_at(record, wanted, monkeypatch))[0] for name, wanted in PAGES.items()}
    await _fill(record, FEW, MANY - 1)
    for name, wanted in PAGES.items():
        blocks, plan = await _looked_at(record, wanted, monkeypatch)
        assert blocks <= max(2 * few[name], 4 * PAGE), name
        assert not re.search(r'"Seq Scan", [^{}]*"log(_field)?_2026_03"', plan), name
