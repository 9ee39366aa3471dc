"""Assignment against real tables: who is found, how full they get, and what happens when nobody is there."""

from __future__ import annotations

import asyncio

import pytest

from services.navigator.app import service
from services.navigator.domain.assignment import Wanted
from services.navigator.domain.team import NETWORK_TEAM
from services.navigator.store.staff import WINDOW, staff_for
from services.navigator.store.workers import change_loads
from services.runtime.engine.taking import Taker
from services.runtime.engine.transaction import Transaction
from sluss_contracts.commands.navigator import ClaimCase, CloseCase
from sluss_contracts.commands.staff import RegisterLinkWorker
from sluss_contracts.referral import ReferralHeld
from sluss_contracts.vocabulary import CaseOutcome, Engagement, Gender, Need
from tests.navigator.office import MONDAY, SIV, Office, accepted


async def why(office: Office, referral: str) -> str:
    query = "select why from task where referral_id = $1 and kind = 'claim_case'"
    return str(await office.value(query, referral))


async def test_a_referral_goes_to_the_least_loaded_and_counts(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.worker("bo")
    said = await office.hear(accepted("r1"), accepted("r2"), accepted("r3"))
    assert said == ["case.assigned", "task.opened"] * 3
    assert [await office.load(name) for name in ("anna", "bo")] == [2, 1]
    assert await office.whose("r2") == ("city", "bo")


async def test_closing_a_case_gives_the_place_back(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=1)
    await office.hear(accepted("r1"), accepted("r2"))
    assert await office.whose("r2") == ("city", None)
    await office.do(CloseCase, referral_id="r1", outcome=CaseOutcome.MOVED)
    assert await office.load("anna") == 0
    await office.hear(accepted("r3"))
    assert await office.whose("r3") == ("city", "anna")


async def test_amending_a_link_worker_keeps_their_load_and_frees_or_fills_them(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=1)
    await office.hear(accepted("r1"))
    await office.worker("anna", capacity=2)
    await office.hear(accepted("r2"))
    assert (await office.load("anna"), await office.whose("r2")) == (2, ("city", "anna"))
    await office.worker("anna", capacity=2, areas=("norr",))
    await office.hear(accepted("r3"))
    assert (await office.whose("r3"), await why(office, "r3")) == (("city", None), "no_worker_in_area")


async def test_the_only_one_who_speaks_the_language_is_found_behind_a_crowd_of_idle_others(
    office: Office,
) -> None:
    await office.team()
    for number in range(WINDOW + 5):
        await office.worker(f"idle-{number}")
    await office.worker("leila", languages=("sv", "ar"))
    await office.hear(*(accepted(f"fill-{number}", language="ar") for number in range(4)))
    await office.hear(accepted("r1", language="ar"))
    assert await office.whose("r1") == ("city", "leila")
    await office.hear(accepted("r2", language="ar"))
    assert (await office.whose("r2"), await why(office, "r2")) == (("city", None), "no_capacity")


async def test_those_on_leave_do_not_hide_those_at_work(office: Office) -> None:
    await office.team()
    for number in range(WINDOW + 5):
        await office.worker(f"away-{number:02}")
        await office.away(f"away-{number:02}", MONDAY.date())
    await office.worker("zara")
    await office.hear(accepted("r1"))
    assert await office.whose("r1") == ("city", "zara")


async def test_with_everybody_on_leave_the_team_is_told_why(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.away("anna", MONDAY.date(), days=3)
    await office.hear(accepted("r1"))
    assert await why(office, "r1") == "on_leave"


async def test_a_gender_asked_for_is_kept(office: Office) -> None:
    await office.team()
    await office.worker("bo", gender=Gender.MAN)
    await office.worker("anna", gender=Gender.WOMAN, capacity=1)
    asked = {"requested_gender": Gender.WOMAN}
    await office.hear(accepted("r1", **asked), accepted("r2", **asked))
    assert await office.whose("r1") == ("city", "anna")
    assert (await office.whose("r2"), await why(office, "r2")) == (("city", None), "no_capacity")


async def test_a_person_comes_back_to_whoever_had_them(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    await office.worker("bo")
    await office.hear(accepted("r1", person="alva"))
    assert await office.whose("r1") == ("city", "anna")
    await office.do(CloseCase, referral_id="r1", outcome=CaseOutcome.COMPLETED)
    await office.hear(accepted("fill", person="somebody"))
    await office.hear(accepted("r2", person="alva"), accepted("r3", person="alva"))
    assert {await office.whose(name) for name in ("r2", "r3")} == {("city", "anna")}


async def test_a_volunteer_gets_what_suits_one_when_nobody_is_employed(office: Office) -> None:
    await office.team()
    await office.worker("vera", engagement=Engagement.VOLUNTEER)
    await office.hear(accepted("r1"), accepted("r2", needs=(Need.DEBT,)))
    assert await office.whose("r1") == ("city", "vera")
    assert (await office.whose("r2"), await why(office, "r2")) == (("city", None), "needs_employed")


async def test_an_area_no_team_covers_lands_in_the_networks_inbox_and_anybody_may_take_it(
    office: Office,
) -> None:
    await office.team()
    await office.worker("anna")
    await office.hear(accepted("r1", area="vikbolandet"))
    assert (await office.whose("r1"), await why(office, "r1")) == ((NETWORK_TEAM, None), "no_team_for_area")
    await office.do(ClaimCase, referral_id="r1", worker="anna")
    assert (await office.whose("r1"), await office.load("anna")) == (("city", "anna"), 1)


async def test_the_first_referral_of_a_network_without_any_team_is_not_lost(office: Office) -> None:
    assert await office.hear(accepted("r1")) == ["case.queued", "task.opened"]
    assert await office.whose("r1") == (NETWORK_TEAM, None)


async def test_a_claim_beyond_capacity_stands_and_blocks_what_the_network_would_add(office: Office) -> None:
    await office.team()
    await office.worker("anna", capacity=1, languages=("sv",))
    await office.hear(accepted("r1"), accepted("r2"), accepted("r3"))
    await office.do(ClaimCase, referral_id="r2", worker="anna")
    assert await office.load("anna") == 2
    await office.hear(accepted("r4"))
    assert await office.whose("r4") == ("city", None)


async def test_a_held_referral_is_asked_about_and_assigned_once_accepted(office: Office) -> None:
    await office.team()
    await office.worker("anna")
    held = ReferralHeld(
        referral_id="r1", person="p", organisation="clinic", area="centrum", why="consent_to_be_asked"
    )
    assert await office.hear(held) == ["task.opened"]
    said = await office.hear(accepted("r1"))
    assert sorted(said) == ["case.assigned", "task.done", "task.opened"]


async def test_a_link_worker_joins_a_team_there_is(office: Office) -> None:
    answer = await office.ask(
        RegisterLinkWorker,
        SIV,
        worker="anna",
        name="Anna",
        team="nowhere",
        areas=("centrum",),
        languages=("sv",),
        capacity=1,
    )
    assert answer.refused is not None
    assert answer.refused.code == "unknown_team"


async def test_two_replicas_never_give_anybody_more_than_they_can_take(office: Office) -> None:
    """Both decide at once about referrals in the same area, and a third door claims and closes meanwhile."""
    await office.team()
    for number in range(10):
        await office.worker(f"worker-{number}", capacity=8)
    referrals = [accepted(f"r{number}") for number in range(160)]
    batches = [office.incoming(referrals[at : at + 10]) for at in range(0, 160, 10)]

    async def replica(mine: list[int]) -> None:
        taker = Taker(service, office.clock)
        for number in mine:
            async with office.pool.acquire() as connection:
                await taker.take(connection, batches[number], {})
            assert taker.counts.dead == taker.counts.parked == 0
            over = await office.rows("select worker, load from link_worker where load > capacity")
            assert over == []

    await asyncio.gather(replica(list(range(0, 16, 2))), replica(list(range(1, 16, 2))))
    assert await office.value("select sum(load) from link_worker") == 80
    assert await office.value("select count(*) from case_file where worker is not null") == 80
    assert await office.value("select count(*) from task where kind = 'claim_case' and done is null") == 80
    miscounted = """
        select worker, load from link_worker w
        where load <> (select count(*) from case_file c where c.worker = w.worker)
    """
    assert await office.rows(miscounted) == []


async def test_whoever_weighs_the_same_link_workers_waits_for_the_other(
    office: Office,
) -> None:
    """The interleaving that would overfill somebody, made to happen."""
    await office.team()
    await office.worker("anna", capacity=1)
    wanted = Wanted(area="centrum", language="sv", needs=("company",))
    async with office.pool.acquire() as connection, connection.transaction():
        tx = Transaction(connection, office.clock.now())
        weighed = await staff_for(tx, [wanted], MONDAY.date())
        assert weighed.candidates["anna"].load == 0
        other = asyncio.create_task(office.hear(accepted("r1")))
        await asyncio.sleep(0.5)
        assert not other.done()
        await change_loads(tx, {"anna": 1})
    await other
    assert (await office.whose("r1"), await office.load("anna")) == (("city", None), 1)


@pytest.mark.slow
async def test_a_hundred_thousand_link_workers_cost_no_more_than_a_thousand(office: Office) -> None:
    """Counted in pages read, which do not depend on how busy the machine is."""
    await office.team()
    pages = {}
    for workers in (1_000, 100_000):
        await _populate(office, workers)
        await office.hear(*(accepted(f"warm-{workers}-{number}") for number in range(20)))
        before = await _pages(office)
        await office.hear(*(accepted(f"r-{workers}-{number}") for number in range(20)))
        pages[workers] = await _pages(office) - before
    assert pages[100_000] <= 2 * pages[1_000], pages


async def _populate(office: Office, workers: int) -> None:
    async with office.pool.acquire() as connection, connection.transaction():
        for table in ("link_worker", "reach"):  # what that reads by itself would be counted as ours
            await connection.execute(f"alter table {table} set (autovacuum_enabled = false)")
        await connection.execute("truncate link_worker, reach")
        await connection.execute(
            """
            insert into link_worker (worker, team, areas, languages, skills, volunteer, capacity, load)
            select 'w' || n, 'city', array['centrum'], array['sv', 'l' || n % 20], '{}', n % 3 = 0, 30, n % 31
            from generate_series(1, $1::int) n
            """,
            workers,
        )
        await connection.execute(
            """
            insert into reach (worker, area, language, volunteer, room, no_room, filled)
            select worker, 'centrum', language, volunteer, capacity - load, load >= capacity,
                   load * 10000 / capacity
            from link_worker, unnest(languages) language
            """
        )
    await office.pool.execute("analyze link_worker")
    await office.pool.execute("analyze reach")


async def _pages(office: Office) -> int:
    """Pages of `reach` and `link_worker`, with their indexes, touched so far."""
    await office.pool.execute("select pg_stat_force_next_flush()")
    await office.pool.execute("select pg_stat_clear_snapshot()")
    await asyncio.sleep(1.2)
    return int(
        await office.value(
            """
            select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)
            from pg_statio_user_tables where relname in ('reach', 'link_worker') and schemaname = 'navigator'
            """
        )
    )
