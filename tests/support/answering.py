"""The provider service with its pages, in this process and on a real database: staff, and who has a link."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.provider.app import service
from services.provider.links import keys
from services.provider.web import provider_web
from services.runtime.clock import SetClock
from services.runtime.database import open_engine
from services.runtime.web import Identity
from services.runtime.web.sessions import Sessions
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    PublishActivity,
    ReadActivityLink,
    ReadEnrolmentLink,
    RegisterProvider,
    ScheduleSession,
)
from sluss_contracts.offering import Venue
from sluss_contracts.vocabulary import Need, OrganisationKind, PrescriptionKind, Role
from tests.support.desk import Desk, Doors, desk, schema_of
from tests.support.link_keys import link_keys
from tests.support.pages import SECRET

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = "only-for-tests-and-long-enough-to-sign-with"
OWN = "http://sluss.test"
KORPEN, HEMGARDEN = "korpen", "hemgarden"
WALK, CAFE = "promenad", "sprakcafe"
COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)
A_DAY = timedelta(days=1)


@dataclass
class House:
    """A provider service at work, and its pages."""

    desk: Desk
    engine: AsyncEngine
    doors: Doors
    app: FastAPI

    async def do(self, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
        """Something staff does; it must succeed."""
        answer = await self.ask(command, by, **values)
        assert answer.ok, answer.refused
        return answer

    async def ask(self, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
        return await self.desk.ask(command(command_id=uuid4(), actor=by, **values))

    async def publish(self, activity: str = WALK, provider: str = KORPEN, **other: Any) -> None:
        said: dict[str, Any] = {
            "title": "Promenad med fika",
            "kind": PrescriptionKind.PHYSICAL,
            "needs": (Need.COMPANY,),
            "area": "hageby",
            "capacity": 8,
        }
        await self.do(PublishActivity, activity=activity, provider=provider, **(said | other))

    async def session(self, starts: datetime, activity: str = WALK, venue: Venue | None = None) -> str:
        done = await self.do(ScheduleSession, activity=activity, starts=starts, venue=venue)
        return str(done.result["session_id"])

    async def wish(self, who: str, activity: str = WALK) -> None:
        """Somebody would like to come; the provider is asked."""
        await self.desk.hear(
            CaseEnrolmentRequested(
                referral_id=who, person=f"p-{who}", enrolment_id=f"{who}-{activity}", activity=activity
            )
        )

    async def welcomed(self, who: str, activity: str = WALK, provider: str = KORPEN) -> None:
        await self.wish(who, activity)
        by = Actor(id=provider, role=Role.PROVIDER)
        await self.do(
            AcceptEnrolment, by, referral_id=who, enrolment_id=f"{who}-{activity}", provider=provider
        )

    async def offer_link(self, who: str, activity: str = WALK) -> str:
        """The path of a link to answer an offer."""
        told = await self.do(ReadEnrolmentLink, referral_id=who, enrolment_id=f"{who}-{activity}")
        return _path(told)

    async def activity_link(self, activity: str = WALK, session_id: str | None = None) -> str:
        return _path(await self.do(ReadActivityLink, activity=activity, session_id=session_id))

    async def events(self) -> int:
        """How much has been said."""
        return int(await self.desk.pool.fetchval("select count(*) from event"))


def _path(told: Answer) -> str:
    address: str = told.result["address"]
    return urlsplit(address).path


@asynccontextmanager
async def house(server: Postgres) -> AsyncIterator[House]:
    """Two registered providers, and nothing on offer yet."""
    url = await schema_of(server, service)
    engine = open_engine(url, service.name)
    with link_keys(provider_link_key=KEY, provider_link_address=f"{OWN}/answer/"):
        async with desk(url, service, SetClock(NOON)) as at_work:
            doors = Doors(at_work)
            app = provider_web(
                at_work.pool, engine, doors, keys.signer(), secret=SECRET, demo=False, now=at_work.clock.now
            )
            here = House(at_work, engine, doors, app)
            for provider in (KORPEN, HEMGARDEN):
                kind = OrganisationKind.ASSOCIATION
                await here.do(RegisterProvider, provider=provider, name=provider, kind=kind, area="hageby")
            yield here
            await at_work.assert_state_is_the_fold_of_the_events()
    await engine.dispose()


@asynccontextmanager
async def browsing(app: FastAPI, **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody at a browser of their own."""
    transport = httpx.ASGITransport(app, client=(options.pop("address", "192.0.2.7"), 4711))
    async with httpx.AsyncClient(transport=transport, base_url=OWN, **options) as client:
        yield client


async def signed_in(house: House, identity: Identity) -> httpx.AsyncClient:
    """Staff, or a provider who signs in, at a browser of theirs."""
    token = await Sessions(house.desk.pool).open(identity)
    transport = httpx.ASGITransport(house.app)
    return httpx.AsyncClient(transport=transport, base_url=OWN, cookies={SESSION_COOKIE: token})


_FORM = re.compile(r"<form method=\"post\" action=\"(/answer/[^\"]+)\"[^>]*>(.*?)</form>", re.DOTALL)
_TEXT = re.compile(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', re.DOTALL)
_CHOICE = re.compile(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
_FIELD = re.compile(r"<(?:input|button)[^>]*>")


def fields_of(page: str, answer: str | None = None) -> dict[str, Any]:
    """What a browser sends of a form as it stands: the one for this answer, or the only one."""
    for _, inside in _FORM.findall(page):
        sent: dict[str, Any] = {}
        for tag in _FIELD.findall(inside):
            said = {name: unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', tag)}
            ticked = said.get("type") not in ("radio", "checkbox") or " checked" in tag
            if "name" in said and ticked:
                value = said.get("value", "")
                sent[said["name"]] = [*sent.get(said["name"], []), value]
        for name, value in _TEXT.findall(inside):
            sent[name] = [unescape(value)]
        for name, choices in _CHOICE.findall(inside):
            sent[name] = re.findall(r'value="([^"]*)" selected', choices)
        if answer is None or sent.get("answer") == [answer]:
            return {name: value if len(value) > 1 else value[0] for name, value in sent.items() if value}
    raise AssertionError(f"no form for {answer} on the page")


async def send(
    client: httpx.AsyncClient, path: str, answer: str | None = None, /, **filled: Any
) -> httpx.Response:
    """Open the page, fill in its form, send it. A value of None leaves a field out."""
    page = await client.get(path)
    assert page.status_code == 200, page.text
    return await post(client, path.partition("?")[0], fields_of(page.text, answer), filled)


async def post(
    client: httpx.AsyncClient, path: str, fields: Mapping[str, Any], filled: Mapping[str, Any]
) -> httpx.Response:
    """Send these fields with those filled in."""
    data = {name: value for name, value in {**fields, **filled}.items() if value is not None}
    return await client.post(path, data=data)
