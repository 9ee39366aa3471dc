"""A schedule that is set, changed or interrupted, and what becomes of the sessions: no more than differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.provider.domain import schedule, session
from services.provider.domain.activity import Activity, Status
from services.provider.domain.refusals import (
    ForAnotherProvider,
    NoSchedule,
    TakesPlaceNoMore,
    TooManyBreaks,
    UnknownActivity,
)
from services.provider.domain.schedule import Schedule
from services.provider.domain.session import Session
from services.provider.recurrence import between
from services.runtime.decision import Refusal
from sluss_contracts.activity import ActivityRescheduled, SessionCancelled, SessionScheduled
from sluss_contracts.command import Actor
from sluss_contracts.commands.provider import CancelSession, RescheduleSession
from sluss_contracts.commands.schedule import SetSchedule, TakeBreak
from sluss_contracts.event import Fact
from sluss_contracts.offering import Venue
from sluss_contracts.schedule import ActivityScheduleSet, Recurrence, Timetable
from sluss_contracts.vocabulary import Need, PrescriptionKind, Role
from tests.provider.spec import ASKED, KORPEN, NOON, WALK

AHEAD = timedelta(weeks=4)
TUESDAYS = Recurrence(starts="2026-03-03T14:00", rrule="FREQ=WEEKLY;BYDAY=TU")
OF_KORPEN = Activity(
    activity=WALK,
    provider=KORPEN,
    title="Promenad",
    kind=PrescriptionKind.PHYSICAL,
    needs=(Need.COMPANY,),
    area="hageby",
    languages=("sv",),
    capacity=8,
)


class Told:
    """One activity's schedule and sessions, as facts have made them."""

    def __init__(self, activity: Activity | None = OF_KORPEN, now: datetime = NOON) -> None:
        self.activity, self.now = activity, now
        self.known: Schedule | None = None
        self.sessions: dict[str, Session] = {}

    def hear(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        for each in facts:
            if isinstance(each, ActivityScheduleSet):
                self.known = schedule.evolve(self.known, each)
            else:
                id = each.aggregate_id
                self.sessions[id] = session.evolve(self.sessions.get(id), each)
        return facts

    def set_to(self, *recurrences: Recurrence, ahead: timedelta = AHEAD, **said: Any) -> Sequence[Fact]:
        wanted = SetSchedule(**{**ASKED, **said}, activity=WALK, recurrences=recurrences)
        table = Timetable(recurrences=recurrences)
        plan = between(table, self.now, self.now + ahead)
        return self.hear(
            schedule.set_to(self.activity, self.known, self.sessions, wanted, table, plan, self.now)
        )

    def take_break(self, first: date, last: date, why: str = "summer_break") -> Sequence[Fact]:
        wanted = TakeBreak(**ASKED, activity=WALK, first=first, last=last, why=why)
        table = schedule.with_break(self.known, wanted, self.now)
        plan = between(table, self.now, self.now + AHEAD)
        return self.hear(
            schedule.set_to(self.activity, self.known, self.sessions, wanted, table, plan, self.now)
        )

    def look_again(self) -> Sequence[Fact]:
        assert self.known
        plan = between(self.known, self.now, self.now + AHEAD)
        return self.hear(schedule.extend(self.activity, self.known, self.sessions, plan, self.now))

    def cancel(self, id: str) -> None:
        wanted = CancelSession(**ASKED, activity=WALK, session_id=id, why="leader_ill")
        self.hear(session.cancel(self.activity, self.sessions, wanted, self.now))

    def move(self, id: str, starts: datetime) -> None:
        wanted = RescheduleSession(**ASKED, activity=WALK, session_id=id, starts=starts)
        self.hear(session.reschedule(self.activity, self.sessions, wanted, self.now))

    def times(self) -> list[str]:
        """When it takes place from now on."""
        taking_place = [each for each in self.sessions.values() if each.status == "scheduled"]
        return sorted(f"{each.starts:%m-%d %H:%M}" for each in taking_place if each.starts > self.now)


def kinds(facts: Sequence[Fact]) -> list[type[Fact]]:
    return [type(each) for each in facts]


def starting(clock: str, days: str = "TU", **said: Any) -> Recurrence:
    return Recurrence(starts=f"2026-03-02T{clock}", rrule=f"FREQ=WEEKLY;BYDAY={days}", **said)


def test_a_schedule_is_laid_out_as_far_as_can_be_seen_and_no_farther() -> None:
    told = Told()
    facts = told.set_to(TUESDAYS)
    assert kinds(facts) == [ActivityScheduleSet] + [SessionScheduled] * 4
    assert told.times() == ["03-03 13:00", "03-10 13:00", "03-17 13:00", "03-24 13:00"]
    assert next(iter(told.sessions)) == "walk-20260303T1300Z", "named after the activity and the time"


def test_setting_it_again_changes_nothing() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    assert told.set_to(TUESDAYS) == []


def test_as_time_passes_what_comes_within_sight_is_added_and_nothing_else() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.now += timedelta(weeks=1)
    (new,) = told.look_again()
    assert isinstance(new, SessionScheduled)
    assert (new.starts, new.by_schedule) == (datetime(2026, 3, 31, 12, tzinfo=UTC), True)
    assert told.look_again() == []


def test_laying_out_anew_from_nothing_gives_the_same_ids() -> None:
    one, other = Told(), Told()
    one.set_to(TUESDAYS)
    other.set_to(TUESDAYS, ahead=timedelta(weeks=1))
    other.look_again()
    assert set(one.sessions) == set(other.sessions)


def test_another_hour_moves_the_sessions_and_cancels_none() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    ids = set(told.sessions)
    facts = told.set_to(starting("15:30"))
    assert kinds(facts) == [ActivityScheduleSet] + [ActivityRescheduled] * 4
    assert told.times() == ["03-03 14:30", "03-10 14:30", "03-17 14:30", "03-24 14:30"]
    assert set(told.sessions) == ids
    told_to_all = [each.tells_all for each in facts if isinstance(each, ActivityRescheduled)]
    assert told_to_all == [True, False, False, False], "a change is told once"
    assert told.set_to(starting("15:30")) == []


def test_another_day_of_the_week_moves_them_too_and_back_again() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.set_to(starting("14:00", "WE"))
    assert told.times() == ["03-04 13:00", "03-11 13:00", "03-18 13:00", "03-25 13:00"]
    facts = told.set_to(TUESDAYS)
    assert kinds(facts) == [ActivityScheduleSet] + [ActivityRescheduled] * 4
    assert len(told.sessions) == 4


def test_twice_a_week_instead_of_once_adds_only_the_other_day() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    facts = told.set_to(TUESDAYS, starting("14:00", "TH"))
    assert kinds(facts) == [ActivityScheduleSet] + [SessionScheduled] * 4
    assert {f"{each.starts:%a}" for each in facts if isinstance(each, SessionScheduled)} == {"Thu"}


def test_every_other_week_cancels_only_the_weeks_between() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    facts = told.set_to(Recurrence(starts="2026-03-03T14:00", rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"))
    assert kinds(facts) == [ActivityScheduleSet] + [SessionCancelled] * 2
    assert {(each.why, each.by_schedule) for each in facts if isinstance(each, SessionCancelled)} == {
        ("schedule_changed", True)
    }
    assert told.times() == ["03-03 13:00", "03-17 13:00"]


def test_what_has_been_stays_as_it_was() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.now += timedelta(weeks=2)
    before = {id: each for id, each in told.sessions.items() if each.starts <= told.now}
    told.set_to(starting("09:00", "FR"))
    assert len(before) == 2
    assert {id: told.sessions[id] for id in before} == before


def test_another_length_or_another_room_is_told_of_the_same_sessions() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    hall = Venue(name="Stora salen")
    facts = told.set_to(starting("14:00", minutes=60, venue=hall))
    assert kinds(facts) == [ActivityScheduleSet] + [ActivityRescheduled] * 4
    assert {(each.minutes, each.venue) for each in told.sessions.values()} == {(60, hall)}


def test_a_session_somebody_cancelled_stays_cancelled() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.cancel("walk-20260310T1300Z")
    assert told.look_again() == []
    assert told.set_to(TUESDAYS, starting("14:00", "TH"))
    assert "03-10 13:00" not in told.times()


def test_a_session_somebody_moved_stays_where_it_was_moved() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.move("walk-20260310T1300Z", datetime(2026, 3, 11, 16, tzinfo=UTC))
    assert told.look_again() == []
    assert told.times() == ["03-03 13:00", "03-11 16:00", "03-17 13:00", "03-24 13:00"]


def test_a_moved_session_goes_when_the_time_it_stands_for_goes() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.move("walk-20260310T1300Z", datetime(2026, 3, 11, 16, tzinfo=UTC))
    told.take_break(date(2026, 3, 9), date(2026, 3, 13))
    assert told.times() == ["03-03 13:00", "03-17 13:00", "03-24 13:00"]


def test_a_session_put_off_until_later_is_not_cancelled_when_its_own_time_has_passed() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.move("walk-20260303T1300Z", datetime(2026, 3, 5, 16, tzinfo=UTC))
    told.now += timedelta(days=2)
    assert kinds(told.look_again()) == [SessionScheduled], "the farthest week has come within sight"
    assert "03-05 16:00" in told.times()


def test_a_session_added_by_itself_is_nobody_elses() -> None:
    told = Told()
    alone = SessionScheduled(
        session_id="extra", activity=WALK, starts=datetime(2026, 3, 10, 13, tzinfo=UTC), minutes=45
    )
    told.hear([alone])
    told.set_to(TUESDAYS)
    assert told.times() == ["03-03 13:00", "03-10 13:00", "03-17 13:00", "03-24 13:00"], "not twice at a time"
    told.set_to()
    assert told.times() == ["03-10 13:00"]


def test_a_break_strikes_its_sessions_and_says_why() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    facts = told.take_break(date(2026, 3, 10), date(2026, 3, 17))
    assert [each.why for each in facts if isinstance(each, SessionCancelled)] == ["summer_break"] * 2
    assert told.times() == ["03-03 13:00", "03-24 13:00"]
    assert told.take_break(date(2026, 3, 10), date(2026, 3, 17)) == [], "taking it twice is taking it once"


def test_a_break_that_is_called_off_brings_new_sessions_since_what_is_cancelled_stays_so() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.take_break(date(2026, 3, 10), date(2026, 3, 10))
    (decided, again) = told.set_to(TUESDAYS)
    assert isinstance(decided, ActivityScheduleSet)
    assert isinstance(again, SessionScheduled)
    assert again.session_id == "walk-20260310T1300Z-2"
    assert told.sessions["walk-20260310T1300Z"].status == "cancelled"
    told.take_break(date(2026, 3, 10), date(2026, 3, 10))
    assert told.set_to(TUESDAYS)[-1].aggregate_id == "walk-20260310T1300Z-3"


def test_breaks_that_are_over_are_let_go_and_there_is_a_limit() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.take_break(date(2026, 3, 3), date(2026, 3, 3))
    told.now += timedelta(weeks=1)
    told.take_break(date(2026, 6, 1), date(2026, 8, 31))
    assert told.known
    assert [each.first for each in told.known.breaks] == [date(2026, 6, 1)]
    for day in range(1, 50):
        told.take_break(date(2027, 1, 1) + timedelta(days=day), date(2027, 1, 1) + timedelta(days=day))
    with pytest.raises(TooManyBreaks):
        told.take_break(date(2028, 1, 1), date(2028, 1, 1))


def test_a_break_needs_a_schedule() -> None:
    with pytest.raises(NoSchedule):
        Told().take_break(date(2026, 6, 1), date(2026, 8, 31))


@pytest.mark.parametrize(
    ("activity", "by", "rule"),
    [
        (None, {}, UnknownActivity),
        (OF_KORPEN.model_copy(update={"status": Status.PROPOSED}), {}, UnknownActivity),
        (OF_KORPEN.model_copy(update={"status": Status.WITHDRAWN}), {}, TakesPlaceNoMore),
        (
            OF_KORPEN,
            {"actor": Actor(id="sven", role=Role.PROVIDER, organisation="hemgarden")},
            ForAnotherProvider,
        ),
    ],
)
def test_a_schedule_is_for_whoever_runs_what_takes_place(
    activity: Activity | None, by: Mapping[str, Any], rule: type[Refusal]
) -> None:
    with pytest.raises(rule):
        Told(activity).set_to(TUESDAYS, **by)


def test_nothing_more_is_laid_out_of_what_is_withdrawn() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    told.activity = OF_KORPEN.model_copy(update={"status": Status.WITHDRAWN})
    told.now += timedelta(weeks=1)
    assert told.look_again() == []


def test_no_recurrences_at_all_leave_nothing_to_come() -> None:
    told = Told()
    told.set_to(TUESDAYS)
    facts = told.set_to()
    assert kinds(facts) == [ActivityScheduleSet] + [SessionCancelled] * 4
    assert told.times() == []


def test_ids_fit_where_ids_go_even_for_the_longest_name() -> None:
    told = Told(OF_KORPEN.model_copy(update={"activity": "a" * 63}))
    wanted = SetSchedule(
        command_id=UUID(int=2), actor=ASKED["actor"], activity="a" * 63, recurrences=(TUESDAYS,)
    )
    table = Timetable(recurrences=(TUESDAYS,))
    plan = between(table, NOON, NOON + AHEAD)
    facts = schedule.set_to(told.activity, None, {}, wanted, table, plan, NOON)
    assert len(facts) == 5
