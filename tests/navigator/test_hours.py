"""Weekly hours, and the free times they leave: on the wall clock, without leave, holidays and meetings."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from services.navigator.domain import worker
from services.navigator.domain.hours import (
    Hours,
    HoursEndBeforeTheyStart,
    HoursOverlap,
    hours_on,
    in_order,
    told,
)
from services.navigator.domain.meeting import Interval
from services.navigator.domain.worker import Leave, LinkWorker, UnknownWorker
from services.navigator.free_time import Objection, free_slots, objections
from sluss_contracts.linkworker import BookableTime, HoursSet
from sluss_contracts.vocabulary import Weekday

HERE = ZoneInfo("Europe/Stockholm")
HOUR = timedelta(hours=1)
ANNA = LinkWorker(
    worker="anna", name="Anna Lind", team="city", areas=("centrum",), languages=("sv",), capacity=20
)


def time(weekday: str, starts: str, ends: str) -> BookableTime:
    return BookableTime(weekday=Weekday(weekday), starts=starts, ends=ends)


def weekly(*times: BookableTime, since: str = "2026-01-01", between: int = 0) -> Hours:
    return Hours(valid_from=date.fromisoformat(since), times=times, minutes_between=between)


MONDAYS = weekly(time("monday", "09:00", "12:00"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


def slots(*hours: Hours, on: str, length: timedelta = HOUR, **spoken_for: list[Interval]) -> list[str]:
    """The free times of one day as the clock on the wall shows their beginnings."""
    midnight = at(f"{on}T00:00")
    found = free_slots(
        hours, (), spoken_for.get("booked", ()), midnight, midnight + timedelta(days=1), length
    )
    return [f"{starts:%H:%M}" for starts, _ in found]


def test_hours_give_one_time_after_the_other() -> None:
    assert slots(MONDAYS, on="2026-03-02") == ["09:00", "10:00", "11:00"]
    assert slots(MONDAYS, on="2026-03-02", length=timedelta(minutes=50)) == ["09:00", "09:50", "10:40"]
    assert slots(MONDAYS, on="2026-03-03") == []
    both = weekly(time("monday", "09:00", "10:00"), time("monday", "13:00", "14:30"))
    assert slots(both, on="2026-03-02") == ["09:00", "13:00"]


def test_what_is_kept_free_between_meetings_is_kept_on_both_sides() -> None:
    hours = weekly(time("monday", "09:00", "12:00"), between=15)
    assert slots(hours, on="2026-03-02") == ["09:00", "10:15"]
    booked = [(at("2026-03-02T10:00"), at("2026-03-02T10:50"))]
    assert slots(hours, on="2026-03-02", length=timedelta(minutes=45), booked=booked) == ["09:00", "11:15"]


def test_a_meeting_is_gone_around_and_the_next_begins_on_a_quarter() -> None:
    booked = [(at("2026-03-02T09:30"), at("2026-03-02T10:07"))]
    assert slots(MONDAYS, on="2026-03-02", booked=booked) == ["10:15"]
    touching = [(at("2026-03-02T10:00"), at("2026-03-02T11:00"))]
    assert slots(MONDAYS, on="2026-03-02", booked=touching) == ["09:00", "11:00"]


def test_nothing_before_now_and_nothing_that_ends_after_the_last_moment() -> None:
    found = free_slots([MONDAYS], (), (), at("2026-03-02T09:20"), at("2026-03-09T10:15"), HOUR)
    assert found == [
        (at("2026-03-02T09:30"), at("2026-03-02T10:30")),
        (at("2026-03-02T10:30"), at("2026-03-02T11:30")),
        (at("2026-03-09T09:00"), at("2026-03-09T10:00")),
    ]
    with pytest.raises(ValueError, match="some time"):
        free_slots([MONDAYS], (), (), at("2026-03-02T09:20"), at("2026-03-09T10:15"), timedelta())


def test_leave_and_public_holidays_are_not_offered() -> None:
    away = Leave(starts=date(2026, 3, 9), ends=date(2026, 3, 15))
    found = free_slots([MONDAYS], [away], (), at("2026-03-02T00:00"), at("2026-03-17T00:00"), HOUR * 3)
    assert [starts.date() for starts, _ in found] == [date(2026, 3, 2), date(2026, 3, 16)]
    assert slots(MONDAYS, on="2026-04-06") == []  # Easter Monday
    fridays = weekly(time("friday", "09:00", "12:00"))
    assert slots(fridays, on="2026-06-19") == []  # Midsummer Eve


def test_the_hour_on_the_wall_stays_when_the_clock_is_moved() -> None:
    for before, after in [("2026-03-23", "2026-03-30"), ("2026-10-19", "2026-10-26")]:
        assert slots(MONDAYS, on=before) == slots(MONDAYS, on=after) == ["09:00", "10:00", "11:00"]
    nights = weekly(time("sunday", "01:00", "05:00"))
    assert slots(nights, on="2026-03-29") == ["01:00", "03:00", "04:00"]  # 02:00 is skipped
    assert slots(nights, on="2026-10-25") == ["01:00", "02:00", "02:00", "03:00", "04:00"]  # shown twice
    skipped = weekly(time("sunday", "02:30", "04:00"))
    assert slots(skipped, on="2026-03-29", length=timedelta(minutes=30)) == ["03:30"]


def test_hours_hold_from_their_day_until_others_do() -> None:
    known = told(told((), MONDAYS), weekly(time("monday", "13:00", "14:00"), since="2026-06-01"))
    assert slots(*known, on="2026-05-25") == ["09:00", "10:00", "11:00"]
    assert slots(*known, on="2026-06-08") == ["13:00"]
    assert hours_on(known, date(2025, 12, 31)) is None
    again = weekly(time("monday", "09:00", "12:00"), since="2026-06-01")
    assert told(known, again) == (MONDAYS,)  # what changes nothing is forgotten
    assert told((), weekly()) == ()
    assert told((MONDAYS,), weekly()) == ()
    nothing = told((MONDAYS,), weekly(since="2026-06-01"))
    assert hours_on(nothing, date(2026, 6, 1)) is None


def test_hours_are_said_once_in_the_order_of_the_week() -> None:
    wanted = weekly(
        time("tuesday", "09:00", "10:00"), time("monday", "13:00", "15:00"), time("monday", "08:00", "09:00")
    )
    (said,) = worker.set_hours(ANNA, "anna", wanted)
    assert [each.starts for each in said.times] == ["08:00", "13:00", "09:00"]
    known = worker.evolve(ANNA, said)
    assert worker.set_hours(known, "anna", wanted) == []
    assert worker.register(known, ANNA, team_exists=True) == []
    (amended,) = worker.register(known, ANNA.model_copy(update={"capacity": 5}), team_exists=True)
    assert worker.evolve(known, amended).hours == known.hours
    with pytest.raises(UnknownWorker):
        worker.set_hours(None, "nobody", wanted)


def test_times_that_end_too_early_or_overlap_are_refused_by_their_weekday() -> None:
    with pytest.raises(HoursEndBeforeTheyStart) as backwards:
        worker.set_hours(ANNA, "anna", weekly(time("friday", "12:00", "12:00")))
    assert backwards.value.faults[0].path == "/friday"
    with pytest.raises(HoursOverlap) as overlapping:
        worker.set_hours(
            ANNA, "anna", weekly(time("monday", "09:00", "12:00"), time("monday", "11:00", "13:00"))
        )
    assert overlapping.value.faults[0].path == "/monday"
    assert worker.set_hours(
        ANNA, "anna", weekly(time("monday", "09:00", "12:00"), time("monday", "12:00", "13:00"))
    )


def test_what_speaks_against_a_time_is_said_and_nothing_where_no_hours_are() -> None:
    away = [Leave(starts=date(2026, 3, 9), ends=date(2026, 3, 9))]
    meeting = [(at("2026-03-02T09:00"), at("2026-03-02T10:00"))]

    def said(moment: str, *hours: Hours) -> list[Objection]:
        return objections(hours, away, meeting, at(moment), HOUR)

    assert said("2026-03-02T10:00", MONDAYS) == []
    assert said("2026-03-02T11:30", MONDAYS) == [Objection.OUTSIDE_HOURS]
    assert said("2026-03-02T08:30", MONDAYS) == [Objection.OUTSIDE_HOURS, Objection.ANOTHER_MEETING]
    assert said("2026-04-06T09:00", MONDAYS) == [Objection.PUBLIC_HOLIDAY]
    assert said("2026-03-09T09:00", MONDAYS) == [Objection.ON_LEAVE]
    assert said("2026-03-07T23:00") == []
    assert said("2026-03-02T09:59") == [Objection.ANOTHER_MEETING]


_clocks = st.integers(0, 23 * 4).map(lambda quarter: f"{quarter // 4:02}:{quarter % 4 * 15:02}")
_starts = st.datetimes(datetime(2026, 3, 1), datetime(2026, 11, 30), timezones=st.just(UTC))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(Weekday), _clocks, _clocks), max_size=6),
    st.lists(st.tuples(_starts, st.integers(5, 300)), max_size=12),
    _starts,
    st.sampled_from([15, 45, 60, 90]),
    st.sampled_from([0, 10, 30]),
)
def test_every_time_that_is_offered_can_be_kept(
    times: list[tuple[Weekday, str, str]],
    meetings: list[tuple[datetime, int]],
    since: datetime,
    length: int,
    between: int,
) -> None:
    said = [BookableTime(weekday=day, starts=a, ends=b) for day, a, b in times if a < b]
    try:
        hours = weekly(*in_order(said), between=between)
    except HoursOverlap:
        reject()
    booked = [(starts, starts + timedelta(minutes=minutes)) for starts, minutes in meetings]
    until = since + timedelta(weeks=3)
    found = free_slots([hours], (), booked, since, until, timedelta(minutes=length))
    assert all(since <= starts and ends <= until for starts, ends in found)
    assert all(ends - starts == timedelta(minutes=length) for starts, ends in map(_utc, found))
    assert all(
        objections([hours], (), booked, starts, timedelta(minutes=length)) == [] for starts, _ in found
    )
    assert all(one[1] <= other[0] for one, other in pairwise(sorted(map(_utc, found))))


def _utc(slot: Interval) -> Interval:
    return slot[0].astimezone(UTC), slot[1].astimezone(UTC)


def test_the_fact_carries_all_that_was_said() -> None:
    wanted = weekly(time("monday", "09:00", "12:00"), between=10)
    assert worker.set_hours(ANNA, "anna", wanted) == [
        HoursSet(worker="anna", valid_from=wanted.valid_from, times=wanted.times, minutes_between=10)
    ]
