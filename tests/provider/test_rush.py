"""Ten thousand people want the only place at once: one gets it, the others stand in line, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from random import Random
from uuid import uuid4

import pytest
import pytest_asyncio

from services.provider.app import service
from services.provider.domain.answer import GRACE
from services.runtime.clock import SetClock
from sluss.machine.postgres import Postgres
from sluss_contracts.case import CaseClosed, CaseEnrolmentRequested
from sluss_contracts.command import Actor, Command
from sluss_contracts.commands.provider import AcceptEnrolment, PublishActivity, RegisterProvider
from sluss_contracts.enrolment import EnrolmentExpired, EnrolmentOffered, EnrolmentWaitlisted
from sluss_contracts.pathway import BUILT_IN
from sluss_contracts.vocabulary import CaseOutcome, Need, OrganisationKind, PrescriptionKind, Role
from tests.provider.spec import KORPEN, NOON, WALK
from tests.support.desk import Desk, desk, schema_of

REPLICAS, PEOPLE = 4, 10_000
ANSWERED = timedelta(days=BUILT_IN.silence.offer_answered)


@pytest_asyncio.fixture
async def replicas(postgres_server: Postgres) -> AsyncIterator[list[Desk]]:
    """Several of the service on one database, with an activity for one."""
    url, clock = await schema_of(postgres_server, service), SetClock(NOON)
    async with AsyncExitStack() as open_:
        all_ = [await open_.enter_async_context(desk(url, service, clock)) for _ in range(REPLICAS)]
        kind = OrganisationKind.ASSOCIATION
        await do(all_[0], RegisterProvider, provider=KORPEN, name="Korpen", kind=kind, area="hageby")
        await do(
            all_[0],
            PublishActivity,
            activity=WALK,
            provider=KORPEN,
            title="Promenad med fika",
            kind=PrescriptionKind.PHYSICAL,
            needs=(Need.COMPANY,),
            area="hageby",
            capacity=1,
        )
        yield all_
        await all_[0].assert_state_is_the_fold_of_the_events()


async def do(here: Desk, command: type[Command], **values: object) -> None:
    actor = Actor(id="siv", role=Role.COORDINATOR)
    answer = await here.ask(command.model_validate({"command_id": uuid4(), "actor": actor, **values}))
    assert answer.ok, answer.refused


def wish(who: str) -> CaseEnrolmentRequested:
    return CaseEnrolmentRequested(
        referral_id=who, person=f"p-{who}", enrolment_id=f"{who}-{WALK}", activity=WALK
    )


async def line(here: Desk) -> list[str]:
    """Who waits, the first one first."""
    rows = await here.pool.fetch(
        "select referral_id from enrolment where status = 'waitlisted' order by place_in_line"
    )
    return [row["referral_id"] for row in rows]


async def offered(here: Desk) -> list[EnrolmentOffered]:
    return await here.said(EnrolmentOffered)


@pytest.mark.slow
async def test_one_of_ten_thousand_gets_the_place_and_the_line_moves_on_in_its_order(
    replicas: list[Desk],
) -> None:
    chance = Random(1789)
    people = [f"r{number}" for number in range(PEOPLE)]
    chance.shuffle(people)

    async def ask_at(here: Desk) -> None:
        """Some come alone, others with everybody who asked in the same instant."""
        while people:
            together = [people.pop() for _ in range(min(len(people), chance.choice((1, 7, 60, 200))))]
            await here.hear(*map(wish, together))

    await asyncio.gather(*map(ask_at, replicas))
    here = replicas[0]
    await here.settle()

    (winner,) = await offered(here)
    waiting = await line(here)
    positions = {each.referral_id: each.position for each in await here.said(EnrolmentWaitlisted)}
    assert [positions[who] for who in waiting] == list(range(1, PEOPLE))
    assert {winner.referral_id, *waiting} == {f"r{number}" for number in range(PEOPLE)}

    # Nobody answers: the place goes on when the deadline has passed, and on again.
    assert winner.answer_by == NOON + ANSWERED
    for _ in range(3):
        await here.wait(ANSWERED + GRACE)
    expired = [each.referral_id for each in await here.said(EnrolmentExpired)]
    assert expired == [winner.referral_id, *waiting[:2]]
    called = await offered(here)
    assert [each.referral_id for each in called] == [winner.referral_id, *waiting[:3]]
    assert called[-1].answer_by == here.clock.now() + ANSWERED

    # Somebody leaves who has the place, while another leaves the line just behind.
    next_one, behind, after = waiting[2:5]
    place = {"referral_id": next_one, "enrolment_id": f"{next_one}-{WALK}", "provider": KORPEN}
    await do(here, AcceptEnrolment, **place)
    await asyncio.gather(replicas[1].hear(closed(next_one)), replicas[2].hear(closed(waiting[3])))
    assert behind == waiting[3]
    await here.settle()
    assert (await offered(here))[-1].referral_id == after
    assert await taken(here) == 1
    assert await line(here) == waiting[5:]


def closed(who: str) -> CaseClosed:
    return CaseClosed(
        referral_id=who, person=f"p-{who}", organisation="clinic", outcome=CaseOutcome.COMPLETED
    )


async def taken(here: Desk) -> int:
    counted: int = await here.pool.fetchval(
        "select count(*) from enrolment where status in ('offered', 'accepted')"
    )
    return counted
