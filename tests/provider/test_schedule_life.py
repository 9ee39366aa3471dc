"""Schedules in a real database: the horizon moves on by itself, and what changes is told once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from services.provider.app import service
from services.provider.scheduling import ahead, next_look
from services.runtime.clock import SetClock
from sluss.machine.postgres import Postgres
from sluss_contracts.activity import ActivityRescheduled, SessionCancelled, SessionScheduled
from sluss_contracts.command import Actor, Answer, Command
from sluss_contracts.commands.provider import (
    CancelSession,
    PublishActivity,
    RegisterProvider,
    WithdrawActivity,
)
from sluss_contracts.commands.schedule import SetSchedule, TakeBreak
from sluss_contracts.offering import Venue
from sluss_contracts.schedule import ActivityScheduleSet, Recurrence
from sluss_contracts.vocabulary import Need, OrganisationKind, PrescriptionKind, Role
from tests.provider.spec import KORPEN, NOON, WALK
from tests.support.desk import Desk, desk, schema_of

COORDINATOR = Actor(id="siv", role=Role.COORDINATOR)
OF_KORPEN = Actor(id=KORPEN, role=Role.PROVIDER, organisation=KORPEN)
A_WEEK = timedelta(weeks=1)
TUESDAYS = Recurrence(starts="2026-03-03T14:00", rrule="FREQ=WEEKLY;BYDAY=TU")


@pytest_asyncio.fixture
async def here(postgres_server: Postgres) -> AsyncIterator[Desk]:
    async with desk(await schema_of(postgres_server, service), service, SetClock(NOON)) as at_work:
        kind = OrganisationKind.ASSOCIATION
        await do(at_work, RegisterProvider, provider=KORPEN, name="Korpen", kind=kind, area="hageby")
        await publish(at_work, WALK)
        yield at_work
        await at_work.assert_state_is_the_fold_of_the_events()


async def ask(here: Desk, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
    return await here.ask(command(command_id=uuid4(), actor=by, **values))


async def do(here: Desk, command: type[Command], by: Actor = COORDINATOR, /, **values: Any) -> Answer:
    answer = await ask(here, command, by, **values)
    assert answer.ok, answer.refused
    return answer


async def publish(here: Desk, activity: str) -> None:
    await do(
        here,
        PublishActivity,
        activity=activity,
        provider=KORPEN,
        title="Promenad med fika",
        kind=PrescriptionKind.PHYSICAL,
        needs=(Need.COMPANY,),
        area="hageby",
        capacity=8,
    )


async def set_to(here: Desk, *recurrences: Recurrence, activity: str = WALK) -> dict[str, int]:
    answer = await do(here, SetSchedule, OF_KORPEN, activity=activity, recurrences=recurrences)
    return answer.result


async def coming(here: Desk, activity: str = WALK) -> list[datetime]:
    rows = await here.pool.fetch(
        "select starts from session where activity = $1 and not cancelled and starts > $2 order by starts",
        activity,
        here.clock.now(),
    )
    return [row["starts"] for row in rows]


async def due(here: Desk) -> list[tuple[str, datetime]]:
    rows = await here.pool.fetch("select key, due from timer where kind = 'lay_out' order by key, due")
    return [(row["key"], row["due"]) for row in rows]


async def test_twelve_weeks_are_laid_out_at_once_and_each_week_one_more(here: Desk) -> None:
    assert await set_to(here, TUESDAYS) == {"scheduled": 12, "moved": 0, "cancelled": 0}
    for _ in range(30):
        await here.wait(A_WEEK)
        seen = await coming(here)
        assert 11 <= len(seen) <= 12, "eleven for less than a week"
        assert seen[0] - here.clock.now() <= A_WEEK
    said = await here.said(SessionScheduled)
    assert len({each.session_id for each in said}) == len(said)
    assert {f"{each.starts:%a}" for each in said} == {"Tue"}


async def test_the_hour_on_the_wall_stays_while_the_horizon_moves_over_both_nights(here: Desk) -> None:
    await set_to(here, TUESDAYS)
    await here.wait(A_WEEK)
    for _ in range(40):
        await here.wait(A_WEEK)
    hours = {each.starts.date(): each.starts.hour for each in await here.said(SessionScheduled)}
    assert hours[date(2026, 3, 24)] == 13
    assert hours[date(2026, 3, 31)] == 12, "summer time began on the 29th"
    assert hours[date(2026, 10, 20)] == 12
    assert hours[date(2026, 10, 27)] == 13, "and ended on the 25th"


async def test_weeks_of_stillness_are_made_up_for_at_once(here: Desk) -> None:
    """A service that was away for half a year lays out from today on, and nothing of what has passed."""
    await set_to(here, TUESDAYS)
    here.clock.move(timedelta(weeks=26))
    await here.settle()
    assert len(await coming(here)) == 12
    assert not [each for each in await here.said(SessionScheduled) if _between_then_and_now(here, each)]


def _between_then_and_now(here: Desk, session: SessionScheduled) -> bool:
    return NOON + ahead() < session.starts <= here.clock.now()


async def test_one_due_date_for_each_activity_and_none_for_what_is_laid_out_whole(here: Desk) -> None:
    await set_to(here, TUESDAYS)
    await set_to(here, TUESDAYS.model_copy(update={"minutes": 60}))
    await set_to(here, Recurrence(starts="2026-03-04T10:00", rrule="FREQ=WEEKLY"))
    assert await due(here) == [(WALK, next_look(WALK, NOON))]
    await publish(here, "course")
    await set_to(here, Recurrence(starts="2026-03-05T10:00", rrule="FREQ=WEEKLY;COUNT=8"), activity="course")
    assert [key for key, _ in await due(here)] == [WALK]
    await here.wait(A_WEEK)
    assert [key for key, _ in await due(here)] == [WALK]


async def test_a_course_longer_than_can_be_seen_is_looked_at_until_its_end_is(here: Desk) -> None:
    await set_to(here, Recurrence(starts="2026-03-04T10:00", rrule="FREQ=WEEKLY;COUNT=20"))
    for _ in range(12):
        await here.wait(A_WEEK)
    assert len(await here.said(SessionScheduled)) == 20
    assert await due(here) == []


async def test_the_log_holds_one_event_a_session_and_nothing_for_looking(here: Desk) -> None:
    """A year of a weekly activity: its schedule, its sessions, and no more."""
    await set_to(here, TUESDAYS)
    for _ in range(52):
        await here.wait(A_WEEK)
    kinds = "select type, count(*) as number from event where key = $1 group by type"
    counted = {row["type"].split(".")[1:3][1]: row["number"] for row in await here.pool.fetch(kinds, WALK)}
    assert counted.pop("schedule_set") == 1
    assert counted.pop("published") == 1
    assert 60 <= counted.pop("scheduled") <= 64
    assert set(counted) <= {"verification_due", "expired"}


async def test_what_is_withdrawn_is_laid_out_no_more(here: Desk) -> None:
    await set_to(here, TUESDAYS)
    await do(here, WithdrawActivity, OF_KORPEN, activity=WALK, why="no_leader")
    assert await coming(here) == []
    for _ in range(3):
        await here.wait(A_WEEK)
    assert await coming(here) == []
    assert await due(here) == []
    answer = await ask(here, SetSchedule, OF_KORPEN, activity=WALK, recurrences=(TUESDAYS,))
    assert answer.refused
    assert answer.refused.code == "takes_place_no_more"


async def test_a_change_says_only_what_differs(here: Desk) -> None:
    await set_to(here, TUESDAYS)
    assert await set_to(here, TUESDAYS) == {"scheduled": 0, "moved": 0, "cancelled": 0}
    assert len(await here.said(ActivityScheduleSet)) == 1
    later = TUESDAYS.model_copy(update={"starts": "2026-03-03T15:00"})
    assert await set_to(here, later) == {"scheduled": 0, "moved": 12, "cancelled": 0}
    assert {each.starts.minute for each in await here.said(ActivityRescheduled)} == {0}
    assert len(await coming(here)) == 12
    twice = Recurrence(starts="2026-03-04T15:00", rrule="FREQ=WEEKLY")
    assert await set_to(here, later, twice) == {"scheduled": 12, "moved": 0, "cancelled": 0}


async def test_a_summer_break_is_told_of_the_sessions_it_strikes_and_of_those_laid_out_later_there_are_none(
    here: Desk,
) -> None:
    await set_to(here, TUESDAYS)
    answer = await do(
        here,
        TakeBreak,
        OF_KORPEN,
        activity=WALK,
        first=date(2026, 5, 12),
        last=date(2026, 7, 7),
        why="summer_break",
    )
    assert answer.result == {"scheduled": 0, "moved": 0, "cancelled": 2}
    assert {each.why for each in await here.said(SessionCancelled)} == {"summer_break"}
    for _ in range(10):
        await here.wait(A_WEEK)
    struck = [each for each in await coming(here) if date(2026, 5, 12) <= each.date() <= date(2026, 7, 7)]
    assert struck == []
    assert datetime(2026, 7, 14, 12, tzinfo=UTC) in await coming(here)


async def test_a_session_somebody_cancelled_is_not_laid_out_again(here: Desk) -> None:
    await set_to(here, TUESDAYS)
    await do(
        here,
        CancelSession,
        OF_KORPEN,
        activity=WALK,
        session_id="walk-20260310T1300Z",
        why="leader_ill",
    )
    await here.wait(timedelta(days=6))
    assert datetime(2026, 3, 10, 13, tzinfo=UTC) not in await coming(here)


async def test_another_place_is_kept_with_the_sessions(here: Desk) -> None:
    await set_to(here, TUESDAYS.model_copy(update={"venue": Venue(name="Stora salen")}))
    rows = await here.pool.fetch("select distinct venue ->> 'name' as name from session")
    assert [row["name"] for row in rows] == ["Stora salen"]


@pytest.mark.parametrize("rrule", ["FREQ=MINUTELY", "FREQ=DAILY;COUNT=5000", "FREQ=WEEKLY;UNTIL=20250101"])
async def test_a_bad_rule_is_refused_with_its_place_and_nothing_is_said(here: Desk, rrule: str) -> None:
    bad = Recurrence(starts="2026-03-03T14:00", rrule=rrule)
    answer = await ask(here, SetSchedule, OF_KORPEN, activity=WALK, recurrences=(TUESDAYS, bad))
    assert answer.refused
    assert answer.refused.code == "bad_schedule"
    assert [each.path for each in answer.refused.faults] == ["/recurrences/1/rrule"]
    assert not await here.said(ActivityScheduleSet)


def test_a_thousand_activities_are_not_looked_at_in_the_same_hour() -> None:
    hours = {next_look(f"activity-{number}", NOON).replace(minute=0, second=0) for number in range(1000)}
    assert len(hours) > 150
    assert all(NOON < next_look(f"a-{n}", NOON) <= NOON + A_WEEK for n in range(1000))


async def test_a_term_that_is_imported_again_goes_on_where_it_began(here: Desk) -> None:
    """Whoever writes `weeks` says no start: a file made one up from the day it was imported."""

    async def imported(rule: str, hour: str = "14:00") -> dict[str, int]:
        first = here.clock.now().date() + timedelta(days=(1 - here.clock.now().weekday()) % 7)
        term = Recurrence(starts=f"{first}T{hour}", rrule=rule)
        said = {"activity": WALK, "recurrences": (term,), "keeps_start": True}
        return (await do(here, SetSchedule, OF_KORPEN, **said)).result

    nothing = {"scheduled": 0, "moved": 0, "cancelled": 0}
    term = "FREQ=WEEKLY;BYDAY=TU;COUNT=8"
    assert await imported(term) == {**nothing, "scheduled": 8}
    begun = await coming(here)
    for _ in range(3):
        await here.wait(2 * A_WEEK)
        assert await imported(term) == nothing
    assert await coming(here) == begun[6:]
    assert len(await here.said(ActivityScheduleSet)) == 1
    assert await imported(term, "15:00") == {**nothing, "moved": 2}, "another hour is no other term"
    await here.wait(4 * A_WEEK)
    assert await imported(term, "15:00") == nothing, "nor does it begin anew when it is over"
    assert await imported("FREQ=WEEKLY;BYDAY=TU;COUNT=4") == {**nothing, "scheduled": 4}
