"""The coordinator's pages over the access log, on a whole network."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio

from sluss.machine.postgres import Postgres
from tests.support.casework import ANNA, SIV, Casework, casework_of_its_own

pytestmark = pytest.mark.slow


@pytest_asyncio.fixture(scope="module")
async def work(postgres_server: Postgres) -> AsyncIterator[Casework]:
    async with casework_of_its_own(postgres_server) as work:
        yield work


async def test_the_coordinator_draws_looks_and_opens_everybody_who_looked(work: Casework) -> None:
    case = await work.refer("Torvald Kanariefågel")
    async with work.browser_of(ANNA) as anna:
        assert (await anna.get(f"/cases/{case}")).status_code == 200
    async with work.browser_of(SIV) as siv:
        assert "Framlottat" not in (await siv.get("/accesses")).text
        day = work.clock.now().date().isoformat()
        page = (await siv.get(f"/accesses?since={day}&until={day}&most=5")).text
        assert "Anna Lind" in page
        assert "Öppnades" in page
        assert f'href="/accesses/of/{case}"' in page
        assert "Kanariefågel" not in page
        (again,) = re.findall(r'href="(/accesses\?since[^"]+)"', page)
        assert parse_qs(urlsplit(again.replace("&amp;", "&")).query)["seed"]
        extract = (await siv.get(f"/accesses/of/{case}")).text
        assert "Anna Lind" in extract
        assert "Tittade på vilka som tittat" in extract
        assert (await siv.get("/accesses/of/nobody")).status_code == 404
        assert (await siv.get("/accesses/of/%20!")).status_code == 404
        for wrong in (
            "since=x",
            f"since={day}&most=0",
            f"since={day}&until=2020-01-01",
            f"since={day}&seed=x",
        ):
            assert (await siv.get(f"/accesses?{wrong}")).status_code == 422, wrong
        work.away = {"referral"}
        assert (await siv.get(f"/accesses?since={day}")).status_code == 503
        assert (await siv.get(f"/accesses/of/{case}")).status_code == 503
        work.away = set()
