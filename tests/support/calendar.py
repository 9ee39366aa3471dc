"""The provider service at its desk with its pages, and a small town's offers told to it by real commands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.provider.app import service as provider_service
from services.provider.links.token import Signer
from services.provider.web import provider_web
from services.referral.app import service as referral_service
from services.runtime.clock import SetClock
from services.runtime.database import open_engine
from services.runtime.decision import Transient
from services.runtime.web import Identity
from services.runtime.web.sealed import LEAST_KEY
from services.runtime.web.visitors import SESSION_COOKIE
from sluss.machine.postgres import Postgres
from sluss_contracts.case import CaseEnrolmentRequested
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.provider import (
    CancelSession,
    PublishActivity,
    RegisterProvider,
    ScheduleSession,
)
from sluss_contracts.offering import (
    Access,
    ActivityCategory,
    Cost,
    Eligibility,
    Interest,
    Mode,
    Per,
    Venue,
)
from sluss_contracts.vocabulary import Acceptance, Gender, Need, OrganisationKind, PrescriptionKind, Role
from tests.support.databases import as_role, schemas_of
from tests.support.desk import Desk, desk
from tests.support.pages import SECRET

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
"""A Monday."""
COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)
ANNA = Identity(Actor(id="anna-lind", role=Role.LINK_WORKER), "Anna Lind", team="team-skarptorp")


@dataclass
class Desks:
    """A network of services at their desks: commands go to their owner, only the bus is left out."""

    at: dict[str, Desk]
    away: bool = False
    """Whether nobody answers for now."""

    async def ask(self, command: Command, *, timeout: float = 5.0) -> Answer:
        if self.away or command.OWNER not in self.at:
            raise Transient(f"no {command.OWNER} here")
        return await self.at[command.OWNER].ask(command)


@dataclass
class Town:
    """A provider service with its pages."""

    desk: Desk
    engine: AsyncEngine
    network: Desks
    app: FastAPI

    async def do(self, command: type[Command], /, **values: Any) -> Answer:
        answer = await self.desk.ask(command(command_id=uuid4(), actor=COORDINATOR, **values))
        assert answer.ok, answer.refused
        return answer

    async def publish(self, activity: str, title: str, provider: str = "korpen", **other: Any) -> None:
        await self.do(PublishActivity, **offer(activity, title, provider, **other))

    async def session(self, activity: str, starts: datetime, minutes: int = 90) -> str:
        told = {"activity": activity, "starts": starts, "minutes": minutes}
        return str((await self.do(ScheduleSession, **told)).result["session_id"])

    async def ask_for_a_place(self, who: str, activity: str) -> None:
        await self.desk.hear(
            CaseEnrolmentRequested(
                referral_id=who, person=f"p-{who}", enrolment_id=f"{who}-{activity}", activity=activity
            )
        )

    async def signed_in(self, identity: Identity = ANNA) -> dict[str, str]:
        """The cookie of somebody who has signed in."""
        return {SESSION_COOKIE: await self.app.state.site.sessions.open(identity)}


def offer(activity: str, title: str, provider: str = "korpen", **other: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "activity": activity,
        "provider": provider,
        "title": title,
        "kind": PrescriptionKind.SOCIAL,
        "needs": (Need.COMPANY,),
        "area": "hageby",
        "capacity": 12,
    }
    return {**said, **other}


@asynccontextmanager
async def town_at(url: str, referral_url: str) -> AsyncIterator[Town]:
    """A provider service in the schema at `url`; a referral service beside it hears what staff note."""
    async with AsyncExitStack() as stack:
        clock = SetClock(NOON)
        here = await stack.enter_async_context(desk(url, provider_service, clock))
        there = await stack.enter_async_context(desk(referral_url, referral_service, clock))
        engine = open_engine(url, "provider")
        stack.push_async_callback(engine.dispose)
        network = Desks({"provider": here, "referral": there})
        signer = Signer(SECRET.encode().ljust(LEAST_KEY, b"."))
        app = provider_web(here.pool, engine, network, signer, secret=SECRET, demo=True, now=clock.now)
        yield Town(here, engine, network, app)


@asynccontextmanager
async def town_of_its_own(server: Postgres) -> AsyncIterator[Town]:
    """The same in a new database of this server, dropped at the end. For fixtures that outlive a test."""
    services = (provider_service.name, referral_service.name)
    async with (
        schemas_of(server, *services) as database,
        town_at(*(as_role(database, each) for each in services)) as town,
    ):
        yield town


async def tell_a_small_town(town: Town) -> None:
    """Three providers and a dozen activities, among them one of each kind of trouble."""
    providers = [
        ("korpen", "Korpen Norrköping", OrganisationKind.ASSOCIATION, "norrkoping-centrum"),
        ("hemgarden", "Hemgården", OrganisationKind.MUNICIPALITY, "norrkoping-centrum"),
        ("kunskapens-hus", "Kunskapens hus", OrganisationKind.MUNICIPALITY, "hageby"),
    ]
    for provider, name, kind, area in providers:
        await town.do(RegisterProvider, provider=provider, name=name, kind=kind, area=area)
    park = Venue(name="Folkparken", street="Parkvägen 3", postal_code="602 36", town="Norrköping")
    house = Venue(name="Hemgården", street="Norra Promenaden 112", postal_code="602 18", town="Norrköping")
    await town.publish(
        "gafotboll",
        "Gåfotboll",
        area="norrkoping-centrum",
        about="Fotboll i gångtakt, för alla som vill röra sig tillsammans.\n\nEfteråt dricker vi kaffe.",
        category=ActivityCategory.EXERCISE,
        interests=(Interest.FOOTBALL, Interest.SPORT, Interest.OUTDOORS),
        venue=park,
        cost=Cost(kronor=50, per=Per.TERM, note="Den som inte har råd betalar inget."),
        eligibility=Eligibility(from_age=60),
        access=(Access.PARKING, Access.BUS_NEAR, Access.BORROW_EQUIPMENT),
        hosted=True,
        page="https://www.korpen.example/gafotboll?a=1&b=2",
    )
    await town.publish(
        "kor",
        "Kör för alla röster",
        "hemgarden",
        area="norrkoping-centrum",
        kind=PrescriptionKind.CULTURE,
        about="Vi sjunger det vi tycker om. Inga förkunskaper, inga noter.",
        category=ActivityCategory.CHOIR,
        interests=(Interest.SINGING, Interest.MUSIC),
        venue=house,
        cost=Cost(kronor=0),
        acceptance=Acceptance.DROP_IN,
        access=(Access.STEP_FREE, Access.HEARING_LOOP, Access.BRING_A_FRIEND),
        languages=("sv", "fi"),
    )
    await town.publish(
        "sprakkafe",
        "Språkkafé",
        "kunskapens-hus",
        category=ActivityCategory.LANGUAGE_CAFE,
        interests=(Interest.LANGUAGES, Interest.CONVERSATION, Interest.COFFEE),
        acceptance=Acceptance.DROP_IN,
        cost=Cost(kronor=0),
        languages=("sv", "ar", "so", "en"),
        mode=Mode.BOTH,
    )
    await town.publish(
        "anhorigcirkel",
        "Anhörigcirkel",
        "hemgarden",
        area="norrkoping-centrum",
        kind=PrescriptionKind.SUPPORT,
        about="För den som hjälper någon som är sjuk eller gammal.",
        category=ActivityCategory.TALK_GROUP,
        capacity=1,
        eligibility=Eligibility(groups=("anhöriga",), times=8),
    )
    await town.publish(
        "tradgardsgrupp",
        "Trädgårdsgrupp i stadsodlingen",
        category=ActivityCategory.GARDENING,
        interests=(Interest.GARDENING, Interest.NATURE),
        cost=Cost(kronor=200, per=Per.YEAR),
        eligibility=Eligibility(from_age=18, to_age=29, genders=(Gender.WOMAN,)),
    )
    await town.publish(
        "digital-fika",
        "Fika på skärmen",
        "hemgarden",
        category=ActivityCategory.DROP_IN,
        interests=(Interest.COFFEE,),
        mode=Mode.DIGITAL,
        acceptance=Acceptance.DROP_IN,
        cost=Cost(kronor=0),
    )
    a_week = timedelta(days=7)
    for week in range(6):
        await town.session("gafotboll", NOON + timedelta(days=1, hours=1) + week * a_week)
        await town.session("kor", NOON + timedelta(days=2, hours=6) + week * a_week, 120)
        await town.session("sprakkafe", NOON + timedelta(days=3, hours=4) + week * a_week)
    struck = await town.session("anhorigcirkel", NOON + timedelta(hours=2))
    await town.session("anhorigcirkel", NOON + timedelta(days=7, hours=2))
    await town.do(CancelSession, activity="anhorigcirkel", session_id=struck, why="leader_ill")
    await town.ask_for_a_place("alva", "anhorigcirkel")
