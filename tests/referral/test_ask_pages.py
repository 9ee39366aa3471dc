"""Asking for help: without an account, with consent in plain words, and away from the page in one press."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import count
from typing import Any

import httpx
import pytest_asyncio

from services.referral.vault.safe import Kind, vault
from services.referral.web.self_form import ELSEWHERE, OWN_DOOR
from services.runtime.web.people import short_id
from sluss.machine.postgres import Postgres
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.organisation import OrganisationRegistered
from sluss_contracts.referral import ReferralAccepted, ReferralHeld, ReferralSubmitted
from sluss_contracts.vocabulary import ConsentPurpose, GuardianRule
from tests.support.doors import Door, browsing, door, fill_in, go, send

SELF: dict[str, Any] = {"whom": "self", "name": "Kim", "phone": "070-123 45 67", "agreed": ["referral"]}
RELATIVE: dict[str, Any] = {
    "whom": "relative",
    "name": "Gösta",
    "phone": "011-12 34 56",
    "teller": "Kerstin, dotter",
}
NEED: dict[str, Any] = {"needs": ["company"], "reason": "Det är tyst hemma", "area": "norrkoping-city"}
_addresses = count(1)


@pytest_asyncio.fixture
async def here(postgres_server: Postgres) -> AsyncIterator[Door]:
    async with door(postgres_server) as made:
        yield made


@pytest_asyncio.fixture
async def kim(here: Door) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(here, address=f"192.0.2.{next(_addresses)}") as client:
        yield client


async def at_the_end(client: httpx.AsyncClient, who: dict[str, Any], **other: Any) -> httpx.Response:
    page = await fill_in(client, await go(client, "/sok-hjalp/new"), **who)
    page = await fill_in(client, page, **(NEED | other))
    assert page.url.path.endswith("/check"), page.text
    return page


async def test_somebody_asks_for_themselves(here: Door, kim: httpx.AsyncClient) -> None:
    front = await go(kim, "/sok-hjalp")
    assert "ingen akuttjänst" in front.text
    page = await fill_in(kim, await at_the_end(kim, SELF))
    (said,) = await here.desk.said(ReferralSubmitted)
    assert (said.organisation, said.channel, said.area) == (OWN_DOOR, "web", "norrkoping-city")
    assert said.purposes == (ConsentPurpose.REFERRAL,)
    assert short_id(said.referral_id) in page.text
    assert said.referral_id not in page.text
    assert len(await here.desk.said(ReferralAccepted)) == 1
    (opened,) = [one for one in await here.desk.said(OrganisationRegistered) if one.organisation == OWN_DOOR]
    assert opened.name == "Egen anmälan"
    # The door is opened once, and consent is kept apart for each purpose.
    both = SELF | {"agreed": ["referral", "share_with_provider"]}
    await fill_in(kim, await at_the_end(kim, both, area=ELSEWHERE))
    second = (await here.desk.said(ReferralSubmitted))[1]
    assert second.purposes == (ConsentPurpose.REFERRAL, ConsentPurpose.SHARE_WITH_PROVIDER)
    assert second.area == ELSEWHERE
    assert len(await here.desk.said(OrganisationRegistered)) == 3


async def test_a_relative_cannot_say_yes_for_them(here: Door, kim: httpx.AsyncClient) -> None:
    page = await at_the_end(kim, RELATIVE | {"agreed": ["referral", "share_with_provider"]})
    assert "Vi frågar personen först" in page.text
    page = await fill_in(kim, page)
    (said,) = await here.desk.said(ReferralSubmitted)
    (held,) = await here.desk.said(ReferralHeld)
    assert (said.channel, said.purposes, held.why) == ("relative", (), "consent_to_be_asked")
    assert "En hälsolots frågar personen först" in page.text
    rows = await here.desk.pool.fetch(
        "select s.*, p.wrapped from secret s join person p using (person) where kind = $1", Kind.REFERRER
    )
    assert [vault.open(row) for row in rows] == [{"unit": "Närstående", "person": "Kerstin, dotter"}]


async def test_a_young_person_may_and_a_human_decides(here: Door, kim: httpx.AsyncClient) -> None:
    page = await at_the_end(kim, SELF | {"born": "2011"})
    assert "Du är under 18" in page.text
    page = await fill_in(kim, page)
    assert "bestämmer tillsammans med dig" in page.text
    (said,) = await here.desk.said(ReferralSubmitted)
    assert said.guardian_rule is GuardianRule.TO_BE_DECIDED
    assert [held.why for held in await here.desk.said(ReferralHeld)] == ["guardian_to_be_decided"]


async def test_leaving_takes_what_was_written_away(here: Door, kim: httpx.AsyncClient) -> None:
    page = await at_the_end(kim, SELF | {"never": ["letter"], "must_not_know": "Han där hemma"})
    assert "Han där hemma" in page.text
    assert 'href="/sok-hjalp/leave" data-leave' in page.text
    left = await kim.get("/sok-hjalp/leave")
    assert (left.status_code, left.headers["location"]) == (303, "/aktiviteter")
    again = await go(kim, str(page.url.path))
    assert "Han där hemma" not in again.text
    assert "Kim" not in again.text


async def test_what_is_needed_is_said(here: Door, kim: httpx.AsyncClient) -> None:
    page = await fill_in(kim, await go(kim, "/sok-hjalp/new"))
    assert page.status_code == 422
    for field in ("whom", "name", "phone"):
        assert f'<a href="#{field}">' in page.text
    page = await fill_in(kim, page, whom="self", name="Kim", email="ingen adress")
    assert '<a href="#email">' in page.text
    assert '<a href="#agreed">' in page.text
    page = await fill_in(kim, page, whom="relative", email="kim@example.org")
    assert '<a href="#teller">' in page.text
    assert not await here.desk.said(ReferralSubmitted)


async def test_a_browser_that_fills_everything_in_is_told_so_and_gets_through(
    here: Door, kim: httpx.AsyncClient
) -> None:
    page = await fill_in(kim, await go(kim, "/sok-hjalp/new"), website="http://spam.example", **SELF)
    assert page.status_code == 422
    assert "Något som inte syns" in page.text
    page = await fill_in(kim, page)
    assert page.url.path.endswith("/need")


async def test_nobody_floods_it(here: Door, kim: httpx.AsyncClient) -> None:
    for _ in range(5):
        await fill_in(kim, await at_the_end(kim, SELF))
    page = await at_the_end(kim, SELF)
    refused = await send(kim, page)
    assert refused.status_code == 429
    assert "vänta en timme" in refused.text
    assert "070-123 45 67" in refused.text
    assert len(await here.desk.said(ReferralSubmitted)) == 5
    async with browsing(here, address="198.51.100.1") as another:
        await fill_in(another, await at_the_end(another, SELF))
    assert len(await here.desk.said(ReferralSubmitted)) == 6


async def test_acute_words_are_met_at_once_and_raise_an_alarm(here: Door, kim: httpx.AsyncClient) -> None:
    page = await at_the_end(kim, SELF, reason="Jag vill ta livet av mig")
    assert 'href="tel:112"' in page.text
    assert 'href="tel:112"' in (await fill_in(kim, page)).text
    assert len(await here.desk.said(AlarmRaised)) == 1
