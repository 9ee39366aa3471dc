"""Every route of every service, tried as everybody: whoever is not meant gets in nowhere."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi.sse import EventSourceResponse

from services.runtime.web import Identity
from services.runtime.web.pages import SAFE_METHODS, Row
from services.runtime.web.visitors import SESSION_COOKIE
from sluss_contracts.command import Actor
from sluss_contracts.vocabulary import Role
from tests.roles.conftest import Sites
from tests.roles.families import ANYBODY, Whose, family_of
from tests.support.casework import ANNA, BERIT, HASSAN, NURSE, OLLE, SIV

pytestmark = pytest.mark.slow

ELSEWHERE = "psyk-city"
OTHER_NURSE = Identity(Actor(id="sara", role=Role.REFERRER, organisation=ELSEWHERE), "Sara")
EVERYBODY: dict[Role, Identity] = {
    Role.LINK_WORKER: ANNA,
    Role.VOLUNTEER: OLLE,
    Role.COORDINATOR: SIV,
    Role.REFERRER: NURSE,
    Role.PROVIDER: Identity(Actor(id="korpen", role=Role.PROVIDER, organisation="korpen"), "Korpen"),
    Role.PERSON: Identity(Actor(id="kim", role=Role.PERSON), "Kim"),
    Role.OPERATOR: Identity(Actor(id="jo", role=Role.OPERATOR), "Jo"),
}
FOREIGN = {
    Whose.CASE: (BERIT, OLLE),
    Whose.BOARD: (BERIT, OLLE, OTHER_NURSE, EVERYBODY[Role.PROVIDER], EVERYBODY[Role.PERSON], None),
    Whose.REFERRED: (OTHER_NURSE,),
}
"""Whose the far case is not: another team's, a volunteer who does not have it, another organisation's."""


def streams(row: Row) -> bool:
    return row.options.get("response_class") is EventSourceResponse


def address(row: Row, case: str) -> str:
    """The route with every id filled in: the case's own, and otherwise one that is nobody's."""
    named = {"case_id": case, "referral_id": case}
    return re.sub(r"\{(\w+)(?::\w+)?\}", lambda place: named.get(place[1], "no-such-thing"), row.path)


@asynccontextmanager
async def visiting(sites: Sites, name: str, who: Identity | None) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody before one service's pages, with the token their forms carry."""
    app = sites.apps[name]
    cookies = {SESSION_COOKIE: await app.state.site.sessions.open(who)} if who else {}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://sluss.test", cookies=cookies
    ) as client:
        page = await client.get("/login")
        (token, *_) = re.findall(r'name="form_token" value="([0-9a-f]+)"', page.text)
        client.headers["x-form-token"] = token
        yield client


async def said(sites: Sites) -> int:
    """How much the whole network has said."""
    return sum([await each.pool.fetchval("select count(*) from event") for each in sites.work.at.values()])


def test_every_route_is_of_a_family_and_opened_to_nobody_the_family_is_not_for(sites: Sites) -> None:
    for _, row in sites.rows():
        family = family_of(row)
        if family.at_most is not ANYBODY:
            assert row.roles is not None, f"{row.path} is open to everybody"
            assert row.roles <= family.at_most, f"{row.path} is for {row.roles - family.at_most} as well"


async def test_no_role_gets_in_where_it_is_not_meant_and_nobody_without_signing_in(sites: Sites) -> None:
    before = await said(sites)
    for name in sites.apps:
        rows = [row for site, row in sites.rows() if site == name and not row.admits_anyone]
        for who in (None, *EVERYBODY.values()):
            async with visiting(sites, name, who) as client:
                for row in rows:
                    if who is not None and who.role in (row.roles or ()):
                        continue
                    answer = await client.request(row.method, address(row, sites.far.case))
                    told = (who.role if who else None, row.method, row.path)
                    if who is None:
                        assert answer.status_code == 303, told
                        assert answer.headers["location"].startswith("/login"), told
                    else:
                        assert answer.status_code == 403, told
    assert await said(sites) == before


async def test_whoever_is_meant_gets_in(sites: Sites) -> None:
    for name in ("navigator", "provider", "referral"):
        for who in EVERYBODY.values():
            async with visiting(sites, name, who) as client:
                for site, row in sites.rows():
                    if site != name or row.method not in SAFE_METHODS or streams(row):
                        continue
                    if who.role in (row.roles or ()):
                        answer = await client.get(address(row, sites.far.case))
                        # How much of a case a volunteer or a coordinator is shown, its pathway says.
                        fine = (200, 303, 404) if who is ANNA else (200, 303, 403, 404)
                        assert answer.status_code in fine, (who.role, row.path)
                        assert not answer.headers.get("location", "").startswith("/login")


async def test_what_is_anothers_looks_like_what_is_not_there(sites: Sites) -> None:
    before = await said(sites)
    for name in sites.apps:
        named = [
            row
            for site, row in sites.rows()
            if site == name and "no-such-case" in address(row, "no-such-case")
        ]
        rows = [(row, family_of(row).whose) for row in named]
        visitors = {who.actor.id if who else "": who for each in FOREIGN.values() for who in each}
        for who in visitors.values():
            async with visiting(sites, name, who) as client:
                for row, whose in rows:
                    if who not in FOREIGN.get(whose, ()) or (who is not None and not _admits(row, who)):
                        continue
                    if who is None and not row.admits_anyone:
                        continue
                    theirs = await client.request(row.method, address(row, sites.far.case))
                    nobodys = await client.request(row.method, address(row, "no-such-case"))
                    told = (who and who.actor.id, row.method, row.path)
                    assert (theirs.status_code, nobodys.status_code) == (404, 404), told
                    assert _without_address(theirs, sites.far.case) == _without_address(
                        nobodys, "no-such-case"
                    ), told
    assert await said(sites) == before


async def test_the_same_case_is_seen_by_its_own(sites: Sites) -> None:
    for who in (ANNA, HASSAN, SIV):
        async with visiting(sites, "navigator", who) as client:
            assert (await client.get(f"/cases/{sites.far.case}")).status_code == 200


async def test_no_form_is_taken_from_another_site_or_without_its_token(sites: Sites) -> None:
    """Each as one of those it is for: the roles come later, and the same for all."""
    before = await said(sites)
    for name in sites.apps:
        left = [row for site, row in sites.rows() if site == name and row.method not in SAFE_METHODS]
        for who in (None, *EVERYBODY.values()):
            rows = [row for row in left if (row.admits_anyone if who is None else _admits(row, who))]
            left = [row for row in left if row not in rows]
            async with visiting(sites, name, who) as client:
                token = client.headers.pop("x-form-token")
                for row in rows:
                    path = address(row, sites.far.case)
                    for headers in (
                        {},
                        {"x-form-token": "0" * 64},
                        {"x-form-token": token, "sec-fetch-site": "cross-site"},
                        {"x-form-token": token, "sec-fetch-site": "same-site"},
                        {"x-form-token": token, "origin": "https://evil.example"},
                        {"x-form-token": token, "origin": "null"},
                    ):
                        answer = await client.request(row.method, path, headers=headers)
                        assert answer.status_code == 403, (who and who.role, row.path, headers)
        assert not left, "there is a form for nobody"
    assert await said(sites) == before


def _admits(row: Row, who: Identity) -> bool:
    return row.roles is None or who.role in row.roles


def _without_address(answer: httpx.Response, case: str) -> str:
    """The page without what differs by itself: its own address, and the tokens of forms."""
    return re.sub(r'(form_id|form_token)" value="[^"]*"', "", answer.text.replace(case, "ID"))
