"""A whole network in this process on a real database, with the navigator's pages: only the bus is left out.

People are referred with names of their own and land in the vault; commands go to their owner; what a service
says is carried to the others as the bus would. `clock` stands still until it is moved.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.app import service as navigator_service
from services.navigator.meeting_links.token import MeetingSigner
from services.navigator.web.site import navigator_web
from services.notify.app import service as notify_service
from services.provider.app import service as provider_service
from services.referral.app import service as referral_service
from services.referral.intake import Arrival, take_in
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.referral.vault.safe import vault
from services.runtime.clock import SetClock
from services.runtime.database import open_engine
from services.runtime.decision import Transient
from services.runtime.engine.incoming import Incoming
from services.runtime.engine.unit import unit_of_work
from services.runtime.service import Service
from services.runtime.web import Identity
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.provider import PublishActivity, RegisterProvider
from sluss_contracts.commands.referral import RegisterOrganisation
from sluss_contracts.commands.staff import RegisterLinkWorker, RegisterTeam
from sluss_contracts.vocabulary import Engagement, Need, OrganisationKind, PrescriptionKind, Role
from tests.support.databases import as_role, schemas_of
from tests.support.desk import Desk, desk
from tests.support.pages import SECRET

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
"""Nine o'clock in Norrköping."""
LINK_KEY = b"only-for-tests-and-long-enough-to-sign-with"
SERVICES: tuple[Service, ...] = (referral_service, navigator_service, provider_service, notify_service)
CLINIC = "vc-skarptorp"
TEAM = "team-skarptorp"
ANNA = Identity(Actor(id="anna-lind", role=Role.LINK_WORKER), "Anna Lind", team=TEAM)
HASSAN = Identity(Actor(id="hassan-amiri", role=Role.LINK_WORKER), "Hassan Amiri", team=TEAM)
BERIT = Identity(Actor(id="berit-nord", role=Role.LINK_WORKER), "Berit Nord", team="team-city")
OLLE = Identity(Actor(id="olle-ek", role=Role.VOLUNTEER), "Olle Ek", team=TEAM)
SIV = Identity(Actor(id="siv", role=Role.COORDINATOR), "Siv Ekdahl")
NURSE = Identity(Actor(id=CLINIC, role=Role.REFERRER, organisation=CLINIC), "Vårdcentralen Skarptorp")


@dataclass
class Casework:
    """The network, its pages, and whoever is signed in to them."""

    at: dict[str, Desk]
    engine: AsyncEngine
    clock: SetClock
    app: FastAPI = field(init=False)
    away: set[str] = field(default_factory=set)
    """Services that do not answer for now."""
    asked: list[Command] = field(default_factory=list)
    """Every command and question that was sent, in order."""
    _keys: tuple[MasterKey, IdentityKey] = field(
        default_factory=lambda: (MasterKey(os.urandom(32)), IdentityKey(os.urandom(32)))
    )
    _carried: dict[tuple[str, str], int] = field(default_factory=dict)
    _submitted: int = 0

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        """What pages and services ask; and what came of it is carried to everybody."""
        self.asked.append(command)
        if command.OWNER in self.away:
            raise Transient(f"no {command.OWNER} here")
        vault.unlock(*self._keys)  # another test of this process may have opened another vault
        answer = await self.at[command.OWNER].ask(command)
        if answer.events:
            await self.carry()
        return answer

    async def do(self, command: type[Command], by: Identity = SIV, /, **said: Any) -> dict[str, Any]:
        """Somebody does something; it must not be refused. What was made."""
        answer = await self.ask(command(**{"command_id": uuid4(), "actor": by.actor, **said}))
        assert answer.refused is None, answer.refused
        return answer.result

    async def carry(self) -> None:
        """Bring what each service has said to the others, until nobody has anything to add."""
        while await self._carry_once():
            pass

    async def _carry_once(self) -> bool:
        said: list[tuple[str, str, bytes]] = []
        for name, desk_ in self.at.items():
            rows = await desk_.pool.fetch(
                "select lane, number, subject, body from event where lane not like 'out.%' "
                "order by recorded, lane, number"
            )
            for row in rows:
                if row["number"] > self._carried.get((name, row["lane"]), 0):
                    self._carried[name, row["lane"]] = row["number"]
                    said.append((name, row["subject"], row["body"]))
        for name, desk_ in self.at.items():
            read = [
                desk_.taker.readings.read(subject, body) for speaker, subject, body in said if speaker != name
            ]
            if batch := [each for each in read if isinstance(each, Incoming)]:
                await desk_.taker.take(desk_.connection, batch, {})
                await desk_.taker.retry(desk_.connection, sorted({each.key for each in batch}))
                dead = await desk_.pool.fetch("select code, reason from dead_letter")
                assert not dead, dead
        return bool(said)

    async def wait(self, by: timedelta) -> None:
        """Let time pass in the whole network, with all that becomes due."""
        self.clock.move(by)
        for desk_ in self.at.values():
            await desk_.settle()
        await self.carry()

    async def refer(self, name: str, *, by: str = CLINIC, consent: str = "given", **said: Any) -> str:
        """An organisation refers somebody; the referral's id."""
        self._submitted += 1
        submission = f"s-{self._submitted}"
        person = {
            "name": name,
            "contact": {"phone": f"070-174 06 {self._submitted % 100:02}"},
            "language": "sv",
        } | said.pop("person", {})
        asked: dict[str, Any] = {
            "submission_id": submission,
            "person": person,
            "area": "hageby",
            "needs": ["company"],
            "consent": {"status": consent},
            "referrer": {"unit": "Mottagningen", "person": "Sara Ström", "channel": "staff"},
            "reason": "Har varit mycket ensam sedan i höstas.",
        } | said
        envelope = {
            "specversion": "1.0",
            "id": f"e-{submission}",
            "source": f"/org/{by}",
            "type": "sluss.referral.requested.v1",
            "time": self.clock.now().isoformat(),
            "datacontenttype": "application/json",
            "data": asked,
        }
        vault.unlock(*self._keys)
        here = self.at["referral"]
        async with (
            here.pool.acquire() as connection,
            unit_of_work(connection, referral_service, self.clock) as unit,
        ):
            await take_in(unit, [Arrival(by, json.dumps(envelope, ensure_ascii=False).encode())], vault)
        await self.carry()
        rows = await here.pool.fetch(
            "select body from event where kind = 'receipt' and lane = $1 order by number desc", f"out.{by}"
        )
        receipts = [json.loads(row["body"])["data"] for row in rows]
        return str(next(each for each in receipts if each["submission_id"] == submission)["referral_id"])

    async def cookie_of(self, identity: Identity) -> dict[str, str]:
        """The cookie of somebody who has signed in."""
        return {SESSION_COOKIE: await self.app.state.site.sessions.open(identity)}

    @asynccontextmanager
    async def browser_of(self, identity: Identity | None) -> AsyncIterator[httpx.AsyncClient]:
        """A browser without scripts, signed in."""
        cookies = await self.cookie_of(identity) if identity else {}
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://sluss.test", cookies=cookies
        ) as client:
            yield client


async def register_everybody(work: Casework) -> None:
    """One clinic, two teams, four guides, one organiser with two activities."""
    vc = {"name": "Vårdcentralen Skarptorp", "kind": OrganisationKind.CLINIC, "area": "hageby"}
    await work.do(RegisterOrganisation, organisation=CLINIC, **vc)
    for team, name, areas in (
        (TEAM, "Team Skarptorp", ("hageby", "vilbergen")),
        ("team-city", "Team City", ("norrkoping-centrum",)),
    ):
        await work.do(RegisterTeam, team=team, name=name, areas=areas)
    for one, areas, capacity in (
        (ANNA, ("hageby",), 20),
        (HASSAN, ("vilbergen",), 1),
        (BERIT, ("norrkoping-centrum",), 20),
        (OLLE, ("norrkoping-soder",), 3),
    ):
        guides = Engagement.VOLUNTEER if one.role is Role.VOLUNTEER else Engagement.EMPLOYED
        who = {"worker": one.actor.id, "name": one.name, "team": one.team, "engagement": guides}
        await work.do(RegisterLinkWorker, **who, areas=areas, languages=("sv",), capacity=capacity)
    korpen = {"provider": "korpen", "name": "Korpen Norrköping", "kind": OrganisationKind.ASSOCIATION}
    await work.do(RegisterProvider, **korpen, area="hageby")
    for activity, title in (("gafotboll", "Gåfotboll"), ("sprakkafe", "Språkkafé på torsdagar")):
        await work.do(
            PublishActivity,
            activity=activity,
            provider="korpen",
            title=title,
            kind=PrescriptionKind.SOCIAL,
            needs=(Need.COMPANY,),
            area="hageby",
            capacity=12,
        )


@asynccontextmanager
async def casework_of_its_own(
    server: Postgres, *, demo: bool = True, kind: type[Casework] = Casework
) -> AsyncIterator[Casework]:
    """The network in a new database of this server, dropped at the end, with everybody registered."""
    async with schemas_of(server, *(each.name for each in SERVICES)) as database:
        urls = {each.name: as_role(database, each.name) for each in SERVICES}
        async with AsyncExitStack() as stack:
            clock = SetClock(MONDAY)
            engine = open_engine(urls["navigator"], "navigator")
            stack.push_async_callback(engine.dispose)
            work = kind({}, engine, clock)
            for each in SERVICES:
                work.at[each.name] = await stack.enter_async_context(
                    desk(urls[each.name], each, clock, network=work)
                )
            work.app = navigator_web(
                work.at["navigator"].pool,
                engine,
                secret=SECRET,
                demo=demo,
                network=work,
                now=clock.now,
                meetings=MeetingSigner(LINK_KEY),
            )
            await register_everybody(work)
            yield work
