"""What a link worker's pages cost the server, with 100,000 referrals in the navigator's database.

`python -m benchmarks.pages [--referrals 100000] [--rounds 150]` makes a network in this process on a real
Postgres, refers sixty people for real (they are in the vault, and one link worker has them), lays the rest
beside them as rows in the production schema, and asks for the pages in turn, each time as that link worker.
A page's time is the whole of it: session, queries, the vault's answer with its access log, the template.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.measuring import percentile
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.staff import RegisterLinkWorker
from tests.support.casework import ANNA, MONDAY, TEAM, Casework, casework_of_its_own
from tests.support.forms import fields_of

OWN = 60
"""People one link worker has, which is many."""
GOAL = 100.0
"""Milliseconds, p95."""
console = Console(highlight=False)

_WHO = """
    select n, 'r-' || n as id, case when n % 25 = 0 then $2 else 'team-' || n % 200 end as team,
           case when n % 40 = 0 then null else 'worker-' || n % 2500 end as worker,
           $3::timestamptz - (n % 400) * interval '1 day' as since, n % 3 = 0 as closed
    from generate_series(1, $1::int) n
"""
_ROWS = (
    f"""
    insert into case_file (referral_id, person, organisation, team, worker, opened, since, closed, outcome)
    select id, 'p-' || n, 'org-' || n % 50, team, worker, since, since, case when closed then since end,
           case when closed then 'completed' end
    from ({_WHO}) who
    """,
    f"""
    insert into referral (referral_id, person, organisation, area, language, needs, pathway,
                          pathway_version, protection, accepted)
    select id, 'p-' || n, 'org-' || n % 50, 'area-' || n % 100, 'sv', array['company'], 'open-network', 0,
           'none', since
    from ({_WHO}) who
    """,
    f"""
    insert into task (task_id, referral_id, kind, why, team, worker, due, opened, done, how)
    select 't-' || n || '-' || k, id, 'contact_person', 'assigned', team, worker,
           since + k * interval '3 day', since,
           case when closed or k > 1 then since + k * interval '1 day' end,
           case when closed or k > 1 then 'reached' end
    from ({_WHO}) who, generate_series(1, 5) k
    """,
    f"""
    insert into board (referral, organisation, team, worker, lane, received, step, stepped, latest)
    select id, 'org-' || n % 50, team, worker, case when closed then 'closed' else 'meeting' end, since,
           'meeting.held', since, '1'
    from ({_WHO}) who
    """,
    f"""
    insert into board_step (referral, time, event, step, told)
    select id, since + k * interval '1 hour', '00000000' || k, 'contact.attempted',
           jsonb_build_object('worker', worker, 'way', 'phone', 'outcome', 'reached')
    from ({_WHO}) who, generate_series(1, 8) k
    """,
    f"""
    insert into aggregate (key, kind, id, sequence, opens, state)
    select id, 'task', 't-' || n || '-' || k, 2, false, jsonb_build_object('task_id', 't-' || n || '-' || k)
    from ({_WHO}) who, generate_series(1, 5) k
    """,
)


async def fill(work: Casework, referrals: int) -> list[str]:
    """The people of one link worker, for real, and everybody else's rows beside them."""
    own = []
    anna = {"worker": ANNA.actor.id, "name": ANNA.name, "team": TEAM, "capacity": 500}
    await work.do(RegisterLinkWorker, **anna, areas=("hageby",), languages=("sv",))
    for number in range(OWN):
        own.append(await work.refer(f"Person Nummer {number}"))
        work.clock.move(timedelta(minutes=20))
    pool = work.at["navigator"].pool
    for statement in _ROWS:
        await pool.execute(statement, referrals, TEAM, MONDAY, timeout=600)
    await pool.execute("analyze", timeout=600)
    return own


async def measure(work: Casework, own: list[str], rounds: int) -> dict[str, list[float]]:
    """Milliseconds of each page, round after round."""
    found: dict[str, list[float]] = {}
    async with work.browser_of(ANNA) as browser:
        search = fields_of((await browser.get("/search")).text, "/search")
        for number in range(rounds + 10):
            case = own[number % len(own)]
            pages = {
                "Today, 60 to do": browser.build_request("GET", "/today"),
                "a case": browser.build_request("GET", f"/cases/{case}"),
                "the inbox, 50 of those who wait": browser.build_request("GET", "/inbox"),
                "a search among 5,000": browser.build_request(
                    "POST", "/search", data=search | {"wanted": f"Nummer {number % OWN}"}
                ),
                "a booking form": browser.build_request("GET", f"/cases/{case}/meetings/book"),
            }
            for name, request in pages.items():
                began = time.perf_counter()
                answer = await browser.send(request)
                took = (time.perf_counter() - began) * 1000
                assert answer.status_code == 200, (name, answer.status_code)
                if number >= 10:
                    found.setdefault(name, []).append(took)
    return found


async def run(referrals: int, rounds: int) -> None:
    """Make, measure, and say how it stands against the goal."""
    with tempfile.TemporaryDirectory(prefix="sluss-pages-") as folder:
        server = Postgres(Path(folder) / "postgres")
        await server.start()
        try:
            async with casework_of_its_own(server) as work:
                with console.status(f"{referrals:,} referrals"):
                    own = await fill(work, referrals)
                with console.status(f"{rounds} rounds"):
                    found = await measure(work, own, rounds)
        finally:
            await server.stop()
    table = Table(title=f"Server time with {referrals:,} referrals, ms", box=None, title_justify="left")
    for column in ("", "p50", "p95", f"p95 / {GOAL:.0f} ms"):
        table.add_column(column, justify="left" if not column else "right")
    for name, times in found.items():
        p95 = percentile(times, 0.95)
        table.add_row(name, f"{median(times):.1f}", f"{p95:.1f}", f"{p95 / GOAL:.2f}")
    console.print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--referrals", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=150)
    given = parser.parse_args()
    asyncio.run(run(given.referrals, given.rounds))
