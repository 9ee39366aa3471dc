"""Nobody is written to at night, nor in hours they have asked to be left alone; and clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.hours import EVENING, MORNING, TIME_ZONE, allowed_from


def at(text: str) -> datetime:
    """A moment where people live."""
    return datetime.fromisoformat(text).replace(tzinfo=TIME_ZONE)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-01-15T12:00", "2026-01-15T12:00"),
        ("2026-01-15T20:59", "2026-01-15T20:59"),
        ("2026-01-15T21:00", "2026-01-16T08:00"),
        ("2026-01-15T03:00", "2026-01-15T08:00"),
        ("2026-01-15T08:00", "2026-01-15T08:00"),
        ("2026-03-28T22:00", "2026-03-29T08:00"),  # the night summer time begins
        ("2026-10-24T22:00", "2026-10-25T08:00"),  # the night it ends
        ("2026-12-31T23:00", "2027-01-01T08:00"),
    ],
)
def test_the_network_writes_from_eight_to_nine(now: str, then: str) -> None:
    assert allowed_from(at(now)) == at(then)


def test_the_night_that_is_an_hour_shorter_is_an_hour_shorter() -> None:
    evenings = [at("2026-03-28T21:00").astimezone(UTC), at("2026-10-24T21:00").astimezone(UTC)]
    real = [allowed_from(evening) - evening for evening in evenings]
    assert real == [timedelta(hours=10), timedelta(hours=12)]


@pytest.mark.parametrize(
    ("own", "now", "then"),
    [
        ((time(10), time(12)), "2026-01-15T09:00", "2026-01-15T10:00"),
        ((time(10), time(12)), "2026-01-15T12:00", "2026-01-16T10:00"),
        ((time(6), None), "2026-01-15T06:30", "2026-01-15T08:00"),
        ((None, time(17)), "2026-01-15T17:30", "2026-01-16T08:00"),
        # Somebody who can be reached late alone has said so themselves.
        ((time(22), time(23)), "2026-01-15T12:00", "2026-01-15T22:00"),
        # Hours that make no sense are no hours.
        ((time(20), time(19)), "2026-01-15T12:00", "2026-01-15T12:00"),
    ],
)
def test_a_persons_own_hours_hold(own: tuple[time | None, time | None], now: str, then: str) -> None:
    assert allowed_from(at(now), *own) == at(then)


@given(
    st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)),
    st.none() | st.times(),
    st.none() | st.times(),
)
def test_it_is_always_soon_and_never_at_night_unless_asked_for(
    when: datetime, not_before: time | None, not_after: time | None
) -> None:
    now = when.replace(tzinfo=UTC)
    then = allowed_from(now, not_before, not_after)
    assert now <= then <= now + timedelta(hours=49)
    assert allowed_from(then, not_before, not_after) == then
    if not_before is None and not_after is None:
        assert MORNING <= then.astimezone(TIME_ZONE).time() < EVENING
