"""The navigator's pages over a real database, and a network's history told to its board event by event."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from services.navigator.board import FOLLOWED, NAMING, follow, learn_names
from services.navigator.web.site import navigator_web
from services.runtime.database import open_engine, open_pool
from services.runtime.engine.ids import uuid7
from services.runtime.engine.transaction import Transaction
from sluss.machine.postgres import Postgres
from sluss_contracts import (
    activity,
    case,
    enrolment,
    followup,
    linkworker,
    meeting,
    message,
    organisation,
    plan,
    referral,
)
from sluss_contracts.event import Event, Fact
from sluss_contracts.vocabulary import (
    Attendance,
    CaseOutcome,
    Channel,
    ConsentStatus,
    ContactOutcome,
    ContactWay,
    DeadlineKind,
    Engagement,
    FeedbackPoint,
    MeetingKind,
    MeetingMode,
    Need,
    OrganisationKind,
    PrescriptionKind,
    Role,
    Whose,
)
from tests.support.databases import as_role, schemas_of

SECRET = "only-for-tests-and-long-enough-to-be-taken"
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Database:
    """The navigator's schema: to write, and for pages to read."""

    pool: asyncpg.Pool
    engine: AsyncEngine


@asynccontextmanager
async def navigator_of_its_own(server: Postgres) -> AsyncIterator[Database]:
    """A new database of this server with the navigator's tables. For fixtures that outlive a test."""
    async with schemas_of(server, "navigator") as database:
        own = as_role(database, "navigator")
        pool, engine = await open_pool(own, "navigator", 10), open_engine(own, "navigator")
        try:
            yield Database(pool, engine)
        finally:
            await engine.dispose()
            await pool.close()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """A real web server on a free loopback port; yields its address."""
    server = uvicorn.Server(
        uvicorn.Config(
            app, lifespan="off", host="127.0.0.1", port=0, log_level="error", timeout_graceful_shutdown=2
        )
    )
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with app.router.lifespan_context(app):
            yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


@dataclass
class Teller:
    """Tells a board what happens, as the services would: real facts in real envelopes, in one clock."""

    pool: asyncpg.Pool
    now: datetime = NOON
    _sequence: int = 0
    _random: random.Random = field(default_factory=lambda: random.Random(7))

    def event(self, fact: Fact, *, at: datetime | None = None) -> Event[Any]:
        """The fact in its envelope."""
        self._sequence += 1
        return Event.of(
            fact,
            id=uuid7(),
            source=f"/sluss/{fact.SAID_BY}",
            time=at or self.now,
            recordedtime=datetime.now(UTC),
            correlationid=fact.partition_key,
            sequence=self._sequence,
        )

    async def tell(self, *facts: Fact, later: timedelta = timedelta(0)) -> None:
        """Let time pass, then let these happen, a second apart."""
        self.now += later
        events = []
        for fact in facts:
            self.now += timedelta(seconds=1)
            events.append(self.event(fact))
        await self.hand_over(events)

    async def hand_over(self, events: Sequence[Event[Any]]) -> None:
        """Give these events to the board, as one batch."""
        async with self.pool.acquire() as connection, connection.transaction():
            tx = Transaction(connection, self.now)
            await learn_names(tx, [event for event in events if isinstance(event.data, NAMING)])
            await follow(tx, [event for event in events if isinstance(event.data, FOLLOWED)])

    def new_referral(self) -> str:
        """A referral's id that looks like one, the same in every run."""
        return str(UUID(int=self._random.getrandbits(128), version=4))


async def register_everybody(teller: Teller) -> None:
    """Four organisations, two teams, four link workers, two providers with two activities."""
    clinic, psychiatry = OrganisationKind.CLINIC, OrganisationKind.PSYCHIATRY
    orgs = [
        ("vc-skarptorp", "Vårdcentralen Skarptorp", clinic),
        ("psyk-city", "Psykiatrimottagningen City", psychiatry),
        ("socialtjansten", "Socialtjänsten Norrköping", OrganisationKind.SOCIAL_SERVICES),
        ("ebersteinska", "Ebersteinska gymnasiet", OrganisationKind.SCHOOL),
    ]
    for slug, name, kind in orgs:
        await teller.tell(
            organisation.OrganisationRegistered(organisation=slug, name=name, kind=kind, area="norrkoping")
        )
    for slug, name in (("team-skarptorp", "Team Skarptorp"), ("team-city", "Team City")):
        await teller.tell(linkworker.TeamRegistered(team=slug, name=name, areas=("norrkoping",)))
    workers = [
        ("anna-lind", "Anna Lind", "team-skarptorp", Engagement.EMPLOYED),
        ("hassan-amiri", "Hassan Amiri", "team-skarptorp", Engagement.EMPLOYED),
        ("berit-nord", "Berit Nord", "team-city", Engagement.EMPLOYED),
        ("olle-ek", "Olle Ek", "team-city", Engagement.VOLUNTEER),
    ]
    for slug, name, team, engagement in workers:
        await teller.tell(
            linkworker.LinkWorkerRegistered(
                worker=slug,
                name=name,
                team=team,
                areas=("norrkoping",),
                languages=("sv",),
                capacity=20,
                engagement=engagement,
            )
        )
    for slug, name in (("korpen", "Korpen Norrköping"), ("hemgarden", "Hemgården")):
        await teller.tell(
            activity.ProviderRegistered(
                provider=slug, name=name, kind=OrganisationKind.ASSOCIATION, area="norrkoping"
            )
        )
    for slug, provider, title in (
        ("gangfotboll", "korpen", "Gåfotboll"),
        ("sprakcafe", "hemgarden", "Språkkafé på torsdagar"),
    ):
        await teller.tell(
            activity.ActivityPublished(
                activity=slug,
                provider=provider,
                title=title,
                kind=PrescriptionKind.SOCIAL,
                needs=(Need.COMPANY,),
                area="norrkoping",
                languages=("sv",),
                capacity=12,
            )
        )


@dataclass
class Way:
    """One referral's whole way, step by step: `steps[0]`, `steps[1]` … each a handful of facts."""

    referral: str
    organisation: str
    team: str = "team-skarptorp"
    worker: str = "anna-lind"
    activity: str = "gangfotboll"
    provider: str = "korpen"

    def steps(self, now: datetime) -> list[list[Fact]]:
        """The steps of a referral that goes well, from submitted to the referrer told."""
        r, org, person = self.referral, self.organisation, "a-pseudonym"
        taking_part = {
            "enrolment_id": f"e-{r}",
            "referral_id": r,
            "activity": self.activity,
            "provider": self.provider,
        }
        met = {"referral_id": r, "meeting_id": f"m-{r}", "kind": MeetingKind.FIRST, "mode": MeetingMode.WALK}
        followed = {"followup_id": f"f-{r}", "referral_id": r, "person": person}
        told = {"referral_id": r, "organisation": org}
        return [
            [self.submitted(), self.accepted()],
            [
                case.CaseAssigned(
                    referral_id=r,
                    person=person,
                    organisation=org,
                    team=self.team,
                    worker=self.worker,
                    because=("speaks_language", "least_load"),
                ),
                message.FeedbackSent(feedback_id=f"fa-{r}", point=FeedbackPoint.ASSIGNMENT, **told),
            ],
            [
                meeting.ContactAttempted(
                    referral_id=r,
                    worker=self.worker,
                    way=ContactWay.PHONE,
                    outcome=ContactOutcome.REACHED,
                    attempt=1,
                ),
                meeting.MeetingBooked(
                    person=person,
                    worker=self.worker,
                    starts=now + timedelta(days=2),
                    minutes=45,
                    **met,
                ),
            ],
            [
                meeting.MeetingHeld(minutes=45, **met),
                plan.PlanAgreed(
                    referral_id=r,
                    person=person,
                    organisation=org,
                    version=1,
                    goals=(plan.Goal(goal_id="g1", words=str(uuid7()), kind=PrescriptionKind.SOCIAL),),
                ),
                followup.FollowUpScheduled(plan_version=1, due=now + timedelta(days=30), **followed),
            ],
            [
                case.CaseEnrolmentRequested(
                    referral_id=r, person=person, enrolment_id=f"e-{r}", activity=self.activity
                ),
                enrolment.EnrolmentOffered(
                    person=person, alias="Lugn Ek", answer_by=now + timedelta(days=3), **taking_part
                ),
            ],
            [
                enrolment.EnrolmentAccepted(person=person, host="Maja", **taking_part),
                enrolment.AttendanceRecorded(
                    session_id="s1", outcome=Attendance.ATTENDED, by=Role.PROVIDER, **taking_part
                ),
            ],
            [followup.FollowUpDue(**followed)],
            [
                case.CaseClosed(
                    referral_id=r, person=person, organisation=org, outcome=CaseOutcome.COMPLETED
                ),
                referral.ReferralClosed(referral_id=r, organisation=org, outcome=CaseOutcome.COMPLETED),
            ],
            [message.FeedbackSent(feedback_id=f"fc-{r}", point=FeedbackPoint.CLOSURE, **told)],
        ]

    def submitted(self) -> Fact:
        return referral.ReferralSubmitted(
            referral_id=self.referral,
            person="a-pseudonym",
            organisation=self.organisation,
            submission_id="s-1",
            channel=Channel.STAFF,
            area="norrkoping",
            language="sv",
            needs=(Need.COMPANY,),
            consent=ConsentStatus.GIVEN,
            pathway="open-network",
            referrer=str(uuid7()),
        )

    def accepted(self) -> Fact:
        return referral.ReferralAccepted(
            referral_id=self.referral,
            person="a-pseudonym",
            organisation=self.organisation,
            area="norrkoping",
            language="sv",
            needs=(Need.COMPANY,),
            pathway="open-network",
        )

    def held(self) -> Fact:
        return referral.ReferralHeld(
            referral_id=self.referral,
            person="a-pseudonym",
            organisation=self.organisation,
            area="norrkoping",
            why="consent_to_be_asked",
        )

    def queued(self) -> Fact:
        return case.CaseQueued(
            referral_id=self.referral,
            person="a-pseudonym",
            organisation=self.organisation,
            team=self.team,
            why=("no_capacity",),
        )

    def declined(self) -> Fact:
        return enrolment.EnrolmentDeclined(
            enrolment_id=f"e-{self.referral}",
            referral_id=self.referral,
            activity=self.activity,
            provider=self.provider,
            whose=Whose.PROVIDER,
            reason="course_has_begun",
        )

    def passed(self) -> Fact:
        return followup.DeadlinePassed(
            deadline_id=f"d-{self.referral}", referral_id=self.referral, kind=DeadlineKind.PERSON_REACHED
        )


_ORGANISATIONS = ("vc-skarptorp", "psyk-city", "socialtjansten", "ebersteinska")
_WORKERS = (("team-skarptorp", "anna-lind"), ("team-city", "berit-nord"), ("team-skarptorp", "hassan-amiri"))


def some_way(teller: Teller, number: int) -> Way:
    """The way of one referral among many; different ones come from and go to different people."""
    team, worker = _WORKERS[number % len(_WORKERS)]
    place = ("gangfotboll", "korpen") if number % 2 else ("sprakcafe", "hemgarden")
    return Way(teller.new_referral(), _ORGANISATIONS[number % 4], team, worker, *place)


async def tell_a_living_network(teller: Teller, referrals: int = 60) -> list[Way]:
    """A network a while into its life: referrals in every lane and with every kind of trouble."""
    await register_everybody(teller)
    ways = []
    for number in range(referrals):
        way = some_way(teller, number)
        ways.append(way)
        steps = way.steps(teller.now)
        for facts in steps[: 1 + (number * 7) % len(steps)]:
            await teller.tell(*facts, later=timedelta(minutes=11))
        troubles = {5: way.held, 9: way.queued, 16: way.declined, 22: way.passed}
        if (trouble := troubles.get(number % 23)) is not None:
            await teller.tell(trouble(), later=timedelta(minutes=3))
    return ways


def pages_over(database: Database, teller: Teller, *, demo: bool = True) -> FastAPI:
    """The navigator's web application at the teller's time."""
    return navigator_web(
        database.pool,
        database.engine,
        secret=SECRET,
        demo=demo,
        now=lambda: teller.now + timedelta(seconds=30),
    )
