"""A service that is misconfigured says so at start, all of it at once, and never repeats a value."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from services.runtime.settings import DatabaseSettings, MisconfiguredService, Settings, load_settings

ENOUGH = {
    "SLUSS_DATABASE_URL": "postgresql://ferry:s3cret@localhost/sluss",
    "SLUSS_NATS_URL": "nats://a:4222, nats://b:4222",
    "SLUSS_NATS_MONITOR_URL": "http://a:8222/,http://b:8222",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SLUSS_"):
            monkeypatch.delenv(name)
    for name, value in ENOUGH.items():
        monkeypatch.setenv(name, value)


def test_addresses_may_be_several() -> None:
    settings = load_settings("navigator", Settings)
    assert settings.nats_urls == ["nats://a:4222", "nats://b:4222"]
    assert settings.monitor_urls == ["http://a:8222", "http://b:8222"]


def test_a_variable_nobody_knows_ends_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUSS_DATABSE_URL", "postgresql://ferry:s3cret@localhost/sluss")
    with pytest.raises(MisconfiguredService, match="SLUSS_DATABSE_URL is not a setting of Sluss") as fault:
        load_settings("navigator", Settings)
    assert "s3cret" not in str(fault.value)


def test_all_faults_are_told_at_once_without_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUSS_NATS_URL")
    monkeypatch.setenv("SLUSS_HTTP_PORT", "hunter2")
    with pytest.raises(MisconfiguredService) as fault:
        load_settings("navigator", Settings)
    assert "SLUSS_NATS_URL: Field required" in str(fault.value)
    assert "SLUSS_HTTP_PORT" in str(fault.value)
    assert "hunter2" not in str(fault.value)


def test_one_services_secret_is_not_handed_to_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUSS_REFERRAL_MASTER_KEY", "a2V5")
    assert load_settings("referral", Settings).referral_master_key
    with pytest.raises(MisconfiguredService, match="is for referral alone"):
        load_settings("navigator", Settings)


def test_a_faster_clock_needs_an_origin_that_all_share(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUSS_CLOCK_SPEED", "1000")
    with pytest.raises(MisconfiguredService, match="needs SLUSS_CLOCK_ORIGIN"):
        load_settings("navigator", Settings)
    monkeypatch.setenv("SLUSS_CLOCK_ORIGIN", "2027-01-01T00:00:00")
    with pytest.raises(MisconfiguredService, match="SLUSS_CLOCK_ORIGIN"):
        load_settings("navigator", Settings)
    monkeypatch.setenv("SLUSS_CLOCK_ORIGIN", "2027-01-01T00:00:00Z")
    assert load_settings("navigator", Settings).clock_speed == 1000


def test_secrets_hide_themselves() -> None:
    assert "s3cret" not in repr(load_settings("navigator", Settings))


def test_secrets_may_be_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SLUSS_DATABASE_URL")
    (tmp_path / "sluss_database_url").write_text("postgresql://ferry:from-file@localhost/sluss")
    monkeypatch.setenv("SLUSS_SECRETS_DIR", str(tmp_path))
    settings = load_settings("navigator", DatabaseSettings)
    assert "from-file" in settings.database_url.get_secret_value()
