"""Referring on three screens: little is asked for, nothing is sent twice, and no address tells of anybody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest_asyncio

from services.referral.vault.safe import Kind, vault
from services.runtime.web.people import short_id
from sluss.machine.postgres import Postgres
from sluss_contracts.alarm import AlarmRaised
from sluss_contracts.receipt import ReceiptIssued
from sluss_contracts.referral import ReferralAccepted, ReferralHeld, ReferralSubmitted
from sluss_contracts.vocabulary import ConsentPurpose, Gender, GuardianRule, Need
from tests.referral.requests import NAME, NUMBER, REASON
from tests.support.doors import (
    CLINIC,
    COUNSELLOR,
    DOCTOR,
    Door,
    browsing,
    door,
    fill_in,
    follow,
    form_of,
    go,
    send,
)

WHO: dict[str, Any] = {"name": NAME, "phone": "070-174 06 05", "consent": "given"}
WHAT: dict[str, Any] = {"needs": ["company", "nature"], "reason": REASON, "area": "norrkoping-city"}
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}'


@pytest_asyncio.fixture
async def here(postgres_server: Postgres) -> AsyncIterator[Door]:
    async with door(postgres_server) as made:
        yield made


@pytest_asyncio.fixture
async def eva(here: Door) -> AsyncIterator[httpx.AsyncClient]:
    async with browsing(here, DOCTOR) as client:
        yield client


async def at_the_end(client: httpx.AsyncClient, **other: Any) -> httpx.Response:
    """The screen to check, with everything filled in."""
    who = {name: value for name, value in other.items() if name not in WHAT and name != "gender"}
    what = {name: value for name, value in other.items() if name not in who}
    page = await fill_in(client, await go(client, "/refer"), **(WHO | who))
    page = await fill_in(client, page, **(WHAT | what))
    assert page.url.path.endswith("/check"), page.text
    return page


async def kept(here: Door, kind: Kind) -> list[Any]:
    """What the vault keeps of one kind."""
    rows = await here.desk.pool.fetch(
        "select s.*, p.wrapped from secret s join person p using (person) where kind = $1", kind.value
    )
    return [vault.open(row) for row in rows]


async def test_three_screens_make_a_referral_like_any(here: Door, eva: httpx.AsyncClient) -> None:
    page = await at_the_end(eva, gender="woman", number=NUMBER)
    assert NAME in page.text
    assert "070-174 06 05" in page.text
    page = await fill_in(eva, page)
    (said,) = await here.desk.said(ReferralSubmitted)
    assert (said.organisation, said.area, said.channel) == (CLINIC, "norrkoping-city", "staff")
    assert said.needs == (Need.COMPANY, Need.NATURE)
    assert said.purposes == (ConsentPurpose.REFERRAL, ConsentPurpose.FEEDBACK_TO_REFERRER)
    assert said.requested_gender is Gender.WOMAN
    assert said.receipt_shown
    assert [fact.referral_id for fact in await here.desk.said(ReferralAccepted)] == [said.referral_id]
    (receipt,) = await here.desk.said(ReceiptIssued)
    assert receipt.receipt_id == said.referral_id
    assert short_id(said.referral_id) in page.text
    assert f'href="/my-referrals/{said.referral_id}"' in page.text
    assert await kept(here, Kind.REFERRER) == [{"unit": "Vårdcentralen Skarptorp", "person": "Eva Holm"}]
    assert await kept(here, Kind.REASON) == [REASON]
    (person,) = await kept(here, Kind.PERSON)
    assert (person["name"], person["identity_number"]) == (NAME, "194608239986")


async def test_whoever_is_to_be_asked_first_waits(here: Door, eva: httpx.AsyncClient) -> None:
    page = await fill_in(eva, await at_the_end(eva, consent="to_be_asked"))
    (held,) = await here.desk.said(ReferralHeld)
    assert (held.why, held.receipt_shown) == ("consent_to_be_asked", True)
    assert "väntar tills personen har blivit tillfrågad" in page.text


async def test_however_often_it_is_sent_it_is_one(here: Door, eva: httpx.AsyncClient) -> None:
    page = await at_the_end(eva)
    twice = await asyncio.gather(send(eva, page), send(eva, page))
    assert {answer.status_code for answer in twice} == {303}
    receipts = {(await follow(eva, answer)).text for answer in twice}
    again = await follow(eva, await send(eva, page))  # the back button, and once more
    assert receipts == {again.text}
    assert len(await here.desk.said(ReferralSubmitted)) == 1
    assert len(await here.desk.said(ReceiptIssued)) == 1
    first = str(page.url.path).removesuffix("/check")
    assert (await go(eva, first)).url.path.endswith("/receipt")


async def test_back_and_forth_loses_nothing(eva: httpx.AsyncClient) -> None:
    page = await at_the_end(eva, born="1950", never=["phone", "letter"], not_before="09:00")
    first = str(page.url.path).removesuffix("/check")
    _, fields = form_of((await go(eva, first)).text)
    assert fields["name"] == [NAME]
    assert fields["born"] == ["1950"]
    assert fields["never"] == ["phone", "letter"]
    # From the first screen one goes straight back to the end when the rest is there.
    page = await fill_in(eva, await go(eva, first), name="Någon Annan")
    assert page.url.path.endswith("/need") or page.url.path.endswith("/check")
    page = await go(eva, f"{first}/check")
    assert "Någon Annan" in page.text


async def test_nobody_skips_a_screen(eva: httpx.AsyncClient) -> None:
    page = await go(eva, "/refer")
    for later in ("need", "check", "receipt"):
        assert (await go(eva, f"{page.url.path}/{later}")).url.path == page.url.path


async def test_what_is_missing_is_said_where_it_is_and_above(eva: httpx.AsyncClient) -> None:
    page = await fill_in(eva, await go(eva, "/refer"), number="19460823-9987", not_before="åtta")
    assert page.status_code == 422
    for field in ("name", "phone", "number", "consent", "not_before"):
        assert f'<a href="#{field}">' in page.text or field == "phone", field
        assert f'id="{field}"' in page.text
    assert "autofocus" in page.text
    assert 'value="19460823-9987"' in page.text
    page = await fill_in(eva, page, number="", not_before="", **WHO)
    page = await fill_in(eva, page, unit="")
    assert page.status_code == 422
    for field in ("needs", "area", "unit"):
        assert f'<a href="#{field}">' in page.text, field


async def test_acute_words_are_met_at_once(here: Door, eva: httpx.AsyncClient) -> None:
    page = await at_the_end(eva, reason="Han säger att han vill ta livet av sig")
    assert 'href="tel:112"' in page.text
    page = await fill_in(eva, page)
    assert 'href="tel:112"' in page.text
    assert [fact.where for fact in await here.desk.said(AlarmRaised)] == ["reason"]


async def test_a_minor_waits_unless_a_professional_has_decided(here: Door, eva: httpx.AsyncClient) -> None:
    page = await fill_in(eva, await at_the_end(eva, born="2012"))
    assert "vårdnadshavare" in page.text
    await fill_in(eva, await at_the_end(eva, born="2012", guardian_rule="withheld"))
    first, second = await here.desk.said(ReferralSubmitted)
    assert (first.guardian_rule, second.guardian_rule) == (
        GuardianRule.TO_BE_DECIDED,
        GuardianRule.WITHHELD,
    )


async def test_nothing_of_anybody_is_in_an_address_a_cookie_or_a_table(
    here: Door, eva: httpx.AsyncClient
) -> None:
    seen: list[str] = []
    eva.event_hooks["response"].append(_note(seen))
    await at_the_end(eva, number=NUMBER)
    for word in (NAME, "Vilhelmina", "1740605", "9986", REASON):
        assert all(word not in each for each in seen)
        assert all(word not in cookie.value for cookie in eva.cookies.jar if cookie.value)
    rows = await here.desk.pool.fetch("select sealed, draft from draft")
    assert rows
    assert all(NAME.encode() not in bytes(row["sealed"]) for row in rows)


def _note(seen: list[str]) -> Any:
    async def note(response: httpx.Response) -> None:
        seen.append(str(response.url) + response.headers.get("location", ""))

    return note


async def test_a_draft_is_its_writers_and_their_browsers(here: Door, eva: httpx.AsyncClient) -> None:
    page = await at_the_end(eva)
    first = str(page.url.path).removesuffix("/check")
    async with browsing(here, DOCTOR) as elsewhere:
        assert NAME not in (await go(elsewhere, first)).text
    eva.cookies.set("sluss_session", await here.session(COUNSELLOR), domain="sluss.test")
    assert NAME not in (await go(eva, first)).text


async def test_only_referrers_of_an_organisation_that_takes_part_may(here: Door) -> None:
    async with browsing(here) as nobody:
        assert (await nobody.get("/refer")).headers["location"] == "/login?next=%2Frefer"
    stranger = DOCTOR.__class__(
        DOCTOR.actor.model_copy(update={"organisation": "no-such-organisation"}), "Någon"
    )
    async with browsing(here, stranger) as client:
        assert (await go(client, "/refer")).status_code == 404


async def test_what_is_written_is_shown_and_never_run(eva: httpx.AsyncClient) -> None:
    page = await at_the_end(eva, name=HOSTILE, must_not_know=HOSTILE, reason=HOSTILE)
    assert "<script>alert" not in page.text
    assert "<img" not in page.text
    assert "{{7*7}}" in page.text
    page = await go(eva, str(page.url.path).removesuffix("/check"))
    assert "<script>alert" not in page.text


async def test_the_areas_are_asked_for_and_the_form_works_without(here: Door, eva: httpx.AsyncClient) -> None:
    here.network.away = True
    page = await at_the_end(eva, area="norrkoping-skarptorp")
    await fill_in(eva, page)
    assert len(await here.desk.said(ReferralSubmitted)) == 1


async def test_a_body_is_the_same_for_the_same_content(here: Door, eva: httpx.AsyncClient) -> None:
    await fill_in(eva, await at_the_end(eva))
    rows = await here.desk.pool.fetch("select body from event where kind = 'receipt'")
    assert {json.loads(row["body"])["data"]["status"] for row in rows} == {"accepted"}
