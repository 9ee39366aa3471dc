"""What each process of the network is told by its environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sluss.machine.broker import Broker
from sluss.machine.folder import Secrets
from sluss.machine.ports import LOOPBACK
from sluss.machine.postgres import Postgres

DATABASE = "sluss"
_PASSED_ON = ("SLUSS_LOG_LEVEL", "SLUSS_OTLP_ENDPOINT", "SLUSS_OTLP_HEADERS")
_APPRISE = "SLUSS_NOTIFY_APPRISE_URLS"
_CATALOGUE = ("SLUSS_PROVIDER_ASK_AFTER", "SLUSS_PROVIDER_HIDE_AFTER", "SLUSS_PROVIDER_WEEKS_AHEAD")


def environment(ours: Mapping[str, str] | None = None) -> dict[str, str]:
    """The machine's own environment without stray settings, and ours."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SLUSS_") or k in _PASSED_ON}
    return {**kept, **(ours or {})}


def database_url(postgres: Postgres, service: str, secrets: Secrets) -> str:
    """A service's own role in the network's database."""
    return postgres.url(database=DATABASE, role=service, password=secrets.database[service])


@dataclass(frozen=True)
class ServiceSettings:
    """What all services are told alike, and `of` for one of them. Each gets no other's secrets."""

    broker: Broker
    postgres: Postgres
    secrets: Secrets
    clock: Mapping[str, str]
    """What the network's time is told by."""
    messages: Path
    front: str
    """The address people use."""
    demo: bool

    def of(self, service: str, ready_file: Path) -> dict[str, str]:
        own: dict[str, str] = {}
        if service == "referral":
            own["SLUSS_REFERRAL_MASTER_KEY"] = self.secrets.referral_master
            own["SLUSS_REFERRAL_IDENTITY_KEY"] = self.secrets.referral_identity
        if service == "provider":
            own |= {name: os.environ[name] for name in _CATALOGUE if name in os.environ}
            own["SLUSS_PROVIDER_LINK_KEY"] = self.secrets.provider_links
            own["SLUSS_PROVIDER_LINK_ADDRESS"] = f"{self.front}/answer/"
        if service == "navigator":
            own["SLUSS_NAVIGATOR_LINK_KEY"] = self.secrets.meeting_links
            own["SLUSS_NAVIGATOR_LINK_ADDRESS"] = f"{self.front}/meeting/"
        if service == "console":
            own["SLUSS_CONSOLE_DISKS"] = str(self.messages.parent)
            own["SLUSS_CONSOLE_LOGS"] = str(self.messages.parent / "logs")
        if service == "notify":
            own["SLUSS_NOTIFY_CHANNEL_DIR"] = str(self.messages)
            own["SLUSS_NOTIFY_LINK_ADDRESS"] = f"{self.front}/svara/"
            own["SLUSS_NOTIFY_SESSION_ADDRESS"] = f"{self.front}/traff/"
            if urls := os.environ.get(_APPRISE):
                own[_APPRISE] = urls
        credentials = self.broker.authority.service_credentials([service])[service]
        return environment(
            {
                "SLUSS_NATS_URL": self.broker.url,
                "SLUSS_NATS_MONITOR_URL": self.broker.monitor_url,
                "SLUSS_NATS_CREDS": str(credentials),
                "SLUSS_DATABASE_URL": database_url(self.postgres, service, self.secrets),
                "SLUSS_HTTP_HOST": LOOPBACK,
                "SLUSS_HTTP_PORT": "0",
                "SLUSS_READY_FILE": str(ready_file),
                **self.clock,
                "SLUSS_DEMO": "true" if self.demo else "false",
                "SLUSS_WEB_SECRET": self.secrets.web,
                **own,
            }
        )
