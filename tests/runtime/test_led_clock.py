"""A clock that is led leaps when it is let, and all processes see it."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.runtime.led_clock import Leader, LedClock, next_step

MONDAY = datetime(2027, 3, 1, 7, tzinfo=UTC)


def test_it_shows_what_it_began_with_and_goes_on_by_itself(tmp_path: Path) -> None:
    clock = Leader.begin(tmp_path / "clock", MONDAY).clock
    first = clock.now()
    assert timedelta(0) <= first - MONDAY < timedelta(minutes=1)
    assert clock.now() >= first


def test_a_leap_is_seen_by_whoever_reads_the_same_file(tmp_path: Path) -> None:
    leader = Leader.begin(tmp_path / "clock", MONDAY)
    leader.let_pass(MONDAY + timedelta(days=3))
    told = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from services.runtime.led_clock import LedClock;"
            "print(LedClock(pathlib.Path(sys.argv[1])).now().isoformat())",
            str(tmp_path / "clock"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (
        timedelta(0)
        <= datetime.fromisoformat(told.stdout.strip()) - (MONDAY + timedelta(days=3))
        < timedelta(minutes=1)
    )


def test_it_never_goes_back(tmp_path: Path) -> None:
    leader = Leader.begin(tmp_path / "clock", MONDAY)
    for days in range(100):
        leader.let_pass(MONDAY + timedelta(days=days))
    leader.let_pass(MONDAY + timedelta(days=5))
    assert leader.clock.now() >= MONDAY + timedelta(days=99)


def test_whoever_takes_it_over_leads_on(tmp_path: Path) -> None:
    Leader.begin(tmp_path / "clock", MONDAY).let_pass(MONDAY + timedelta(days=1))
    Leader(tmp_path / "clock").let_pass(MONDAY + timedelta(days=2))
    assert LedClock(tmp_path / "clock").now() >= MONDAY + timedelta(days=2)


def test_who_waits_for_a_moment_looks_again_soon_since_time_may_leap(tmp_path: Path) -> None:
    clock = Leader.begin(tmp_path / "clock", MONDAY).clock
    assert 0 < clock.seconds_until(MONDAY + timedelta(days=9)) <= 0.05
    assert clock.seconds_until(MONDAY - timedelta(days=9)) == 0


def test_the_moments_that_are_seen_are_the_same_whenever_one_asks() -> None:
    step = timedelta(hours=3)
    assert next_step(MONDAY, step) == next_step(MONDAY + timedelta(hours=1), step) == MONDAY.replace(hour=9)
    assert next_step(MONDAY.replace(hour=9), step) == MONDAY.replace(hour=12)


def test_where_nobody_leads_there_is_no_clock(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        LedClock(tmp_path / "clock")
