"""How often somebody who has not signed in may send something."""

from __future__ import annotations

from services.runtime.web.pace import HOUR, MOST_KNOWN, Pace


class Wall:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_each_sender_has_an_hour_of_their_own() -> None:
    wall = Wall()
    pace = Pace(each=2, all_=100, clock=wall)
    assert [pace.allows("a") for _ in range(3)] == [True, True, False]
    assert pace.allows("b")
    wall.now = HOUR
    assert pace.allows("a")


def test_all_together_are_held_back_too() -> None:
    pace = Pace(each=2, all_=3, clock=Wall())
    assert [pace.allows(str(sender)) for sender in range(4)] == [True, True, True, False]


def test_whoever_is_held_back_does_not_wait_longer_for_trying() -> None:
    wall = Wall()
    pace = Pace(each=1, all_=100, clock=wall)
    assert pace.allows("a")
    wall.now = HOUR - 1
    assert not pace.allows("a")
    wall.now = HOUR
    assert pace.allows("a")


def test_memory_does_not_grow_with_the_number_of_senders() -> None:
    pace = Pace(each=1, all_=10**9, clock=Wall())
    for sender in range(MOST_KNOWN + 10):
        pace.allows(str(sender))
    assert pace.allows("0"), "forgotten"
    assert not pace.allows(str(MOST_KNOWN + 9)), "remembered"
