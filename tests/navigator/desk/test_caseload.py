"""A whole caseload handed over on a page: who gets what and why is shown first, and only then it is done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from services.runtime.web.people import short_id
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.navigator import ClaimCase
from tests.support.casework import ANNA, BERIT, HASSAN, SIV, Casework, casework_of_its_own
from tests.support.forms import fill_in

AT = "/coordinator/caseloads/anna-lind"


@pytest_asyncio.fixture
async def work(postgres_server: Postgres) -> AsyncIterator[Casework]:
    """One of its own: whoever has handed over everything is gone from it."""
    async with casework_of_its_own(postgres_server) as work:
        yield work


async def test_a_coordinator_sees_who_gets_what_and_hands_it_over(work: Casework) -> None:
    karin, sofia = await work.refer("Karin Ahl"), await work.refer("Sofia Ek")
    lena = await work.refer("Lena Hemlig", person={"protection": "confidential"})
    await work.do(ClaimCase, ANNA, referral_id=lena, worker="anna-lind")
    async with work.browser_of(SIV) as siv:
        assert f'href="{AT}"' in (await siv.get("/coordinator")).text
        page = (await siv.get(AT)).text
        assert "Hassan Amiri (0/1)" in page
        assert "Karin Ahl" not in page.split("Kontrollera vem som får vad")[0]
        by_policy = (await siv.get(f"{AT}?to=-")).text
        assert by_policy.count("Inkorgen hos Team Skarptorp") == 3, "nobody else works in the area"
        page = (await siv.get(f"{AT}?to=hassan-amiri")).text
        for said in (
            "Karin Ahl",
            "utsedd att ta över",
            "får 2, har sedan 2 av 1",
            "över gränsen",
            "Lämna över 3",
        ):
            assert said in page
        assert "Lena Hemlig" not in page
        assert short_id(lena) in page
        assert (await siv.get(f"{AT}?to=nobody")).status_code == 404
        assert (await siv.get("/coordinator/caseloads/nobody")).status_code == 404
        done = await fill_in(siv, f"{AT}?to=hassan-amiri", AT)
        assert "lämnas över, ett i taget" in done.text
        await work.wait(timedelta(minutes=1))
        assert "Ingenting är kvar." in (await siv.get(f"{AT}?done=1")).text
    async with work.browser_of(HASSAN) as hassan:
        today = (await hassan.get("/today")).text
        assert "Karin Ahl" in today
        assert "Sofia Ek" in today
        assert short_id(lena) in (await hassan.get("/inbox")).text
    async with work.browser_of(ANNA) as anna:
        assert (await anna.get(f"/cases/{karin}")).status_code == 200, "still her team's"
    assert sofia != karin


async def test_whoever_leaves_hands_over_their_own_and_is_signed_out(work: Casework) -> None:
    await work.refer("Karin Ahl")
    at = "/my-time/hand-over"
    async with work.browser_of(ANNA) as anna:
        assert f'href="{at}"' in (await anna.get("/my-time")).text
        assert (await anna.get(AT)).status_code == 403
        own = (await anna.get(f"{at}?to=anna-lind")).text
        assert "Den personen kan inte ta över" in own
        assert f'action="{at}"' not in own
        page = await fill_in(anna, f"{at}?to=hassan-amiri", at)
        assert "Allt är överlämnat" in page.text
        assert (await anna.get("/today")).status_code in (303, 401)
        await work.wait(timedelta(minutes=1))
    async with work.browser_of(HASSAN) as hassan:
        assert "Karin Ahl" in (await hassan.get("/today")).text
    async with work.browser_of(BERIT) as berit:
        empty = (await berit.get(f"{at}?to=-")).text
        assert "Du har inget öppet ärende." in empty
        assert "Till vem" not in empty
        page = await fill_in(berit, at, at)
        assert "Allt är överlämnat" in page.text
        assert (await berit.get("/today")).status_code in (303, 401)
