"""Signing in at a real sign-in service in a real browser, and the pages about who has looked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from playwright.async_api import Page, expect
from pydantic import SecretStr

from services.navigator.accounts import Accounts
from services.navigator.web.site import navigator_web
from services.runtime.web.oidc import OidcSettings, OidcSignIn
from services.runtime.web.signing_in import SignIn
from sluss.machine.postgres import Postgres
from sluss_contracts.commands.signing_in import AllowSignIn
from tests.browser.conftest import Open
from tests.browser.looks import ALL_RULES, SIDEWAYS, TOO_SMALL, found_by_axe
from tests.support.casework import ANNA, Casework, casework_of_its_own
from tests.support.pages import SECRET, served
from tests.support.sign_in_service import SignInService, sign_in_service

pytestmark = [pytest.mark.slow, pytest.mark.browser]


@pytest.fixture(scope="module")
def outside() -> Iterator[SignInService]:
    with sign_in_service() as service:
        yield service


@pytest_asyncio.fixture(scope="module")
async def work(postgres_server: Postgres) -> AsyncIterator[Casework]:
    async with casework_of_its_own(postgres_server, demo=False) as work:
        yield work


async def _is_for_everybody(page: Page) -> None:
    for width in (1280, 360):
        await page.set_viewport_size({"width": width, "height": 800})
        found = await found_by_axe(page, ALL_RULES)
        assert not found, f"{page.url}, {width} px: {found}"
        assert await page.evaluate(SIDEWAYS) <= 0, page.url
    await page.set_viewport_size({"width": 320, "height": 800})
    assert await page.evaluate(SIDEWAYS) <= 0, page.url
    assert await page.evaluate(TOO_SMALL) == [], page.url


async def test_in_at_the_service_to_who_has_looked_and_out_again(
    work: Casework, outside: SignInService, open_page: Open
) -> None:
    case = await work.refer("Torvald Kanariefågel")
    async with work.browser_of(ANNA) as anna:
        assert (await anna.get(f"/cases/{case}")).status_code == 200
    email = "siv@kommun.example"
    await work.do(AllowSignIn, role="coordinator", who="siv", name="Siv Ekdahl", email=email)
    outside.put("siv", email=email, email_verified=True)
    named = OidcSettings(outside.issuer, "sluss", SecretStr("a secret"), "http://not-yet.example")
    navigator = work.at["navigator"]
    sign_in = SignIn(OidcSignIn(named, SECRET.encode()), Accounts(navigator.pool).of)
    app = navigator_web(
        navigator.pool,
        work.engine,
        secret=SECRET,
        demo=False,
        sign_in=sign_in,
        network=work,
        now=work.clock.now,
    )
    async with served(app) as address:
        sign_in.oidc.settings = replace(named, address=address)
        page = await open_page(f"{address}/accesses")
        await expect(page).to_have_url(f"{address}/login?next=%2Faccesses")
        await _is_for_everybody(page)
        await page.get_by_role("link", name="Logga in med jobbkontot").click()
        await page.locator("input[name=sub]").fill("siv")
        await page.get_by_role("button", name="Authorize").click()
        await expect(page).to_have_url(f"{address}/accesses")
        await _is_for_everybody(page)
        day = work.clock.now().date().isoformat()
        await page.locator("#since").fill(day)
        await page.locator("#until").fill(day)
        await page.get_by_role("button", name="Lotta").click()
        await expect(page.get_by_text("Anna Lind").first).to_be_visible()
        await _is_for_everybody(page)
        await page.get_by_role("link", name="Alla som tittat på").first.click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text("Vem har tittat på")
        await _is_for_everybody(page)
        await page.emulate_media(media="print")
        assert not await page.get_by_text("Anna Lind").first.is_visible(), "of the staff, nobody is named"
        await page.emulate_media(media="screen")
        await page.get_by_role("button", name="Logga ut").click()
        await page.wait_for_url(f"{outside.issuer}/**")

        outside.put("stranger", email="x@kommun.example", email_verified=True)
        await page.goto(f"{address}/login/begin")
        await page.locator("input[name=sub]").fill("stranger")
        await page.get_by_role("button", name="Authorize").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Sluss känner inte till dig än")
        await _is_for_everybody(page)
