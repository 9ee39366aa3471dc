"""A hundred thousand activities are looked through by index: how many rows a view looks at is held."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import event
from starlette.datastructures import QueryParams

from services.provider.calendar import following, reading
from services.provider.calendar.wanted import Wanted
from services.provider.web import ROOM
from services.provider.web.calendar_query import view_of
from services.provider.web.calendar_words import Words
from services.runtime.languages import load_languages
from services.runtime.web.site import ROOM as SHARED
from sluss.machine.postgres import Postgres
from tests.support.calendar import NOON, Town, town_of_its_own

pytestmark = pytest.mark.slow

MANY = 100_000
BOUND = 40_000
"""Rows of the calendar's tables that one view may look at: a tenth of a hundred thousand activities, what is
told of them, and two sessions of most."""

_FILL = (
    """insert into calendar_provider select 'p-' || n, 'Förening ' || n, 'association', 'area-' || n % 50
       from generate_series(1, 2000) n""",
    f"""insert into calendar_activity
        (activity, provider, status, sinks, shown, confirmed, next_starts, area, category, interests,
         languages, mode, kronor, from_age, to_age, search)
        select 'a-' || n, 'p-' || n % 2000 + 1,
            case n % 20 when 0 then 'hidden' when 1 then 'proposed' else 'published' end, n % 10 = 2,
            n % 20 <> 1, $1, case when n % 4 > 0 then $1::timestamptz + n % 5000 * interval '10 minutes' end,
            'area-' || n * 7 % 50,
            (array['choir', 'walk', 'course', 'meal', 'games', 'crafts', 'outing', 'culture'])[n * 3 % 8 + 1],
            array[(array['fishing', 'music', 'singing', 'reading', 'nature', 'film', 'dance', 'history',
                'art', 'walking'])[n * 13 % 10 + 1], (array['coffee', 'sport'])[n % 2 + 1]],
            case when n % 25 = 0 then array['sv', 'ar'] else array['sv'] end,
            (array['on_site', 'on_site', 'on_site', 'digital', 'both'])[n % 5 + 1],
            case when n % 11 > 0 then n % 7 * 50 end,
            case when n % 3 = 0 then n % 60 end, case when n % 3 = 0 then n % 60 + 30 end,
            to_tsvector('swedish', 'grupp' || n % 977 || ' vi träffas och pratar om ord' || n % 5003)
        from generate_series(1, {MANY}) n""",
    """insert into calendar_told
        select activity, jsonb_build_object('activity', activity, 'provider', provider,
        'title', 'Titel ' || activity, 'kind', 'social', 'needs', array['company'], 'area', area,
        'languages', languages, 'capacity', 10, 'acceptance', 'required', 'about', repeat('Vi ses. ', 60))
        from calendar_activity""",
    """insert into calendar_session
        select activity || '-' || k, 'code-' || activity || k, activity, starts,
            starts + interval '90 minutes',
            extract(isodow from starts at time zone 'Europe/Stockholm'), k = 2 and right(activity, 1) = '7',
            0, $1
        from (select activity, k, next_starts + k * interval '7 days' as starts
            from calendar_activity, generate_series(0, 2) k where next_starts is not null) each""",
)


@pytest_asyncio.fixture(scope="module")
async def metropolis(postgres_server: Postgres) -> AsyncIterator[Town]:
    async with town_of_its_own(postgres_server) as town:
        async with town.desk.pool.acquire() as connection:
            for statement in _FILL:
                await connection.execute(statement, *([NOON] if "$1" in statement else []), timeout=120)
            await connection.execute("vacuum analyze")
        yield town


async def looked_at(town: Town, read: Callable[[], Awaitable[Any]]) -> dict[str, int]:
    """By statement, how many rows of the calendar's tables were looked at."""
    said: list[tuple[str, Any]] = []

    def listen(_: Any, __: Any, statement: str, parameters: Any, ___: Any, ____: Any) -> None:
        said.append((statement, parameters))

    event.listen(town.engine.sync_engine, "before_cursor_execute", listen)
    try:
        await read()
    finally:
        event.remove(town.engine.sync_engine, "before_cursor_execute", listen)
    seen = {}
    async with town.engine.connect() as connection:
        for statement, parameters in said:
            plan = await connection.exec_driver_sql(f"explain (analyze, format json) {statement}", parameters)
            seen[statement] = _rows(plan.scalar_one()[0]["Plan"])
    return seen


def _rows(node: dict[str, Any]) -> int:
    own = 0
    if str(node.get("Relation Name", "")).startswith("calendar_"):
        removed = sum(node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck"))
        own = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return round(own + sum(_rows(each) for each in node.get("Plans", ())))


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page=50",
        "interest=fishing",
        "category=choir",
        "area=area-7",
        "day=6",
        "day=6&day=7",
        "from=2026-03-10&to=2026-03-12",
        "from=2026-03-10&to=2026-03-12&day=3&interest=music",
        "cost=0",
        "language=ar",
        "mode=digital",
        "age=67",
        "q=grupp12",
        "q=ord4711",
        "q=musik",
        "q=f%C3%B6rening",
        "area=area-7&interest=reading&cost=50&age=40",
        "interest=film&category=walk&language=ar",
    ],
)
async def test_a_view_looks_at_few_of_very_many(metropolis: Town, query: str) -> None:
    view = view_of(QueryParams(query))
    words = Words(load_languages([SHARED, ROOM])["sv"], NOON)
    meanings = words.meanings(view.wanted.words)

    async def read() -> None:
        found = await reading.find(metropolis.engine, view.wanted, NOON, page=view.page, meanings=meanings)
        assert found.shown

    for statement, rows in (await looked_at(metropolis, read)).items():
        assert rows <= BOUND, f"{rows} rows for {statement}"


async def test_one_activity_is_found_by_its_name(metropolis: Town) -> None:
    seen = await looked_at(metropolis, lambda: reading.activity_of(metropolis.engine, "a-4711", NOON))
    assert all(rows < 20 for rows in seen.values()), seen


async def test_a_calendar_of_a_provider_is_read_by_index(metropolis: Town) -> None:
    wanted = Wanted(provider="p-7")
    seen = await looked_at(
        metropolis, lambda: following.of_wanted(metropolis.engine, wanted, NOON, meanings={})
    )
    assert all(rows < 1000 for rows in seen.values()), seen


async def test_a_calendar_of_everything_ends_somewhere(metropolis: Town) -> None:
    wanted = view_of(QueryParams("")).wanted
    found = await following.of_wanted(metropolis.engine, wanted, NOON + timedelta(days=1), meanings={})
    assert len(found) == following.MOST
