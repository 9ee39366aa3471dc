"""Timetables on the calendar: the hour on the wall stays, holidays move, leap days come when they come."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from services.provider.domain.schedule import Plan
from services.provider.recurrence import between, ends
from services.runtime.holidays import holidays_of
from sluss_contracts.offering import Venue
from sluss_contracts.schedule import Break, Recurrence, Timetable

STOCKHOLM = ZoneInfo("Europe/Stockholm")
TUESDAYS = "FREQ=WEEKLY;BYDAY=TU"


def timetable(
    starts: str, rrule: str | None = None, *, breaks: tuple[Break, ...] = (), **said: Any
) -> Timetable:
    return Timetable(recurrences=(Recurrence(starts=starts, rrule=rrule, **said),), breaks=breaks)


def in_time(table: Timetable, after: str, until: str) -> Plan:
    """What is planned between two local days."""
    return between(
        table,
        datetime.fromisoformat(after).replace(tzinfo=STOCKHOLM),
        datetime.fromisoformat(until).replace(tzinfo=STOCKHOLM),
    )


def walls(table: Timetable, after: str, until: str) -> list[str]:
    """The same, as the clock on the wall shows it."""
    planned = in_time(table, after, until).occurrences
    return [f"{each.starts.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" for each in planned]


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("after", "until", "moments"),
    [
        ("2027-03-20", "2027-04-04", [utc(2027, 3, 21, 9), utc(2027, 3, 28, 8), utc(2027, 4, 4, 8)]),
        ("2027-10-23", "2027-11-08", [utc(2027, 10, 24, 8), utc(2027, 10, 31, 9), utc(2027, 11, 7, 9)]),
    ],
    ids=["the night in March", "the night in October"],
)
def test_ten_oclock_stays_ten_oclock_over_both_nights(
    after: str, until: str, moments: list[datetime]
) -> None:
    table = timetable("2027-01-03T10:00", "FREQ=WEEKLY;BYDAY=SU", on_holidays=True)
    planned = in_time(table, after, f"{until}T23:00").occurrences
    assert [each.starts for each in planned] == moments


def test_an_hour_the_clock_skips_is_an_hour_later_on_the_new_clock() -> None:
    """RFC 5545 §3.3.5: the offset before the gap counts."""
    table = timetable("2027-03-27T02:30", "FREQ=DAILY;COUNT=3", on_holidays=True)
    planned = in_time(table, "2027-03-26", "2027-03-30").occurrences
    assert [each.starts for each in planned] == [
        utc(2027, 3, 27, 1, 30),
        utc(2027, 3, 28, 1, 30),
        utc(2027, 3, 29, 0, 30),
    ]
    assert walls(table, "2027-03-28", "2027-03-29") == ["2027-03-28 03:30"]


def test_an_hour_the_clock_shows_twice_is_the_first_of_them() -> None:
    table = timetable("2027-10-31T02:30")
    (only,) = in_time(table, "2027-10-30", "2027-11-01").occurrences
    assert only.starts == utc(2027, 10, 31, 0, 30)


def test_a_leap_day_comes_every_four_years_and_not_in_2100() -> None:
    table = timetable("2028-02-29T12:00", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29")
    assert walls(table, "2028-01-01", "2041-01-01") == [
        f"{year}-02-29 12:00" for year in (2028, 2032, 2036, 2040)
    ]
    assert walls(table, "2096-03-01", "2104-03-01") == ["2104-02-29 12:00"]


def test_the_last_day_of_a_month_is_whichever_it_is() -> None:
    table = timetable("2027-12-31T18:00", "FREQ=MONTHLY;BYMONTHDAY=-1", on_holidays=True)
    assert walls(table, "2027-12-30", "2028-03-30") == [
        "2027-12-31 18:00",
        "2028-01-31 18:00",
        "2028-02-29 18:00",
    ]


def test_every_other_week_goes_on_over_new_year_and_a_year_of_53_weeks() -> None:
    table = timetable("2026-12-14T09:00", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO")
    assert walls(table, "2026-12-13", "2027-01-26") == [
        "2026-12-14 09:00",
        "2026-12-28 09:00",
        "2027-01-11 09:00",
        "2027-01-25 09:00",
    ]


def test_holidays_that_move_are_found_where_they_are_that_year() -> None:
    fridays = timetable("2027-01-01T10:00", "FREQ=WEEKLY;BYDAY=FR")
    for year, good_friday, midsummer_eve in (
        (2027, date(2027, 3, 26), date(2027, 6, 25)),
        (2028, date(2028, 4, 14), date(2028, 6, 23)),
        (2029, date(2029, 3, 30), date(2029, 6, 22)),
    ):
        plan = in_time(fridays, f"{year}-01-01", f"{year}-12-31T23:00")
        left_out = {moment.astimezone(STOCKHOLM).date() for moment in plan.left_out}
        assert {good_friday, midsummer_eve} <= left_out
        assert set(plan.left_out.values()) == {"public_holiday"}
        assert not left_out & {each.starts.astimezone(STOCKHOLM).date() for each in plan.occurrences}


def test_the_holidays_are_those_of_the_law_and_an_ordinary_sunday_is_none() -> None:
    """SFS 1989:253, and the eves of SFS 1977:480 § 7; written out for 2027 from the almanac."""
    assert holidays_of(2027) == {
        date(2027, month, day)
        for month, day in (
            *((1, 1), (1, 6), (3, 26), (3, 28), (3, 29), (5, 1), (5, 6), (5, 16), (6, 6)),
            *((6, 25), (6, 26), (11, 6), (12, 24), (12, 25), (12, 26), (12, 31)),
        )
    }


def test_a_holiday_is_skipped_unless_said_otherwise() -> None:
    thursdays = ("2027-04-29T18:00", "FREQ=WEEKLY;BYDAY=TH")
    assert walls(timetable(*thursdays), "2027-04-28", "2027-05-14") == [
        "2027-04-29 18:00",
        "2027-05-13 18:00",
    ]
    held = walls(timetable(*thursdays, on_holidays=True), "2027-04-28", "2027-05-14")
    assert "2027-05-06 18:00" in held, "Ascension Day"


def test_a_break_leaves_out_its_first_day_and_its_last_and_says_why() -> None:
    summer = Break(first=date(2027, 6, 22), last=date(2027, 7, 6), why="summer_break")
    table = timetable("2027-01-05T14:00", TUESDAYS, breaks=(summer,))
    assert walls(table, "2027-06-14", "2027-07-14") == ["2027-06-15 14:00", "2027-07-13 14:00"]
    left_out = in_time(table, "2027-06-14", "2027-07-14").left_out
    assert left_out == {utc(2027, 6, day, 12): "summer_break" for day in (22, 29)} | {
        utc(2027, 7, 6, 12): "summer_break"
    }


def test_what_is_named_by_its_date_takes_place_whatever_the_day() -> None:
    christmas = Break(first=date(2027, 12, 20), last=date(2028, 1, 9), why="christmas_break")
    table = timetable(
        "2027-01-05T14:00", TUESDAYS, breaks=(christmas,), also_at=("2027-12-24T15:00", "2027-12-28T14:00")
    )
    assert walls(table, "2027-12-13", "2028-01-12") == [
        "2027-12-14 14:00",
        "2027-12-24 15:00",
        "2027-12-28 14:00",
        "2028-01-11 14:00",
    ]


def test_an_excepted_day_may_have_another_hour_instead() -> None:
    table = timetable(
        "2027-01-05T14:00", TUESDAYS, except_on=(date(2027, 2, 9),), also_at=("2027-02-09T16:30",)
    )
    assert walls(table, "2027-02-01", "2027-02-17") == [
        "2027-02-02 14:00",
        "2027-02-09 16:30",
        "2027-02-16 14:00",
    ]


@pytest.mark.parametrize(
    ("until", "last"),
    [
        ("20270119", "2027-01-19 14:00"),
        ("20270119T130000Z", "2027-01-19 14:00"),
        ("20270119T125959Z", "2027-01-12 14:00"),
        ("20270119T135959", "2027-01-12 14:00"),
    ],
)
def test_a_date_in_until_is_the_whole_day_and_a_moment_is_a_moment(until: str, last: str) -> None:
    table = timetable("2027-01-05T14:00", f"{TUESDAYS};UNTIL={until}")
    assert walls(table, "2027-01-01", "2027-03-01")[-1] == last
    over = ends(table)
    assert over
    assert f"{over.astimezone(STOCKHOLM):%Y-%m-%d %H:%M}" == last


def test_count_counts_from_the_beginning_also_what_is_left_out() -> None:
    table = timetable("2027-03-22T10:00", "FREQ=WEEKLY;BYDAY=MO;COUNT=3")
    assert walls(table, "2027-03-01", "2027-06-01") == ["2027-03-22 10:00", "2027-04-05 10:00"]
    assert walls(table, "2027-04-01", "2027-06-01") == ["2027-04-05 10:00"]


def test_a_timetable_is_over_when_the_last_of_it_has_begun_or_never() -> None:
    assert ends(Timetable()) < utc(2000, 1, 1)  # type: ignore[operator]
    assert ends(timetable("2027-01-05T14:00")) == utc(2027, 1, 5, 13)
    assert ends(timetable("2027-01-05T14:00", TUESDAYS)) is None
    assert ends(timetable("2027-01-05T14:00", f"{TUESDAYS};COUNT=2")) == utc(2027, 1, 12, 13)
    late = timetable("2027-01-05T14:00", f"{TUESDAYS};COUNT=2", also_at=("2027-07-01T09:00",))
    assert ends(late) == utc(2027, 7, 1, 7)


def test_two_recurrences_at_the_same_time_are_one_session_and_the_first_said_counts() -> None:
    hall = Venue(name="Stora salen")
    weekly = Recurrence(starts="2027-01-05T14:00", rrule=TUESDAYS, minutes=60, venue=hall)
    daily = Recurrence(starts="2027-01-04T14:00", rrule="FREQ=DAILY", minutes=90)
    plan = in_time(Timetable(recurrences=(weekly, daily)), "2027-01-11", "2027-01-13")
    assert [(each.minutes, each.venue) for each in plan.occurrences] == [(90, None), (60, hall)]


def test_another_time_zone_keeps_its_own_clock() -> None:
    table = Timetable(
        time_zone="Europe/Helsinki",
        recurrences=(Recurrence(starts="2027-01-05T14:00", rrule=TUESDAYS),),
    )
    (first,) = in_time(table, "2027-01-05", "2027-01-06").occurrences
    assert first.starts == utc(2027, 1, 5, 12)
