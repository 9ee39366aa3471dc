"""Everything the containers are handed at their start, written into one folder: nothing of it is in a file
that is committed, and each container mounts only its own part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from secrets import token_urlsafe
from urllib.parse import quote

from sluss.machine.folder import load_secrets
from sluss.machine.nats_configuration import NatsNode, nats_configuration
from sluss.partners.authority import OUR_SERVICES, Authority, write_secret

NATS_CLIENTS = 4222
NATS_ROUTES = 6222
NATS_MONITOR = 8222
NATS_DATA = PurePosixPath("/data")
"""Where each NATS container's own volume is."""
DATABASE = "sluss"
SERVICES = OUR_SERVICES


@dataclass(frozen=True)
class Hosts:
    """What the containers call each other."""

    nats: Sequence[str] = ("nats-1", "nats-2", "nats-3")
    postgres: str = "postgres"


def prepare(folder: Path, hosts: Hosts | None = None) -> None:
    """Writes keys, passwords and configurations. Run again it keeps the keys and rewrites the rest.

    * `keys/` -- the operator's own: signs accounts, administers the database. For `sluss partner` alone.
    * `nats/` -- one configuration for each server. Of secrets only what the servers tell each other by.
    * `postgres/` -- the superuser's password.
    * `services/NAME/` -- what that service must know, each file named like its variable, and `nats.creds`.
    """
    hosts = hosts or Hosts()
    folder.mkdir(parents=True, exist_ok=True)
    authority = Authority(folder / "keys")
    authority.system_credentials()
    authority.service_credentials(["operator"])
    secrets = load_secrets(folder / "keys" / "secrets.json", (*SERVICES, "postgres"))
    routes = load_route_password(folder / "keys" / "routes")

    _part(folder / "nats")
    for node in nodes(hosts, routes):
        write_secret(folder / "nats" / f"{node.name}.conf", nats_configuration(node, authority))

    _part(folder / "postgres")
    write_secret(folder / "postgres" / "password", secrets.database["postgres"])

    _part(folder / "services")
    for service in SERVICES:
        own = folder / "services" / service
        _part(own)
        (credentials,) = authority.service_credentials([service]).values()
        write_secret(own / "nats.creds", credentials.read_text())
        write_secret(own / "sluss_web_secret", secrets.web)
        write_secret(own / "sluss_database_url", _url(hosts, service, secrets.database[service]))
        if service == "referral":
            write_secret(own / "sluss_referral_master_key", secrets.referral_master)
            write_secret(own / "sluss_referral_identity_key", secrets.referral_identity)
        if service == "provider":
            write_secret(own / "sluss_provider_link_key", secrets.provider_links)
        if service == "navigator":
            write_secret(own / "sluss_navigator_link_key", secrets.meeting_links)
    write_secret(folder / "keys" / "admin_url", _url(hosts, "postgres", secrets.database["postgres"]))


def database_urls(folder: Path) -> tuple[str, dict[str, str]]:
    """The administrator's URL, and each service's own, of a prepared deployment."""
    admin = (folder / "keys" / "admin_url").read_text()
    return admin, {
        service: (folder / "services" / service / "sluss_database_url").read_text() for service in SERVICES
    }


def load_route_password(path: Path) -> str:
    """What the NATS servers know each other by; made on first use."""
    if not path.exists():
        write_secret(path, token_urlsafe(24))
    return path.read_text()


def nodes(hosts: Hosts, route_password: str) -> list[NatsNode]:
    """A cluster of all the hosts named, each knowing the routes to all."""
    routes = tuple(f"nats://{host}:{NATS_ROUTES}" for host in hosts.nats)
    return [
        NatsNode(
            name=host,
            listen=f"0.0.0.0:{NATS_CLIENTS}",
            monitor=f"0.0.0.0:{NATS_MONITOR}",
            folder=NATS_DATA,
            cluster_listen=f"0.0.0.0:{NATS_ROUTES}",
            routes=routes,
            route_password=route_password,
        )
        for host in hosts.nats
    ]


def _url(hosts: Hosts, role: str, password: str) -> str:
    return f"postgresql://{role}:{quote(password, safe='')}@{hosts.postgres}:5432/{DATABASE}"


def _part(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
