"""How long what is published counts as right is the network's own to set."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from services.provider.freshness import Freshness, freshness
from services.runtime.settings import FreshnessSettings, MisconfiguredService, Settings, load_settings


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    freshness.cache_clear()
    yield
    freshness.cache_clear()


def test_whoever_runs_it_is_asked_after_half_a_year_and_has_three_months_to_answer() -> None:
    assert freshness() == Freshness(timedelta(days=180), timedelta(days=90))


def test_a_network_may_set_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUSS_PROVIDER_ASK_AFTER", "30")
    monkeypatch.setenv("SLUSS_PROVIDER_HIDE_AFTER", "7")
    assert freshness() == Freshness(timedelta(days=30), timedelta(days=7))


def test_the_provider_service_refuses_to_start_with_a_time_that_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLUSS_PROVIDER_ASK_AFTER", "never")
    with pytest.raises(MisconfiguredService, match="SLUSS_PROVIDER_ASK_AFTER"):
        load_settings("provider", Settings)


def test_other_services_are_not_handed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUSS_PROVIDER_ASK_AFTER", "30")
    with pytest.raises(MisconfiguredService, match="is for provider alone"):
        load_settings("notify", Settings)


def test_what_the_service_reads_is_what_the_start_checks() -> None:
    for name, field in FreshnessSettings.model_fields.items():
        assert Settings.model_fields[name].default == field.default
