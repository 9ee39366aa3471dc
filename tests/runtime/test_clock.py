"""The network's clock: shared by arithmetic, never backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from services.runtime.clock import NetworkClock, SetClock

ORIGIN = datetime(2027, 1, 1, tzinfo=UTC)


def test_without_an_origin_it_is_the_wall_clock() -> None:
    with time_machine.travel(ORIGIN, tick=False):
        assert NetworkClock().now() == ORIGIN == NetworkClock().wall()


def test_a_thousand_times_faster_an_hour_is_six_weeks() -> None:
    with time_machine.travel(ORIGIN + timedelta(hours=1), tick=False):
        clock = NetworkClock(ORIGIN, 1000)
        assert clock.now() == ORIGIN + timedelta(hours=1000)
        assert clock.wall() == ORIGIN + timedelta(hours=1)
        assert clock.seconds_until(clock.now() + timedelta(seconds=500)) == pytest.approx(0.5)


def test_two_processes_told_the_same_agree() -> None:
    with time_machine.travel(ORIGIN + timedelta(minutes=7), tick=False):
        assert NetworkClock(ORIGIN, 60).now() == NetworkClock(ORIGIN, 60).now()


def test_a_wall_clock_set_back_makes_time_stand_still() -> None:
    with time_machine.travel(ORIGIN, tick=False) as traveller:
        clock = NetworkClock(ORIGIN - timedelta(days=1), 10)
        before = clock.now()
        traveller.shift(timedelta(hours=-1))
        assert clock.now() == before
        traveller.shift(timedelta(hours=2))
        assert clock.now() > before


def test_what_is_past_is_due_at_once() -> None:
    assert SetClock(ORIGIN).seconds_until(ORIGIN - timedelta(days=3)) == 0


def test_a_speed_without_an_origin_is_refused() -> None:
    with pytest.raises(ValueError, match="origin"):
        NetworkClock(None, 2)


def test_a_set_clock_does_not_run_backwards() -> None:
    clock = SetClock(ORIGIN)
    clock.move(timedelta(days=1))
    assert clock.now() == ORIGIN + timedelta(days=1)
    with pytest.raises(ValueError, match="backwards"):
        clock.move(timedelta(days=-1))
