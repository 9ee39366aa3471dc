"""Staff note that they showed somebody an activity: no case, nobody named, and only staff."""

from __future__ import annotations

import re

import httpx
import pytest

from services.runtime.web import Identity
from sluss_contracts.command import Actor
from sluss_contracts.person import PersonSignposted
from sluss_contracts.vocabulary import Role
from tests.provider.calendar.conftest import OWN
from tests.support.calendar import ANNA, Town

PAGE = "/aktiviteter/gafotboll"
NURSE = Identity(Actor(id="nurse", role=Role.REFERRER, organisation="eken"), "Eken")
KIM = Identity(Actor(id="kim", role=Role.PERSON), "Kim")


async def browser_of(town: Town, identity: Identity | None) -> httpx.AsyncClient:
    cookies = await town.signed_in(identity) if identity else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(town.app), base_url=OWN, cookies=cookies)


async def fields(browser: httpx.AsyncClient) -> dict[str, str]:
    page = (await browser.get(PAGE)).text
    page = page[page.index('id="note"') :]
    return dict(re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)">', page))


@pytest.mark.parametrize("identity", [ANNA, NURSE], ids=["link worker", "referrer"])
async def test_it_is_noted_and_nobody_is_named(town: Town, identity: Identity) -> None:
    async with await browser_of(town, identity) as browser:
        chosen = {"interest": "fishing", "age_group": "age_65_79"}
        sent = {**await fields(browser), **chosen}
        for _ in range(2):  # sent twice, it is noted once
            answer = await browser.post(f"{PAGE}/visat", data=sent)
            assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?noted=1#noted")
        assert "Ingenstans står för vem." in (await browser.get(answer.headers["location"])).text
    (said,) = await town.network.at["referral"].said(PersonSignposted)
    assert (said.activity, said.area, said.organisation) == (
        *("gafotboll", "norrkoping-centrum"),
        identity.actor.organisation,
    )
    assert (said.interests, said.age_group) == (("fishing",), "age_65_79")


async def test_what_is_not_known_need_not_be_said(town: Town) -> None:
    async with await browser_of(town, ANNA) as browser:
        sent = {**await fields(browser), "interest": "no_such", "age_group": "old", "once": "x"}
        assert (await browser.post(f"{PAGE}/visat", data=sent)).status_code == 303
    (said,) = await town.network.at["referral"].said(PersonSignposted)
    assert (said.interests, said.age_group) == ((), None)


@pytest.mark.parametrize("identity", [None, KIM], ids=["a stranger", "a citizen"])
async def test_whoever_is_not_staff_sees_no_form_and_cannot_note(
    town: Town, identity: Identity | None
) -> None:
    async with await browser_of(town, identity) as browser:
        page = (await browser.get(PAGE)).text
        assert 'id="note"' not in page
        assert (await browser.post(f"{PAGE}/visat")).status_code in (303, 403)
    assert not await town.network.at["referral"].said(PersonSignposted)


async def test_while_nobody_answers_the_choices_stay(town: Town) -> None:
    async with await browser_of(town, ANNA) as browser:
        sent = {**await fields(browser), "interest": "fishing", "age_group": "age_65_79"}
        town.network.away = True
        answer = await browser.post(f"{PAGE}/visat", data=sent)
        assert answer.status_code == 503
        assert 'value="fishing" selected' in answer.text
        assert f'name="once" value="{sent["once"]}"' in answer.text


async def test_without_the_forms_token_nothing_is_noted(town: Town) -> None:
    async with await browser_of(town, ANNA) as browser:
        assert (await browser.post(f"{PAGE}/visat", data={"interest": "fishing"})).status_code == 403


async def test_what_is_not_shown_cannot_be_noted(town: Town) -> None:
    async with await browser_of(town, ANNA) as browser:
        token = (await fields(browser))["form_token"]
        answer = await browser.post("/aktiviteter/no-such/visat", data={"form_token": token})
        assert answer.status_code == 404
