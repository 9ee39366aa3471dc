"""The referral service with its pages, in this process and on a real database: who refers, and who asks."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI

from services.navigator.app import service as navigator
from services.referral.app import service
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.referral.vault.safe import vault
from services.referral.web import referral_web
from services.runtime.clock import SetClock
from services.runtime.decision import Transient
from services.runtime.web import Identity
from services.runtime.web.sessions import Sessions
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.commands.staff import RegisterTeam
from sluss_contracts.vocabulary import Role
from tests.support.desk import Desk, desk, schema_of
from tests.support.pages import SECRET

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OWN = "http://sluss.test"
CLINIC, SCHOOL = "vc-skarptorp", "ebersteinska"
OPERATOR = Actor(id="drift", role=Role.OPERATOR)
DOCTOR = Identity(Actor(id="eva-holm", role=Role.REFERRER, organisation=CLINIC), "Eva Holm")
COUNSELLOR = Identity(Actor(id="kuratorn", role=Role.REFERRER, organisation=SCHOOL), "Pia Kurator")


@dataclass
class Desks:
    """A network of services at their desks: commands go to their owner, only the bus is left out."""

    at: dict[str, Desk]
    away: bool = False
    asked: list[Command] = field(default_factory=list)

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.away or command.OWNER not in self.at:
            raise Transient(f"no {command.OWNER} here")
        self.asked.append(command)
        return await self.at[command.OWNER].ask(command)


@dataclass
class Door:
    """The referral service and the navigator at their desks, with the pages of the first."""

    desk: Desk
    navigator: Desk
    network: Desks
    app: FastAPI

    async def do(self, command: type[Command], by: Actor = OPERATOR, /, **values: Any) -> Answer:
        """Something staff does; it must succeed."""
        answer = await self.network.ask(command(command_id=uuid4(), actor=by, **values))
        assert answer.ok, answer.refused
        return answer

    async def session(self, identity: Identity) -> str:
        """A session's token, as signing in gives one."""
        return await Sessions(self.desk.pool).open(identity)


@asynccontextmanager
async def door(server: Postgres) -> AsyncIterator[Door]:
    """Two organisations that refer, and a team in two areas."""
    vault.unlock(MasterKey(os.urandom(32)), IdentityKey(os.urandom(32)))
    ours, theirs = await schema_of(server, service), await schema_of(server, navigator)
    clock = SetClock(NOON)
    async with desk(ours, service, clock) as referrals, desk(theirs, navigator, clock) as cases:
        network = Desks({"referral": referrals, "navigator": cases})
        app = referral_web(referrals.pool, network, service, clock, vault, secret=SECRET, demo=False)
        here = Door(referrals, cases, network, app)
        for organisation, name in ((CLINIC, "Vårdcentralen Skarptorp"), (SCHOOL, "Ebersteinska gymnasiet")):
            await here.do(
                RegisterOrganisation,
                organisation=organisation,
                name=name,
                kind="clinic",
                area="norrkoping-skarptorp",
            )
        areas = ("norrkoping-city", "norrkoping-skarptorp")
        await here.do(RegisterTeam, team="team-city", name="Team City", areas=areas)
        network.asked.clear()
        yield here
        await referrals.assert_state_is_the_fold_of_the_events()


@asynccontextmanager
async def browsing(
    door: Door, identity: Identity | None = None, *, address: str = "192.0.2.7", **options: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at a browser of their own, signed in or not."""
    cookies = {SESSION_COOKIE: await door.session(identity)} if identity else {}
    transport = httpx.ASGITransport(door.app, client=(address, 4711))
    async with httpx.AsyncClient(
        transport=transport, base_url=OWN, cookies=cookies, follow_redirects=False, **options
    ) as client:
        yield client


async def follow(client: httpx.AsyncClient, answer: httpx.Response) -> httpx.Response:
    """The page a browser shows after an answer."""
    while answer.status_code == 303:
        answer = await client.get(answer.headers["location"])
    return answer


async def go(client: httpx.AsyncClient, path: str) -> httpx.Response:
    """Open a page, as a browser does."""
    return await follow(client, await client.get(path))


_FORM = re.compile(r'<form[^>]*method="post" action="([^"]+)"[^>]*>(.*?)</form>', re.DOTALL)
_TEXT = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>\n?(.*?)</textarea>', re.DOTALL)
_SELECT = re.compile(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_OWN_FORMS = ("/language", "/logout")


def form_of(page: str) -> tuple[str, dict[str, Any]]:
    """Where the page's own form goes, and what a browser sends of it as it stands."""
    for action, inside in _FORM.findall(page):
        if action in _OWN_FORMS:
            continue
        sent: dict[str, Any] = {}
        for tag in re.findall(r"<input[^>]*>", inside):
            said = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
            ticked = said.get("type") not in ("radio", "checkbox") or " checked" in tag
            if "name" in said and ticked:
                sent.setdefault(said["name"], []).append(said.get("value", ""))
        for name, value in _TEXT.findall(inside):
            sent[name] = [unescape(value)]
        for name, options in _SELECT.findall(inside):
            sent[name] = re.findall(r'value="([^"]*)" selected', options)[:1]
        return action, sent
    raise AssertionError("there is no form on the page")


async def send(client: httpx.AsyncClient, page: httpx.Response, **filled: Any) -> httpx.Response:
    """Fill in the page's form and send it; the answer itself, which is mostly a way onward."""
    action, fields = form_of(page.text)
    return await client.post(action, data=fields | filled)


async def fill_in(client: httpx.AsyncClient, page: httpx.Response, **filled: Any) -> httpx.Response:
    """The same, and the page it leads to."""
    return await follow(client, await send(client, page, **filled))
