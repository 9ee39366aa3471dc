"""Places in a real database: two replicas, many wishes at the same moment, nobody passed by."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest_asyncio

from services.provider.app import service
from services.runtime.clock import SetClock
from sluss.machine.postgres import Postgres
from sluss_contracts.activity import ActivityPublished
from sluss_contracts.case import CaseClosed, CaseEnrolmentRequested
from sluss_contracts.command import Actor, Answer
from sluss_contracts.commands.provider import (
    AcceptEnrolment,
    DeclineEnrolment,
    EndEnrolment,
    PublishActivity,
    RecordAttendance,
    RegisterProvider,
    ScheduleSession,
)
from sluss_contracts.enrolment import (
    AttendanceRecorded,
    EnrolmentAccepted,
    EnrolmentDeclined,
    EnrolmentEnded,
    EnrolmentOffered,
    EnrolmentWaitlisted,
)
from sluss_contracts.subjects import slot_of
from sluss_contracts.vocabulary import (
    Acceptance,
    Attendance,
    CaseOutcome,
    Need,
    OrganisationKind,
    PrescriptionKind,
    Role,
    Whose,
)
from tests.provider.spec import KORPEN, NOON, WALK
from tests.support.desk import Desk, desk, schema_of

MAUD = Actor(id="maud", role=Role.PROVIDER, organisation="korpen")
COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)


@pytest_asyncio.fixture
async def url(postgres_server: Postgres) -> str:
    return await schema_of(postgres_server, service)


@pytest_asyncio.fixture
async def korpen(url: str) -> AsyncIterator[Desk]:
    async with desk(url, service, SetClock(NOON)) as here:
        await ask(
            here,
            RegisterProvider(
                command_id=uuid4(),
                actor=COORDINATOR,
                provider=KORPEN,
                name="Korpen",
                kind=OrganisationKind.ASSOCIATION,
                area="hageby",
            ),
        )
        yield here
        await here.assert_state_is_the_fold_of_the_events()


@pytest_asyncio.fixture
async def twin(url: str, korpen: Desk) -> AsyncIterator[Desk]:
    async with desk(url, service, korpen.clock) as here:
        yield here


async def ask(here: Desk, command: object) -> Answer:
    answer = await here.ask(command)  # type: ignore[arg-type]
    assert answer.ok, answer.refused
    return answer


async def publish(here: Desk, capacity: int, acceptance: Acceptance = Acceptance.REQUIRED) -> None:
    command = PublishActivity(
        command_id=uuid4(),
        actor=MAUD,
        activity=WALK,
        provider=KORPEN,
        title="Promenad med fika",
        kind=PrescriptionKind.PHYSICAL,
        needs=(Need.COMPANY,),
        area="hageby",
        capacity=capacity,
        acceptance=acceptance,
    )
    await ask(here, command)
    await here.settle()


def wish(who: str, activity: str = WALK) -> CaseEnrolmentRequested:
    return CaseEnrolmentRequested(
        referral_id=who, person=f"p-{who}", enrolment_id=f"{who}-{activity}", activity=activity
    )


def closed(who: str) -> CaseClosed:
    return CaseClosed(
        referral_id=who, person=f"p-{who}", organisation="clinic", outcome=CaseOutcome.COMPLETED
    )


async def accept(here: Desk, who: str, by: str = KORPEN) -> Answer:
    return await here.ask(
        AcceptEnrolment(
            command_id=uuid4(),
            actor=MAUD,
            referral_id=who,
            enrolment_id=f"{who}-{WALK}",
            provider=by,
            host="Maud",
        )
    )


async def offered(here: Desk) -> list[str]:
    return [fact.referral_id for fact in await here.said(EnrolmentOffered)]


async def test_a_whole_enrolment(korpen: Desk) -> None:
    await publish(korpen, 1)
    session = ScheduleSession(
        command_id=uuid4(), actor=MAUD, activity=WALK, starts=NOON + timedelta(days=1), minutes=60
    )
    session_id = (await ask(korpen, session)).result["session_id"]
    again = session.model_copy(update={"command_id": uuid4()})
    assert (await ask(korpen, again)).result["session_id"] == session_id
    await korpen.hear(wish("alva"))
    assert (await accept(korpen, "alva")).ok
    (welcome,) = await korpen.said(EnrolmentAccepted)
    assert (welcome.host, welcome.first_session, welcome.starts) == ("Maud", session_id, session.starts)
    attendance = RecordAttendance(
        command_id=uuid4(),
        actor=MAUD,
        referral_id="alva",
        enrolment_id=f"alva-{WALK}",
        session_id=session_id,
        outcome=Attendance.ATTENDED,
    )
    assert (await ask(korpen, attendance)).events
    assert not (await ask(korpen, attendance.model_copy(update={"command_id": uuid4()}))).events
    (came,) = await korpen.said(AttendanceRecorded)
    assert (came.outcome, came.by) == (Attendance.ATTENDED, Role.PROVIDER)
    await korpen.hear(closed("alva"))
    (end,) = await korpen.said(EnrolmentEnded)
    assert end.reason == "case_closed"


async def test_nobody_accepts_an_offer_made_to_someone_else(korpen: Desk) -> None:
    await publish(korpen, 1)
    await korpen.hear(wish("alva"))
    answer = await accept(korpen, "alva", by="hemgarden")
    assert answer.refused
    assert answer.refused.code == "not_offered"
    assert not await korpen.said(EnrolmentAccepted)


async def test_an_activity_nobody_knows_is_declined_and_nothing_is_kept_of_it(korpen: Desk) -> None:
    await korpen.hear(wish("alva", "chess"))
    (no,) = await korpen.said(EnrolmentDeclined)
    assert (no.whose, no.reason) == (Whose.NETWORK, "unknown_activity")
    assert await korpen.pool.fetchval("select count(*) from enrolment") == 0


async def test_hearing_a_wish_twice_is_hearing_it_once(korpen: Desk) -> None:
    await publish(korpen, 3)
    (event,) = await korpen.hear(wish("alva"))
    await korpen.hear_events(event, event)
    assert await offered(korpen) == ["alva"]


async def test_wishes_of_one_batch_share_the_places_in_their_order(korpen: Desk) -> None:
    await publish(korpen, 2)
    await korpen.hear(*(wish(f"r{n}") for n in range(5)))
    assert sorted(await offered(korpen)) == ["r0", "r1"]
    line = {each.referral_id: each.position for each in await korpen.said(EnrolmentWaitlisted)}
    assert line == {"r2": 1, "r3": 2, "r4": 3}


async def test_one_place_and_a_hundred_wishes_at_two_replicas_gives_one_offer(
    korpen: Desk, twin: Desk
) -> None:
    await publish(korpen, 1)

    async def ask_at(here: Desk, who: list[str]) -> None:
        for first in range(0, len(who), 5):
            await here.hear(*(wish(each) for each in who[first : first + 5]))

    people = [f"r{n}" for n in range(100)]
    await asyncio.gather(ask_at(korpen, people[::2]), ask_at(twin, people[1::2]))
    await korpen.settle()
    assert len(await offered(korpen)) == 1
    positions = sorted(each.position for each in await korpen.said(EnrolmentWaitlisted))
    assert positions == list(range(1, 100))


async def test_a_freed_place_goes_to_the_first_in_line_in_a_transaction_of_its_own(korpen: Desk) -> None:
    await publish(korpen, 1)
    await korpen.hear(wish("alva"), wish("bo"), wish("cia"))
    await korpen.settle()
    no = DeclineEnrolment(
        command_id=uuid4(),
        actor=MAUD,
        referral_id="alva",
        enrolment_id=f"alva-{WALK}",
        provider=KORPEN,
        reason="group_is_full",
    )
    await ask(korpen, no)
    assert await offered(korpen) == ["alva"], "not before the decline is committed"
    await korpen.settle()
    assert await offered(korpen) == ["alva", "bo"]


async def test_several_places_freed_at_once_are_all_offered(korpen: Desk) -> None:
    await publish(korpen, 3)
    await korpen.hear(*(wish(f"r{n}") for n in range(8)))
    await korpen.hear(closed("r0"), closed("r2"), closed("r1"))
    await korpen.settle()
    assert sorted(await offered(korpen)) == [f"r{n}" for n in range(6)]


async def test_somebody_who_leaves_the_line_lets_the_next_one_forward(korpen: Desk) -> None:
    await publish(korpen, 1)
    await korpen.hear(wish("alva"), wish("bo"), wish("cia"))
    stop = EndEnrolment(
        command_id=uuid4(),
        actor=MAUD,
        referral_id="bo",
        enrolment_id=f"bo-{WALK}",
        whose=Whose.PERSON,
        reason="person_stopped",
    )
    await ask(korpen, stop)
    await korpen.hear(closed("alva"))
    await korpen.settle()
    assert await offered(korpen) == ["alva", "cia"]


async def test_more_places_are_offered_to_the_line_and_fewer_take_nothing_away(korpen: Desk) -> None:
    await publish(korpen, 1)
    await korpen.hear(*(wish(f"r{n}") for n in range(4)))
    await publish(korpen, 3)
    assert sorted(await offered(korpen)) == ["r0", "r1", "r2"]
    await publish(korpen, 1)
    await korpen.hear(closed("r0"))
    await korpen.settle()
    assert sorted(await offered(korpen)) == ["r0", "r1", "r2"]


async def test_a_drop_in_activity_lets_the_line_in_without_asking(korpen: Desk) -> None:
    await publish(korpen, 1, Acceptance.DROP_IN)
    await korpen.hear(wish("alva"), wish("bo"))
    await korpen.hear(closed("alva"))
    await korpen.settle()
    assert [fact.referral_id for fact in await korpen.said(EnrolmentAccepted)] == ["alva", "bo"]


async def test_two_replicas_in_a_rush_never_oversell_and_serve_the_line_in_order(
    korpen: Desk, twin: Desk
) -> None:
    """People come and go at both replicas while timers fire at both; the tables are checked all along."""
    capacity, people = 3, [f"r{n}" for n in range(60)]
    await publish(korpen, capacity)
    chance = Random(4711)
    busy = True

    async def come(here: Desk, who: list[str]) -> None:
        for each in who:
            await here.hear(wish(each))

    async def go(here: Desk) -> None:
        left: set[str] = set()
        while len(left) < 40:
            there = [each for each in await offered(here) if each not in left]
            line = [f.referral_id for f in await here.said(EnrolmentWaitlisted) if f.referral_id not in left]
            if there or line:
                who = chance.choice(there or line) if chance.random() < 0.8 else chance.choice(line or there)
                left.add(who)
                await here.hear(closed(who))
            await asyncio.sleep(0)

    async def fire(here: Desk) -> None:
        while busy:
            await here.timers.fire_due()
            await asyncio.sleep(0.005)

    async def watch() -> None:
        while busy:
            taken = await korpen.pool.fetchval(
                "select count(*) from enrolment where status in ('offered', 'accepted')"
            )
            assert taken <= capacity
            await asyncio.sleep(0.01)

    background = [asyncio.create_task(each) for each in (fire(korpen), fire(twin), watch())]
    try:
        await asyncio.gather(come(korpen, people[::2]), come(twin, people[1::2]), go(korpen))
    finally:
        busy = False
        await asyncio.gather(*background)
    await korpen.settle()
    rows = await korpen.pool.fetch("select referral_id, status from enrolment order by place_in_line")
    status = {row["referral_id"]: row["status"] for row in rows}
    assert list(status.values()).count("offered") == capacity
    waiting = [row["referral_id"] for row in rows if row["status"] == "waitlisted"]
    called = [each for each in await offered(korpen) if each in status and status[each] == "offered"]
    order = [row["referral_id"] for row in rows]
    assert not waiting or max(order.index(each) for each in called) < order.index(waiting[0])


async def test_the_published_catalogue_survives_a_second_telling(korpen: Desk) -> None:
    await publish(korpen, 2)
    await publish(korpen, 2)
    assert len(await korpen.said(ActivityPublished)) == 1


async def test_a_place_freed_while_somebody_is_being_put_in_line_is_not_missed(
    korpen: Desk, twin: Desk
) -> None:
    """The one does not see the other: when the place is freed nobody waits yet, and when the newcomer is
    put in line the place is not yet free. Whoever commits last must look again."""
    await publish(korpen, 1)
    await korpen.hear(wish("alva"))
    newcomer = next(f"r{n}" for n in range(99) if slot_of(f"r{n}") != slot_of("alva"))
    async with korpen.pool.acquire() as other:
        held_up = other.transaction()
        await held_up.start()
        lane = str(slot_of(newcomer))
        await other.execute("select 1 from head where lane = $1 for update", lane)
        joining = asyncio.create_task(twin.hear(wish(newcomer)))
        while not await korpen.pool.fetchval("select count(*) from pg_locks where not granted"):
            await asyncio.sleep(0.01)
        await korpen.hear(closed("alva"))
        await korpen.settle()
        assert await offered(korpen) == ["alva"]
        await held_up.rollback()
        await joining
    await korpen.settle()
    assert await offered(korpen) == ["alva", newcomer]
