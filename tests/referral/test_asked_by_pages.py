"""Pages ask the vault whom they are about, and send commands as their visitor: on a real service."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest_asyncio
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from services.referral.app import service
from services.runtime.decision import Transient
from services.runtime.serving import Serving
from services.runtime.web import ANYONE, Identity, Pages, build_web, site_of
from services.runtime.web.forms import read_form
from services.runtime.web.people import find_people, people_of, person_of, short_id, words_of
from services.runtime.web.sending import NotDone, send
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.referral import CancelReferral, KeepWords
from sluss_contracts.vocabulary import Look, Role
from tests.referral.office import AT_THE_CLINIC, AT_THE_SCHOOL, Office
from tests.referral.requests import LINK_WORKER, NAME, PHONE, about
from tests.support.pages import SECRET

MARIA = Identity(Actor(id=LINK_WORKER.id, role=Role.LINK_WORKER), "Maria", team="team-city")
NURSE, SCHOOL_NURSE = Identity(AT_THE_CLINIC, "Siv"), Identity(AT_THE_SCHOOL, "Kuratorn")
STAFF = {Role.LINK_WORKER, Role.REFERRER}
OWN = "http://sluss.test"
PAGE = """
{% extends "layout.html" %}{% import "form_parts.html" as parts %}
{% block main %}{{ parts.refused(refusal, {"why": "Varför"}) }}
<form method="post" action="{{ here }}">{{ command_fields(sequence) }}
<input id="why" name="why" value="{{ filled.one('why') if filled else '' }}"
{{- parts.described(refusal, "why") }}>
{{ parts.fault(refusal, "why") }}</form>{% endblock %}
"""


class Line:
    """The way to the referral service in this process, which can be cut."""

    def __init__(self, office: Office) -> None:
        self._office, self.cut = office, False

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.cut:
            raise Transient("nobody answers")
        serving = Serving(service, self._office.pool, self._office.clock, self)
        return await serving.answer(type(command), command.model_dump_json().encode())


def tried_pages(office: Office) -> Pages:
    """A list, a case, a search, and a form."""
    pages = Pages("tried")

    @pages.get("/list", roles=STAFF)
    async def listed(request: Request, ids: str) -> Response:
        people = await people_of(request, ids.split(","), purpose="today")
        named = {id: people.name(id) for id in ids.split(",")}
        return JSONResponse([named, dict(people.withheld), people.answered])

    @pages.get("/case/{id}", roles=STAFF)
    async def opened(request: Request, id: str, action: Look = Look.OPENED) -> Response:
        person = await person_of(request, id, purpose="case", action=action)
        return JSONResponse([person.name, dict(person.parts), person.refused and person.refused.code])

    @pages.get("/search", roles=STAFF)
    async def search(request: Request, wanted: str, among: str) -> Response:
        found = await find_people(request, wanted, among.split(","), purpose="find_case")
        return JSONResponse([[hit["name"] for hit in found.hits], found.more, found.answered])

    @pages.get("/words", roles=STAFF)
    async def words(request: Request, refs: str) -> Response:
        return JSONResponse(await words_of(request, refs.split(","), purpose="plan"))

    async def show(request: Request, id: str, status: int = 200, **more: Any) -> Response:
        sequence = await office.pool.fetchval(
            "select sequence from aggregate where id = $1 and kind = 'referral'", id
        )
        return site_of(request).page(request, "tried.html", status=status, sequence=sequence, **more)

    @pages.get("/cancel/{id}", roles=STAFF)
    async def form(request: Request, id: str) -> Response:
        return await show(request, id, filled=None)

    @pages.post("/cancel/{id}", roles=STAFF)
    async def cancel(request: Request, id: str) -> Response:
        filled = await read_form(request)
        try:
            await send(request, CancelReferral, filled, referral_id=id, why=filled.one("why"))
        except NotDone as no:
            return await show(request, id, no.status, refusal=no, filled=filled)
        return RedirectResponse(f"/cancel/{id}", status_code=303)

    @pages.get("/token", roles=ANYONE)
    async def token(request: Request) -> Response:
        return JSONResponse(request.state.visitor.form_token)

    return pages


@dataclass
class Screen:
    """A browser of somebody who has signed in."""

    app: FastAPI
    line: Line
    client: httpx.AsyncClient

    async def be(self, identity: Identity) -> None:
        token = await self.app.state.site.sessions.open(identity)
        self.client.cookies.clear()
        self.client.cookies.set("sluss_session", token)

    async def see(self, path: str, **asked: str) -> Any:
        return (await self.client.get(path, params=asked)).json()

    async def form(self, id: str) -> dict[str, str]:
        return fields((await self.client.get(f"/cancel/{id}")).text)

    async def cancel(self, id: str, sent: dict[str, str]) -> httpx.Response:
        return await self.client.post(f"/cancel/{id}", data=sent)


def fields(page: str) -> dict[str, str]:
    """What the page's own form sends as it stands."""
    (inside,) = re.findall(r'<form method="post" action="/cancel[^>]*>(.*?)</form>', page, re.DOTALL)
    tags = re.findall(r"<input[^>]*>", inside)
    named = [dict(re.findall(r'([a-z]+)="([^"]*)"', tag)) for tag in tags]
    return {tag["name"]: tag.get("value", "") for tag in named}


@pytest_asyncio.fixture
async def screen(office: Office, tmp_path: Path) -> AsyncIterator[Screen]:
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "tried.html").write_text(PAGE, encoding="utf-8")
    line = Line(office)
    app = build_web(
        "referral",
        pool=office.pool,
        secret=SECRET,
        pages=[tried_pages(office)],
        rooms=[tmp_path],
        network=line,
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=OWN) as client:
        made = Screen(app, line, client)
        await made.be(MARIA)
        yield made


async def test_a_page_shows_whom_it_may_and_the_log_has_who_looked(office: Office, screen: Screen) -> None:
    ids = [await office.refer("a"), await office.refer("b", person=about(None, name="Bo Ek"))]
    assert await screen.see("/list", ids=",".join([*ids, "x-12345678"])) == [
        {ids[0]: NAME, ids[1]: "Bo Ek", "x-12345678": short_id("x-12345678")},
        {"x-12345678": "unknown_referral"},
        True,
    ]
    name, parts, refused = await screen.see(f"/case/{ids[0]}", action="printed")
    assert (name, parts["contact"]["phone"], refused) == (NAME, PHONE, None)
    assert await screen.see("/search", wanted="bo", among=",".join(ids)) == [["Bo Ek"], False, True]
    assert await screen.see("/search", wanted="b", among=",".join(ids)) == [[], False, True]
    refs = (await office.do(KeepWords, referral_id=ids[0], words=("Sjunga",)))["refs"]
    assert await screen.see("/words", refs=refs[0]) == {refs[0]: "Sjunga"}
    rows = await office.pool.fetch("select actor, role, unit, action, purpose from access order by number")
    assert {tuple(row)[:3] for row in rows} == {("maria", "link_worker", "team-city")}
    assert [tuple(row)[3:] for row in rows] == [
        *[("listed", "today")] * 3,
        ("printed", "case"),
        ("search_hit", "find_case"),
        ("keep_words", "keep_words"),
        ("opened", "plan"),
    ]


async def test_a_page_goes_on_with_short_names_when_the_vault_does_not_answer(
    office: Office, screen: Screen
) -> None:
    id = await office.refer()
    screen.line.cut = True
    assert await screen.see("/list", ids=id) == [{id: short_id(id)}, {}, False]
    assert await screen.see(f"/case/{id}") == [short_id(id), {}, None]
    assert await screen.see("/search", wanted=NAME, among=id) == [[], False, False]
    assert await screen.see("/words", refs=id) is None


async def test_three_hundred_people_are_asked_for_in_batches(office: Office, screen: Screen) -> None:
    id = await office.refer()
    named, withheld, answered = await screen.see("/list", ids=",".join([*(f"r{n}" for n in range(300)), id]))
    assert (named[id], len(withheld), answered) == (NAME, 300, True)


async def test_a_form_sent_twice_is_one_command(office: Office, screen: Screen) -> None:
    id = await office.refer()
    await screen.be(NURSE)
    sent = await screen.form(id) | {"why": "person_asked"}
    for _ in range(2):
        assert (await screen.cancel(id, sent)).status_code == 303
    assert (await office.said(id)).count("referral.cancelled") == 1
    assert (
        await office.pool.fetchval("select count(*) from answered_command where subject like '%cancel%'") == 1
    )


async def test_a_refused_command_is_told_by_rule_and_what_to_do_and_the_values_stay(
    office: Office, screen: Screen
) -> None:
    id = await office.refer()
    await screen.be(SCHOOL_NURSE)
    sent = await screen.form(id) | {"why": "person_asked"}
    refused = await screen.cancel(id, sent)
    assert refused.status_code == 422
    assert "<code>unknown_referral</code>" in refused.text
    again = fields(refused.text)
    assert again["why"] == "person_asked"
    assert again["form_id"] != sent["form_id"], "sent again it is another attempt, not the old answer"
    await screen.be(MARIA)
    assert (
        "Din roll får inte göra det här"
        in (await screen.cancel(id, await screen.form(id) | {"why": "x"})).text
    )


async def test_what_cannot_be_taken_is_told_beside_its_field(office: Office, screen: Screen) -> None:
    id = await office.refer()
    await screen.be(NURSE)
    answer = await screen.cancel(id, await screen.form(id) | {"why": "NOT A CODE <b>"})
    assert answer.status_code == 422
    assert '<a href="#why">Varför: Det här är inte skrivet som det ska.</a>' in answer.text
    assert 'aria-invalid="true" aria-describedby="why-fault"' in answer.text
    assert "<b>" not in answer.text


async def test_whoever_comes_second_sees_the_others_change_and_overwrites_nothing(
    office: Office, screen: Screen
) -> None:
    id = await office.refer()
    await screen.be(NURSE)
    mine, theirs = await screen.form(id), await screen.form(id)
    assert (await screen.cancel(id, theirs | {"why": "person_asked"})).status_code == 303
    late = await screen.cancel(id, mine | {"why": "by_mistake"})
    assert late.status_code == 409
    assert "Någon annan har ändrat det här under tiden" in late.text
    shown = fields(late.text)
    assert (shown["why"], int(shown["sequence"])) == ("by_mistake", int(mine["sequence"]) + 1)


async def test_nothing_is_lost_when_the_owner_does_not_answer(office: Office, screen: Screen) -> None:
    id = await office.refer()
    await screen.be(NURSE)
    sent = await screen.form(id) | {"why": "person_asked"}
    screen.line.cut = True
    answer = await screen.cancel(id, sent)
    assert (answer.status_code, fields(answer.text)["why"]) == (503, "person_asked")
    assert fields(answer.text)["sequence"] == sent["sequence"]
    assert "Inget av det du skrev är borta" in answer.text
