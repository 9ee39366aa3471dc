"""What referrers and coordinators follow, in a real Chromium: with axe, 320 px wide, in both languages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect

from services.runtime.web import Identity
from services.runtime.web.sessions import Sessions
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor
from sluss_contracts.commands.navigator import CloseCase, RecordUnmetNeed
from sluss_contracts.commands.provider import ProposeActivity, PublishActivity
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.commands.staff import RegisterLinkWorker, RegisterTeam
from sluss_contracts.vocabulary import CaseOutcome, Need, PrescriptionKind, Role
from tests.browser.conftest import Open
from tests.browser.test_doors import usable
from tests.support import answering
from tests.support.doors import CLINIC, DOCTOR, OPERATOR, SCHOOL
from tests.support.followed import ANNA, Network, network
from tests.support.pages import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SIV = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")
HOSTILE = '<img src=x onerror="document.title=1"> & vänner'


@dataclass
class Followed:
    """A network some weeks into its life, and where the navigator's pages are."""

    network: Network
    address: str
    closed: str


async def _be(page: Page, address: str, pool: object, identity: Identity) -> None:
    token = await Sessions(pool).open(identity)
    await page.context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": address}])


@pytest_asyncio.fixture(scope="module")
async def followed(postgres_server: Postgres) -> AsyncIterator[Followed]:
    async with network(postgres_server) as there, served(there.app) as address:
        for organisation, name in ((CLINIC, "Vårdcentralen Skarptorp"), (SCHOOL, "Ebersteinska gymnasiet")):
            await there.do(
                RegisterOrganisation,
                OPERATOR,
                organisation=organisation,
                name=name,
                kind="clinic",
                area="norrkoping-city",
            )
        areas = ("norrkoping-city",)
        await there.do(RegisterTeam, OPERATOR, team="team-city", name="Team City", areas=areas)
        await there.do(
            RegisterLinkWorker,
            OPERATOR,
            worker="anna-lind",
            name="Anna Lind",
            team="team-city",
            areas=areas,
            languages=("sv",),
            capacity=2,
            gender="woman",
        )
        referrals = [await there.submit(CLINIC, f"r-{n}", person={"name": f"Alva {n}"}) for n in range(4)]
        await there.submit(SCHOOL, "r-5", person={"name": "Bo"})
        await there.do(RecordUnmetNeed, ANNA, referral_id=referrals[0], need="company", why="nothing_offered")
        await there.wait(timedelta(days=20))
        outcome = CaseOutcome.COMPLETED
        await there.do(CloseCase, ANNA, referral_id=referrals[0], outcome=outcome, feedback=HOSTILE)
        await there.tell_referrers()
        yield Followed(there, address, referrals[0])


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_referrer_and_a_coordinator_follow(
    followed: Followed, open_page: Open, language: str
) -> None:
    page = await open_page(followed.address + "/login", language=language)
    pool = followed.network.navigator.pool
    await _be(page, followed.address, pool, DOCTOR)
    await page.goto(followed.address + "/my-referrals")
    await usable(page, f"my referrals {language}")
    await page.goto(f"{followed.address}/my-referrals/{followed.closed}")
    await expect(page.locator("blockquote")).to_have_text(HOSTILE)
    await page.locator("summary").last.press("Enter")
    await usable(page, f"my referral {language}")
    await _be(page, followed.address, pool, SIV)
    await page.goto(followed.address + "/coordinator")
    await usable(page, f"coordinator {language}")


@pytest.mark.parametrize("language", ["sv", "en"])
async def test_a_coordinator_looks_at_what_waits(
    postgres_server: Postgres, open_page: Open, language: str
) -> None:
    async with answering.house(postgres_server) as house, served(house.app) as address:
        said = {"provider": "korpen", "area": "hageby", "capacity": 8, "needs": (Need.COMPANY,)}
        about = {"activity": "promenad", "title": "Promenad", "kind": PrescriptionKind.PHYSICAL}
        await house.do(PublishActivity, **said, **about)
        maud = Actor(id="korpen", role=Role.PROVIDER, organisation="korpen")
        await house.do(PublishActivity, maud, **(said | about | {"capacity": 12, "about": HOSTILE}))
        tip = about | {"activity": "promenad-0a1b2c3d", "title": HOSTILE}
        await house.do(ProposeActivity, Actor(id="anybody", role=Role.PERSON), **said, **tip)
        page = await open_page(address + "/login", language=language)
        await _be(page, address, house.desk.pool, SIV)
        await page.goto(address + "/coordinator/moderation")
        await usable(page, f"moderation {language}")
        await page.locator("button.quiet", has_text=HOSTILE).click()
        await expect(page.locator(".faults")).to_be_focused()
        await usable(page, f"moderation to mend {language}")

        await page.goto(address + "/spreadsheet")
        await usable(page, f"spreadsheet {language}")
        for name, rows in (("mend", "Promenad;25.00;7"), ("show", "Promenad;;7\nKör;;5")):
            sheet = (
                f"Aktivitet;Klockslag;Platser;Område\n{rows.replace(chr(10), ';hageby' + chr(10))};hageby\n"
            )
            await page.locator("#provider").select_option("korpen")
            file = {"name": "lista.csv", "mimeType": "text/csv", "buffer": sheet.encode()}
            await page.locator("#file").set_input_files(file)  # type: ignore[arg-type]
            await page.locator("form[aria-labelledby=send] button").click()
            await usable(page, f"spreadsheet to {name} {language}")
        await page.locator("form[action='/spreadsheet/confirmed'] button").click()
        await expect(page.get_by_role("status")).to_contain_text("2")
