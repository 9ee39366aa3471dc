"""A link does what it is for, for whom it is for, once; and looking at it does nothing at all."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.provider.links.keys import signer
from services.provider.links.token import Link, Purpose
from services.runtime.decision import NotAllowed
from services.runtime.web.guessing import GUESSES
from sluss_contracts.activity import ActivityVerified
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import ReadActivityLink, ReadEnrolmentLink
from sluss_contracts.enrolment import EnrolmentAccepted
from sluss_contracts.vocabulary import Role
from tests.support.answering import (
    A_DAY,
    CAFE,
    HEMGARDEN,
    KORPEN,
    NOON,
    OWN,
    WALK,
    House,
    browsing,
    fields_of,
    post,
    send,
)

XSS = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
CALM = "Länken gäller inte längre"


def path(link: Link) -> str:
    return f"/answer/{signer().sign(link)}"


def read(link: str) -> Link:
    return signer().read(link.rsplit("/", 1)[1], NOON)


async def links_of_all_kinds(house: House) -> list[str]:
    """One of each purpose, each with something to answer."""
    await house.publish()
    session_id = await house.session(NOON + A_DAY)
    await house.welcomed("bo")
    await house.wish("alva")
    offer = await house.offer_link("alva")
    house.desk.clock.move(A_DAY + timedelta(hours=2))
    return [offer, await house.activity_link(session_id=session_id), await house.activity_link()]


async def test_looking_changes_nothing_by_whatever_method(house: House, maud: httpx.AsyncClient) -> None:
    links = await links_of_all_kinds(house)
    await house.desk.settle()
    before = await house.events()
    for link in links:
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"):
            for query in ("", "?answer=welcome", "?do=end&sure=yes&answer=ended", "?saved"):
                await maud.request(method, link + query)
    assert house.doors.asked == []
    assert await house.events() == before
    for link in links:
        assert (await maud.get(link)).status_code == 200


async def test_the_pages_may_be_kept_found_or_passed_on_by_nobody(
    house: House, maud: httpx.AsyncClient
) -> None:
    for link in [*await links_of_all_kinds(house), "/answer/made-up", "/answer/thanks/no"]:
        page = await maud.get(link)
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "strict-origin"
        assert page.headers["x-robots-tag"] == "noindex, nofollow, noarchive"
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert '<meta name="robots" content="noindex, nofollow">' in page.text
        assert "<script" not in page.text


async def test_an_altered_sign_leads_to_the_same_calm_page(house: House, maud: httpx.AsyncClient) -> None:
    (link, *_) = await links_of_all_kinds(house)
    for place in (8, 20, len(link) // 2, len(link) - 1):
        altered = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        for answer in (await maud.get(altered), await post(maud, altered, await fields(maud, link), {})):
            assert answer.status_code == 404
            assert CALM in answer.text
    assert not house.doors.asked


async def fields(client: httpx.AsyncClient, link: str) -> dict[str, str]:
    return fields_of((await client.get(link)).text)


async def test_another_purpose_cannot_be_made_of_a_link(house: House, maud: httpx.AsyncClient) -> None:
    """Even signed by us: what an id names is looked for among what the purpose is about."""
    for link in await links_of_all_kinds(house):
        said = read(link)
        for other in set(Purpose) - {said.purpose}:
            answer = await maud.get(path(replace(said, purpose=other)))
            assert (answer.status_code, CALM in answer.text) == (404, True)


async def test_another_providers_offer_session_and_activity_are_not_shown(
    house: House, maud: httpx.AsyncClient
) -> None:
    for link in await links_of_all_kinds(house):
        answer = await maud.get(path(replace(read(link), provider=HEMGARDEN)))
        assert (answer.status_code, CALM in answer.text) == (404, True)


async def test_a_form_of_one_link_is_not_taken_by_another(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish()
    await house.publish(CAFE)
    await house.wish("alva", WALK)
    await house.wish("bo", CAFE)
    one, other = await house.offer_link("alva", WALK), await house.offer_link("bo", CAFE)
    sent = await fields(maud, one)
    answer = await post(maud, other, sent, {})
    assert answer.status_code == 409
    assert not house.doors.asked


@pytest.mark.parametrize("missing", ["proof", "form_token"])
async def test_a_form_without_its_proof_is_not_taken(
    house: House, maud: httpx.AsyncClient, missing: str
) -> None:
    (link, *_) = await links_of_all_kinds(house)
    answer = await post(maud, link, await fields(maud, link), {missing: None})
    assert answer.status_code in (403, 409)
    assert not house.doors.asked


async def test_a_form_from_another_site_is_not_taken(house: House, maud: httpx.AsyncClient) -> None:
    (link, *_) = await links_of_all_kinds(house)
    sent = await fields(maud, link)
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}):
        assert (await maud.post(link, data=sent, headers=headers)).status_code == 403
    assert not house.doors.asked
    assert (await maud.post(link, data=sent, headers={"origin": OWN})).status_code == 303


async def test_a_form_sent_twice_or_by_somebody_it_was_forwarded_to_does_nothing_more(
    house: House, maud: httpx.AsyncClient
) -> None:
    (offer, _, confirmation) = await links_of_all_kinds(house)
    async with browsing(house.app, address="192.0.2.99") as other:
        theirs = fields_of((await other.get(offer)).text, "no") | {"reason": "no_host"}
        mine = fields_of((await maud.get(offer)).text, "welcome")
        assert (await post(maud, offer, mine, {"host": "Maud"})).status_code == 303
        after = await house.events()
        for client, sent in ((maud, mine), (maud, {**mine, "host": "Kjell"}), (other, theirs)):
            again = await post(client, offer, sent, {})
            assert (again.status_code, CALM in again.text) == (404, True)
            assert "Maud" not in again.text
        assert await house.events() == after
        right = fields_of((await maud.get(confirmation)).text, "right")
        assert (await post(maud, confirmation, right, {})).status_code == 303
        house.desk.clock.move(40 * A_DAY)
        assert (await post(maud, confirmation, right, {})).status_code == 404
    assert len(await house.desk.said(EnrolmentAccepted)) == 2
    assert len(await house.desk.said(ActivityVerified)) == 1


async def test_what_is_expired_used_made_up_or_anothers_looks_the_same(
    house: House, maud: httpx.AsyncClient
) -> None:
    (offer, *_) = await links_of_all_kinds(house)
    said = read(offer)
    expired = path(replace(said, expires=NOON - A_DAY))
    made_up = offer[:-3] + "AAA"
    anothers = path(replace(said, provider=HEMGARDEN))
    unknown = path(replace(said, about="nobody-knows-it"))
    await send(maud, offer, "no", reason="no_host")
    pages = {
        (answer.status_code, answer.text.replace(link, ""))
        for link in (offer, expired, made_up, anothers, unknown)
        for answer in [await maud.get(link)]
    }
    assert len(pages) == 1


async def test_who_guesses_is_told_to_wait_and_a_good_link_still_opens(
    house: House, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    (link, *_) = await links_of_all_kinds(house)
    async with browsing(house.app) as guesser:
        made_up = link[:-4] + "AAAA"
        answers = [await guesser.get(made_up) for _ in range(GUESSES + 2)]
        assert [each.status_code for each in answers] == [404] * GUESSES + [429] * 2
        assert answers[-1].headers["retry-after"]
        assert answers[-1].text == answers[0].text
        assert (await guesser.get(link)).status_code == 200
    async with browsing(house.app, address="192.0.2.8") as other:
        assert (await other.get(made_up)).status_code == 404
    printed = caplog.text + "".join(capfd.readouterr())
    assert "links_guessed" in printed
    assert made_up.rsplit("/", 1)[1] not in printed
    assert "192.0.2.7" not in printed


async def test_a_token_is_in_no_log_even_when_something_breaks(
    house: House,
    maud: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG, "services")
    (link, *_) = await links_of_all_kinds(house)
    sent = await fields(maud, link)
    house.doors.away = True
    later = await post(maud, link, sent, {})
    assert later.status_code == 503
    assert "Inget är förlorat" in later.text
    house.doors.away = False
    await post(maud, link, sent, {"host": "x" * 90})
    await post(maud, link, sent, {})
    assert link.rsplit("/", 1)[1] not in caplog.text + "".join(capfd.readouterr())


async def test_a_hosts_name_is_a_name_whatever_it_holds(house: House, maud: httpx.AsyncClient) -> None:
    await house.publish(title=f"Kör {XSS}", about=XSS)
    await house.session(NOON + A_DAY)
    await house.wish("alva")
    link = await house.offer_link("alva")
    pages = [await maud.get(link), await maud.get(await house.activity_link())]
    pages.append(await maud.get(f"{await house.activity_link()}?do=change"))
    pages.append(await send(maud, link, "welcome", host=XSS, starts="never"))
    pages.append(await send(maud, link, "another_time", other_host=XSS))
    pages.append(await send(maud, link, "no", reason=XSS))
    for page in pages:
        assert "<script" not in page.text
        assert "<img" not in page.text
    assert (await send(maud, link, "welcome", host=XSS)).status_code == 303
    (said,) = await house.desk.said(EnrolmentAccepted)
    assert said.host == XSS


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.OPERATOR, Role.SERVICE}))
async def test_links_are_given_to_staff_and_to_nobody_else(house: House, role: Role) -> None:
    await house.publish()
    await house.wish("alva")
    by = Actor(id=KORPEN, role=role)
    for answer in (
        await house.ask(ReadEnrolmentLink, by, referral_id="alva", enrolment_id=f"alva-{WALK}"),
        await house.ask(ReadActivityLink, by, activity=WALK),
    ):
        assert answer.refused
        assert answer.refused.code == NotAllowed.code
        assert answer.result == {}


async def test_a_link_is_kept_nowhere(house: House) -> None:
    """The answer to a question is not kept, so no table holds a token."""
    await house.publish()
    link = await house.activity_link()
    token = link.rsplit("/", 1)[1]
    for table in ("answered_command", "event", "aggregate", "timer"):
        rows = await house.desk.pool.fetch(f"select * from {table}")
        assert token not in str([dict(row) for row in rows]), table
