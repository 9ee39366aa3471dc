"""Whichever way events are through sooner is taken, as far as it has been measured."""

from __future__ import annotations

from services.runtime.engine.prices import GROWS, Prices

ON_THE_DISK = 0.0033
"""Seconds for a batch that the server stages in files on a disk."""


def prefers(prices: Prices, events: int, waves: int = 1) -> bool:
    """What it would choose now, without remembering that it was asked."""
    return Prices(prices.single, prices.batch).prefer_batch(events, waves)


def test_few_go_singly_and_many_as_a_batch() -> None:
    staged_on_the_disk, in_memory = Prices(batch=ON_THE_DISK), Prices()
    sizes = (1, 4, 8, 20, 400)
    assert [prefers(staged_on_the_disk, events) for events in sizes] == [False, False, False, True, True]
    assert [prefers(in_memory, events) for events in sizes] == [False, True, True, True, True]


def test_a_round_trip_for_each_wave_counts_as_well() -> None:
    prices = Prices(batch=ON_THE_DISK)
    assert not prefers(prices, 8, waves=1)
    assert prefers(prices, 8, waves=8)


def test_where_the_disk_is_slow_a_batch_is_worth_it_earlier() -> None:
    prices = Prices(batch=ON_THE_DISK)
    for _ in range(50):
        prices.singles_took(4, 1, seconds=0.010)
    assert prefers(prices, 4)


def test_where_the_broker_is_busy_with_batches_more_go_singly() -> None:
    prices = Prices()
    for _ in range(50):
        prices.batch_took(40, seconds=0.020)
    assert not prefers(prices, 40)


def test_what_size_adds_to_a_batch_does_not_make_small_ones_look_dear() -> None:
    prices = Prices(batch=ON_THE_DISK)
    for _ in range(50):
        prices.batch_took(400, seconds=ON_THE_DISK * (1 + 400 / GROWS))
    assert abs(prices.batch - ON_THE_DISK) < 1e-6


def test_one_odd_measurement_changes_little() -> None:
    prices = Prices()
    prices.batch_took(40, seconds=0.030)
    assert prefers(prices, 24)


def test_the_other_way_is_tried_again_now_and_then_since_its_price_may_have_changed() -> None:
    prices = Prices(batch=ON_THE_DISK)
    choices = [prices.prefer_batch(20, 1) for _ in range(200)]
    assert 2 <= choices.count(False) <= 6


def test_what_is_far_dearer_is_not_tried() -> None:
    prices = Prices(batch=ON_THE_DISK)
    assert not any(prices.prefer_batch(1, 1) for _ in range(200))
    assert all(prices.prefer_batch(400, 1) for _ in range(200))
