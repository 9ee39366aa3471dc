"""The four services' ways of a referral, as far as whoever referred sees them: the navigator's pages over the
navigator, the referral service and notify at their desks, with what each says carried to the others."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.app import service as navigator
from services.navigator.web.site import navigator_web
from services.notify.app import service as notify
from services.notify.channels import Channels
from services.notify.feedback_courier import FeedbackCourier
from services.referral.app import service as referral
from services.referral.intake import Arrival, take_in
from services.referral.vault.identity import IdentityKey
from services.referral.vault.keys import MasterKey
from services.referral.vault.safe import vault
from services.runtime.clock import SetClock
from services.runtime.database import open_engine
from services.runtime.engine.unit import unit_of_work
from sluss.machine.postgres import Postgres
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.event import FACTS, Audience, read_event
from sluss_contracts.vocabulary import Role
from tests.referral.requests import letter
from tests.support.desk import Desk, desk, schema_of
from tests.support.doors import NOON, Desks
from tests.support.pages import SECRET

COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)
ANNA = Actor(id="anna-lind", role=Role.LINK_WORKER, organisation="team-city")


@dataclass
class Network:
    """Three services at their desks, one clock, and the navigator's pages."""

    at: dict[str, Desk]
    desks: Desks
    engine: AsyncEngine
    app: FastAPI
    clock: SetClock
    _carried: dict[str, set[Any]]

    @property
    def navigator(self) -> Desk:
        return self.at["navigator"]

    async def do(self, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
        """Something that must succeed; everybody hears what follows."""
        answer = await self.desks.ask(command(command_id=uuid4(), actor=by, **values))
        assert answer.ok, answer.refused
        await self.carry()
        return answer

    async def submit(self, organisation: str, submission_id: str, **changed: Any) -> str:
        """A referral as an organisation's own systems send it. Its id."""
        intake = self.at["referral"]
        raw = letter(submission_id, organisation=organisation, **changed)
        async with (
            intake.pool.acquire() as connection,
            unit_of_work(connection, intake.service, self.clock) as unit,
        ):
            await take_in(unit, [Arrival(organisation, raw)], vault)
        await self.carry()
        row = await intake.pool.fetchrow(
            "select referral_id from submission where organisation = $1 and submission_id = $2",
            organisation,
            submission_id,
        )
        return str(row["referral_id"])

    async def carry(self) -> None:
        """What each has said and the others have not heard, until there is nothing more."""
        while True:
            heard = 0
            for speaker, here in self.at.items():
                rows = await here.pool.fetch(
                    "select id, type, body from event order by recorded, lane, number"
                )
                new = [row for row in rows if row["id"] not in self._carried[speaker]]
                self._carried[speaker] |= {row["id"] for row in new}
                events = [
                    read_event(FACTS[row["type"]], row["body"])
                    for row in new
                    if FACTS[row["type"]].AUDIENCE is Audience.NETWORK
                ]
                for listener, other in self.at.items():
                    told = [each for each in events if listener in each.data.READ_BY and listener != speaker]
                    if told:
                        heard += len(told)
                        await other.hear_events(*told)
            if not heard:
                return

    async def tell_referrers(self) -> None:
        """What is due to those who referred goes out."""
        told = self.at["notify"]
        while await FeedbackCourier(told.pool, self.desks, self.clock, Channels(())).round():
            pass
        await self.carry()

    async def wait(self, by: timedelta) -> None:
        """Let time pass for everybody."""
        self.clock.move(by)
        for each in self.at.values():
            await each.settle()
        await self.carry()


@asynccontextmanager
async def network(server: Postgres, **pages: Any) -> AsyncIterator[Network]:
    """Nobody is registered yet."""
    vault.unlock(MasterKey(os.urandom(32)), IdentityKey(os.urandom(32)))
    clock = SetClock(NOON)
    urls = {each.name: await schema_of(server, each) for each in (referral, navigator, notify)}
    desks = Desks({})
    async with (
        desk(urls["referral"], referral, clock, network=desks) as referrals,
        desk(urls["navigator"], navigator, clock, network=desks) as cases,
        desk(urls["notify"], notify, clock, network=desks) as told,
    ):
        desks.at = {"referral": referrals, "navigator": cases, "notify": told}
        engine = open_engine(urls["navigator"], "navigator")
        app = navigator_web(
            cases.pool, engine, secret=SECRET, network=desks, demo=False, now=clock.now, **pages
        )
        yield Network(desks.at, desks, engine, app, clock, {name: set() for name in desks.at})
        await engine.dispose()
