"""The board in the database: written in batches, the same however often and in whatever pieces."""

from __future__ import annotations

import asyncio
from typing import Any

from services.navigator.board import (
    FOLLOWED,
    NAMING,
    board,
    follow,
    metadata,
    not_spoken_by,
    party,
    spoken_by,
)
from services.navigator.sights import WHOLE_NETWORK, look, story
from services.navigator.steps import Lane
from services.runtime.engine.transaction import Transaction
from tests.support.pages import Database, Teller, Way, register_everybody, some_way, tell_a_living_network


async def _rows(database: Database, table: str) -> list[Any]:
    return [tuple(row) for row in await database.pool.fetch(f"select * from {table} order by 1, 2")]


async def test_lanes_hold_what_was_told(database: Database, teller: Teller) -> None:
    ways = await tell_a_living_network(teller, 30)
    lanes = (await look(database.engine, [WHOLE_NETWORK]))[WHOLE_NETWORK]
    assert sum(lane.count for lane in lanes.values()) == len(ways)
    assert lanes[Lane.CLOSED].count > 0
    for lane in lanes.values():
        stepped = [card.stepped for card in lane.cards]
        assert stepped == sorted(stepped, reverse=True)
        assert len(lane.cards) == min(lane.count, 5)


async def test_the_same_batch_again_changes_nothing(database: Database, teller: Teller) -> None:
    way = Way(teller.new_referral(), "vc-skarptorp")
    events = [teller.event(fact) for facts in way.steps(teller.now) for fact in facts]
    await teller.hand_over(events)
    before = await _rows(database, "board"), await _rows(database, "board_step")
    await teller.hand_over(events)
    assert (await _rows(database, "board"), await _rows(database, "board_step")) == before


async def test_one_batch_or_many_make_the_same_board(database: Database, teller: Teller) -> None:
    way = Way(teller.new_referral(), "vc-skarptorp")
    events = [teller.event(fact) for facts in way.steps(teller.now) for fact in facts]
    await teller.hand_over(events)
    together = await _rows(database, "board")
    await database.pool.execute("truncate board, board_step")
    for event in events:
        await teller.hand_over([event])
    assert await _rows(database, "board") == together


async def test_two_transactions_about_one_referral_both_count(database: Database, teller: Teller) -> None:
    way = Way(teller.new_referral(), "vc-skarptorp")
    submitted, assigned = teller.event(way.submitted()), teller.event(way.steps(teller.now)[1][0])
    first_holds, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with database.pool.acquire() as connection, connection.transaction():
            await follow(Transaction(connection, teller.now), [assigned])
            first_holds.set()
            await may_commit.wait()

    async def quick() -> None:
        await first_holds.wait()
        asyncio.get_running_loop().call_later(0.3, may_commit.set)
        async with database.pool.acquire() as connection, connection.transaction():
            await follow(Transaction(connection, teller.now), [submitted])

    await asyncio.gather(slow(), quick())
    told = await story(database.engine, way.referral, WHOLE_NETWORK)
    assert told is not None
    assert told.card.lane is Lane.ASSIGNED
    assert [step.step for step in told.steps] == ["referral.submitted", "case.assigned"]


async def test_a_new_name_replaces_the_old(database: Database, teller: Teller) -> None:
    await register_everybody(teller)
    names = {row["id"]: row["name"] for row in await database.pool.fetch("select id, name from board_party")}
    assert names["vc-skarptorp"] == "Vårdcentralen Skarptorp"
    assert names["gangfotboll"] == "Gåfotboll"
    await register_everybody(teller)
    assert await database.pool.fetchval("select count(*) from board_party") == len(names)


async def test_a_story_tells_every_step_in_order(database: Database, teller: Teller) -> None:
    await register_everybody(teller)
    way = some_way(teller, 1)
    facts = [fact for some in way.steps(teller.now) for fact in some]
    await teller.tell(*facts)
    told = await story(database.engine, way.referral, WHOLE_NETWORK)
    assert told is not None
    assert [step.step for step in told.steps] == [f"{fact.NOUN}.{fact.FACT}" for fact in facts]
    assert told.names["worker", way.worker] == "Berit Nord"
    assert told.outcome == "completed"


def test_every_fact_is_handed_over_once() -> None:
    for facts in (FOLLOWED, NAMING):
        mine, others = spoken_by("navigator", facts), not_spoken_by("navigator", facts)
        assert sorted(f.TYPE for f in mine + others) == sorted(f.TYPE for f in facts)
        assert mine
        assert others


async def test_the_migration_makes_the_tables_the_code_writes(database: Database) -> None:
    for table in metadata.tables.values():
        found = await database.pool.fetch(
            "select column_name, is_nullable from information_schema.columns "
            "where table_schema = 'navigator' and table_name = $1",
            table.name,
        )
        made = {row["column_name"]: row["is_nullable"] == "YES" for row in found}
        assert made == {column.name: column.nullable for column in table.columns}, table.name
    indexes = {row["indexname"] for row in await database.pool.fetch("select indexname from pg_indexes")}
    assert {str(index.name) for table in (board, party) for index in table.indexes} <= indexes
