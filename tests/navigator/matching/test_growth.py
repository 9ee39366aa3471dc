"""A question what may suit costs the same however large the catalogue is: its plan, and the pages read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from services.navigator.domain.wishes import Ages, Wishes
from services.navigator.store import finding
from tests.navigator.matching.test_asking import matches, with_a_case
from tests.navigator.office import MONDAY, Office

WISHES = Wishes(
    needs=("company", "nature"), interests=("singing",), area="centrum", at_most=200, ages=Ages(40, 40)
)
_ACTIVITIES = """
    insert into activity (activity, provider, title, kind, needs, area, languages, capacity, acceptance,
        interests, mode, a_month, genders, groups, access, hosted, standing, vouched, sequence)
    select 'a' || n, 'p' || n % 50, 'A' || n, 'social',
        array[case when n % 2 = 0 then 'company' else 'nature' end], 'centrum', array['sv'], 8, 'required',
        array[case when n % 3 = 0 then 'singing' else 'games' end], 'on_site', n % 5 * 40, '{}', '{}', '{}',
        n % 4 = 0, 'verified', $2, 1
    from generate_series(1, $1::int) n on conflict do nothing
"""
_SHELVES = """
    insert into shelf (key, rank, activity)
    select 'centrum:' || language || ':' || what, case when hosted then 0 else 1 end, activity
    from activity, unnest(array['sv', '*']) language,
        unnest(array['need/' || needs[1], 'interest/' || interests[1]]) what on conflict do nothing
"""


async def _populate(office: Office, activities: int) -> None:
    async with office.pool.acquire() as connection:
        for table in (
            "activity",
            "shelf",
            "session",
            "places_taken",
        ):  # what that reads would be counted as ours
            await connection.execute(f"alter table {table} set (autovacuum_enabled = false)")
        await connection.execute(_ACTIVITIES, activities, MONDAY, timeout=120)
        await connection.execute(_SHELVES, timeout=120)
        for table in ("activity", "shelf"):
            await connection.execute(f"analyze {table}")


def _arguments() -> dict[str, Any]:
    shelves = finding.shelves_of(WISHES)
    return {
        "keys": list(shelves),
        "sizes": list(shelves.values()),
        "never": [],
        "least": 40,
        "most": 40,
        "gender": None,
        "at_most": 200,
        "now": MONDAY,
    }


def _scans(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(each for child in plan.get("Plans", ()) for each in _scans(child))]


@pytest.mark.slow
async def test_candidates_are_read_from_the_front_of_their_shelves(office: Office) -> None:
    await _populate(office, 20_000)
    statement = finding._CANDIDATES
    explained = await office.value(
        f"explain (analyze, buffers, format json) {statement.text}", *statement.arguments(_arguments())
    )
    plan = json.loads(explained)[0]["Plan"] if isinstance(explained, str) else explained[0]["Plan"]
    scans = [each for each in _scans(plan) if each.get("Relation Name") in ("shelf", "activity", "session")]
    assert {each["Node Type"] for each in scans} <= {"Index Scan", "Index Only Scan"}, plan
    (shelf,) = [each for each in scans if each["Relation Name"] == "shelf"]
    assert shelf["Index Name"] == "shelf_pkey"
    assert shelf["Actual Rows"] <= finding.DEPTH, "no deeper into a shelf than is allowed"


@pytest.mark.slow
async def test_twenty_thousand_activities_cost_no_more_than_a_thousand(office: Office) -> None:
    """Counted in pages read, which do not depend on how busy the machine is."""
    await with_a_case(office, needs=("company", "nature"))
    pages = {}
    for activities in (1_000, 20_000):
        await _populate(office, activities)
        await matches(office, at_most=200)
        before = await _pages(office)
        for _ in range(10):
            assert len(await matches(office, at_most=200)) == 10
        pages[activities] = await _pages(office) - before
    assert pages[20_000] <= 2 * pages[1_000], pages


async def _pages(office: Office) -> int:
    """Pages of what is looked through, with indexes, touched so far."""
    await office.pool.execute("select pg_stat_force_next_flush()")
    await office.pool.execute("select pg_stat_clear_snapshot()")
    await asyncio.sleep(1.2)
    return int(
        await office.value(
            """
            select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)
            from pg_statio_user_tables where relname in ('shelf', 'activity', 'session', 'places_taken')
            and schemaname = 'navigator'
            """
        )
    )
