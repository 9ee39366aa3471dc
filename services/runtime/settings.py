"""What a service is told by its environment. Unknown `SLUSS_` variables end the start, spelled out."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path
from typing import Self, TypeVar

from pydantic import AwareDatetime, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.runtime.clock import Clock
from services.runtime.engine import faultpoint
from services.runtime.led_clock import clock_told

PREFIX = "SLUSS_"
SECRETS_DIR = "SLUSS_SECRETS_DIR"
"""Where secrets mounted as files are, each named like its variable in lower case (`sluss_web_secret`)."""

S = TypeVar("S", bound="DatabaseSettings")


class MisconfiguredService(Exception):
    """The environment does not say what the service needs, or says something it does not know.

    The message names variables and what is wrong with them, never their values.
    """

    code = "misconfigured"


class DatabaseSettings(BaseSettings):
    """Enough to reach a service's own schema."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    database_url: SecretStr
    """`postgresql://role:password@host:port/database`; the role may reach its service's schema only."""


class FreshnessSettings(BaseSettings):
    """How long what a provider publishes counts as right when nobody says so."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    provider_ask_after: int = Field(default=180, ge=1, le=3650)
    """Days after which whoever runs an activity is asked whether what is published is still right."""
    provider_hide_after: int = Field(default=90, ge=1, le=3650)
    """Days after that when it is hidden, if nobody has answered."""


class PlanningSettings(BaseSettings):
    """How far ahead what comes back is laid out."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    provider_weeks_ahead: int = Field(default=12, ge=1, le=104)
    """Weeks ahead for which an activity's sessions are laid out from its schedule."""


class LinkSettings(BaseSettings):
    """What links to providers and to people are signed with, and where they lead."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True, extra="ignore"
    )

    provider_link_key: SecretStr | None = None
    """At least 32 bytes: signs the links by which providers answer. A new key ends every link there is."""
    provider_link_address: str = Field(
        default="https://svar.example/answer/", pattern=r"^https?://\S+/answer/$"
    )
    """What those links begin with: the address people use, and `/answer/`. The default leads nowhere."""
    navigator_link_key: SecretStr | None = None
    """At least 32 bytes: signs the links by which people answer about their meetings."""
    navigator_link_address: str = Field(
        default="https://svar.example/meeting/", pattern=r"^https?://\S+/meeting/$"
    )
    """What those begin with: the address people use, and `/meeting/`."""


@cache
def link_settings() -> LinkSettings:
    """What the environment says of links, read once."""
    return LinkSettings(_secrets_dir=os.environ.get(SECRETS_DIR))


class Settings(DatabaseSettings, FreshnessSettings, PlanningSettings, LinkSettings):
    """Everything a service process may be told."""

    nats_url: str
    """One server, or several with commas between."""
    nats_creds: Path | None = None
    """The service's credentials file; absent only where the broker asks for none."""
    nats_monitor_url: str
    """Where the NATS server's monitoring answers (`http://…:8222`), or several with commas between."""
    stream_replicas: int = Field(default=1, ge=1, le=5)
    """Copies of every stream: 1 on a single machine, 3 in a cluster."""

    http_host: str = "127.0.0.1"
    http_port: int = Field(default=0, ge=0, le=65535)
    """0 asks the operating system for one; `ready_file` tells which."""
    ready_file: Path | None = None
    """Written when the service is ready: `{"pid": …, "http": "http://host:port"}`."""

    clock_origin: AwareDatetime | None = None
    """The moment at which the network's clock and the wall clock agreed; RFC 3339."""
    clock_speed: float = Field(default=1.0, gt=0, le=1_000_000)
    """How many seconds of the network's time pass in one second of the wall clock."""
    clock_file: Path | None = None
    """The clock that a simulation on this machine leads, instead of these two."""

    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    demo: bool = False
    """Whether this is a demonstration: only then is the demo login offered."""

    otlp_endpoint: str | None = Field(default=None, pattern=r"^https?://\S+$")
    """Where traces go (OpenTelemetry over HTTP), as `http://collector:4318`; without it nobody traces."""
    otlp_headers: SecretStr | None = None
    """What is sent along to it, `name=value` with commas between: a collector's key."""

    database_connections: int = Field(default=10, ge=2, le=100)
    """At most so many connections for commands, timers and pages; the ordered lanes have their own."""
    stop_seconds: float = Field(default=15.0, gt=0, le=300)
    """How long started work may take to finish after SIGTERM."""

    web_secret: SecretStr | None = None
    navigator_oidc_issuer: str | None = None
    """The sign-in service, as it names itself; with it, the next three are needed."""
    navigator_oidc_client_id: str | None = None
    navigator_oidc_client_secret: SecretStr | None = None
    navigator_oidc_address: str | None = None
    """Where people reach the network's pages: `https://lots.example`; nothing after the host."""
    navigator_oidc_trust_email: bool = False
    """Whether addresses are the sign-in service's own to give, though it says no `email_verified`."""
    referral_master_key: SecretStr | None = None
    """Base64 of 32 bytes: wraps every person's data key."""
    referral_identity_key: SecretStr | None = None
    """Base64 of 32 bytes: keys the hash that finds the same person again."""
    console_disks: str = "/"
    """Folders, with commas between, of whose disks the console tells how much room there is."""
    console_logs: Path | None = None
    """The folder of the processes' logs, where all run on one machine; unset, they run in containers."""
    console_keep_months: int = Field(default=24, ge=1, le=1200)
    """Whole months before this one that the operators' log keeps; the event tables keep everything."""
    notify_channel_dir: Path | None = None
    """The demonstration channel: messages become files here."""
    notify_link_address: str = Field(default="https://svar.example/svara/", pattern=r"^https?://\S+/svara/$")
    """What one-time links in messages begin with: the address people use, and `/svara/`. The default leads
    nowhere."""
    notify_session_address: str | None = Field(default=None, pattern=r"^https?://\S+/traff/$")
    """What the pages of sessions begin with: the address people use, and `/traff/`. Unset, messages about
    sessions hold no link."""
    notify_apprise_urls: SecretStr | None = None
    """Real channels, one apprise address after another with blanks between; they hold passwords."""

    @model_validator(mode="after")
    def _a_clock_that_runs_faster_needs_an_origin(self) -> Self:
        if self.clock_speed != 1.0 and self.clock_origin is None:
            raise ValueError("SLUSS_CLOCK_SPEED other than 1 needs SLUSS_CLOCK_ORIGIN, or services disagree")
        if self.clock_file is not None and (self.clock_origin is not None or self.clock_speed != 1.0):
            raise ValueError("SLUSS_CLOCK_FILE is a clock of its own: leave out the other SLUSS_CLOCK_…")
        return self

    @model_validator(mode="after")
    def _a_sign_in_service_is_whole_and_encrypted(self) -> Self:
        parts = {
            "SLUSS_NAVIGATOR_OIDC_ISSUER": self.navigator_oidc_issuer,
            "SLUSS_NAVIGATOR_OIDC_CLIENT_ID": self.navigator_oidc_client_id,
            "SLUSS_NAVIGATOR_OIDC_CLIENT_SECRET": self.navigator_oidc_client_secret,
            "SLUSS_NAVIGATOR_OIDC_ADDRESS": self.navigator_oidc_address,
        }
        lacking = [name for name, value in parts.items() if value is None]
        if len(lacking) == len(parts):
            return self
        if lacking:
            raise ValueError(f"a sign-in service needs {', '.join(lacking)} as well")
        if self.demo:
            raise ValueError("SLUSS_DEMO lets anybody be anybody: a sign-in service does not go with it")
        for address in (self.navigator_oidc_issuer, self.navigator_oidc_address):
            if not re.fullmatch(r"https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?", address or ""):
                raise ValueError("the sign-in service and the pages are reached by https")
        return self

    def clock(self) -> Clock:
        """The network's clock, as these settings tell. Raises FileNotFoundError without the file."""
        return clock_told(self.clock_origin, self.clock_speed, self.clock_file)

    @property
    def disks(self) -> list[Path]:
        """The folders whose disks the console looks at."""
        return [Path(each.strip()) for each in self.console_disks.split(",") if each.strip()]

    @property
    def nats_urls(self) -> list[str]:
        """The broker's addresses."""
        return [url.strip() for url in self.nats_url.split(",") if url.strip()]

    @property
    def monitor_urls(self) -> list[str]:
        """The broker's monitoring addresses."""
        return [url.strip().rstrip("/") for url in self.nats_monitor_url.split(",") if url.strip()]


_OWNERS = ("referral", "navigator", "provider", "notify", "console")


def load_settings(service: str, kind: type[S]) -> S:
    """Read the environment for one service. Raises `MisconfiguredService`, naming every fault at once."""
    faults = _strangers(service)
    folder = os.environ.get(SECRETS_DIR)
    try:
        settings = kind(_secrets_dir=folder)
    except ValidationError as invalid:
        faults += [f"{_variable(error['loc'])}: {error['msg']}" for error in invalid.errors()]
    if faults:
        raise MisconfiguredService(f"{service} cannot start: " + "; ".join(faults))
    return settings


def _strangers(service: str) -> list[str]:
    """Variables that look like ours and are not, or are another service's secret."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {SECRETS_DIR, faultpoint.VARIABLE}
    faults = []
    for name in sorted(os.environ):
        if not name.startswith(PREFIX):
            continue
        if name not in known:
            faults.append(f"{name} is not a setting of Sluss")
        for owner in _OWNERS:
            if owner != service and service in _OWNERS and name.startswith(f"{PREFIX}{owner.upper()}_"):
                faults.append(f"{name} is for {owner} alone: do not hand it to {service}")
    return faults


def _variable(location: tuple[int | str, ...]) -> str:
    return f"{PREFIX}{str(location[0]).upper()}" if location else "settings"
