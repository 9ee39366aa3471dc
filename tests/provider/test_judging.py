"""Rules nobody could lay out are refused, with what is wrong, where, and how to mend it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.provider.domain.refusals import BadSchedule
from services.provider.judging import MOST_A_YEAR, faults, judge
from sluss_contracts.schedule import Break, Recurrence, Timetable


def ruled(rrule: str, starts: str = "2027-01-05T14:00") -> Timetable:
    return Timetable(recurrences=(Recurrence(starts=starts, rrule=rrule),))


@pytest.mark.parametrize(
    "rrule",
    [
        "FREQ=WEEKLY;BYDAY=TU",
        "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;UNTIL=20270630",
        "FREQ=MONTHLY;BYDAY=1TU",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=TU,SU;COUNT=10",
    ],
)
def test_what_associations_do_is_taken(rrule: str) -> None:
    assert list(faults(ruled(rrule))) == []


@pytest.mark.parametrize(
    ("rrule", "code", "remedy"),
    [
        ("FREQ=HOURLY", "too_often", "each time of day a recurrence of its own"),
        ("FREQ=MINUTELY;COUNT=5", "too_often", "each time of day a recurrence of its own"),
        ("FREQ=SECONDLY", "too_often", "each time of day a recurrence of its own"),
        ("FREQ=DAILY;BYHOUR=9,10,11", "too_often", "told by `starts`"),
        ("FREQ=DAILY;COUNT=5000", "too_often", "leave it out"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20261231", "ends_before_it_starts", "move one of them"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=20270230", "wrong_value", "no date on the calendar"),
        ("FREQ=WEEKLY;BYDAY=TU;UNTIL=soon".upper(), "wrong_value", "UNTIL"),
        ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20270108", "never_takes_place", "before UNTIL"),
        ("FREQ=WEEKLY;BYDAY=TU;COUNT=3;UNTIL=20270601", "count_and_until", "keep one of them"),
        ("BYDAY=TU", "missing", "begin with FREQ=WEEKLY"),
        ("FREQ=FORTNIGHTLY", "wrong_value", "DAILY, WEEKLY, MONTHLY or YEARLY"),
        ("FREQ=WEEKLY;BYDAY=XX", "wrong_value", "BYDAY"),
        ("FREQ=WEEKLY;BYDAY=TU;BYDAY=WE", "repeated", "commas"),
        ("FREQ=WEEKLY;BYDAY=2TU", "does_not_fit", "write BYDAY=TU"),
        ("FREQ=WEEKLY;BYMONTHDAY=3", "does_not_fit", "FREQ=MONTHLY"),
        ("FREQ=MONTHLY;BYSETPOS=1", "does_not_fit", "add one of them"),
        ("FREQ=WEEKLY;INTERVAL=0", "wrong_value", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=-1", "wrong_value", "INTERVAL"),
        ("FREQ=WEEKLY;INTERVAL=9999", "wrong_value", "nobody waits"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "wrong_value", "BYMONTHDAY"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "wrong_value", "BYMONTHDAY"),
        ("FREQ=YEARLY;BYMONTH=13", "wrong_value", "BYMONTH"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never_takes_place", "correct it"),
        ("FREQ=DAILY;INTERVAL=7;BYDAY=WE", "never_takes_place", "correct it"),
        ("FREQ=YEARLY;BYEASTER=1", "unknown_part", "remove it"),
    ],
)
def test_a_rule_that_cannot_be_laid_out_says_what_where_and_how_to_mend_it(
    rrule: str, code: str, remedy: str
) -> None:
    (fault,) = faults(ruled(rrule))
    assert (fault.path, fault.code) == ("/recurrences/0/rrule", code)
    assert remedy in fault.remedy


def test_every_fault_is_told_at_once_and_in_one_sentence() -> None:
    table = Timetable(
        recurrences=(
            Recurrence(starts="2027-01-05T14:00", rrule="FREQ=HOURLY"),
            Recurrence(starts="2027-01-05T14:00", rrule="FREQ=WEEKLY;BYDAY=TU"),
            Recurrence(starts="2027-01-05T14:00", rrule="FREQ=WEEKLY;UNTIL=20200101"),
        )
    )
    with pytest.raises(BadSchedule) as refused:
        judge(table)
    assert [each.path for each in refused.value.faults] == ["/recurrences/0/rrule", "/recurrences/2/rrule"]
    assert "recurrences/0/rrule: FREQ=HOURLY comes back within the day" in str(refused.value)


def test_rules_that_each_are_fine_and_together_too_many_are_refused() -> None:
    daily = tuple(
        Recurrence(starts=f"2027-01-01T{hour:02}:00", rrule="FREQ=DAILY", minutes=30) for hour in range(9, 13)
    )
    (fault,) = faults(Timetable(recurrences=daily))
    assert (fault.path, fault.code) == ("/recurrences", "too_often")
    assert str(MOST_A_YEAR) in fault.remedy


def test_a_time_zone_nobody_has_heard_of_is_refused() -> None:
    (fault,) = faults(Timetable(time_zone="Europe/Norrkoping"))
    assert (fault.path, fault.code) == ("/time_zone", "unknown_time_zone")


@pytest.mark.parametrize(
    "starts", ["2027-02-29T14:00", "2027-01-12 14:00", "2027-01-12T25:00", "1999-12-31T14:00", "tuesday"]
)
def test_a_time_that_is_on_no_calendar_is_refused_by_the_contract(starts: str) -> None:
    with pytest.raises(ValidationError):
        Recurrence(starts=starts)


def test_a_break_that_ends_before_it_begins_is_refused_by_the_contract() -> None:
    with pytest.raises(ValidationError, match="last is before first"):
        Break.model_validate({"first": "2027-08-01", "last": "2027-06-01"})
